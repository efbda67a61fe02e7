"""Model zoos in one zip: settings, results of every epoch, and what can't be read."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from core.errors import BadInput
from core.models.builtin_zoo import zoo_path
from core.models.model_zoo import inspect_zoo, natural, read_zoo
from core.settings import settings
from core.sources import builtin_sources, inspect_file, open_source
from tests.core.models.zoos import model_files, packed, run

GOOD = {"train_loss": 0.1, "test_acc": 0.8, "log_hessian_trace_train": 4.0, "representation_similarity": [0.6, 0.8]}
WEIGHTS = {"module.layers.0.weight": torch.ones(2, 4)}


def zoo_files() -> dict[str, bytes]:
    files: dict[str, bytes] = {"zoo/config.json": b"{}", "zoo/readme.md": b""}
    for seed in range(2):
        settings, lines = run(4, 8, seed, GOOD)
        files |= model_files(f"zoo/run_{seed}", settings, lines, {3: WEIGHTS} if seed else {})
    return files


def test_a_zoo_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Settings by name, a row an epoch with its numbers, means of lists, and of weights the epochs alone."""
    zoo = read_zoo(packed(tmp_path / "zoo.zip", zoo_files()), "zoo.zip")
    assert zoo.models == ("run_0", "run_1")
    assert zoo.settings[1]["training::batchsize"] == 8.0 and zoo.settings[1]["seed"] == 1.0
    assert zoo.history.epoch.tolist() == [0, 1, 2, 3] * 2
    assert zoo.history.representation_similarity[3] == pytest.approx(0.7)
    assert "time_this_iter_s" not in zoo.metrics and "done" not in zoo.metrics
    assert zoo.checkpoints == ((), (3,)) and zoo.remarks == ((), ())


def test_an_inspection_recognises_the_layout(tmp_path: Path) -> None:
    """A zip with results is a zoo, whatever it is called; epochs, metrics and settings that differ are named."""
    path = packed(tmp_path / "anything.zip", zoo_files())
    kind, details = inspect_file(path, "anything.zip")
    assert (kind, details["models"], details["epochs"], details["checkpoints"]) == ("zoo", 2, [0, 3], 1)
    assert details["settings"] == ["seed"] and "log_hessian_trace_train" in details["metrics"]
    assert open_source("zoo", str(path)).details["epoch_rows"] == 8


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home folder of its own, for what is packed."""
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.usefixtures("own_home")
def test_a_folder_is_read_without_its_weights(tmp_path: Path) -> None:
    """Packed and unpacked, the same results are found; equal folders have equal digests."""
    with zipfile.ZipFile(packed(tmp_path / "zoo.zip", zoo_files())) as archive:
        archive.extractall(tmp_path / "mine")
    source = open_source("zoo", str(tmp_path / "mine"))
    assert (source.name, source.details["models"], source.details["epoch_rows"]) == ("mine", 2, 8)
    assert source.digest == open_source("zoo", str(tmp_path / "mine")).digest
    with pytest.raises(BadInput, match="empty holds no model of a zoo"):
        (tmp_path / "empty").mkdir()
        open_source("zoo", str(tmp_path / "empty"))


def test_what_can_not_be_read_is_named(tmp_path: Path) -> None:
    """A torn last line, a broken line, a doubled epoch, absent results and settings: all said, none silent."""
    files = zoo_files()
    files["zoo/run_0/result.json"] = files["zoo/run_0/result.json"][:-20]
    lines = files["zoo/run_1/result.json"].splitlines()
    files["zoo/run_1/result.json"] = b"\n".join([lines[0], b"<html>", lines[2], lines[2], lines[3]])
    del files["zoo/run_1/params.json"]
    files["zoo/run_2/params.json"] = b'{"model::width": 4}'
    zoo = read_zoo(packed(tmp_path / "zoo.zip", files), "zoo.zip")
    assert zoo.remarks[0] == ("the last line, 4, of result.json is cut off, and is left out",)
    assert zoo.history[zoo.history.model == 0].epoch.max() == 2
    assert zoo.remarks[1] == (
        "line 2 of result.json is no JSON object, and is left out",
        "1 epochs stand twice in result.json; the later line counts",
        "there is no params.json; settings are those in result.json",
    )
    assert zoo.settings[1]["model::width"] == 4.0
    assert zoo.remarks[2] == ("there is no result.json",)
    notes = inspect_zoo(tmp_path / "zoo.zip", "zoo.zip")["notes"]
    assert notes[0].startswith("run_0: the last line")


def test_a_loss_that_is_not_finite_is_kept(tmp_path: Path) -> None:
    """NaN and Infinity, as Python's json writes them, are what a run that diverged says of itself."""
    files = {"a/result.json": b'{"train_loss": NaN}\n{"train_loss": Infinity}\n', "a/params.json": b"{}"}
    losses = read_zoo(packed(tmp_path / "zoo.zip", files), "zoo.zip").history.train_loss
    assert np.isnan(losses[0]) and np.isposinf(losses[1])


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"readme.md": b""},
            "zoo.zip holds no model of a zoo; expected is a folder a model with params.json, result.json",
        ),
        ({"a/params.json": b"[1]", "a/result.json": b"{}"}, r"a/params.json is no JSON object"),
        ({"a/result.json": b"{" + b" " * (1 << 20) + b"}"}, "has a line of more than 1,048,576 bytes"),
        ({"a/result.json": b" " * (70 << 20)}, "as a decompression bomb does"),
        (
            {"a/result.json": json.dumps({f"m{n}": 1.0 for n in range(501)}).encode()},
            "501 different metrics in its results; at most 500 are read",
        ),
    ],
)
def test_zips_that_are_no_zoos_are_refused(tmp_path: Path, files: dict[str, bytes], said: str) -> None:
    """One sentence says what was found and what is expected."""
    with pytest.raises(BadInput, match=said):
        read_zoo(packed(tmp_path / "zoo.zip", files), "zoo.zip")


def test_links_and_other_files_are_refused(tmp_path: Path) -> None:
    """A symbolic link in a zip is not followed, and a file that is no zip is no zoo."""
    link = zipfile.ZipInfo("a/result.json")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "zoo.zip", "w") as archive:
        archive.writestr(link, "../../etc/passwd")
    with pytest.raises(BadInput, match=r"a/result.json is a symbolic link; pack the files themselves"):
        read_zoo(tmp_path / "zoo.zip", "zoo.zip")
    (tmp_path / "zoo.csv").write_text("width\n1\n")
    with pytest.raises(BadInput, match=r"zoo.csv is no zip archive; a model zoo is a folder a model"):
        read_zoo(tmp_path / "zoo.csv", "zoo.csv")


def test_the_zoo_that_comes_with_the_workbench_is_what_is_said_of_it() -> None:
    """Its details are those of an inspection of its file, and all of it can be read."""
    source = builtin_sources("zoo")[0]
    found = inspect_zoo(zoo_path(source), source.name)
    assert {**found, "format": "builtin"} == source.details
    assert read_zoo(zoo_path(source), source.name).history.notna().any().all()


def test_models_have_one_order_in_every_process() -> None:
    """Rates of 0.1 and 0.01 count the same as whole numbers; their order must not hang on how a set lies in memory."""
    names = ["lr=0.01", "lr=0.1", "lr=0.10", "lr=2", "lr=10", "lr=10/seed=1"]
    assert len({tuple(natural(name)) for name in names}) == len(names)
    assert sorted(["lr=10/seed=1", *names[:-1]], key=natural) == names
