"""Phases of tables whose phases are known."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest

from core.errors import BadInput
from core.landscape.phase_map import phases as module
from core.landscape.phase_map.labels import LABELS
from tests.core.landscape.phase_map.maps import published

phases = partial(module.phases, resamples=20)
phase_map = partial(module.phase_map, resamples=20)
FOUR = {"IV-A": "IV", "IV-B": "IV"}


def corners(**columns: object) -> pd.DataFrame:
    """One cell of each of I, II, III, IV-A and IV-B."""
    table = {
        "load": [1.0, 2.0, 1.0, 2.0, 3.0],
        "temperature": [2.0, 2.0, 1.0, 1.0, 1.0],
        "train_loss": [0.5, 0.3, 0.005, 0.004, 0.006],
        "trace": [3000.0, 2000.0, 60.0, 40.0, 50.0],
        "mode_connectivity": [-15.0, 4.0, -8.0, -0.5, 0.2],
        "cka": [0.4, 0.5, 0.5, 0.6, 0.75],
    }
    return pd.DataFrame({**table, **columns})


@pytest.mark.parametrize("seed", range(3))
def test_a_map_like_the_published_one_is_recovered(seed: int) -> None:
    """Scattered about the means that the authors report, at least 93 % of cells for four phases and 82 % for five."""
    table, truth = published(seed=seed)
    found = phases(table)["phase"]
    four = found.replace(FOUR).to_numpy() == pd.Series(truth).replace(FOUR).to_numpy()
    assert four.mean() >= 0.93
    assert (found.to_numpy() == truth).mean() >= 0.82


def test_the_corners_of_the_plane_are_named() -> None:
    """Sharp or flat, apart or connected, dissimilar or similar give the five labels."""
    assert list(phases(corners())["phase"]) == ["I", "II", "III", "IV-A", "IV-B"]


def test_rows_keep_their_order_index_and_columns() -> None:
    """Two columns and a note are added; nothing else moves."""
    table = corners(name=list("abcde")).sample(frac=1, random_state=1)
    found = phases(table)
    pd.testing.assert_frame_equal(found[table.columns], table)
    assert set(found.columns) - set(table.columns) == {"phase", "confidence", "note"}
    assert dict(zip(found["name"], found["phase"], strict=True))["c"] == "III"


@pytest.mark.parametrize("loss", [np.log(10), 2.2, np.nan, np.inf])
def test_collapsed_cells_are_found_first(loss: float) -> None:
    """Loss of chance, no curvature, no barrier, CKA 1: no IV-B; the splits of the others stay where they are."""
    row = {"load": 9.0, "temperature": 9.0, "train_loss": loss, "trace": 1.0, "mode_connectivity": 0.0, "cka": 1.0}
    found = phase_map(pd.concat([corners(), pd.DataFrame([row])]))
    assert list(found.cells["phase"].iloc[:-1].sort_values()) == ["I", "II", "III", "IV-A", "IV-B"]
    assert found.cells["phase"].iloc[-1] == "collapsed" and found.cells["confidence"].iloc[-1] == 1
    assert found.splits == phase_map(corners()).splits


def test_the_error_decides_on_collapse_where_it_is_known() -> None:
    """Of ten classes 81 points are nine tenths of chance; a loss above ln 10 with a small error has learned."""
    table = corners(train_error=[81.0, 10.0, 80.9, 0.0, 0.0], train_loss=[0.5, 2.5, 0.005, 0.004, 0.006])
    assert list(phases(table)["phase"] == "collapsed") == [True, False, False, False, False]
    assert not (phases(table, classes=None)["phase"] == "collapsed").any()


def test_collapsed_seeds_of_a_cell_that_lives_are_left_out() -> None:
    """One of three: the others name the phase and the note says so; two of three: the cell collapsed."""
    table = pd.concat([corners()] * 3, ignore_index=True)
    table.loc[4, ["train_loss", "trace", "cka"]] = [2.3, 0.1, 1.0]
    found = phases(table)
    assert found["phase"][9] == "IV-B" and "1 of 3 runs collapsed" in found["note"][9]
    table.loc[9, ["train_loss", "trace", "cka"]] = [2.3, 0.1, 1.0]
    found = phases(table)
    assert found["phase"][14] == "collapsed" and "2 of 3 runs are no better than chance" in found["note"][14]


def test_one_seed_says_sharp_or_flat_alone() -> None:
    """Without pairs the label names both phases that remain, and the note what is missing."""
    found = phases(corners(mode_connectivity=np.nan, cka=np.nan))
    assert list(found["phase"]) == ["I or II", "I or II", "III or IV", "III or IV", "III or IV"]
    assert "Mode connectivity: not measured; it needs two seeds." in found["note"][0]
    found = phases(corners(cka=np.nan))
    assert list(found["phase"]) == ["I", "II", "III", "IV", "IV"]


def test_a_negative_mean_trace_is_shown_and_left_out() -> None:
    """The loss decides alone; the value keeps its sign and no absolute value is taken."""
    found = phase_map(corners(trace=[-3000.0, 2000.0, 60.0, -40.0, 50.0]))
    own = found.cells.set_index(["load", "temperature"])
    assert own.loc[(1, 2), "phase"] == "I" and own.loc[(1, 2), "trace"] == -3000
    assert own.loc[(2, 1), "phase"] == "IV-A"
    assert "The mean trace is -3e+03, which has no logarithm" in own.loc[(1, 2), "note"]


def test_a_mean_of_traces_is_taken_before_the_logarithm() -> None:
    """A seed below zero lowers the mean; it neither vanishes nor turns positive."""
    table = pd.concat([corners(), corners()], ignore_index=True)
    table.loc[5, "trace"] = -1000.0
    found = phase_map(table).cells.set_index(["load", "temperature"])
    assert found.loc[(1, 2), "trace"] == 1000 and found.loc[(1, 2), "note"] == ""


def test_loss_and_trace_that_disagree_halve_the_confidence() -> None:
    """By turns one of them decides in the resamples; the cell is named by the one that is further from its split."""
    table = pd.concat([corners()] * 4, ignore_index=True)
    table["load"] *= np.repeat([1, 10, 100, 1000], 5)
    table.loc[0, ["train_loss", "trace"]] = [0.5, 150.0]
    found = phases(table, resamples=100)
    assert found["phase"][0] == "I" and found["confidence"][0] == pytest.approx(0.5, abs=0.1)
    assert "disagree" in found["note"][0] and found["confidence"][5] > 0.9


def test_a_barrier_is_one_and_three_quarter_points_or_two_standard_errors() -> None:
    """-1.7 is connected, -1.8 is not unless its standard error is 1; seeds give their own standard error."""
    own = corners(mode_connectivity=[-15.0, 4.0, -1.8, -1.7, 0.2])
    assert list(phases(own)["phase"].iloc[2:]) == ["III", "IV-A", "IV-B"]
    wide = own.assign(mode_connectivity_standard_error=[0.1, 0.1, 1.0, 0.1, 0.1])
    assert phases(wide)["phase"][2].startswith("IV")
    seeds = pd.concat([own.assign(mode_connectivity=own["mode_connectivity"] + d) for d in (-2.0, 2.0)])
    assert list(phases(seeds)["phase"].iloc[2:3]) == ["IV-A"]  # standard error 2: up to four points


def test_standard_errors_of_single_rows_lower_the_confidence() -> None:
    """-15 +- 5 points against a barrier of two standard errors: phase I in the 84 % of draws that fall below -10."""
    table = corners(mode_connectivity_standard_error=[5.0, 0.0, 0.0, 0.0, 0.0])
    sure, unsure = (phases(t, resamples=600)["confidence"][0] for t in (corners(), table))
    assert sure > unsure + 0.05 and unsure == pytest.approx(sure * 0.841, abs=0.05)  # P(z < 1) = 0.841


def test_losses_that_are_small_or_large_by_themselves_need_no_comparison() -> None:
    """A table wholly in IV stays flat although Otsu would cut it; one wholly at the loss of chance's half is sharp."""
    small = corners(train_loss=[1e-3, 5e-4, 1e-4, 2e-4, 3e-4])
    assert not phases(small)["phase"].isin(["I", "II"]).any()
    large = corners(train_loss=[1.2, 1.5, 1.3, 1.9, 1.4])
    assert phases(large)["phase"].isin(["I", "II"]).all()


