"""What the viewer of topology sends to the browser."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.analysis import Result
from core.sources import open_source
from core.store.results import StoredResult
from pages.parts.extras import extras_of
from pages.parts.topology_viewer import MODULES, SOURCE, one_module
from pages.parts.topology_viewer_data import contents, packed
from tests.core.topology.running import ask

SMALL = {"resolution": "20", "landscape_resolution": "2"}


def stored(result: Result) -> StoredResult:
    """The result as the store gives it."""
    return StoredResult("0" * 64, "topology", 2, {"mode": "describe"}, {}, result, {}, time.time())


def unpacked(block: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The header and the arrays of a block, read as its description says."""
    length = int.from_bytes(block[:4], "little")
    header = json.loads(block[4 : 4 + length])
    first = -(-(4 + length) // 8) * 8
    arrays = {
        name: np.frombuffer(block, place["type"], place["count"], first + place["offset"])
        for name, place in header["arrays"].items()
    }
    return header, arrays


def test_a_block_holds_the_arrays_bit_by_bit() -> None:
    """Grades, tables and Diracs arrive without rounding; every array begins at a multiple of eight bytes."""
    result = ask("noisy-circle", **SMALL)
    header, arrays = unpacked(packed(stored(result)))
    assert all(place["offset"] % 8 == 0 for place in header["arrays"].values())
    for dimension in range(3):
        assert (arrays[f"cells_grades_{dimension}"] == result.arrays[f"cells_grades_{dimension}"].ravel()).all()
    assert (arrays["table_1"] == result.arrays["hilbert_H1"].ravel()).all()
    assert (arrays["table_euler"] == result.arrays["euler"].ravel()).all()
    rows = result.tables["signed_measure"].query("degree == 1")
    assert int(arrays["weights_1"].sum()) == int(rows.weight.sum())
    assert header["shape"] == [20, 20] and header["degrees"] == [1, 0]


@pytest.mark.parametrize(
    ("data", "values", "kind", "dimensions"),
    [
        ("noisy-circle", {}, "rips", 2),
        ("noisy-circle", {"filtration": "alpha"}, "cells", 2),
        ("waves", {"dimension": "3", "second": "dtm"}, "rips", 3),
        ("waves", {"dimension": "4", "second": "dtm"}, "rips", 3),
        ("digits-images", {}, "image", 2),
    ],
)
def test_every_form_can_be_drawn(data: str, values: dict[str, str], kind: str, dimensions: int) -> None:
    """The header says what the item is drawn as, and in how many dimensions."""
    header, arrays = contents(stored(ask(data, **SMALL, **values)))
    assert header["picture"]["kind"] == kind and header["picture"]["dimensions"] == dimensions
    if kind != "image":
        assert arrays["places"].shape == (header["picture"]["count"], dimensions)


def test_summands_that_never_end_have_no_number() -> None:
    """JSON has no infinity, so such a corner has null."""
    header, _ = contents(stored(ask("noisy-circle", **SMALL)))
    assert header["summands"][0][0]["deaths"] == [[None, None]]
    assert all(value is not None for corner in header["summands"][1][0]["births"] for value in corner)


def test_too_many_cells_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without cells there is no line, and one sentence says why and what helps."""
    monkeypatch.setattr("core.topology.describe_explore.MOST_CELLS", 100)
    header, arrays = contents(stored(ask("noisy-circle", **SMALL)))
    assert "too many to be sent to a browser" in header["why"] and "Most points" in header["why"]
    assert not any(name.startswith("cells_") for name in arrays)


def test_a_block_stays_small(tmp_path: Path) -> None:
    """500 points in the plane on the default grid stay far below a megabyte."""
    path = tmp_path / "cloud.npy"
    np.save(path, np.random.default_rng(0).normal(size=(500, 2)))
    block = packed(stored(ask(open_source("shapes", str(path)), landscape_resolution="2")))
    assert len(block) < 500_000


def test_the_viewer_belongs_to_descriptions_alone() -> None:
    """Features of many items have no viewer."""
    viewer = "pages.parts.topology_viewer:topology_viewer"
    assert [extra.home for extra in extras_of(stored(ask("noisy-circle", **SMALL)))] == [viewer]
    features = stored(ask("two-shapes", mode="vectorize", resolution="5"))
    assert viewer not in [extra.home for extra in extras_of(features)]


def test_modules_become_one() -> None:
    """Every module is part of it, in an order in which each comes after those that it imports from."""
    assert {path.stem for path in SOURCE.glob("*.js")} == set(MODULES)
    for place, name in enumerate(MODULES):
        for line in (SOURCE / f"{name}.js").read_text().splitlines():
            if line.startswith("import"):
                assert line.split('"./')[1].removesuffix('.js";') in MODULES[:place]
    joined = one_module()
    assert joined.count("export ") == 1 and "\nimport " not in joined
