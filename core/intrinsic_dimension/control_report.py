"""The result of a control task in words, numbers and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar
from core.intrinsic_dimension.control.tasks import TASKS
from core.intrinsic_dimension.curve import d_int90_from_curve
from core.intrinsic_dimension.published import published_table

if TYPE_CHECKING:
    from core.intrinsic_dimension.control_params import ControlParams

RESAMPLES = 1000


def control_result(
    params: ControlParams, dimensions: Sequence[int], seeds: Sequence[int], found: Sequence[Mapping[str, Any]]
) -> Result:
    """Everything that a reader, a figure or a script needs.

    Args:
        params: what was asked for.
        dimensions: of each search.
        seeds: of each.
        found: what `search_subspace` returned for each.
    """
    table = pd.DataFrame(
        {
            "subspace_dimension": np.array(dimensions, dtype=np.int64),
            "seed": np.array(seeds, dtype=np.int64),
            "reward": [float(one["performance"]) for one in found],
            "solved": [bool(one["solved"]) for one in found],
            "generations": np.array([one["generations"] for one in found], dtype=np.int64),
            "episodes": np.array([one["episodes"] for one in found], dtype=np.int64),
        }
    )
    task = TASKS[params.task]
    value = d_int90_from_curve(list(table.subspace_dimension), list(table.reward), task.solved, 1.0)
    low, high = _interval(table, task.solved)
    largest = int(table.subspace_dimension.max())
    return Result(
        answer=_answer(params, value, low, high, largest),
        summary=_summary(params, table, value, low, high),
        tables={"control": table, "control_means": _means(table), "published": published_table()},
        notes=_notes(params, table, value),
    )


def _interval(table: pd.DataFrame, solved: float) -> tuple[int, int | None]:
    """2.5 and 97.5 % of the answers that resampled searches give; None: beyond the largest dimension tried."""
    generator = np.random.default_rng(0)
    dimensions = table.subspace_dimension.to_numpy()
    rewards = {int(d): table.reward.to_numpy()[dimensions == d] for d in np.unique(dimensions)}
    beyond = 2 * max(rewards)
    answers = []
    for _ in range(RESAMPLES):
        passing = (d for d, values in rewards.items() if generator.choice(values, len(values)).mean() > solved)
        answers.append(next(passing, beyond))
    low, high = (int(value) for value in np.quantile(answers, [0.025, 0.975], method="nearest"))
    return (low if low < beyond else max(rewards)), (high if high < beyond else None)


def _answer(params: ControlParams, value: int | None, low: int, high: int | None, largest: int) -> str:
    task = TASKS[params.task]
    if value is None:
        return (
            f"More than {largest:,} of {params.full_dimension:,} parameters are needed: in no subspace tried does the mean reward "
            f"exceed {task.solved:g}, at which the {task.name} counts as solved."
        )
    upper = f"{high:,}" if high is not None else f"more than {largest:,}"
    return (
        f"A subspace of {value:,} of {params.full_dimension:,} parameters solves the {task.name} (mean reward above {task.solved:g}; 95 % "
        f"interval {low:,} to {upper}); Li et al. (2018) give {task.published} with {task.learner}."
    )


def _summary(
    params: ControlParams, table: pd.DataFrame, value: int | None, low: int, high: int | None
) -> dict[str, Scalar]:
    task = TASKS[params.task]
    return {
        "d_int100": Scalar(
            value,
            "Intrinsic dimension, solved",
            "parameters",
            low=low,
            high=high,
            description=f"First dimension of the grid whose mean reward over its searches is above {task.solved:g}; interval by bootstrap.",
        ),
        "task": Scalar(task.name, "Task"),
        "full_dimension": Scalar(params.full_dimension, "Parameters of the policy", "parameters"),
        "published": Scalar(
            task.published,
            "Published",
            "parameters",
            description=f"By {task.learner}, Li et al. 2018.",
        ),
        "solved_share": Scalar(
            float(table.solved.mean()), "Searches that solved it", description="Over all dimensions."
        ),
        "searches": Scalar(len(table), "Searches"),
        "episodes": Scalar(int(table.episodes.sum()), "Episodes played", "episodes"),
    }


def _means(table: pd.DataFrame) -> pd.DataFrame:
    grouped = table.groupby("subspace_dimension")
    return pd.DataFrame(
        {
            "mean_reward": grouped.reward.mean(),
            "lowest": grouped.reward.min(),
            "highest": grouped.reward.max(),
            "solved_share": grouped.solved.mean(),
        }
    ).reset_index()


def _notes(params: ControlParams, table: pd.DataFrame, value: int | None) -> tuple[str, ...]:
    from core.intrinsic_dimension.control.evolution import EPISODES, POPULATION

    hidden = "-".join(str(units) for units in params.hidden)
    task = TASKS[params.task]
    notes = [
        f"Recipe: policy {task.observations}-{hidden}-{task.outputs} with ReLU, CMA-ES with {POPULATION} policies of {EPISODES} episodes each, at most "
        f"{params.generations} generations in {params.attempts} attempts; block Fastfood subspaces. Start, subspace and episodes are drawn "
        "anew for each search. A policy counts by 100 episodes that were not used to choose it.",
        "The number belongs to this learner: a better one may solve the task in fewer dimensions, and a search that fails does not prove "
        "that its subspace holds no solution.",
    ]
    if value == table.subspace_dimension.min() > 1:
        notes.append(f"{value:,} is the smallest dimension that was tried: a smaller one may do as well.")
    if params.replicates < 6:
        notes.append(f"With {params.replicates} searches a dimension the interval is coarse.")
    means = _means(table).mean_reward.to_numpy()
    if (np.diff(means) < -0.1 * task.steps).any():
        notes.append("The mean reward does not rise steadily with the dimension: allow more generations or searches.")
    return tuple(notes)
