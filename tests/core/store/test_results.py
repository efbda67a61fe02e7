"""Results: whole or not at all, readable from their files alone."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import signal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.analysis import Result, Scalar, Source, result_key
from core.errors import NotFound
from core.keys import digest_of_file
from core.seal import FIELD, seal_of
from core.store.folders import write_whole
from core.store.results import (
    has_result,
    load_figures,
    load_result,
    read_result_folder,
    result_path,
    save_result,
    write_result_folder,
)

RESULT = Result(
    answer="It needs 5 (4 to 6).",
    summary={
        "d": Scalar(5, "Dimension", "dimensions", 4.0, 6.0, "How many."),
        "open": Scalar(np.float64(0.5), "Open", low=0.25),
        "none": Scalar(None, "Nothing"),
        "undefined": Scalar(math.nan, "Undefined"),
        "name": Scalar("2nn", "Estimator"),
    },
    tables={"curve": pd.DataFrame({"d": [1, 2], "performance": [0.5, np.nan], "label": ["a", "b"]})},
    arrays={"points": np.arange(6.0).reshape(2, 3)},
    notes=("Two rows were dropped.",),
)
PROVENANCE = {"device": "cpu", "started": 1_000.0, "seconds": 2.5}
FIGURES = {"main": {"title": "Main", "plot": {"data": [], "layout": {}}}, "second": {"title": "Second", "plot": {}}}


def save(store, analysis, result=RESULT, **inputs):
    return save_result(store, analysis, analysis.params[0](), inputs, result, PROVENANCE, FIGURES)


def test_result_comes_back_as_it_was(store, analysis):
    """Answer, numbers with intervals, tables, arrays and notes survive; what is not a number becomes null."""
    stored = load_result(store, save(store, analysis))
    assert (RESULT.answer, RESULT.notes) == (stored.result.answer, stored.result.notes)
    assert {**RESULT.summary, "undefined": Scalar(None, "Undefined")} == stored.result.summary
    pd.testing.assert_frame_equal(RESULT.tables["curve"], stored.result.tables["curve"])
    assert np.array_equal(RESULT.arrays["points"], stored.result.arrays["points"])
    assert (
        stored.slug,
        stored.version,
        stored.params,
        stored.provenance,
    ) == ("toy", 1, {"mode": "ask", "n": 1}, PROVENANCE)
    assert stored.created == 1_002.5


def test_result_json_says_everything_that_scripts_need(store, analysis):
    """The file has the flat summary with its intervals, the quantities, the digests of its files, and its seal."""
    key = save(store, analysis)
    folder = result_path(store, key)
    read = json.loads((folder / "result.json").read_text())
    assert result_key(analysis, analysis.params[0](), {}) == key == read["key"]
    assert (read["summary"]["d"], read["summary"]["d_low"], read["summary"]["d_high"]) == (5, 4.0, 6.0)
    assert (read["quantities"]["d"]) == {
        "title": "Dimension",
        "unit": "dimensions",
        "description": "How many.",
        "interval": True,
    }
    assert {"tables/curve.parquet", "arrays.npz", "figures.json"} == set(read["files"])
    assert all(digest_of_file(folder / name) == digest for name, digest in read["files"].items())
    assert seal_of(read) == read[FIELD]


def test_figures_keep_their_order(store, analysis):
    """Figures come in the order in which they are read."""
    assert list(load_figures(store, save(store, analysis))) == ["main", "second"]


def test_result_of_an_upload_does_not_tell_its_name(store, analysis):
    """Whoever asks the same of the same content is given this result, so the file's name stays with its owner."""
    source = Source("dataset", "secret plans.csv", "d" * 40, "/somewhere/content.csv")
    key = save(store, analysis, dataset=source)
    assert "secret" not in (result_path(store, key) / "result.json").read_text()
    assert load_result(store, key).inputs["dataset"] == {
        "kind": "dataset",
        "name": "dataset dddddddddd",
        "digest": "d" * 40,
    }


def test_second_writer_changes_nothing(store, analysis):
    """Two runners that finish the same question leave the first one's result."""
    key = save(store, analysis)
    before = (result_path(store, key) / "result.json").read_bytes()
    assert key == save(store, analysis, Result("Another.", {}))
    assert before == (result_path(store, key) / "result.json").read_bytes()
    assert list(store.tmp.iterdir()) == []


def test_absent_result_is_not_found(store):
    """There is no result of an unknown key, and no figures."""
    assert not has_result(store, "0" * 40)
    for load in (load_result, load_figures):
        with pytest.raises(NotFound):
            load(store, "0" * 40)


def _die_while_filling(target: Path, tmp: Path) -> None:
    def fill(folder: Path) -> None:
        (folder / "result.json").write_text("{}")
        os.kill(os.getpid(), signal.SIGKILL)

    write_whole(target, fill, tmp)


def test_writer_that_is_killed_leaves_no_result(store):
    """Killed with half of its files written, a result is not there, and the next writer is not disturbed."""
    key = "f" * 40
    process = multiprocessing.get_context("fork").Process(
        target=_die_while_filling, args=(result_path(store, key), store.tmp)
    )
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert len(list(store.tmp.iterdir())) == 1
    assert not has_result(store, key)
    assert write_whole(result_path(store, key), lambda folder: (folder / "result.json").touch(), store.tmp)
    assert has_result(store, key)


@pytest.mark.parametrize("damage", ["{}", '{"quantities": 3}', "[]", "torn"])
def test_folder_that_is_no_result_is_a_value_error(tmp_path, analysis, damage):
    """A stranger's folder is refused with one kind of error."""
    write_result_folder(tmp_path, analysis, analysis.params[0](), {}, RESULT, PROVENANCE)
    (tmp_path / "result.json").write_text(damage)
    with pytest.raises(ValueError):
        read_result_folder(tmp_path)
