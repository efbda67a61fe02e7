"""Data sets in memory: loading, keeping, splitting, standardising."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.analysis import Source
from core.data.dataset import Dataset
from core.data.preparation import split, standardise
from core.data.reading import load_dataset
from core.errors import BadInput
from tests.core.data.conftest import source_of


def test_importing_is_light() -> None:
    """Importing the package, and listing the built-in sets, brings in no heavy library."""
    code = (
        "import sys, core.data\n"
        "assert not {'numpy', 'pandas', 'pyarrow', 'sklearn', 'torch', 'psutil'} & set(sys.modules)\n"
        "core.data.BUILTIN_DATASETS, core.data.FORMATS\n"
        "assert not {'pandas', 'pyarrow', 'sklearn', 'torch'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


def test_public_names() -> None:
    """Every name that the package offers exists."""
    import core.data

    for name in core.data.__all__:
        assert getattr(core.data, name) is not None
    with pytest.raises(AttributeError):
        _ = core.data.nothing


def test_kept_sets_are_shared_and_read_only(files: Any, npz: Any) -> None:
    """A set is read once a process and can't be changed; its name is that of the source at hand."""
    path = files.put("a.npz", npz(X=np.eye(3), y=np.array([0, 1, 0])))
    source = source_of(path)
    first = load_dataset(source)
    path.unlink()
    second = load_dataset(replace(source, name="renamed"))
    assert second.X is first.X
    assert second.name == "renamed"
    with pytest.raises(ValueError, match="read-only"):
        first.X[0, 0] = 5


def test_kept_sets_differ_by_target(files: Any) -> None:
    """The label column is part of what is kept."""
    source = source_of(files.put("a.csv", "a,b\n1,0\n0,1\n1,1\n"))
    assert load_dataset(source).y is None
    assert load_dataset(source, "a").labels().tolist() == [1, 0, 1]
    assert load_dataset(source, "b").labels().tolist() == [0, 1, 1]


def test_format_from_inspection(files: Any) -> None:
    """A file stored under its digest is read as what the inspection found, whatever it is called."""
    path = files.put("0123abcd", "a,b\n1,2\n3,4\n")
    source = Source("dataset", "My points, v2", "test-format", str(path), {"format": "csv"})
    assert load_dataset(source).X.tolist() == [[1, 2], [3, 4]]
    by_name = Source("dataset", "points.csv", "test-format-by-name", str(path))
    assert load_dataset(by_name).rows == 2


def labelled(counts: list[int]) -> Dataset:
    y = np.repeat(np.arange(len(counts)), counts)
    X = np.arange(len(y), dtype=np.float32)[:, None]
    return Dataset("points", X, y, tuple(f"c{index}" for index in range(len(counts))), ("x1",))


def test_split_is_stratified() -> None:
    """Each class gives its rounded share, at least one row to either part, and every row is in one part."""
    parts = split(labelled([100, 50, 3, 2]), seed=0, validation_fraction=0.2)
    assert np.bincount(parts.y_validation).tolist() == [20, 10, 1, 1]
    assert np.bincount(parts.y_train).tolist() == [80, 40, 2, 1]
    rows = np.concatenate([parts.X_train, parts.X_validation]).ravel()
    assert sorted(rows.tolist()) == list(range(155))
    dataset = labelled([100, 50, 3, 2])
    np.testing.assert_array_equal(dataset.y[parts.X_train.ravel().astype(int)], parts.y_train)


def test_split_follows_its_seed() -> None:
    """The same seed gives the same shuffled split, another seed another one."""
    dataset = labelled([40, 40])
    first, again, other = split(dataset, 1), split(dataset, 1), split(dataset, 2)
    np.testing.assert_array_equal(first.X_train, again.X_train)
    np.testing.assert_array_equal(first.y_validation, again.y_validation)
    assert not np.array_equal(first.X_train, other.X_train)
    assert len(np.unique(first.y_train[:10])) == 2


def test_refused_splits() -> None:
    """A class of one row, one class only, no labels and a fraction out of bounds are refused."""
    with pytest.raises(BadInput, match=r"points: class 'c1' has a single row \(row 6\), which can't be in both"):
        split(labelled([5, 1]), 0)
    with pytest.raises(BadInput, match=r"points has one class only"):
        split(labelled([5]), 0)
    with pytest.raises(BadInput, match=r"points has no labels"):
        split(Dataset("points", np.zeros((3, 1), np.float32)), 0)
    with pytest.raises(BadInput, match=r"Validation fraction: 1 is not accepted; expected a number between 0 and 1."):
        split(labelled([5, 5]), 0, validation_fraction=1)


def test_standardise() -> None:
    """Mean and deviation come from the training part; a constant feature becomes 0 everywhere."""
    X = np.array([[1, 0.1, 10], [3, 0.1, 30]], dtype=np.float32)
    train, other = standardise(X, np.array([[5, 0.7, 20]], dtype=np.float32))
    np.testing.assert_allclose(train, [[-1, 0, -1], [1, 0, 1]], rtol=1e-6)
    np.testing.assert_allclose(other, [[3, 0, 0]], rtol=1e-6)
    assert train.dtype == other.dtype == np.float32


def test_standardise_agrees_with_sklearn() -> None:
    """It is scikit-learn's StandardScaler, also with large offsets and for images."""
    from sklearn.preprocessing import StandardScaler

    X = np.random.default_rng(0).normal(1000, [0.1, 1, 10, 100], (500, 4)).astype(np.float32)
    expected = StandardScaler().fit_transform(X.astype(np.float64))
    np.testing.assert_allclose(standardise(X)[0], expected, atol=1e-4)
    np.testing.assert_allclose(standardise(X.reshape(500, 2, 2))[0].reshape(500, 4), expected, atol=1e-4)
