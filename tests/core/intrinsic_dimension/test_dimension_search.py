"""The search of one problem, driven by trainings whose outcome is known in closed form."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from core.errors import BadInput, StepFailed
from core.intrinsic_dimension.dimension_search import DimensionSearch
from core.intrinsic_dimension.findings import Findings
from core.intrinsic_dimension.objective_numbers import objective_summary
from core.intrinsic_dimension.objective_params import ObjectiveParams
from core.intrinsic_dimension.objective_tables import curve_table, dimensions_table
from core.intrinsic_dimension.plan import Metric, Strategy, Trainer, most_trainings
from core.intrinsic_dimension.rates import Rates, scaled_rate

DIRECT = 0.95  # what direct training reaches
NOISE = 0.004  # standard deviation of the accuracy over seeds


@dataclass(frozen=True)
class Known:
    """A large network, trained one run a step."""

    full_dimension: int = 100_000
    batchable: bool = True
    chance: float = 0.1
    validation_rows: int = 10_000


def noise(seed: int) -> float:
    return NOISE * float(np.random.default_rng(seed).standard_normal())


def directly(learning_rates: list[float], seeds: list[int]) -> dict[str, np.ndarray]:
    """0.95 at any rate, 0.99 on the rows that are learned from."""
    return {
        "performance": np.array([DIRECT + noise(seed) for seed in seeds]),
        "training_accuracy": np.array([0.99 for _ in seeds]),
    }


def in_subspaces(
    subspace_dimensions: list[int], learning_rates: list[float], seeds: list[int]
) -> dict[str, np.ndarray]:
    """0.95 d / (d + 50), which passes 0.9 x 0.95 at d = 450; on the rows that are learned from it passes sooner."""
    d = np.array(subspace_dimensions, dtype=float)
    return {
        "performance": DIRECT * d / (d + 50) + np.array([noise(seed) for seed in seeds]),
        "training_accuracy": 0.99 * d / (d + 20),
    }


def particular(subspace_dimensions: list[int], learning_rates: list[float], seeds: list[int]) -> dict[str, np.ndarray]:
    """The same where the rate is 10 / d, and less the farther it is from that."""
    found = in_subspaces(subspace_dimensions, learning_rates, seeds)
    off = np.abs(np.log(np.array(learning_rates) * np.array(subspace_dimensions) / 10))
    return {**found, "performance": found["performance"] - 0.1 * off}


def diverging(subspace_dimensions: list[int], learning_rates: list[float], seeds: list[int]) -> dict[str, np.ndarray]:
    """Never finite."""
    return {name: np.full(len(seeds), np.nan) for name in ("performance", "training_accuracy")}


def conducted(
    params: ObjectiveParams, strategy: Strategy, inside: Any = in_subspaces, facts: Known | None = None
) -> tuple[Findings, int]:
    """What is found, and how many trainings that took."""
    facts = facts or Known()
    search = DimensionSearch(params, Trainer(directly, inside, {}, "cpu"), facts, 0, strategy=strategy)
    asked, ran = search.conduct(), 0
    results = None
    try:
        while True:
            steps = next(asked) if results is None else asked.send(results)
            results = [step.run() for step in steps]
            ran += sum(len(step.arguments["seeds"]) for step in steps)
    except StopIteration as stop:
        assert ran == len(stop.value.trainings)
        return stop.value, ran


def test_adaptive_search_finds_a_known_crossing() -> None:
    """The crossing of 0.9 x 0.95 is at 450; the whole of the baseline is above every subspace and is said to be."""
    found, ran = conducted(ObjectiveParams(), Strategy(global_baseline=1.0))
    own, whole, fixed, _ = found.aims
    assert ran <= 20
    assert own.crossing.dimension == pytest.approx(450, rel=0.15)
    assert own.crossing.low < own.crossing.dimension < own.crossing.high
    assert whole.crossing.how == "not reached" and whole.crossing.dimension is None
    # 0.9 of the global baseline: 0.95 d / (d + 50) = 0.9 at d = 900
    assert (fixed.baseline, fixed.threshold) == ("global", 0.9)
    assert fixed.crossing.low < 900 and (fixed.crossing.high is None or fixed.crossing.high > 700)


def test_search_can_aim_at_the_global_baseline() -> None:
    """With the global baseline as the goal the trainings lie around 900, where 0.95 d / (d + 50) is 0.9."""
    found, ran = conducted(ObjectiveParams(), Strategy(baseline="global", global_baseline=1.0))
    assert [aim.baseline for aim in found.aims] == ["global", "global", "own", "own"]
    assert ran <= 20
    assert found.threshold == 0.9
    assert found.crossing.dimension == pytest.approx(900, rel=0.2)
    assert found.aim("own", 0.9).crossing.dimension == pytest.approx(450, rel=0.3)


def test_d_int100_by_a_search_of_its_own() -> None:
    """A second search places trainings for the whole of a baseline of 0.9, which is reached at 900."""
    params = ObjectiveParams(global_baseline=0.9)
    strategy = Strategy(baseline="global", global_baseline=0.9, whole=True)
    found, ran = conducted(params, strategy)
    assert 20 < ran <= most_trainings(params, strategy) == 32
    # 0.95 d / (d + 50) = 0.81 at 289
    assert found.aim("global", 0.9).crossing.dimension == pytest.approx(289, rel=0.15)
    assert found.aim("global", 1.0).crossing.dimension == pytest.approx(900, rel=0.2)


GRID = (100, 300, 400, 500, 700, 1000, 2000)


def test_grid_search_follows_the_rule_of_the_paper() -> None:
    """The first d of the grid whose mean passes: 500 for the own threshold (450), 1,000 for the global one (900)."""
    params, strategy = ObjectiveParams(), Strategy(global_baseline=1.0, grid=GRID, replicates=4)
    found, ran = conducted(params, strategy)
    assert ran == most_trainings(params, strategy) == 8 + 4 * len(GRID)
    own, whole, fixed, _ = found.aims
    assert (own.crossing.how, own.crossing.dimension) == ("grid", 500)
    assert (own.crossing.low, own.crossing.high) in {(400, 500), (500, 500)}
    assert fixed.crossing.dimension == 1000
    assert whole.crossing.how == "not reached" and whole.crossing.low == 2000
    curve = curve_table(found)
    searched = curve[curve.role == "search"]
    assert searched.groupby("subspace_dimension").size().to_dict() == dict.fromkeys(GRID, 4)
    assert searched.seed.is_unique


def test_grid_that_ends_too_low_gives_no_number() -> None:
    """Where no mean of the grid passes there is a lower bound and nothing else, in numbers and in the table."""
    params = ObjectiveParams(search="grid", grid=(50, 200))
    found, _ = conducted(params, Strategy(global_baseline=1.0, grid=(50, 200)))
    summary = objective_summary(params, Known(), Metric("performance", 0.1, 10_000), found)
    for name in ("d_int90", "d_int90_own", "d_int90_global", "d_int100"):
        assert (summary[name].value, summary[name].low, summary[name].high) == (None, 200, None)
    assert summary["ratio"].value is None
    table = dimensions_table(found, 100_000)
    assert table.relation.tolist() == [">"] * 4
    assert table.d_int.isna().all() and table.solution_dimension.isna().all() and table.high.isna().all()


def test_sweep_gives_each_dimension_its_own_rate() -> None:
    """Where the best rate is 10 / d, a sweep keeps at each d the offered one that is nearest, and uses it again there."""
    rates = (0.01, 0.03, 0.1, 0.3)
    params = ObjectiveParams(first_guess=100, subspace_learning_rates=rates)
    strategy = Strategy(grid=(25, 100, 400), replicates=3, sweep=True)
    found, ran = conducted(params, strategy, particular)
    curve = curve_table(found)
    kept = curve[curve.role == "search"]
    assert kept.groupby("subspace_dimension").size().tolist() == [3, 3, 3]
    for dimension, rows in kept.groupby("subspace_dimension"):
        offered = [scaled_rate(rate, 100, dimension) for rate in rates]
        best = min(offered, key=lambda rate: abs(np.log(rate * dimension / 10)))
        assert set(rows.learning_rate) == {best}
    # the guess was swept before: only its best rate is trained again
    assert ran == 3 + 2 + 4 + (4 * 3 + 3 + 4 * 3) <= most_trainings(params, strategy)
    assert (curve.role == "sweep").sum() == 3 * 3 * 2


def test_adaptive_sweep_stays_within_the_most_trainings() -> None:
    """Every dimension that is new costs one training a rate, and all of them count."""
    params = ObjectiveParams(max_trainings=40, learning_rate_sweep=True)
    found, ran = conducted(params, Strategy(sweep=True), particular)
    assert ran <= 40
    assert len({one.learning_rate for one in found.trainings if one.role == "search"}) > 1


def test_rates_are_scaled_where_there_is_no_sweep() -> None:
    """One rate for all dimensions, times the root of guess / d; in a sweep the smaller of two equal ones is kept."""
    assert Rates(100, 0.2, (0.1, 0.2), sweep=False).at(400) == (0.1,)
    swept = Rates(100, 0.2, (0.1, 0.2), sweep=True)
    assert swept.at(100) == (0.2,)
    assert swept.at(400) == (0.05, 0.1)
    swept.choose([(400, 0.1, 0.5), (400, 0.05, 0.5)])
    assert swept.at(400) == (0.05,)


def test_training_metric_counts_the_rows_that_are_learned_from() -> None:
    """0.99 d / (d + 20) passes 0.9 x 0.99 at 180; the validation accuracy stays in the table."""
    metric = Metric("training_accuracy", 0.1, 50_000)
    found, _ = conducted(ObjectiveParams(), Strategy(metric=metric))
    assert found.threshold == pytest.approx(0.891)
    assert found.crossing.dimension == pytest.approx(180, rel=0.05)
    curve = curve_table(found)
    assert curve.performance.equals(curve.training_accuracy.rename("performance"))
    assert not curve.performance.equals(curve.validation_accuracy.rename("performance"))


def test_baseline_at_chance_is_not_searched() -> None:
    """A baseline that is not above chance leaves nothing to find, at d_int90 and at d_int100."""
    found, ran = conducted(ObjectiveParams(fraction=1.0), Strategy(), facts=Known(chance=0.96))
    assert ran == 8
    assert [aim.crossing for aim in found.aims] == [None]
    table = dimensions_table(found, 100_000)
    assert (table.relation.tolist(), table.method.tolist()) == ([""], ["not above chance"])


def test_divergence_in_every_subspace_is_a_sentence() -> None:
    """Rates that all diverge in the subspace end the search with what to do."""
    with pytest.raises(
        StepFailed, match=r"in the subspace diverged at every learning rate \(0\.1, 0\.3, 1\): give smaller"
    ):
        conducted(ObjectiveParams(), Strategy(), diverging)


def test_grid_beyond_the_network_is_refused() -> None:
    """d larger than D is refused with both numbers."""
    with pytest.raises(BadInput, match="Grid: 2,000 dimensions are more than the 1,500 parameters"):
        conducted(ObjectiveParams(), Strategy(grid=GRID), facts=Known(full_dimension=1500))
