"""The way that scripts go with a real analysis: describe, run, verify, export, reproduce."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from core.catalog import analysis_by_slug
from core.export.html import result_html
from core.export.reproduce import snippet
from core.export.verify import verify
from core.store.results import read_result_folder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Mode `data` on the wines, run as a script does."""
    folder = tmp_path_factory.mktemp("cli")
    words = ["run", "intrinsic-dimension", "--input", "dataset=wine", "--set", "mode=data", "--set", "standardise=true"]
    return (
        subprocess.run(
            [sys.executable, "-m", "core", *words, "--out", str(folder / "out")],
            cwd=ROOT,
            env={**os.environ, "ASSAY_HOME": str(folder / "home")},
            capture_output=True,
            text=True,
        ),
        folder,
    )


def test_a_script_gets_the_summary_and_the_folder(finished):
    """Standard output is one JSON object with the dimension and its interval; the table has the agreed columns."""
    done, folder = finished
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["dimension_low"] < summary["dimension"] < summary["dimension_high"]
    table = pd.read_parquet(folder / "out" / "tables" / "data_dimension.parquet")
    assert list(table.columns) == ["estimator", "scale", "dimension", "standard_error"]
    assert {"2nn", "mle", "gride", "correlation", "pca_90"} <= set(table.estimator)
    assert "Traceback" not in done.stderr and done.stderr.splitlines()[-1].startswith("100%  done")


def test_the_result_can_be_checked_and_computed_again(finished, tmp_path: Path):
    """The folder agrees with a recomputation to the last bit, and the exported page with its own data."""
    _, folder = finished
    again = verify(folder / "out", recompute=True)
    assert again.ok and again.checks[-1].sentence.endswith("agree exactly.")
    page = tmp_path / "page.html"
    page.write_text(result_html(folder / "out", analysis_by_slug("intrinsic-dimension")), newline="")
    checks = verify(page).checks
    assert checks[-1].name == "page" and all(check.ok for check in checks)


def test_the_snippet_prints_the_same_answer(finished, capsys: pytest.CaptureFixture[str]):
    """The Python snippet of the result runs as it stands."""
    _, folder = finished
    stored = read_result_folder(folder / "out")
    exec(compile(snippet(stored), "snippet", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out.startswith(stored.result.answer)


def test_describe_names_the_slots_and_modes_that_scripts_use():
    """Slots dataset and model (optional), modes data, objective and study, each parameter with its default."""
    words = [sys.executable, "-m", "core", "describe", "intrinsic-dimension"]
    described = json.loads(subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    slots = {slot["slot"]: slot["required"] for slot in described["inputs"]}
    assert slots["dataset"] is True and slots["model"] is False
    assert set(described["modes"]) >= {"data", "objective", "study"}
    assert "target" in described["modes"]["data"] and "target" in described["modes"]["objective"]
    assert all("default" in field for mode in described["modes"].values() for field in mode.values())
