"""What mode `holdout` answers, out of what its steps found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar

if TYPE_CHECKING:
    from core.calibration.holdout_params import HoldoutParams


def holdout_result(
    params: HoldoutParams, demonstrations: Sequence[Mapping[str, Any]], submissions: pd.DataFrame | None
) -> Result:
    """The result of the demonstrations.

    Args:
        params: of the run.
        demonstrations: of `demonstration_step`, one a repeat.
        submissions: of `submissions_step`; None without predictions.
    """
    rounds = pd.concat([one["curve"] for one in demonstrations], ignore_index=True)
    last = rounds.groupby(["holdout", "seed"], sort=False).last().reset_index()
    told = {name: part.reported.dropna() for name, part in last.groupby("holdout", sort=False)}
    fresh = {name: part.fresh for name, part in last.groupby("holdout", sort=False)}
    tables = {"rounds": rounds}
    if submissions is not None:
        tables["answers"] = submissions
    return Result(
        answer=_answer(params, told, fresh, submissions),
        summary=_summary(params, told, fresh, demonstrations),
        tables=tables,
        notes=_notes(params, told, demonstrations, submissions),
    )


def _answer(
    params: HoldoutParams,
    told: Mapping[str, pd.Series],
    fresh: Mapping[str, pd.Series],
    submissions: pd.DataFrame | None,
) -> str:
    chance = "pure noise" if not params.informative else f"{params.informative} informative features among noise"
    silent = not len(told["thresholdout"])
    honest = (
        "Thresholdout is silent, its budget spent"
        if silent
        else f"Thresholdout says {_percent(told['thresholdout'].mean())} ({_percent(fresh['thresholdout'].mean())} on fresh samples)"
    )
    answer = (
        f"On {chance} the standard holdout reports {_percent(told['standard'].mean())} accuracy after "
        f"{params.features:,} looks, where fresh samples give {_percent(fresh['standard'].mean())}; {honest}."
    )
    if submissions is not None:
        spent = int(submissions.budget_left.max() - submissions.budget_left.min())
        answer += f" Your model at {submissions.temperature.nunique()} temperatures asked {len(submissions)} queries and spent {spent}."
    return answer


def _summary(
    params: HoldoutParams,
    told: Mapping[str, pd.Series],
    fresh: Mapping[str, pd.Series],
    demonstrations: Sequence[Mapping[str, Any]],
) -> dict[str, Scalar]:
    words = f"Mean of {params.repeats} demonstrations; the range over their seeds stands beside it."
    return {
        "standard_reported": _share(told["standard"], "Standard holdout says", words),
        "thresholdout_reported": _share(told["thresholdout"], "Thresholdout says", words),
        "standard_fresh": _share(fresh["standard"], "On fresh samples, standard", words),
        "thresholdout_fresh": _share(fresh["thresholdout"], "On fresh samples, Thresholdout", words),
        "budget": Scalar(demonstrations[0]["budget"], "Budget", description="Answers that may come from the holdout."),
        "budget_left": Scalar(
            int(np.median([one["budget_left"] for one in demonstrations])),
            "Budget left",
            description="Median over the demonstrations.",
        ),
        "queries": Scalar(
            int(np.median([one["queries"] for one in demonstrations])), "Queries", description="Asked of Thresholdout."
        ),
    }


def _notes(
    params: HoldoutParams,
    told: Mapping[str, pd.Series],
    demonstrations: Sequence[Mapping[str, Any]],
    submissions: pd.DataFrame | None,
) -> tuple[str, ...]:
    notes = [
        f"Thresholds: T = 4/sqrt(n) = {4 / np.sqrt(params.samples):.4f}, noise 1/(4 sqrt(n)) = "
        f"{1 / (4 * np.sqrt(params.samples)):.4f}; the theorem's own constants would ask for far more samples, so this is "
        "practice and no guarantee."
    ]
    silent = sum(one["budget_left"] == 0 for one in demonstrations)
    if silent:
        notes.append(
            f"The budget was spent in {silent} of {len(demonstrations)} demonstrations: silence from there on."
        )
    if submissions is not None:
        notes.append(
            "Training part: the validation rows; holdout: the reported rows, both cut to the same size. The column "
            "'holdout' is what an analyst must not see."
        )
    return tuple(notes)


def _share(values: pd.Series, title: str, description: str) -> Scalar:
    if not len(values):
        return Scalar(None, title, description="Silence: the budget was spent.")
    return Scalar(
        float(values.mean()),
        title,
        low=float(values.min()),
        high=float(values.max()),
        description=description,
    )


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"
