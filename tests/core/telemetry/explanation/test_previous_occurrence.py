"""The most similar earlier stretch of a score."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.telemetry.explanation.previous_occurrence import correlations, most_similar, previous_occurrences
from core.telemetry.grid import Grid

RNG = np.random.default_rng(0)
SHAPE = 20 * np.sin(np.linspace(0, np.pi, 12)) ** 2


def series(*places: tuple[int, float]) -> np.ndarray:
    """Noise with the shape added at places, with a factor."""
    score = RNG.normal(0, 0.5, 600)
    for place, factor in places:
        score[place : place + len(SHAPE)] += factor * SHAPE
    return score


def event(rank: int, start: int) -> dict[str, object]:
    return {"parameter": "T", "rank": rank, "start_row": start, "peak_row": start + 6, "end_row": start + 11}


def found(score: np.ndarray, *events: dict[str, object]) -> pd.DataFrame:
    grid = Grid(np.arange(600) * 600_000, 600.0, ("T",), score[:, None])
    return previous_occurrences(grid, score, pd.DataFrame(events))


@pytest.mark.parametrize("length", [4, 9, 40])
def test_correlations_are_those_of_every_window(length: int):
    """Equal to numpy.corrcoef window by window, and so z-normalised distance sqrt(2 m (1 - r)); NaN where one is."""
    score = 100 + RNG.standard_normal(200)
    score[60] = np.nan
    score[100:150] = 7.0  # constant
    query = RNG.standard_normal(length)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = np.array([np.corrcoef(query, score[i : i + length])[0, 1] for i in range(200 - length + 1)])
    ours = correlations(query, score)
    assert np.array_equal(np.isnan(ours), np.isnan(expected))
    assert ours[~np.isnan(ours)] == pytest.approx(expected[~np.isnan(expected)], abs=1e-9)
    place = int(np.nanargmax(ours))
    z = [(part - part.mean()) / part.std() for part in (query, score[place : place + length])]
    assert np.sqrt(2 * length * (1 - ours[place])) == pytest.approx(np.linalg.norm(z[0] - z[1]), abs=1e-6)


def test_an_occurrence_is_found_again():
    """With its times, its own size and a similarity near 1."""
    score = series((100, 0.8), (400, 1.0))
    row = found(score, event(1, 400)).iloc[0]
    assert abs(row.previous_start_row - 100) <= 1 and abs(row.previous_peak_row - 106) <= 2
    assert row.previous_peak == row.previous_peak_row * 600_000
    assert row.previous_sigma == pytest.approx(16, abs=3) and row.similarity > 0.95


def test_what_is_much_smaller_or_later_or_opposite_is_no_occurrence():
    """Noise of the right shape does not count, nor does the future, nor a fall a rise."""
    score = series((100, 0.1), (200, -1.0), (400, 1.0), (500, 1.0))
    table = found(score, event(1, 400))
    assert table.similarity[0] < 0.9 or table.isna().previous_start[0]


def test_the_first_of_its_kind_has_none():
    """A row of unknowns, not a row less."""
    table = found(series((400, 1.0)), event(1, 400), event(2, 3))
    assert table["rank"].tolist() == [1, 2]
    assert table.previous_start.isna().all() and table.similarity.isna().all()


def test_windows_across_a_gap_do_not_count():
    """An earlier occurrence with a hole in it is not compared, so none is left."""
    score = series((100, 1.0), (400, 1.0))
    place, similarity = most_similar(score, 400, 412) or (0, 0.0)
    assert abs(place - 100) <= 1 and similarity > 0.95
    score[105] = np.nan
    assert most_similar(score, 400, 412) is None
