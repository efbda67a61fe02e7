"""Loads or makes the built-in data sets; all but MNIST without internet."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable

import numpy as np

from core.data.arrays import names_of
from core.data.builtin import builtin_dataset
from core.data.dataset import Dataset

_generating = threading.Lock()


def load_builtin(name: str) -> Dataset:
    """The built-in data set of a name, the same on every machine.

    Raises:
        BadInput: no such name, or MNIST can't be fetched.
    """
    builtin_dataset(name)
    return _LOADERS[name]()


def _digits() -> Dataset:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return _labelled("digits", bunch.images / 16, bunch.target, [str(label) for label in bunch.target_names])


def _breast_cancer() -> Dataset:
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    return _labelled("breast_cancer", bunch.data, bunch.target, bunch.target_names, bunch.feature_names)


def _wine() -> Dataset:
    from sklearn.datasets import load_wine

    bunch = load_wine()
    return _labelled("wine", bunch.data, bunch.target, bunch.target_names, bunch.feature_names)


def _mnist1d() -> Dataset:
    from mnist1d.data import get_dataset_args, make_dataset

    with _generating:  # the package seeds and draws from the global generators
        numpy_state, python_state = np.random.get_state(), random.getstate()
        try:
            made = make_dataset(get_dataset_args())
        finally:
            np.random.set_state(numpy_state)
            random.setstate(python_state)
    X, y = np.concatenate([made["x"], made["x_test"]]), np.concatenate([made["y"], made["y_test"]])
    return _labelled("mnist1d", X, y, [str(label) for label in range(10)])


def _swiss_roll() -> Dataset:
    draw = np.random.default_rng(0).random((2, 2000))
    angle, height = 1.5 * np.pi * (1 + 2 * draw[0]), 21 * draw[1]
    return _unlabelled("swiss_roll", np.stack([angle * np.cos(angle), height, angle * np.sin(angle)], axis=1))


def _hypersphere() -> Dataset:
    generator = np.random.default_rng(0)
    x = generator.standard_normal((5000, 6))
    x /= np.linalg.norm(x, axis=1, keepdims=True)  # uniform on the 5-sphere
    bent = np.concatenate([x, np.sin(x), np.cos(x), x[:, [0, 2]] * x[:, [1, 3]]], axis=1)  # [5000, 20]
    rotation = np.linalg.qr(generator.standard_normal((20, 20)))[0]
    return _unlabelled("hypersphere", bent @ rotation)


def _mnist() -> Dataset:
    from core.data.mnist import load_mnist

    X, y = load_mnist()
    return _labelled("mnist", X, y, [str(label) for label in range(10)])


def _docstrings() -> Dataset:
    from core.data.texts import as_bytes, docstrings

    texts = docstrings()
    return _labelled("docstrings", as_bytes(texts.X), texts.labels(), texts.classes)


def _labelled(
    name: str, X: np.ndarray, y: np.ndarray, classes: Iterable[object], features: Iterable[object] | None = None
) -> Dataset:
    names = names_of(X.shape[1:]) if features is None else tuple(str(feature) for feature in features)
    return Dataset(
        name,
        np.ascontiguousarray(X, dtype=np.float32),
        y.astype(np.int64),
        tuple(str(label) for label in classes),
        names,
    )


def _unlabelled(name: str, X: np.ndarray) -> Dataset:
    return Dataset(
        name,
        np.ascontiguousarray(X, dtype=np.float32),
        feature_names=names_of(X.shape[1:]),
        without_labels=f"{name} is a set of points without labels; choose a labelled set, such as digits.",
    )


_LOADERS: dict[str, Callable[[], Dataset]] = {
    "digits": _digits,
    "breast_cancer": _breast_cancer,
    "wine": _wine,
    "mnist1d": _mnist1d,
    "swiss_roll": _swiss_roll,
    "hypersphere": _hypersphere,
    "docstrings": _docstrings,
    "mnist": _mnist,
}
