"""Dynamic time warping, against sums over all paths and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadInput
from core.topology.scoring.dtw import dtw, nearest, side_by_side
from core.topology.scoring.neighbours import chosen_window, nearest_by_distance, nearest_by_warping, windows_of


def paths(n: int, m: int, window: int) -> list[list[tuple[int, int]]]:
    """Every warping path from (0, 0) to (n - 1, m - 1) that stays in a window."""
    found, open_paths = [], [[(0, 0)]]
    while open_paths:
        path = open_paths.pop()
        i, j = path[-1]
        if (i, j) == (n - 1, m - 1):
            found.append(path)
            continue
        for step in ((i + 1, j), (i, j + 1), (i + 1, j + 1)):
            if step[0] < n and step[1] < m and abs(step[0] - step[1]) <= window:
                open_paths.append([*path, step])
    return found


def over_all_paths(first: np.ndarray, second: np.ndarray, window: int | None) -> float:
    """The definition itself."""
    n, m = first.shape[1], second.shape[1]
    width = max(n, m) if window is None else max(window, abs(n - m))
    sums = [sum(((first[:, i] - second[:, j]) ** 2).sum() for i, j in path) for path in paths(n, m, width)]
    return float(np.sqrt(min(sums)))


@pytest.mark.parametrize("window", [None, 0, 1, 2, 4])
@pytest.mark.parametrize(("channels", "n", "m"), [(1, 5, 5), (2, 5, 5), (1, 6, 4), (3, 2, 5), (1, 1, 4)])
def test_the_least_sum_over_all_paths(channels: int, n: int, m: int, window: int | None) -> None:
    """Equal to the minimum over every path that was written out, with and without a window, of one channel or several."""
    rng = np.random.default_rng(n * 10 + m)
    first, second = rng.standard_normal((channels, n)), rng.standard_normal((channels, m))
    assert dtw(first, second, window) == pytest.approx(over_all_paths(first, second, window), abs=1e-12)
    assert dtw(second, first, window) == pytest.approx(dtw(first, second, window), abs=1e-12)


def test_by_hand() -> None:
    """A shift by one step costs nothing, a window of 0 is the Euclidean distance, a higher plateau costs its squares."""
    first, shifted = np.array([[0.0, 0.0, 1.0, 2.0, 0.0]]), np.array([[0.0, 1.0, 2.0, 0.0, 0.0]])
    assert dtw(first, shifted) == 0
    assert dtw(first, shifted, 0) == pytest.approx(np.linalg.norm(first - shifted))
    assert dtw(np.array([[0.0, 3.0, 3.0]]), np.array([[0.0, 1.0]])) == pytest.approx(np.sqrt(8))


@pytest.mark.parametrize("window", [None, 0, 2, 5])
@pytest.mark.parametrize("lengths", [(12, 12), (7, 14)])
def test_bounds_and_abandoned_paths_change_nothing(window: int | None, lengths: tuple[int, int]) -> None:
    """The nearest is that of all distances, for equal and for different lengths; a left-out place is passed over."""
    rng = np.random.default_rng(3)
    pool = [rng.standard_normal((2, rng.integers(lengths[0], lengths[1] + 1))).cumsum(axis=1) for _ in range(25)]
    table = np.array([[dtw(one, other, window) for other in pool] for one in pool])
    np.fill_diagonal(table, np.inf)
    together = side_by_side(pool)
    found = nearest(together, together, window, np.arange(25))
    assert found.tolist() == table.argmin(axis=1).tolist()


def test_the_first_among_equals() -> None:
    """Where two training series are the same, the first is the nearest."""
    rows = [np.array([[0.0, 1.0, 0.0]]), np.array([[5.0, 5.0, 5.0]]), np.array([[0.0, 1.0, 0.0]])]
    assert nearest_by_warping(rows, np.array([1, 2, 0]), np.array([0])).tolist() == [2]
    table = np.array([row[0] for row in rows])
    assert nearest_by_distance(table, np.array([1, 2, 0]), np.array([0])).tolist() == [2]


def test_the_window_is_the_narrowest_of_the_best() -> None:
    """Classes that differ by a shape at shifted places need a window; classes that differ by place must have none."""
    shape = np.array([0.0, 2.0, -2.0, 2.0, 0.0])

    def placed(kind: int, start: int) -> np.ndarray:
        row = np.zeros(40)
        row[start : start + 5] = shape if kind else np.abs(shape)
        return row[None]

    shifted = [placed(kind, start) for start in (4, 9, 14, 19, 24, 29) for kind in (0, 1)]
    y = np.array([0, 1] * 6)
    window, share = chosen_window(shifted, y, np.arange(12))
    assert share == 1 and window is not None and window > 0
    narrower = [tried for tried in windows_of(40) if tried is not None and tried < window]
    for tried in narrower:
        together = side_by_side(shifted)
        assert (y[nearest(together, together, tried, np.arange(12))] == y).mean() < 1
    by_place = [placed(0, start) for start in (4, 5, 6, 14, 15, 16)]
    assert chosen_window(by_place, np.array([0, 0, 0, 1, 1, 1]), np.arange(6)) == (0, 1.0)


def test_what_can_not_be_compared_is_refused() -> None:
    """Different channels, nothing, a negative window."""
    with pytest.raises(BadInput, match="channels, length"):
        dtw(np.zeros((1, 3)), np.zeros((2, 3)))
    with pytest.raises(BadInput, match="channels, length"):
        dtw(np.zeros((1, 0)), np.zeros((1, 3)))
    with pytest.raises(BadInput, match="window is -1"):
        dtw(np.zeros((1, 3)), np.zeros((1, 3)), -1)