def test_probabilities_sum_to_one_and_repeat_with_the_seed() -> None:
    """Each cell's labels share one; the confidence is the probability of the label that is shown."""
    table, _ = published(seeds=3)
    first, second = (phase_map(table, resamples=20, seed=5) for _ in range(2))
    np.testing.assert_allclose(first.probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(first.probabilities, second.probabilities)
    code = [LABELS.index(name) for name in first.cells["phase"]]
    np.testing.assert_array_equal(first.probabilities[np.arange(len(code)), code], first.cells["confidence"])


def test_the_crossover_runs_between_the_two_groups_of_four() -> None:
    """IV-A's only cell lies at 0, IV-B's at 1; elsewhere there is none."""
    cells = phase_map(corners()).cells.set_index("phase")["crossover"]
    assert cells["IV-A"] == pytest.approx(0) and cells["IV-B"] == pytest.approx(1) and np.isnan(cells["III"])


def test_a_single_cell_has_nothing_to_be_compared_with() -> None:
    """Only its connectivity is known."""
    assert list(phases(corners().iloc[:1])["phase"]) == ["I or III"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trace": None, "cka": None}, "lacks the columns trace, cka"),
        ({"load": [1.0, np.nan, 1.0, 2.0, 3.0]}, r"Column load, row 2 .*: nan was found"),
        ({"train_loss": [1.0, 1.0, -1.0, 2.0, 3.0]}, r"Column train_loss, row 3 .*: -1.0 was found"),
        ({"trace": [1.0, 1.0, 1.0, np.inf, 3.0]}, r"Column trace, row 4 .*: inf was found"),
        ({"cka": [1.0, 1.0, 1.0, 1.0, "high"]}, r"Column cka, row 5 .*: high was found; a number is expected"),
        ({"cka": [1.2, 1.0, 1.0, 1.0, 1.0]}, "a similarity is at most 1"),
        ({"mode_connectivity": [-150.0, 0, 0, 0, 0]}, "points of error, from -100 to 100"),
        ({"train_error": [101.0, 0, 0, 0, 0]}, "from 0 to 100"),
    ],
)
def test_values_that_cannot_be_are_refused(change: dict[str, object], message: str) -> None:
    """The column, the row and what was found are named."""
    table = corners()
    for name, values in change.items():
        table = table.drop(columns=name) if values is None else table.assign(**{name: values})
    with pytest.raises(BadInput, match=message):
        phases(table)


def test_an_empty_table_is_refused() -> None:
    """There is nothing to name."""
    with pytest.raises(BadInput, match="no rows"):
        phases(corners().iloc[:0])
