"""The search of one learning problem: baseline, learning rates and search, as batches of trainings."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.analysis import Step
from core.errors import StepFailed
from core.intrinsic_dimension.checks import check_grid
from core.intrinsic_dimension.curve import bootstrap_d_int90, d_int90_from_curve
from core.intrinsic_dimension.findings import Aim, Baseline, Findings, Training
from core.intrinsic_dimension.local_line import Point
from core.intrinsic_dimension.plan import USUAL, Known, Metric, Plan, Strategy, Trainer, most_trainings
from core.intrinsic_dimension.rates import Rates
from core.intrinsic_dimension.search import Crossing, Goal, adaptive_search, not_reached, read_off
from core.intrinsic_dimension.trainings import Problem, train_directly, train_in_subspaces

BATCHED_BELOW = 20_000  # parameters: on a CPU, larger networks train no faster together than one by one
CPU_RUNS, GPU_RUNS = 8, 32
GPU_ENTRIES = 200_000_000  # parameters of all runs of one GPU step together, at 4 bytes and about 12 copies
SEEDS_A_SEARCH = 1_000_000


def objective_trainer(problem: Problem) -> Trainer:
    """From fresh parameters: what mode `objective` trains by."""
    return Trainer(train_directly, train_in_subspaces, {"problem": problem}, problem.device)


@dataclass(frozen=True)
class Planned:
    """A training that is to be run."""

    role: str
    subspace_dimension: int | None
    seed: int
    learning_rate: float


@dataclass(frozen=True)
class Sought:
    """A fraction of a baseline, whose value has a standard error where it was measured."""

    baseline: Baseline
    fraction: float
    value: float
    error: float

    @property
    def threshold(self) -> float:
        """Performance that is to be reached."""
        return self.fraction * self.value

    def found(self, crossing: Crossing | None) -> Aim:
        """With what came of it."""
        return Aim(self.baseline, self.fraction, self.threshold, crossing)


def runs_per_step(full_dimension: int, *, batchable: bool, device: str) -> int:
    """How many trainings share one step: many small networks, or as many as fit on the GPU."""
    if not batchable:
        return 1
    if device == "gpu":
        return int(min(GPU_RUNS, max(1, GPU_ENTRIES // full_dimension)))
    return CPU_RUNS if full_dimension < BATCHED_BELOW else 1


class DimensionSearch:
    """Asks for trainings, keeps what came back, decides what comes next."""

    def __init__(
        self,
        params: Plan,
        trainer: Trainer,
        facts: Known,
        memory: int,
        share: float = 0.98,
        strategy: Strategy = USUAL,
    ) -> None:
        self.params = params
        self.trainer = trainer
        self.facts = facts
        self.memory = memory
        self.share = share  # of the whole run
        self.strategy = strategy
        self.metric = strategy.metric or Metric("performance", facts.chance, facts.validation_rows)
        self.width = runs_per_step(facts.full_dimension, batchable=facts.batchable, device=trainer.device)
        self.trainings: list[Training] = []
        self._planned = 0

    @property
    def largest(self) -> int:
        """The largest d that is tried."""
        if self.strategy.grid:
            return max(self.strategy.grid)
        return min(self.facts.full_dimension, self.params.max_subspace or self.facts.full_dimension)

    @property
    def expected(self) -> int:
        """Trainings at most."""
        return most_trainings(self.params, self.strategy)

    def conduct(self, known: Findings | None = None) -> Generator[list[Step], list[Any], Findings]:
        """Chooses the learning rates, measures the baseline, searches: yields steps and is sent their results.

        Args:
            known: of another search of the same problem, whose baseline counts here too and is not measured again.

        Raises:
            BadInput: the grid goes beyond the parameters of the network.
            StepFailed: every learning rate diverged.
        """
        params, offered = self.params, self.params.subspace_learning_rates
        check_grid(self.strategy.grid, self.facts.full_dimension)
        guess = max(min(params.first_guess, self.largest), self.trainer.smallest)
        (shared,) = self._next_seeds(1)  # the same seed for every rate: a paired comparison
        direct = () if known else params.direct_learning_rates
        tried = yield from self._run(
            [
                *(Planned("learning rate", None, shared, rate) for rate in direct),
                *(Planned("learning rate", guess, shared, rate) for rate in offered),
            ],
            "Choosing the learning rates",
        )
        chosen = self._best(tried[len(direct) :], "Training in the subspace")
        measured = self._next_seeds(params.baseline_trainings - 1)
        if known:
            direct_rate, baseline = known.direct_rate, known.baseline
            self.trainings += [one for one in known.trainings if one.subspace_dimension is None]
        else:
            direct_rate = self._best(tried[: len(direct)], "Direct training")
            yield from self._run([Planned("baseline", None, seed, direct_rate) for seed in measured], "Baseline")
            counted = [t for t in self.trainings if t.subspace_dimension is None and t.learning_rate == direct_rate]
            baseline = np.array([one.performance for one in counted])
            baseline = baseline[np.isfinite(baseline)]
        aims = yield from self._reach(self._sought(baseline), Rates(guess, chosen, offered, self.strategy.sweep))
        return Findings(tuple(self.trainings), direct_rate, chosen, guess, baseline, aims)

    def _sought(self, baseline: np.ndarray) -> list[Sought]:
        """The fraction that is searched for first, then the whole of that baseline, then both of the other one."""
        error = float(baseline.std(ddof=1) / len(baseline) ** 0.5) if len(baseline) > 1 else 0.0
        values: list[tuple[Baseline, float, float]] = [("own", float(baseline.mean()), error)]
        if self.strategy.global_baseline is not None:
            values.append(("global", self.strategy.global_baseline, 0.0))
        values.sort(key=lambda value: value[0] != self.strategy.baseline)
        fractions = dict.fromkeys((self.params.fraction, 1.0))
        return [Sought(kind, fraction, value, error) for kind, value, error in values for fraction in fractions]

    def _reach(self, sought: Sequence[Sought], rates: Rates) -> Generator[list[Step], list[Any], tuple[Aim, ...]]:
        """Trains until what is sought first has been found; the others are read off the same trainings."""
        above = [one for one in sought if one.value > self.metric.chance and one.threshold > self.metric.chance]
        found: dict[Sought, Crossing] = {}
        if sought[0] in above and self.strategy.grid:
            grid = [d for d in sorted(set(self.strategy.grid)) for _ in range(self.strategy.replicates)]
            trained = yield from self._train_at(grid, rates)
            found = {one: self._first_of_grid(one, trained) for one in above}
        elif sought[0] in above:
            searched = [one for one in above if one.baseline == sought[0].baseline]
            for one in searched if self.strategy.whole else searched[:1]:
                found[one] = yield from self._search(one, rates)
            found |= {one: read_off(self._goal(one, 0), self._points(rates)) for one in above if one not in found}
        return tuple(one.found(found.get(one)) for one in sought)

    def _first_of_grid(self, sought: Sought, trained: Sequence[Training]) -> Crossing:
        """By the rule of the paper, with the bootstrap of the paper: Li et al. 2018 (arXiv:1804.08838), section 2."""
        dimensions = [one.subspace_dimension or 0 for one in trained]
        performances = [self._counted(one) for one in trained]
        first = d_int90_from_curve(dimensions, performances, sought.value, sought.fraction)
        if first is None:
            return not_reached(self.largest)
        again = bootstrap_d_int90(dimensions, performances, sought.value, sought.fraction)
        low, high = np.percentile(again, (2.5, 97.5), method="inverted_cdf")
        high = max(high, first)
        whole = np.isfinite(again).all()
        mean, spread = (float(again.mean()), float(again.std())) if whole else (float("nan"), float("nan"))
        top = float(high) if np.isfinite(high) else None
        return Crossing("grid", float(first), min(low, first), top, spread / first, None, mean)

    def _goal(self, sought: Sought, trainings: int) -> Goal:
        kept = min(max(sought.threshold, 0.01), 0.99)
        return Goal(
            threshold=sought.threshold,
            largest=self.largest,
            smallest=self.trainer.smallest,
            trainings=trainings,
            batch=5 if self.width > 1 else 2,
            standard_error=self.params.standard_error,
            resolution=0.5 / self.metric.rows,
            threshold_error=sought.fraction * sought.error / (kept * (1 - kept)),
        )

    def _points(self, rates: Rates) -> list[Point]:
        """What the search knows: its own trainings, and the one at the first guess with the rate that was kept."""
        return [
            Point(one.subspace_dimension, self._counted(one))
            for one in self.trainings
            if one.subspace_dimension is not None
            and (one.role == "search" or (one.role == "learning rate" and one.learning_rate == rates.chosen))
        ]

    def _search(self, sought: Sought, rates: Rates) -> Generator[list[Step], list[Any], Crossing]:
        """Drives the search by real trainings."""
        direct = sum(one.subspace_dimension is None for one in self.trainings)
        spent = direct + len(rates.offered)  # before any search
        trainings = (self.params.max_trainings - spent) // (len(rates.offered) if self.strategy.sweep else 1)
        search = adaptive_search(self._goal(sought, trainings), self._points(rates))
        try:
            asked = next(search)
            while True:
                trained = yield from self._train_at(asked, rates)
                asked = search.send([self._counted(training) for training in trained])
        except StopIteration as stop:
            crossing: Crossing = stop.value
            return crossing

    def _train_at(self, dimensions: Sequence[int], rates: Rates) -> Generator[list[Step], list[Any], list[Training]]:
        """Trains once for each of the dimensions, which may repeat, and in a sweep chooses the rate of new ones."""
        planned = [
            Planned("search", dimension, seed, rate)
            for dimension, seed in zip(dimensions, self._next_seeds(len(dimensions)), strict=True)
            for rate in rates.at(dimension)
        ]
        trained = yield from self._run(planned, f"Training in {_range(dimensions)} dimensions")
        if not self.strategy.sweep:
            return trained
        rates.choose([(one.subspace_dimension or 0, one.learning_rate, self._counted(one)) for one in trained])
        beaten = [one for one in trained if one.learning_rate not in rates.at(one.subspace_dimension or 0)]
        self.trainings = [replace(one, role="sweep") if one in beaten else one for one in self.trainings]
        return [one for one in trained if one not in beaten]

    def _run(self, planned: Sequence[Planned], label: str) -> Generator[list[Step], list[Any], list[Training]]:
        """Runs trainings, several a step where that pays, and keeps what came of them in the order of the plan."""
        direct = [one for one in planned if one.subspace_dimension is None]
        inside = [one for one in planned if one.subspace_dimension is not None]
        groups = [
            group[place : place + self.width]
            for group in (direct, inside)
            for place in range(0, len(group), self.width)
        ]
        results = yield [self._step(group, label) for group in groups]
        trained = [
            Training(
                one.role,
                one.subspace_dimension,
                one.seed,
                one.learning_rate,
                *(float(result[name][row]) for name in (self.metric.name, "performance", "training_accuracy")),
            )
            for group, result in zip(groups, results, strict=True)
            for row, one in enumerate(group)
        ]
        self.trainings += trained
        return trained

    def _step(self, group: Sequence[Planned], label: str) -> Step:
        arguments: dict[str, Any] = {
            **self.trainer.arguments,
            "learning_rates": [one.learning_rate for one in group],
            "seeds": [one.seed for one in group],
        }
        inside = group[0].subspace_dimension is not None
        if inside:
            arguments["subspace_dimensions"] = [one.subspace_dimension for one in group]
        return Step(
            self.trainer.in_subspaces if inside else self.trainer.directly,
            arguments,
            device=self.trainer.device,
            label=label,
            share=self.share * len(group) / self.expected,
            memory=self.memory,
        )

    def _best(self, trained: Sequence[Training], what: str) -> float:
        """The rate with the highest performance; the first of equal ones."""
        finished = [one for one in trained if np.isfinite(one.performance)]
        if not finished:
            rates = ", ".join(f"{one.learning_rate:g}" for one in trained)
            raise StepFailed(f"{what} diverged at every learning rate ({rates}): give smaller ones, or scale the data.")
        return max(finished, key=lambda one: one.performance).learning_rate

    def _counted(self, training: Training) -> float:
        """What a training counts in the search: one that diverged has learned nothing."""
        return training.performance if np.isfinite(training.performance) else self.metric.chance

    def _next_seeds(self, count: int) -> list[int]:
        first = self.params.seed * SEEDS_A_SEARCH + self._planned
        self._planned += count
        return list(range(first, first + count))


def _range(dimensions: Sequence[int]) -> str:
    low, high = min(dimensions), max(dimensions)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
