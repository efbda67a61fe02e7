"""What the search of one problem is told: parameters, facts, the steps that train, and its strategy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from core.intrinsic_dimension.findings import Baseline


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


@dataclass(frozen=True)
class Metric:
    """The accuracy that counts.

    Attributes:
        name: under which the step functions return it.
        chance: its value without learning.
        rows: that it is measured on.
    """

    name: Literal["performance", "training_accuracy"]
    chance: float
    rows: int


@dataclass(frozen=True)
class Strategy:
    """What a search is to find and how it goes about it, where that is not the usual way.

    Attributes:
        baseline: the one whose fraction is sought.
        global_baseline: a fixed performance; None: there is none.
        whole: whether the whole of that baseline is sought, too, with as many trainings again.
        grid: subspace dimensions that are all trained, for the rule of the paper; empty: the adaptive search.
        replicates: trainings at each dimension of the grid.
        sweep: whether every dimension chooses among the learning rates by itself.
        metric: None: accuracy on the validation rows.
    """

    baseline: Baseline = "own"
    global_baseline: float | None = None
    whole: bool = False
    grid: tuple[int, ...] = ()
    replicates: int = 3
    sweep: bool = False
    metric: Metric | None = None


USUAL = Strategy()


def trainings_before_search(plan: Plan) -> int:
    """Trainings that choose the learning rates and measure the baseline."""
    return len(plan.direct_learning_rates) + plan.baseline_trainings - 1 + len(plan.subspace_learning_rates)


def most_trainings(plan: Plan, strategy: Strategy) -> int:
    """Trainings of a whole search at most."""
    before = trainings_before_search(plan)
    if strategy.grid:
        rates = len(plan.subspace_learning_rates) if strategy.sweep else 1
        return before + len(set(strategy.grid)) * strategy.replicates * rates
    return plan.max_trainings + (plan.max_trainings - before if strategy.whole else 0)
