"""The search of one learning problem: baseline, learning rates and search, as batches of trainings."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from core.analysis import Step
from core.errors import StepFailed
from core.intrinsic_dimension.findings import Findings, Training
from core.intrinsic_dimension.trainings import Problem, train_directly, train_in_subspaces

if TYPE_CHECKING:
    from core.intrinsic_dimension.search import Crossing

BATCHED_BELOW = 20_000  # parameters: on a CPU, larger networks train no faster together than one by one
CPU_RUNS, GPU_RUNS = 8, 32
GPU_ENTRIES = 200_000_000  # parameters of all runs of one GPU step together, at 4 bytes and about 12 copies
SEEDS_A_SEARCH = 1_000_000


class Plan(Protocol):
    """What a search is told by the parameters of its mode; see their descriptions."""

    @property
    def fraction(self) -> float:
        """Share of the baseline that counts as solved."""
        ...

    @property
    def max_trainings(self) -> int:
        """Direct and subspace trainings together."""
        ...

    @property
    def standard_error(self) -> float:
        """Relative, of d, at which the search stops."""
        ...

    @property
    def first_guess(self) -> int:
        """d at which the learning rate is chosen."""
        ...

    @property
    def max_subspace(self) -> int | None:
        """Largest d; None: D."""
        ...

    @property
    def baseline_trainings(self) -> int:
        """Direct trainings at the chosen rate."""
        ...

    @property
    def direct_learning_rates(self) -> tuple[float, ...]:
        """To choose from."""
        ...

    @property
    def subspace_learning_rates(self) -> tuple[float, ...]:
        """To choose from, at the first guess."""
        ...

    @property
    def seed(self) -> int:
        """From which all seeds follow."""
        ...


class Known(Protocol):
    """What a search needs to know of its problem."""

    @property
    def full_dimension(self) -> int:
        """D."""
        ...

    @property
    def batchable(self) -> bool:
        """Whether several runs can share one forward pass."""
        ...

    @property
    def chance(self) -> float:
        """Accuracy without learning."""
        ...

    @property
    def validation_rows(self) -> int:
        """That accuracy is measured on."""
        ...


@dataclass(frozen=True)
class Trainer:
    """The step functions that train.

    Attributes:
        directly: all parameters; takes `arguments`, learning_rates and seeds, one a run.
        in_subspaces: takes subspace_dimensions as well.
        arguments: what both are given besides.
        device: "cpu" or "gpu".
        smallest: d below which it can't train.
    """

    directly: Callable[..., Any]
    in_subspaces: Callable[..., Any]
    arguments: Mapping[str, Any]
    device: Literal["cpu", "gpu"]
    smallest: int = 1


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


def runs_per_step(full_dimension: int, *, batchable: bool, device: str) -> int:
    """How many trainings share one step: many small networks, or as many as fit on the GPU."""
    if not batchable:
        return 1
    if device == "gpu":
        return int(min(GPU_RUNS, max(1, GPU_ENTRIES // full_dimension)))
    return CPU_RUNS if full_dimension < BATCHED_BELOW else 1


def scaled_rate(rate: float, guess: int, dimension: int) -> float:
    """The learning rate in another dimension than the one in which it was chosen.

    Adam moves every coordinate by about the rate, so the weights by rate x sqrt(d), as the columns of P have unit
    length: the root keeps the length of a step, where one fixed rate makes training collapse in large subspaces.
    """
    return rate * (guess / dimension) ** 0.5


class DimensionSearch:
    """Asks for trainings, keeps what came back, decides what comes next."""

    def __init__(self, params: Plan, trainer: Trainer, facts: Known, memory: int, share: float = 0.98) -> None:
        self.params = params
        self.trainer = trainer
        self.facts = facts
        self.memory = memory
        self.share = share  # of the whole run
        self.width = runs_per_step(facts.full_dimension, batchable=facts.batchable, device=trainer.device)
        self.trainings: list[Training] = []
        self._planned = 0

    @property
    def largest(self) -> int:
        """The largest d that is tried."""
        return min(self.facts.full_dimension, self.params.max_subspace or self.facts.full_dimension)

    def conduct(self, known: Findings | None = None) -> Generator[list[Step], list[Any], Findings]:
        """Chooses the learning rates, measures the baseline, searches: yields steps and is sent their results.

        Args:
            known: of another search of the same problem, whose baseline counts here too and is not measured again.

        Raises:
            StepFailed: every learning rate diverged.
        """
        params = self.params
        guess = max(min(params.first_guess, self.largest), self.trainer.smallest)
        shared = self._next_seeds(1) * 10  # the same seed for every rate: a paired comparison
        direct = [
            Planned("learning rate", None, *pair)
            for pair in zip(shared, () if known else params.direct_learning_rates, strict=False)
        ]
        inside = [
            Planned("learning rate", guess, *pair) for pair in zip(shared, params.subspace_learning_rates, strict=False)
        ]
        tried = yield from self._run([*direct, *inside], "Choosing the learning rates")
        subspace_rate = self._best(tried[len(direct) :], "Training in the subspace")
        measured = self._next_seeds(params.baseline_trainings - 1)
        if known:
            direct_rate, baseline = known.direct_rate, known.baseline
            self.trainings += [one for one in known.trainings if one.subspace_dimension is None]
        else:
            direct_rate = self._best(tried[: len(direct)], "Direct training")
            more = [Planned("baseline", None, seed, direct_rate) for seed in measured]
            yield from self._run(more, "Baseline")
            kept = [one for one in self.trainings if one.subspace_dimension is None]
            baseline = np.array([one.performance for one in kept if one.learning_rate == direct_rate])
            baseline = baseline[np.isfinite(baseline)]
        threshold = params.fraction * float(baseline.mean())

        crossing = None
        if threshold > self.facts.chance:
            crossing = yield from self._search(guess, subspace_rate, threshold, baseline)
        return Findings(tuple(self.trainings), direct_rate, subspace_rate, guess, baseline, threshold, crossing)

    def _search(
        self, guess: int, rate: float, threshold: float, baseline: np.ndarray
    ) -> Generator[list[Step], list[Any], Crossing]:
        """Drives the search by real trainings."""
        from core.intrinsic_dimension.local_line import Point
        from core.intrinsic_dimension.search import Goal, adaptive_search

        scatter = float(baseline.std(ddof=1) / len(baseline) ** 0.5) if len(baseline) > 1 else 0.0
        kept = min(max(threshold, 0.01), 0.99)
        goal = Goal(
            threshold=threshold,
            largest=self.largest,
            smallest=self.trainer.smallest,
            trainings=self.params.max_trainings - len(self.trainings),
            batch=5 if self.width > 1 else 2,
            standard_error=self.params.standard_error,
            resolution=0.5 / self.facts.validation_rows,
            threshold_error=self.params.fraction * scatter / (kept * (1 - kept)),
        )
        first = [
            Point(guess, self._counted(training))
            for training in self.trainings
            if training.subspace_dimension == guess and training.learning_rate == rate
        ]
        search = adaptive_search(goal, first)
        try:
            asked = next(search)
            while True:
                planned = [
                    Planned("search", dimension, seed, scaled_rate(rate, guess, dimension))
                    for dimension, seed in zip(asked, self._next_seeds(len(asked)), strict=True)
                ]
                trained = yield from self._run(planned, f"Training in {_range(asked)} dimensions")
                asked = search.send([self._counted(training) for training in trained])
        except StopIteration as stop:
            crossing: Crossing = stop.value
            return crossing

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
                float(result["performance"][row]),
                float(result["training_accuracy"][row]),
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
            share=self.share * len(group) / self.params.max_trainings,
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
        return training.performance if np.isfinite(training.performance) else self.facts.chance

    def _next_seeds(self, count: int) -> list[int]:
        first = self.params.seed * SEEDS_A_SEARCH + self._planned
        self._planned += count
        return list(range(first, first + count))


def _range(dimensions: Sequence[int]) -> str:
    low, high = min(dimensions), max(dimensions)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
