"""Honest files, and a warm reading process for the whole corpus."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from core.settings import GIB, Settings
from core.store.inspection import environment
from fuzz.honest import honest_files, result_members
from tests.malicious.case import Ingredients

ROOT = Path(__file__).resolve().parents[2]
_NUMBERS = count()
Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def honest() -> dict[str, bytes]:
    """One honest file of each kind."""
    return honest_files()


@pytest.fixture(scope="session")
def members() -> dict[str, bytes]:
    """The files of an honest result."""
    return result_members()


@pytest.fixture
def given(honest: dict[str, bytes], tmp_path: Path) -> Ingredients:
    """What malicious files are made from."""
    secret = tmp_path / "secret"
    secret.write_text("a,b\n1,2\n")
    return Ingredients(honest, tmp_path / "canary", secret)


@pytest.fixture(scope="session")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """The warm process, under the limits of the inspection; its errors are in a file."""
    errors = tmp_path_factory.mktemp("warm") / "errors"
    with errors.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.malicious.warm"],
            cwd=ROOT,
            env=environment(Settings(job_memory=1 * GIB)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
        )
        yield process
        process.kill()
        process.communicate()


@pytest.fixture
def ask(reading: subprocess.Popen[str], given: Ingredients) -> Ask:
    """Has the warm process call a function for each list of arguments; returns its status and answers."""

    def asked(function: str, each: list[list[Any]], seconds: int = 20) -> dict[str, Any]:
        assert reading.stdin is not None and reading.stdout is not None
        number = next(_NUMBERS)
        request = {
            "number": number,
            "function": function,
            "each": each,
            "seconds": seconds,
            "secret": str(given.secret),
        }
        reading.stdin.write(json.dumps(request) + "\n")
        reading.stdin.flush()
        while True:  # an answer to a test that was given up may come first
            answer: dict[str, Any] = json.loads(reading.stdout.readline())
            if answer["number"] == number:
                return answer

    return asked
