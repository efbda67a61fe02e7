"""What mode `inject` answers, out of what its steps found."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.analysis import Result, Scalar
from core.telemetry.injection.power import WANTED, power_table, smallest_size, wilson

SHARE = f"{100 * WANTED:.0f} %"
FEW = 10  # injections of a size below which the interval is the news


def inject_result(injections: pd.DataFrame, cause_value: float, notes: Sequence[str]) -> Result:
    """The result of a run.

    Args:
        injections: one row an injection; see `core.telemetry.inject_steps.size_step`.
        cause_value: what the cause was set to.
        notes: of the steps.
    """
    power = power_table(injections)
    found = smallest_size(power["size"].tolist(), power.detected.tolist())
    explained = smallest_size(power["size"].tolist(), power.explained.tolist())
    unit, per_sigma = str(injections.unit.iloc[0]), float((injections["size"] / injections.size_sigma).iloc[0])
    return Result(
        answer=_answer(injections, power, found, explained, unit, per_sigma),
        summary=_summary(injections, power, found, explained, unit, per_sigma),
        tables={"power": power, "injections": injections},
        notes=(*notes, *_own_notes(injections, power, cause_value)),
    )


def _event(injections: pd.DataFrame) -> str:
    row = injections.iloc[0]
    what = {"noise": "burst of noise", "stuck": "stuck sensor"}.get(str(row.kind), str(row.kind))
    who = f"caused by {row.cause}" if row.cause else "in the sensor alone"
    return f"a {what} of {row.parameter} {who}"


def _was_explained(injections: pd.DataFrame) -> bool:
    """Whether any event was found and put to the second model, which needs covariates."""
    return bool((injections.named != "").any())


def _size(size: float, unit: str, per_sigma: float) -> str:
    """`0.25 K (3.1 σ)`."""
    return f"{size:.3g}{f' {unit}' if unit else ''} ({size / per_sigma:.3g} σ)"


def _answer(
    injections: pd.DataFrame,
    power: pd.DataFrame,
    found: float | None,
    explained: float | None,
    unit: str,
    per_sigma: float,
) -> str:
    largest = float(power["size"].max())
    event = _event(injections)
    if found is None:
        best = power.iloc[-1]
        return (
            f"You would not have found {event} up to {_size(largest, unit, per_sigma)}: of that size "
            f"{100 * best.detected:.0f} % were found, fewer than {SHARE}."
        )
    start = f"You would have found {event} from {_size(found, unit, per_sigma)} on, in at least {SHARE} of the places"
    if not _was_explained(injections):
        return f"{start}; there are no covariates that could explain it."
    if explained is None:
        return (
            f"{start}, but up to {_size(largest, unit, per_sigma)} it would not have been explained rightly as often."
        )
    if explained == found:
        return f"{start}, and explained it rightly."
    return f"{start}, and explained it rightly from {_size(explained, unit, per_sigma)} on."


def _summary(
    injections: pd.DataFrame,
    power: pd.DataFrame,
    found: float | None,
    explained: float | None,
    unit: str,
    per_sigma: float,
) -> dict[str, Scalar]:
    largest, smallest = float(power["size"].max()), float(power["size"].min())
    count, right = int(injections.detected.sum()), int(injections.explained.sum())
    judged = _was_explained(injections)
    low, high = wilson(right, count) if judged else (None, None)
    tried = f"; {smallest:.3g} to {largest:.3g} were tried" + (f" ({unit})" if unit else "")
    return {
        "smallest_found": Scalar(
            found,
            "Smallest found",
            unit=unit,
            description=f"Size from which on at least {SHARE} are found{tried}; none: not found up to the largest.",
        ),
        "smallest_found_sigma": Scalar(
            None if found is None else found / per_sigma,
            "Smallest found, in sigma",
            unit="σ",
            description="The same in robust standard deviations of the first model's residual.",
        ),
        "smallest_explained": Scalar(
            explained,
            "Smallest rightly explained",
            unit=unit,
            description=f"Size from which on at least {SHARE} are found and rightly explained; none: not up to the largest.",
        ),
        "right_share": Scalar(
            right / count if judged else None,
            "Rightly explained of those found",
            low=low,
            high=high,
            description="Caused: the cause is named first, and the verdict is not that no covariate explains it. In the sensor alone: "
            "that is the verdict.",
        ),
        "median_delay": Scalar(
            float(injections.delay_minutes.median()) if count else None,
            "Median delay",
            unit="min",
            description="From the start of the event to the first row above the threshold, over all that were found.",
        ),
        "injections": Scalar(len(injections), "Injections"),
    }


def _own_notes(injections: pd.DataFrame, power: pd.DataFrame, cause_value: float) -> list[str]:
    notes = []
    cause, few = str(injections.cause.iloc[0]), int(power.injections.min())
    if cause:
        notes.append(
            f"{cause} was set to {cause_value:.4g} during each event; other covariates were left as they are, although some of "
            "them would follow it in truth."
        )
    unlisted = int((injections.detected & ~injections.listed).sum())
    if unlisted:
        notes.append(
            f"{unlisted} of the {int(injections.detected.sum())} events that were found would not have been listed: larger ones "
            "are there already; raise top to list more."
        )
    if few < FEW:
        notes.append(
            f"Only {few} injections of each size: a share of {few} of {few} may still be {100 * wilson(few, few)[0]:.0f} % in "
            "truth; raise repeats for more."
        )
    return notes
