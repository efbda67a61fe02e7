"""What mode `optimise` answers, out of what its steps found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar

if TYPE_CHECKING:
    from core.topology.optimise_params import OptimiseParams

LOSSES = {
    "remove_clutter": "clutter loss",
    "open_loops": "loop loss",
    "localized": "localized loss",
    "norm": "norm loss",
    "target": "distance to the target",
}
GOOD = 1e-5  # relative error up to which derivatives and central differences agree
ROSE = 0.05  # share of the decrease by which the end lies above the lowest loss when the rate was too high


def optimise_result(
    params: OptimiseParams,
    found: Mapping[str, Any],
    runs: Sequence[Sequence[Mapping[str, Any]]],
    best: int,
    before: np.ndarray,
    after: np.ndarray,
    gradients: Mapping[str, pd.DataFrame],
    compared: Mapping[str, Any],
) -> Result:
    """The result of one optimisation.

    Args:
        params: of the run.
        found: of `start_step`.
        runs: of each start, what its `iterate_step` found.
        best: number of the start with the lowest loss.
        before: variables at that start.
        after: variables at its end.
        gradients: of `check_step`, by "before" and "after".
        compared: of `compare_step`.
    """
    losses = loss_table(runs)
    mine = losses[losses.start == best + 1]
    check = gradient_table(gradients)
    problem = found["problem"]
    moved = params.variables == "points"
    trajectory = np.concatenate([part["frames"] for part in runs[best]])
    return Result(
        answer=_answer(params, found, mine, before, after),
        summary=_summary(params, found, mine, check, before, after),
        tables={"optimised_measure": compared["measures"], "loss": losses, "gradient_check": check},
        arrays={
            "points_before": before if moved else problem["points"],
            "points_after": after if moved else problem["points"],
            "function_before": compared["function_before"],
            "function_after": compared["function_after"],
            **({"trajectory": trajectory} if moved else {}),
            "trajectory_function": np.concatenate([part["frame_function"] for part in runs[best]]),
            "trajectory_iteration": np.concatenate([part["frame_at"] for part in runs[best]]),
            "grid_radius": compared["radii"],
            "grid_level": compared["levels_axis"],
            **{f"hilbert_{name}": table for name, table in compared["hilbert"].items()},
        },
        notes=_notes(params, found, mine, check, best, len(runs)),
    )


def loss_table(runs: Sequence[Sequence[Mapping[str, Any]]]) -> pd.DataFrame:
    """start (from 1), iteration, loss, its parts, gradient_norm; one row an iteration."""
    parts = [part["rows"].assign(start=number + 1) for number, run in enumerate(runs) for part in run]
    table = pd.concat(parts, ignore_index=True)
    return table[["start", "iteration", "loss", "topology", "box", "anchor", "gradient_norm"]]


def gradient_table(gradients: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """when, point, coordinate, autograd, central_difference, relative_error; no rows where nothing was checked."""
    parts = [table.assign(when=when) for when, table in gradients.items()]
    columns = ["when", "point", "coordinate", "autograd", "central_difference", "relative_error"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def decrease(losses: pd.DataFrame) -> float | None:
    """By how much the loss fell, as a share of its absolute value at the start; None where that is 0."""
    first, last = float(losses.loss.iloc[0]), float(losses.loss.iloc[-1])
    return (first - last) / abs(first) if first else None


def _moves(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """[n] how far each point or value has moved."""
    step = after - before
    return np.linalg.norm(step, axis=1) if step.ndim > 1 else np.abs(step)


def _answer(
    params: OptimiseParams, found: Mapping[str, Any], losses: pd.DataFrame, before: np.ndarray, after: np.ndarray
) -> str:
    of = found["name"] if found["items"] == 1 else f"{found['name']}, cloud {params.item:,}"
    first, last = float(losses.loss.iloc[0]), float(losses.loss.iloc[-1])
    name = LOSSES[params.loss]
    if not params.iterations:
        return f"{of}: the {name} is {_shown(first)} and nothing was moved; the table compares its derivatives with differences."
    if losses.gradient_norm.iloc[0] == 0:
        return f"{of}: the {name} has no slope here ({_shown(first)}), so nothing moves."
    share = decrease(losses)
    much = f", by {100 * share:.3g} %" if share is not None and first > 0 and share > 0 else ""
    fell = "fell" if last < first else "did not fall: it went"
    what = "points" if params.variables == "points" else "values"
    moves = _moves(before, after)
    return (
        f"{of}: in {params.iterations:,} iterations the {name} {fell} from {_shown(first)} to {_shown(last)}{much}. Half of the {what} "
        f"moved less than {np.median(moves):.2g}, the furthest {moves.max():.2g}."
    )


def _summary(
    params: OptimiseParams,
    found: Mapping[str, Any],
    losses: pd.DataFrame,
    check: pd.DataFrame,
    before: np.ndarray,
    after: np.ndarray,
) -> dict[str, Scalar]:
    problem, share = found["problem"], decrease(losses)
    first, last = losses.iloc[0], losses.iloc[-1]
    moves = _moves(before, after)
    return {
        "loss_before": Scalar(float(first.loss), "Loss before", description="Penalties included."),
        "loss_after": Scalar(float(last.loss), "Loss after", description=f"Of iteration {int(last.iteration):,}."),
        "decrease": Scalar(
            None if share is None else 100 * share,
            "Decrease",
            unit="%",
            description="Of the absolute loss before; over 100 % where a loss falls below 0.",
        ),
        "moved_most": Scalar(float(moves.max()), "Largest move", description="Of a point, in units of the data."),
        "moved_median": Scalar(float(np.median(moves)), "Median move"),
        "gradient_check": Scalar(
            float(check.relative_error.max()) if len(check) else None,
            "Gradient check",
            description=f"Largest difference of {len(check):,} derivatives from central differences, as a share of the largest "
            "derivative.",
        ),
        "lowest": Scalar(float(losses.loss.min()), "Lowest loss on the way"),
        "penalty": Scalar(
            float(last.box + last.anchor), "Penalties after", description="For leaving the box and for moving at all."
        ),
        "gradient_norm": Scalar(float(last.gradient_norm), "Gradient norm after"),
        "points": Scalar(len(problem["points"]), "Points", description=f"Of {found['points']:,} in the item."),
        "level": Scalar(problem["level"], "Level of the loss", description="A value of the second parameter."),
        "bandwidth": Scalar(
            problem["bandwidth"] if problem["second"] == "codensity" else None,
            "Bandwidth",
            description="Of the codensity, fixed at the start.",
        ),
        "second": Scalar(problem["second"], "Second parameter"),
        "filtration": Scalar(problem["filtration"], "Filtration"),
    }


def _notes(
    params: OptimiseParams,
    found: Mapping[str, Any],
    losses: pd.DataFrame,
    check: pd.DataFrame,
    best: int,
    starts: int,
) -> tuple[str, ...]:
    notes = list(found["notes"])
    if len(found["problem"]["points"]) < found["points"]:
        notes.append(
            f"The cloud was thinned out to {len(found['problem']['points']):,} of {found['points']:,} points ({params.sampling}, "
            f"cover radius {found['cover_radius']:.3g}); the second parameter is that of these alone, since it has to follow them."
        )
    if params.threshold is not None:
        notes.append(
            f"Edges longer than {params.threshold:.3g} were left out: classes of sparse levels that need longer ones never end."
        )
    if params.variables == "points" and found["problem"]["second"] == "column":
        notes.append("The values of the column stay with their points: derivatives go through the radius alone.")
    if params.variables == "points" and params.loss == "remove_clutter":
        notes.append("What is clutter is decided once: the second parameter shown after is that of the start.")
    if starts > 1:
        ends = _of_start(losses, best)
        notes.append(f"The best of {starts:,} starts is shown, number {best + 1:,}{ends}.")
    first, last, lowest = (float(value) for value in (losses.loss.iloc[0], losses.loss.iloc[-1], losses.loss.min()))
    if params.iterations and last - lowest > ROSE * max(first - lowest, 0.0):
        at = int(losses.iteration.iloc[int(losses.loss.to_numpy().argmin())])
        notes.append(
            f"The loss was lowest at iteration {at:,} ({_shown(lowest)}) and rose again: a lower learning rate settles it."
        )
    wrong = check[check.relative_error > GOOD] if len(check) else check
    if len(wrong):
        notes.append(
            f"{len(wrong):,} of {len(check):,} derivatives differ from central differences by more than {GOOD:g} of the largest: two "
            "filtration values are equal or nearly so there, and the loss has a kink, or it lies within the differences' step."
        )
    return tuple(notes)


def _of_start(losses: pd.DataFrame, best: int) -> str:
    """Whether the best start is the data themselves."""
    return ", the data as they are" if best == 0 else f"; it began at a loss of {_shown(float(losses.loss.iloc[0]))}"


def _shown(value: float) -> str:
    """A loss as sentences have it, with a true minus sign."""
    return f"{value:.4g}".replace("-", "−")
