"""Files of predictions and populations: what is read, and what is refused with which sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.analysis import Source
from core.data.population import inspect_population_file, read_models
from core.data.predictions import GaussianFile, ScoreFile
from core.data.predictions_reading import kind_of_arrays, kind_of_columns, read_predictions
from core.errors import BadInput

LOGITS = np.random.default_rng(0).standard_normal((12, 3)).astype(np.float32)
PROBS = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
LABELS = np.arange(12) % 3


def table(**changed: object) -> pd.DataFrame:
    """Twelve rows of three classes."""
    frame = pd.DataFrame({"label": LABELS, **{f"p_{k}": PROBS[:, k] for k in range(3)}})
    return frame.assign(**changed)


def test_arrays_come_back_as_written(tmp_path: Path):
    """An npz gives logits, labels, groups and the validation part."""
    np.savez(
        tmp_path / "a.npz",
        logits=LOGITS,
        labels=LABELS,
        groups=LABELS > 0,
        val_logits=LOGITS[:4] + 1,
        val_labels=LABELS[:4],
    )
    file = read_predictions(tmp_path / "a.npz", "a.npz")
    assert isinstance(file, ScoreFile) and file.fit is not None
    assert (file.report.scores["logits"] == LOGITS).all() and file.report.scores["logits"].dtype == np.float32
    assert (file.report.labels == LABELS).all() and file.report.groups is not None
    assert file.fit.scores["logits"].shape == (4, 3)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_tables_split_by_a_column(tmp_path: Path, suffix: str):
    """Rows marked val are the validation part, rows marked test the reported one."""
    frame = table(split=["val"] * 4 + ["test"] * 8, group=["a", "b"] * 6)
    path = tmp_path / f"t{suffix}"
    frame.to_csv(path, index=False) if suffix == ".csv" else frame.to_parquet(path)
    file = read_predictions(path, path.name)
    assert isinstance(file, ScoreFile) and file.fit is not None
    assert len(file.report.labels) == 8 and len(file.fit.labels) == 4
    assert np.allclose(file.report.scores["probabilities"], PROBS[4:], atol=1e-7)
    assert list(file.report.groups) == ["a", "b"] * 4


def test_numbers_with_deviations_are_another_task(tmp_path: Path):
    """mean, std and target make Gaussian predictions."""
    np.savez(tmp_path / "g.npz", mean=np.zeros(5), std=np.ones(5), target=np.arange(5.0))
    assert isinstance(read_predictions(tmp_path / "g.npz", "g.npz"), GaussianFile)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"labels": LABELS}, "no array called logits or probs"),
        ({"logits": LOGITS}, "no array called labels"),
        ({"logits": LOGITS[None], "labels": LABELS}, "hand this file in as a population"),
        ({"logits": LOGITS.astype(str), "labels": LABELS}, "numbers are expected"),
        ({"logits": LOGITS, "labels": LABELS, "val_labels": LABELS}, "val_labels without val_logits or val_probs"),
        ({"logits": LOGITS[:0], "labels": LABELS[:0]}, "holds nothing"),
        ({"logits": LOGITS, "labels": LABELS, "samples": np.zeros(12)}, "stands 12 times in the report part"),
        (
            {
                "logits": LOGITS, "labels": LABELS, "samples": np.arange(12),
                "val_logits": LOGITS, "val_labels": LABELS, "val_samples": np.arange(11, 23),
            },
            "stands in the validation part and in the report part",
        ),
    ],
)  # fmt: skip
def test_arrays_that_do_not_fit_are_refused(tmp_path: Path, arrays: dict[str, np.ndarray], sentence: str):
    """Each fault of an npz has one sentence that names the file."""
    np.savez(tmp_path / "bad.npz", **arrays)
    with pytest.raises(BadInput, match=re.escape(sentence)) as refusal:
        read_predictions(tmp_path / "bad.npz", "bad.npz")
    assert str(refusal.value).startswith("bad.npz")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda frame: frame.drop(columns="label"), "no column 'label'"),
        (lambda frame: frame.drop(columns=["p_0", "p_2"]), "one column of probabilities, p_1"),
        (lambda frame: frame.drop(columns="p_1"), "column p_1 is missing"),
        (lambda frame: frame[["label"]].assign(score=1.0), "no columns p_0, p_1"),
        (lambda frame: frame.assign(model=["a", "b"] * 6), "holds 2 models"),
        (lambda frame: frame.assign(split="train"), "val or test is expected"),
        (lambda frame: frame.assign(split="val"), "none is left to report on"),
        (lambda frame: frame.assign(label=[f"class {label}" for label in LABELS]), "numbers are expected"),
    ],
)
def test_tables_that_do_not_fit_are_refused(
    tmp_path: Path, change: Callable[[pd.DataFrame], pd.DataFrame], sentence: str
):
    """Each fault of a table has one sentence that names the file."""
    change(table()).to_csv(tmp_path / "bad.csv", index=False)
    with pytest.raises(BadInput, match=re.escape(sentence)) as refusal:
        read_predictions(tmp_path / "bad.csv", "bad.csv")
    assert str(refusal.value).startswith("bad.csv")


def test_a_file_says_what_it_is(tmp_path: Path):
    """Predictions, populations and data sets are told apart by names and shapes."""
    np.savez(tmp_path / "one.npz", probs=PROBS, labels=LABELS)
    np.savez(tmp_path / "many.npz", probs=PROBS[None], labels=LABELS)
    np.savez(tmp_path / "data.npz", X=LOGITS, y=LABELS)
    found = [kind_of_arrays(tmp_path / name, name) for name in ("one.npz", "many.npz", "data.npz")]
    assert found == ["predictions", "population", None]
    assert kind_of_columns(["label", "p_0", "p_1"]) == "predictions"
    assert kind_of_columns(["model", "label", "p_0", "p_1"]) == "population"
    assert kind_of_columns(["config", "acc", "pre_ECE_15"]) == "population"
    assert kind_of_columns(["x", "y", "label"]) is None


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_models_are_read_one_at_a_time(tmp_path: Path, save: Callable[..., None]):
    """Any range of models of an npz, stored or compressed, in C or Fortran order, is what the array holds."""
    models = np.random.default_rng(1).standard_normal((7, 12, 3)).astype(np.float32)
    save(tmp_path / "m.npz", logits=models, labels=LABELS, val_logits=np.asfortranarray(models + 1), val_labels=LABELS)
    source = Source("population", "m.npz", "", str(tmp_path / "m.npz"))
    parts = list(read_models(source, 2, 5))
    assert np.array_equal([one.report.scores["logits"] for one in parts], models[2:5])
    assert np.array_equal([one.fit.scores["logits"] for one in parts if one.fit], models[2:5] + 1)


def test_a_long_table_is_joined_by_sample(tmp_path: Path):
    """Rows of each model come in the order of their samples, whatever the order in the file."""
    frame = pd.concat([table(model=name, sample=range(12)) for name in ("a", "b")]).sample(frac=1, random_state=0)
    frame.to_csv(tmp_path / "long.csv", index=False)
    found = inspect_population_file(tmp_path / "long.csv", "long.csv")
    assert (sorted(found.models), found.rows) == (["a", "b"], {"": 12})
    source = Source("population", "long.csv", "", str(tmp_path / "long.csv"))
    for one in read_models(source, 0, 2):
        assert (one.report.labels == LABELS).all()


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (pd.concat([table(model="a"), table(model="b").head(5)]), "the same samples are expected for every model"),
        (pd.concat([table(model="a", sample=range(12)), table(model="a", sample=range(12))]), "stands twice"),
        (
            pd.concat([table(model="a", sample=range(12)), table(model="b", sample=range(12), label=(LABELS + 1) % 3)]),
            "the rows are misaligned",
        ),
        (table(), "no column 'model'"),
        (pd.DataFrame({"config": [1, 1], "acc": 0.5, "pre_ECE_15": 0.1}), "both called '1'"),
        (pd.DataFrame({"acc": [0.5], "pre_ECE_15": [0.1]}), "no column that names the models"),
    ],
)
def test_populations_that_do_not_fit_are_refused(tmp_path: Path, frame: pd.DataFrame, sentence: str):
    """Duplicate models, other samples and misaligned rows are refused, never joined by position."""
    frame.to_csv(tmp_path / "bad.csv", index=False)
    with pytest.raises(BadInput, match=re.escape(sentence)):
        inspect_population_file(tmp_path / "bad.csv", "bad.csv")
