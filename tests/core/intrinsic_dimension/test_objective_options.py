"""Options of mode `objective` on real trainings: what is trained on, what resumes, what is refused."""

from typing import Any

import numpy as np
import pytest
import torch

from core.analysis import Result, Source, parse_params
from core.data import builtin_dataset_source
from core.errors import BadInput
from core.intrinsic_dimension import trainings
from core.intrinsic_dimension.analysis import ANALYSIS
from core.intrinsic_dimension.objective_mode import problem_of
from core.intrinsic_dimension.objective_params import ObjectiveParams
from core.intrinsic_dimension.trainings import inspect_problem
from core.models.builtin import builtin_model_source
from core.serial import StepCache, serially

WINE, DIGITS = builtin_dataset_source("wine"), builtin_dataset_source("digits")
SHORT = {"epochs": 1, "hidden": [8]}


def run(cache: StepCache | None = None, dataset: Source = WINE, **values: Any) -> Result:
    params = parse_params(ANALYSIS.params, {"mode": "objective", **SHORT, **values})
    return serially(ANALYSIS, params, {"dataset": dataset}, cache=cache)


class Killed(Exception):
    """What ends the process."""


class Kept:
    """A cache of steps that ends the process after so many of them are kept, and counts all that were ever computed."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.computed = 0
        self.until: int | None = None

    def get(self, key: str) -> Any:
        """The value."""
        return self.values[key]

    def put(self, key: str, value: Any) -> None:
        """Keeps it, then perhaps ends."""
        assert key not in self.values
        self.values[key] = value
        self.computed += 1
        if self.computed == self.until:
            raise Killed


@pytest.mark.parametrize("values", [{"search": "adaptive"}, {"search": "grid", "grid": [2, 8, 32], "replicates": 4}])
def test_a_killed_run_goes_on_where_it_was(values: dict[str, Any]) -> None:
    """Killed after any of its steps and asked again, a search computes no step twice and ends with the same result."""
    whole = Kept()
    expected = run(whole, **values)
    interrupted = Kept()
    for stop in range(1, whole.computed, 2):
        interrupted.until = stop
        with pytest.raises(Killed):
            run(interrupted, **values)
    interrupted.until = None
    result = run(interrupted, **values)
    assert interrupted.computed == whole.computed > 4
    assert result.values() == expected.values()
    assert result.tables["curve"].equals(expected.tables["curve"])


def test_replicates_redraw_start_projection_and_data_order() -> None:
    """Two seeds share neither theta0, nor P, nor the data order; the same seed gives all three again."""
    first, second, again = (trainings.seeds_of_run(seed) for seed in (1, 2, 1))
    assert all(one != other for one, other in zip(first, second, strict=True)) and first == again
    problem = problem_of(ObjectiveParams(epochs=1, hidden=(8,)), {"dataset": WINE})
    start = trainings._starts(trainings.prepared(problem), problem, [1, 2, 1])
    assert not torch.equal(start[0], start[1]) and torch.equal(start[0], start[2])
    from core.intrinsic_dimension.projections.kinds import projections_of_runs

    drawn = projections_of_runs("fastfood", start.shape[1], [5, 5, 5], [one[1] for one in (first, second, again)])
    image = drawn.forward(torch.ones(3, 5))
    assert not torch.equal(image[0], image[1]) and torch.equal(image[0], image[2])


def test_shuffled_labels_are_learned_but_not_measured_on() -> None:
    """With all labels shuffled two of three rows have another one than their own, and the validation rows stay true."""
    true, shuffled = (
        inspect_problem(problem_of(ObjectiveParams(shuffled_labels=share, **SHORT), {"dataset": WINE}))
        for share in (0.0, 1.0)
    )
    assert true["labels_changed"] == 0
    assert shuffled["labels_changed"] == pytest.approx(2 / 3, abs=0.1)
    assert shuffled["chance"] == true["chance"] and shuffled["training_chance"] == true["training_chance"]
    result = run(shuffled_labels=1.0, metric="training", search="grid", grid=[4])
    assert result.summary["baseline_own"].unit == "training accuracy"
    assert result.values()["chance"] == pytest.approx(true["training_chance"])
    assert any("100 % of the training rows exchanged their labels" in note for note in result.notes)
    assert any("memorising" in note for note in result.notes)


def test_shuffled_pixels_keep_the_rows() -> None:
    """Features of a row are only put into another order, before and after scaling by one mean and variance."""
    plain, shuffled = (
        trainings.prepared(problem_of(ObjectiveParams(shuffled_pixels=flag, **SHORT), {"dataset": DIGITS})).training
        for flag in (False, True)
    )
    assert not torch.equal(plain.features, shuffled.features)
    assert torch.equal(plain.features.flatten(1).sort(1).values, shuffled.features.flatten(1).sort(1).values)
    assert torch.equal(plain.labels, shuffled.labels)


def test_grid_and_sweep_are_drawn_and_told() -> None:
    """A grid has means instead of a line, a sweep a figure of its rates; the rule and its spread stand in the notes."""
    result = run(search="grid", grid=[2, 8, 32], learning_rate_sweep=True)
    figures = ANALYSIS.figures(result)
    names = [trace.name for trace in figures["performance_by_dimension"].plot.data]
    assert "means" in names and "fitted line" not in names
    assert figures["rate_by_dimension"].plot.layout.yaxis.type == "log"
    assert any("Rule of the paper: the first of 3 dimensions" in note for note in result.notes)
    assert "the best of 0.1, 0.3, 1 times sqrt(32 / d), chosen at each d" in result.notes[0]


def test_not_reached_is_said_everywhere() -> None:
    """Up to d_max = 2 nothing is reached: a bound in answer, numbers, table and figure, and no number anywhere."""
    result = run(max_subspace=2, first_guess=2, epochs=4)
    assert result.answer.startswith("More than 2 parameters are needed")
    assert "takes more than 2" in result.answer
    for name in ("d_int90", "d_int90_own", "d_int90_global", "d_int100"):
        assert (result.summary[name].value, result.summary[name].low, result.summary[name].high) == (None, 2, None)
    assert result.tables["dimensions"].relation.tolist() == [">"] * 4
    texts = [note.text for note in ANALYSIS.figures(result)["performance_by_dimension"].plot.layout.annotations]
    assert "d<sub>int90</sub> own > 2" in texts and "d<sub>int90</sub> global > 2" in texts


def test_a_global_baseline_above_the_own_one_is_noted() -> None:
    """Where direct training itself stays below the global threshold, the result says so."""
    result = run(baseline="global", max_subspace=4, first_guess=2)
    assert result.values()["threshold"] == 0.9 > result.values()["baseline_own"]
    assert any("Direct training of all parameters reaches" in note for note in result.notes)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"search": "grid", "grid": []}, "Grid: an empty list is not accepted"),
        ({"search": "grid", "grid": [0]}, "Grid"),
        ({"learning_rate_sweep": True, "max_trainings": 19}, "a search at least 12: expected at least 20"),
        ({"shuffled_labels": 1.5}, r"Shuffled labels: 1\.5 is not accepted; expected a number from 0 to 1"),
        ({"baseline": "both"}, "Baseline to reach: 'both' is not accepted; expected one of own, global"),
    ],
)
def test_impossible_options(values: dict[str, Any], words: str) -> None:
    """Options that can't lead anywhere are refused before anything runs."""
    with pytest.raises(BadInput, match=words):
        parse_params(ANALYSIS.params, {"mode": "objective", **values})


