"""The built-in data sets: what is said of them holds, and they are the same everywhere."""

from __future__ import annotations

import random
import threading
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest

from core.analysis import reporting_to
from core.data.builtin import BUILTIN_DATASETS, builtin_dataset_source
from core.data.builtin_loaders import load_builtin
from core.data.reading import load_dataset
from core.errors import BadInput
from core.settings import settings

OFFLINE = [dataset for dataset in BUILTIN_DATASETS if dataset.name != "mnist"]


@pytest.mark.parametrize("builtin", OFFLINE, ids=lambda builtin: builtin.name)
def test_details(builtin: Any) -> None:
    """The static details are those of the data."""
    dataset = load_dataset(builtin_dataset_source(builtin.name))
    assert dataset.X.dtype == np.float32
    assert np.isfinite(dataset.X).all()
    assert (dataset.rows, list(dataset.shape), dataset.features) == tuple(
        builtin.details[name] for name in ("rows", "shape", "features")
    )
    assert builtin.details["decoded_bytes"] == dataset.X.nbytes
    assert len(dataset.feature_names) == dataset.features
    counts = {} if dataset.y is None else dict(zip(dataset.classes, np.bincount(dataset.y).tolist(), strict=True))
    assert builtin.details["class_counts"] == counts
    assert builtin.details["classes"] == len(counts)


def test_digits_are_scaled() -> None:
    """The pixels of digits go from 0 to 1."""
    X = load_builtin("digits").X
    assert (X.min(), X.max()) == (0, 1)


def test_mnist1d_leaves_global_generators_alone() -> None:
    """MNIST-1D is the same each time, and drawing it does not disturb the global random numbers."""
    np.random.seed(3)
    random.seed(3)
    expected = np.random.random(2).tolist(), random.random()
    np.random.seed(3)
    random.seed(3)
    first = load_builtin("mnist1d")
    assert (np.random.random(2).tolist(), random.random()) == expected
    np.testing.assert_array_equal(first.X, load_builtin("mnist1d").X)


def test_swiss_roll_is_a_sheet() -> None:
    """Unrolled by its radius, every point of the swiss roll lies on the spiral of Tenenbaum et al."""
    X = load_builtin("swiss_roll").X.astype(np.float64)
    angle = np.hypot(X[:, 0], X[:, 2])
    assert angle.min() >= 1.5 * np.pi - 1e-5
    assert angle.max() <= 4.5 * np.pi + 1e-5
    np.testing.assert_allclose(angle * np.cos(angle), X[:, 0], atol=1e-4)
    np.testing.assert_allclose(angle * np.sin(angle), X[:, 2], atol=1e-4)


def test_hypersphere_is_locally_five_dimensional() -> None:
    """Around a point of the bent sphere, five directions hold nearly all of the spread of its neighbours."""
    X = load_builtin("hypersphere").X.astype(np.float64)
    shares = []
    for point in X[:50]:
        nearest = X[np.argsort(((X - point) ** 2).sum(axis=1))[:40]]
        spread = np.linalg.svd(nearest - nearest.mean(axis=0), compute_uv=False) ** 2
        shares.append(np.cumsum(spread) / spread.sum())
    mean = np.mean(shares, axis=0)
    assert mean[4] > 0.95
    assert mean[3] < 0.9


def test_points_have_no_labels() -> None:
    """Asking a set of points for labels names a labelled one."""
    with pytest.raises(
        BadInput, match=r"swiss_roll is a set of points without labels; choose a labelled set, such as digits."
    ):
        load_dataset(builtin_dataset_source("swiss_roll")).labels()


def test_unknown_name() -> None:
    """An unknown name is refused with the names that there are."""
    with pytest.raises(BadInput) as refusal:
        builtin_dataset_source("cifar")
    for dataset in BUILTIN_DATASETS:
        assert dataset.name in str(refusal.value)


def test_unknown_target() -> None:
    """The labels of a built-in set are called y, nothing else."""
    assert load_dataset(builtin_dataset_source("wine"), "y").y is not None
    with pytest.raises(BadInput, match=r"wine has no labels called 'alcohol'; its labels are y."):
        load_dataset(builtin_dataset_source("wine"), "alcohol")


def test_digests_are_distinct() -> None:
    """Each built-in set has its own digest, the same for each call."""
    digests = {builtin_dataset_source(dataset.name).digest for dataset in BUILTIN_DATASETS}
    assert len(digests) == len(BUILTIN_DATASETS)
    assert builtin_dataset_source("wine").digest in digests


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def test_mnist_without_internet(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without internet the refusal says how to bring MNIST instead, and nothing is kept."""

    def unreachable(*arguments: Any, **options: Any) -> None:
        raise URLError("no route")

    monkeypatch.setattr("sklearn.datasets._openml.urlopen", unreachable)
    with (
        pytest.warns(UserWarning),
        pytest.raises(BadInput, match=r"MNIST could not be fetched .*no route.*upload its four idx"),
    ):
        load_builtin("mnist")
    assert not (home / "datasets" / "mnist.npz").exists()


def test_mnist_that_hangs(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection on which nothing arrives is given up."""
    release = threading.Event()
    monkeypatch.setattr("sklearn.datasets.fetch_openml", lambda *arguments, **options: release.wait(60))
    monkeypatch.setattr("core.data.mnist._SILENT_SECONDS", 0.1)
    with pytest.raises(BadInput, match=r"MNIST could not be fetched from openml.org \(no answer\)"):
        load_builtin("mnist")
    release.set()


def test_mnist_is_fetched_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What openml.org sends is scaled, told on the way, and kept for the next time."""
    pixels, labels = np.tile([0.0, 255.0], (10, 392)), np.array([str(label) for label in range(10)])
    calls = []

    def fetch(name: str, **options: Any) -> Any:
        calls.append(name)
        return type("Bunch", (), {"data": pixels, "target": labels})

    monkeypatch.setattr("sklearn.datasets.fetch_openml", fetch)
    messages = []
    with reporting_to(lambda fraction, message: messages.append(message)):
        first, second = load_builtin("mnist"), load_builtin("mnist")
    assert calls == ["mnist_784"]
    assert "fetching MNIST from openml.org" in messages
    np.testing.assert_array_equal(first.X, second.X)
    assert (first.X.shape, first.X.max(), first.y.tolist()) == ((10, 28, 28), 1, list(range(10)))
