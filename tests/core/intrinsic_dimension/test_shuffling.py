"""Shuffled labels and pixels."""

import numpy as np
import pytest

from core.data.preparation import Split
from core.intrinsic_dimension.shuffling import shuffled_labels, shuffled_pixels


def parts(shape: tuple[int, ...], rows: int = 4000, classes: int = 10) -> Split:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(rows, *shape)).astype(np.float32)
    y = generator.integers(classes, size=rows)
    return Split(X[: rows // 2], y[: rows // 2], X[rows // 2 :], y[rows // 2 :])


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_labels_are_exchanged_among_the_rows_that_are_learned_from(share: float) -> None:
    """Classes keep their sizes, 9 of 10 rows that take part get another label, and the validation part stays true."""
    true = parts((3,))
    shuffled = shuffled_labels(true, share, seed=5)
    assert np.array_equal(np.bincount(shuffled.y_train), np.bincount(true.y_train))
    assert (shuffled.y_train != true.y_train).mean() == pytest.approx(0.9 * share, abs=0.03)
    assert np.array_equal(shuffled.y_validation, true.y_validation)
    assert np.array_equal(shuffled.y_train, shuffled_labels(true, share, seed=5).y_train)


@pytest.mark.parametrize("shape", [(12,), (3, 4), (2, 3, 4)])
def test_pixels_take_one_order_for_all_samples(shape: tuple[int, ...]) -> None:
    """Every sample of both parts is put into the same order, values are kept, and channels stay together."""
    true = parts(shape, rows=20)
    shuffled = shuffled_pixels(true, seed=5)
    assert shuffled.X_train.shape == true.X_train.shape
    before, after = (part.X_train.reshape(10, -1, 12) for part in (true, shuffled))
    order = [int(np.flatnonzero(before[0, 0] == value)[0]) for value in after[0, 0]]
    assert sorted(order) == list(range(12)) and order != list(range(12))
    np.testing.assert_array_equal(after, before[:, :, order])
    np.testing.assert_array_equal(
        shuffled.X_validation.reshape(10, -1, 12), true.X_validation.reshape(10, -1, 12)[:, :, order]
    )
    assert np.array_equal(shuffled.y_train, true.y_train)
