"""The result of a study in words, numbers and tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar
from core.intrinsic_dimension.published import FAMILY_DIMENSIONS, FAMILY_SIZES, published_table
from core.intrinsic_dimension.side_by_side import Failed
from core.intrinsic_dimension.size_trend import SizeTrend, Verdict, size_trend

if TYPE_CHECKING:
    from core.intrinsic_dimension.study_members import Member
    from core.intrinsic_dimension.study_params import StudyParams

QUANTILE = 1.96  # standard errors on either side of a 95 % interval
DIFFERENT = 0.05  # p value below which networks are said to differ
LINE_POINTS = 40  # of the fitted line
MEASURED, NOT_REACHED, AT_ONCE, NO_ANSWER, FAILED = "measured", "not reached", "at once", "not above chance", "failed"
VERDICTS: dict[Verdict, str] = {
    "varies little": "so it varies little with the size of the network",
    "depends on size": "so it depends on the size of the network",
    "undecided": "which leaves open whether it varies with the size of the network",
    "not testable": "too few networks have a value for a test of how it goes with size",
}

Ends = Sequence[tuple["Member", "Result | Failed"]]


def study_result(params: StudyParams, ends: Ends) -> Result:
    """Everything that a reader, a figure or a script needs of a study.

    Args:
        params: what was asked for.
        ends: each search and its result, or why it has none.
    """
    table = _table(ends)
    measured = table[table.outcome == MEASURED]
    trend = size_trend(
        list(measured.full_dimension),
        list(measured.d_int90),
        list(_errors(measured)),
        list(measured.dataset),
        params.tolerance,
    )
    limits = int(table.outcome.isin([NOT_REACHED, AT_ONCE]).sum())
    verdict = trend.verdict(params.tolerance, limits)
    return Result(
        answer=_answer(params, table, measured, trend, verdict),
        summary=_summary(params, table, measured, trend, verdict),
        tables={
            "study": table,
            "claim": _claim(params, measured, trend, verdict),
            "trend": _line(measured, trend),
            "trainings": _trainings(ends),
            "search_notes": _search_notes(ends),
            "published": published_table(),
        },
        notes=_notes(params, table, trend),
    )


def _table(ends: Ends) -> pd.DataFrame:
    """One row a search, in the order in which they were asked for."""
    table = pd.DataFrame([_row(member, end) for member, end in ends])
    whole = ["full_dimension", "d_int90", "d_int90_low", "d_int90_high", "d_int90_global", "trainings"]
    return table.astype(dict.fromkeys(whole, "Int64"))


def _row(member: Member, end: Result | Failed) -> dict[str, Any]:
    named = {"network": member.network, "dataset": member.dataset}
    if isinstance(end, Failed):
        missing = ("full_dimension", "d_int90", "d_int90_low", "d_int90_high", "d_int90_global", "trainings")
        return {**named, **dict.fromkeys(missing), "share": np.nan, "outcome": FAILED}
    values, found = end.values(), end.summary["d_int90"]
    full = float(values["full_dimension"] or np.nan)
    outcome = MEASURED
    if found.value is None:
        outcome = NO_ANSWER if found.low is None else NOT_REACHED
    elif found.value == 1 and found.high == 1:
        outcome = AT_ONCE
    return {
        **named,
        "full_dimension": values["full_dimension"],
        "d_int90": found.value,
        "d_int90_low": found.low,
        "d_int90_high": found.high,
        "d_int90_global": values["d_int90_global"],
        "share": float(found.value) / full if found.value is not None else np.nan,
        "baseline": values["baseline"],
        "threshold": values["threshold"],
        "chance": values["chance"],
        "trainings": values["trainings"],
        "learning_rate": values["learning_rate"],
        "learning_rate_direct": values["learning_rate_direct"],
        "outcome": outcome,
    }


def _errors(measured: pd.DataFrame) -> np.ndarray:
    """Standard errors of ln d, from the 95 % intervals; at least what rounding to whole numbers leaves."""
    low, d, high = (measured[name].to_numpy(float) for name in ("d_int90_low", "d_int90", "d_int90_high"))
    return np.asarray(np.maximum(np.log(high / np.maximum(low, 0.5)) / (2 * QUANTILE), 0.5 / d))


def _spread(measured: pd.DataFrame, column: str) -> float | None:
    """Largest over smallest value of a column, the most that any data set shows; None below two networks."""
    ratios = [
        float(rows[column].max()) / float(rows[column].min())
        for _, rows in measured.groupby("dataset", sort=False)
        if len(rows) > 1
    ]
    return max(ratios, default=None)


def _summary(
    params: StudyParams, table: pd.DataFrame, measured: pd.DataFrame, trend: SizeTrend, verdict: Verdict
) -> dict[str, Scalar]:
    def known(value: float) -> float | None:
        return float(value) if np.isfinite(value) else None

    sizes, dimensions = _spread(measured, "full_dimension"), _spread(measured, "d_int90")
    return {
        "slope": Scalar(
            known(trend.slope),
            "Slope",
            low=known(trend.low),
            high=known(trend.high),
            description="Power of the number of parameters with which d_int90 grows: 0 does not, 1 in proportion; 95 % interval.",
        ),
        "ratio_d_int90": Scalar(
            dimensions,
            "Largest over smallest d_int90",
            "times",
            description="Of the networks of one data set; Li et al. (2018, figure 3) found "
            f"{FAMILY_DIMENSIONS} for 20 MLPs on MNIST.",
        ),
        "ratio_full_dimension": Scalar(
            sizes,
            "Largest over smallest network",
            "times",
            description=f"In parameters; theirs differed {FAMILY_SIZES} times.",
        ),
        "verdict": Scalar(
            verdict,
            "Verdict",
            description=f"varies little: the whole interval of the slope lies within ±{params.tolerance:g}.",
        ),
        "p_small": Scalar(
            known(trend.p_small),
            "p, slope not small",
            description=f"Of a slope of ±{params.tolerance:g} or steeper, by two one-sided t tests.",
        ),
        "p_same": Scalar(
            known(trend.p_same),
            "p, all the same",
            description="Of differences between networks at least as large from the errors of d_int90 alone (Cochran's Q).",
        ),
        "ratio_by_noise": Scalar(
            known(trend.noise_ratio),
            "Ratio that noise gives",
            "times",
            high=known(trend.noise_ratio_high),
            description="Largest over smallest d_int90, were all networks the same: median and 95 % point, simulated.",
        ),
        "networks": Scalar(len(table), "Searches", description="Networks times data sets."),
        "not_reached": Scalar(
            int((table.outcome == NOT_REACHED).sum()),
            "Not reached",
            description="Searches that give a lower bound only.",
        ),
        "trainings": Scalar(int(table.trainings.sum()), "Trainings", "trainings", description="Direct ones included."),
    }


def _answer(
    params: StudyParams, table: pd.DataFrame, measured: pd.DataFrame, trend: SizeTrend, verdict: Verdict
) -> str:
    if measured.empty:
        return f"None of the {len(table)} searches gives a dimension; the notes and the table say why."
    datasets = list(dict.fromkeys(measured.dataset))
    parts = [_range(measured[measured.dataset == name], name if len(datasets) > 1 else "") for name in datasets]
    goal = f"{100 * params.fraction:g} % of each network's own baseline"
    start = f"{goal} takes {'; '.join(parts)}"
    if verdict == "not testable":
        return f"{start}; {VERDICTS[verdict]}."
    return (
        f"{start}: the dimension goes as the number of parameters to the power {trend.slope:.2f} "
        f"(95 % interval {trend.low:.2f} to {trend.high:.2f}), {VERDICTS[verdict]}."
    )


def _range(rows: pd.DataFrame, name: str) -> str:
    where = f" on {name}" if name else ""
    low, high = int(rows.d_int90.min()), int(rows.d_int90.max())
    small, large = int(rows.full_dimension.min()), int(rows.full_dimension.max())
    if len(rows) == 1:
        return f"{low:,} dimensions{where} in the one network measured, of {small:,} parameters"
    return (
        f"{low:,} to {high:,} dimensions{where} ({high / low:.2f} times) in {len(rows)} networks of {small:,} to {large:,} "
        f"parameters ({large / small:.1f} times)"
    )


def _claim(params: StudyParams, measured: pd.DataFrame, trend: SizeTrend, verdict: Verdict) -> pd.DataFrame:
    """The tests of the claim, one a row."""
    ratio, sizes = _spread(measured, "d_int90"), _spread(measured, "full_dimension")
    rows: list[tuple[str, str, str, float, str]] = []
    if trend.testable:
        rows.append(
            (
                f"d_int90 grows more slowly than D to the power {params.tolerance:g}",
                f"power {trend.slope:.3f} ({trend.low:.3f} to {trend.high:.3f})",
                f"power {np.log(FAMILY_DIMENSIONS) / np.log(FAMILY_SIZES):.2f} between the ends of the published family",
                trend.p_small,
                verdict,
            )
        )
    if ratio is not None and sizes is not None:
        rows.append(
            (
                "All networks of a data set have the same d_int90",
                f"{ratio:.2f} times over {sizes:.1f} times as many parameters",
                f"noise: {trend.noise_ratio:.2f}, at most {trend.noise_ratio_high:.2f} in 95 %; "
                f"published: {FAMILY_DIMENSIONS} over {FAMILY_SIZES} times",
                trend.p_same,
                "they differ by more than noise" if trend.p_same < DIFFERENT else "no difference beyond noise",
            )
        )
    return pd.DataFrame(rows, columns=["claim", "measured", "to_compare", "p", "verdict"])


def _line(measured: pd.DataFrame, trend: SizeTrend) -> pd.DataFrame:
    """The fitted line of each data set with its 95 % band; no rows where there is none."""
    parts = []
    if trend.testable:
        for place, name in enumerate(dict.fromkeys(measured.dataset)):
            sizes = np.log(measured[measured.dataset == name].full_dimension.astype(float))
            x = np.linspace(sizes.min(), sizes.max(), LINE_POINTS)
            level, reach = trend.line(place, x)
            parts.append(
                pd.DataFrame(
                    {
                        "dataset": name,
                        "full_dimension": np.exp(x),
                        "d_int90": np.exp(level),
                        "low": np.exp(level - reach),
                        "high": np.exp(level + reach),
                    }
                )
            )
    empty = pd.DataFrame(
        {"dataset": np.array([], object)} | dict.fromkeys(("full_dimension", "d_int90", "low", "high"), np.array([]))
    )
    return pd.concat(parts, ignore_index=True) if parts else empty


def _trainings(ends: Ends) -> pd.DataFrame:
    """The subspace trainings of all searches."""
    parts = [
        end.tables["curve"].assign(network=member.network, dataset=member.dataset)
        for member, end in ends
        if not isinstance(end, Failed)
    ]
    columns = ["network", "dataset", "subspace_dimension", "seed", "performance", "learning_rate", "role"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _search_notes(ends: Ends) -> pd.DataFrame:
    """What each search has to say besides its numbers, recipe included."""
    rows = [
        (member.network, member.dataset, note)
        for member, end in ends
        for note in ((end.reason,) if isinstance(end, Failed) else end.notes)
    ]
    return pd.DataFrame(rows, columns=["network", "dataset", "note"])


def _notes(params: StudyParams, table: pd.DataFrame, trend: SizeTrend) -> tuple[str, ...]:
    notes = [
        f"Recipe of every network: Adam, {params.epochs} epochs of batches of {params.batch_size}, learning rates chosen for each "
        "network, falling to 0 along half a cosine. Initialisation, projection and data order are drawn anew for each training; "
        "all networks see the same split.",
        "The numbers belong to this recipe: a network that needs longer training looks as if it needed more dimensions. "
        "A small slope says that extra parameters add solutions, not that a smaller network would do as well.",
    ]
    for outcome, words in (
        (NOT_REACHED, "did not reach the threshold up to their largest subspace: the figures show them as lower bounds, and the slope "
         "leaves them out, so that it can't support the claim"),
        (AT_ONCE, "reach the threshold with one dimension already: an upper bound, which the slope leaves out"),
        (NO_ANSWER, "have a threshold that is not above chance: they do not learn the task with this recipe"),
        (FAILED, "diverged at every learning rate"),
    ):  # fmt: skip
        rows = table[table.outcome == outcome]
        if len(rows):
            listed = ", ".join(f"{row.network} on {row.dataset}" for row in rows.itertuples())
            notes.append(f"{len(rows)} of {len(table)} searches {words}: {listed}.")
    missing = int((table.d_int90.notna() & table.d_int90_global.isna()).sum())
    if missing:
        notes.append(
            f"For {missing} of {len(table)} searches no dimension is given at the global baseline: its threshold "
            f"{params.fraction * params.global_baseline:.3f} lies too far from the own one, around which the trainings were placed."
        )
    if np.isfinite(trend.p_same) and trend.p_same < DIFFERENT:
        notes.append(
            "The networks differ by more than the errors of their d_int90 explain; the interval of the slope is widened accordingly."
        )
    return tuple(notes)
