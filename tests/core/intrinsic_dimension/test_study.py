"""Mode `study`: several searches side by side, one result."""

from collections.abc import Generator
from typing import Any

import numpy as np
import pytest

from core.analysis import Result, Source, Step, parse_params
from core.data import builtin_dataset_source
from core.errors import BadInput, StepFailed
from core.intrinsic_dimension.analysis import ANALYSIS
from core.intrinsic_dimension.side_by_side import Failed, side_by_side
from core.intrinsic_dimension.study_members import members
from core.intrinsic_dimension.study_params import StudyParams
from core.serial import StepCache, serially

WINE = builtin_dataset_source("wine")
QUICK = {"epochs": 6, "max_trainings": 14, "first_guess": 4}


class Kept(dict[str, Any]):
    """Finished steps by key."""

    get = dict.__getitem__  # type: ignore[assignment]
    put = dict.__setitem__


def run(cache: StepCache | None = None, dataset: Source = WINE, **values: object) -> Result:
    return serially(ANALYSIS, parse_params(ANALYSIS.params, values), {"dataset": dataset}, cache=cache)


@pytest.fixture(scope="module")
def kept() -> Kept:
    return Kept()


@pytest.fixture(scope="module")
def wine(kept: Kept) -> Result:
    """Three widths on wine."""
    return run(kept, mode="study", widths=[4, 8, 16], depths=[1], **QUICK)


def test_each_network_is_a_row(wine: Result) -> None:
    """One row a network with D, d_int90, interval, both baselines' dimensions, and d / D."""
    table = wine.tables["study"]
    assert list(table.network) == ["MLP 4", "MLP 8", "MLP 16"]
    assert list(table.full_dimension) == [14 * width + (width + 1) * 3 for width in (4, 8, 16)]
    found = table[table.outcome == "measured"]
    assert len(found) >= 2
    assert (found.d_int90_low <= found.d_int90).all() and (found.d_int90 <= found.d_int90_high).all()
    np.testing.assert_allclose(found.share, found.d_int90.astype(float) / found.full_dimension.astype(float))
    assert wine.values()["trainings"] == table.trainings.sum()


def test_a_search_by_itself_takes_the_same_steps(wine: Result, kept: Kept) -> None:
    """Mode objective with the recipe of a member finds every training in the cache, and the same number."""
    before = len(kept)
    alone = run(kept, mode="objective", hidden=[8], **QUICK)
    assert len(kept) == before
    assert alone.values()["d_int90"] == wine.tables["study"].set_index("network").d_int90["MLP 8"]


def test_words_and_figures(wine: Result) -> None:
    """The answer names the range, the slope and what follows; each figure has its words and axes."""
    assert "90 % of each network's own baseline takes" in wine.answer and "to the power" in wine.answer
    figures = ANALYSIS.figures(wine)
    assert list(figures) == ["dimension_by_size", "networks", "curves"]
    for figure in figures.values():
        assert all((figure.reading, figure.caption, figure.alt, figure.reference))
        assert figure.plot.layout.xaxis.title.text and figure.plot.layout.yaxis.title.text


def test_not_reached_is_a_limit() -> None:
    """A network that does not get there is a lower bound in table, figure and notes, and there is nothing to test."""
    result = run(mode="study", widths=[8, 16], depths=[1], max_subspace=1, **{**QUICK, "first_guess": 1, "epochs": 2})
    table = result.tables["study"]
    assert set(table.outcome) == {"not reached"}
    assert table.d_int90.isna().all() and (table.d_int90_low == 1).all()
    assert result.values()["verdict"] == "not testable" and result.values()["not_reached"] == 2
    assert any("lower bounds" in note for note in result.notes)
    drawn = ANALYSIS.figures(result)["dimension_by_size"].plot
    assert [trace.marker.symbol for trace in drawn.data if trace.name == "lower bound"] == ["triangle-up-open"]


def test_members_are_networks_times_data_sets() -> None:
    """Widths x depths and built-in networks, on the data set chosen and those named, each once."""
    params = StudyParams(widths=(4, 8), depths=(1, 2), networks=("mlp",), datasets=("digits", "wine"))
    found = members(params, {"dataset": WINE})
    assert len(found) == 2 * (2 * 2 + 1)
    assert {member.dataset for member in found} == {"wine", "digits"}
    assert found[2].network == "MLP 4-4" and found[2].params.hidden == (4, 4)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"widths": [8], "depths": [1]}, "a study compares networks, and these settings name 1"),
        ({"widths": list(range(1, 20)), "depths": [1, 2, 3, 4]}, "76 searches are asked for"),
        ({"networks": ["vgg"]}, "There is no built-in model 'vgg'"),
        ({"networks": ["lenet5"]}, "takes images"),
        ({"datasets": ["iris"]}, "iris"),
        ({"max_trainings": 9}, "expected at least 12"),
        ({"datasets": ["swiss_roll"]}, "label"),
    ],
)
def test_impossible_studies(values: dict[str, object], words: str) -> None:
    """What can't lead anywhere is refused before anything runs."""
    with pytest.raises(BadInput, match=words):
        ANALYSIS.estimate(parse_params(ANALYSIS.params, {"mode": "study", **values}), {"dataset": WINE})


def test_rounds_are_shared_and_a_failure_stays_alone() -> None:
    """Steps of one round come together; one computation's failure leaves the others' results."""

    def counting(rounds: int, fails: bool = False) -> Generator[list[Step], list[Any], Result]:
        total = 0
        for _ in range(rounds):
            total += sum((yield [Step(int, {"x": 2}, share=0.5), Step(int, {"x": 3})]))
        if fails:
            raise StepFailed("diverged")
        return Result(str(total), {})

    driver = side_by_side({"a": counting(2), "b": counting(1), "c": counting(1, fails=True)})
    first = next(driver)
    assert [step.label.split(":")[0] for step in first] == ["a", "a", "b", "b", "c", "c"]
    assert first[0].share == pytest.approx(0.5 / 3)
    assert len(driver.send([1, 2, 10, 20, 0, 0])) == 2
    with pytest.raises(StopIteration) as stop:
        driver.send([3, 4])
    ends = stop.value.value
    assert (ends["a"].answer, ends["b"].answer, ends["c"]) == ("10", "30", Failed("diverged"))