def test_grid_beyond_the_network_is_refused_at_once() -> None:
    """A grid that goes beyond D is refused by the estimate, with both numbers; so is a dense matrix that is too large."""
    params = ObjectiveParams(search="grid", grid=(10, 5000))
    with pytest.raises(BadInput, match="Grid: 5,000 dimensions are more than the 2,410 parameters"):
        ANALYSIS.estimate(params, {"dataset": DIGITS})
    dense = ObjectiveParams(search="grid", grid=(100_000,), projection="dense", hidden=(2000,))
    with pytest.raises(BadInput, match="set Grid to at most"):
        ANALYSIS.estimate(dense, {"dataset": DIGITS})


def test_the_estimate_counts_the_trainings_of_the_search() -> None:
    """A grid of 10 x 20 trainings takes longer than the adaptive search, a second search longer than one."""
    plain, second, grid = (
        ANALYSIS.estimate(ObjectiveParams(**values), {"dataset": DIGITS}).seconds
        for values in ({}, {"d_int100": True}, {"search": "grid", "grid": range(10, 20), "replicates": 20})
    )
    assert plain < second < grid


class Broken(torch.nn.Module):
    """Takes the logarithm of centred features."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(13, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Not finite for negative values."""
        return self.layer(x.log())


def test_outputs_that_are_not_finite_are_refused_before_training(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that gives no finite numbers for the first rows is refused with what to do."""
    from core.models.loading import LoadedModel

    monkeypatch.setattr(
        "core.models.loading.load_model", lambda *arguments: LoadedModel(Broken(), "logarithms", trained=False)
    )
    with pytest.raises(BadInput, match="outputs that are not finite for the first rows, before any training"):
        run(seed=77)


def test_lenet_takes_shuffled_images() -> None:
    """Shuffled pixels stay images, which a convolutional network takes."""
    problem = problem_of(
        ObjectiveParams(epochs=1, most_rows=40, shuffled_pixels=True),
        {"dataset": DIGITS, "model": builtin_model_source("resnet20")},
    )
    facts = inspect_problem(problem)
    assert facts["training_rows"] == 32
    assert np.isfinite(facts["chance"])
