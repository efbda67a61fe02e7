"""Every reader against files made to harm: each is refused in one sentence or read harmlessly, and nothing of it runs."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from typing import Any

import pytest

from fuzz.honest import result_members
from fuzz.mutators import flipped
from tests.malicious.archives import archive_cases
from tests.malicious.arrays import array_cases
from tests.malicious.case import Case, Ingredients
from tests.malicious.conftest import Ask
from tests.malicious.models import model_cases
from tests.malicious.results import page_cases
from tests.malicious.shapes import shape_cases
from tests.malicious.tables import table_cases

INSPECT = "core.store.readers.inspect"
VERIFY = "tests.malicious.warm.verified"
MOST_MEMORY = 600 << 20  # that reading any file of the corpus may take
LONGEST_SENTENCE = 1000
FLIPS = 12

CASES = [*table_cases(), *array_cases(), *archive_cases(), *shape_cases(), *model_cases()]
PAGES = list(page_cases(result_members()))
KINDS = (
    "table.csv", "table.tsv", "table.parquet", "data.npz", "data.npy", "images.idx", "labels.idx.gz", "mnist.zip", "images.npz",
    "predictions.csv", "predictions.npz", "population.npz", "telemetry.csv", "telemetry.zip", "telemetry.parquet",
    "Toy_TRAIN.txt", "toy.ts", "graph.gml", "graphs.zip", "split.zip", "model.safetensors", "model.pt", "model.json",
    "model.pt2", "booster.json", "booster.ubj", "checkpoints.zip", "zoo.zip",
)  # fmt: skip


def checked(found: dict[str, Any], given: Ingredients) -> list[dict[str, Any]]:
    """The answers, after a look at what must hold of each: one sentence, little memory, nothing executed."""
    for answer in found["answers"]:
        assert "failed" not in answer, answer["failed"]
        assert answer["executed"] == [], answer["executed"]
        assert answer["grown"] < MOST_MEMORY, f"{answer['grown'] >> 20} MiB"
        sentence = answer.get("refused", "One.")
        assert sentence.strip() and len(sentence) < LONGEST_SENTENCE and "Traceback" not in sentence, sentence
    assert found["status"] == 0, f"the reading process ended with {found['status']} after {len(found['answers'])} files"
    assert not given.canary.exists()
    answers: list[dict[str, Any]] = found["answers"]
    return answers


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_malicious_file(case: Case, given: Ingredients, ask: Ask, tmp_path: Path) -> None:
    """Each file of the corpus is refused with a sentence that says why, or read harmlessly where it is harmless."""
    place = tmp_path / "place"
    place.mkdir()
    path = place / f"content{''.join(Path(case.filename).suffixes)}"
    path.write_bytes(case.make(given))
    (answer,) = checked(ask(INSPECT, [[str(path), case.filename, case.hint]]), given)
    if case.says is None:
        assert "answer" in answer, answer
    else:
        assert re.search(case.says, answer.get("refused", "")) and "refused" in answer, answer
    assert {one.name for one in place.iterdir()} <= {path.name, "columns.parquet"}


@pytest.mark.parametrize("case", PAGES, ids=lambda case: case.name)
def test_malicious_page(case: Case, given: Ingredients, ask: Ask, tmp_path: Path) -> None:
    """`verify` refuses or fails each page that lies, and passes one whose data are merely odd."""
    path = tmp_path / case.filename
    path.write_bytes(case.make(given))
    (answer,) = checked(ask(VERIFY, [[str(path), case.filename]]), given)
    said = answer.get("refused") or " ".join(answer["answer"]["failed"])
    if case.says is None:
        assert answer.get("answer", {}).get("ok"), answer
    else:
        assert re.search(case.says, said), answer


@pytest.mark.parametrize("filename", KINDS)
def test_damaged_file(filename: str, honest: dict[str, bytes], given: Ingredients, ask: Ask, tmp_path: Path) -> None:
    """A file of any kind that is cut off anywhere, or in which any byte is changed, never makes its reader stumble."""
    content, random = honest[filename], Random(0)
    cuts = sorted({0, 1, 2, 4, 8, 16, 64, len(content) // 3, len(content) // 2, len(content) - 1})
    damaged = [content[:cut] for cut in cuts if cut < len(content)] + [flipped(content, random) for _ in range(FLIPS)]
    each = []
    for number, held in enumerate(damaged):
        place = tmp_path / str(number)
        place.mkdir()
        (place / filename).write_bytes(held)
        each.append([str(place / filename), filename, None])
    answers = checked(ask(INSPECT, each, seconds=60), given)
    assert "refused" in answers[0]


def test_every_kind_is_here(honest: dict[str, bytes]) -> None:
    """Damage is tried on a file of every kind that may be brought."""
    assert set(KINDS) == set(honest)
