"""What mode `describe` answers, out of what its steps found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar
from core.data.shapes import ITEM_NAMES

if TYPE_CHECKING:
    from core.topology.describe_params import DescribeParams

NAMES = {0: ("component", "components"), 1: ("loop", "loops"), 2: ("void", "voids")}
DOMINANT = 2.0  # times the length of the next bar, from which a class is called dominant
SECOND_NAMES = {
    "codensity": "codensity",
    "dtm": "distance to a measure",
    "eccentricity": "eccentricity",
    "column": "column of the file",
}


def describe_result(
    params: DescribeParams, found: Mapping[str, Any], lines: Mapping[str, Any], explored: Mapping[str, Any]
) -> Result:
    """The result of one item.

    Args:
        params: of the run.
        found: of `item_step`.
        lines: of `lines_step`.
        explored: of `explore_step`.
    """
    bars = _bars(found, lines)
    return Result(
        answer=_answer(params, found, bars),
        summary=_summary(params, found, bars, explored),
        tables={
            "signed_measure": _measures(found),
            "diagonal_barcode": bars,
            "summands": _summands(explored),
        },
        arrays={
            **{f"hilbert_H{degree}": table for degree, table in found["hilbert"].items()},
            "euler": found["euler"],
            "grid_radius": found["radii"],
            "grid_level": found["levels_axis"],
            **{f"landscape_H{degree}": table for degree, table in lines["landscapes"].items()},
            "landscape_radius": lines["radii"],
            "landscape_level": lines["levels_axis"],
            **found["pictures"],
            **explored["arrays"],
        },
        notes=_notes(params, found),
    )


def degree_name(degree: int, count: float = 1) -> str:
    """What a degree of homology counts.

    >>> degree_name(1, 3), degree_name(3)
    ('loops', 'class of H3')
    """
    singular, plural = NAMES.get(degree, (f"class of H{degree}", f"classes of H{degree}"))
    return singular if count == 1 else plural


def _measures(found: Mapping[str, Any]) -> pd.DataFrame:
    """degree, radius, level, weight of all Diracs."""
    parts = [
        pd.DataFrame(
            {"degree": int(degree), "radius": positions[:, 0], "level": positions[:, 1], "weight": np.asarray(weights)}
        )
        for degree, (positions, weights) in found["measures"].items()
    ]
    return pd.concat(parts, ignore_index=True)


def _bars(found: Mapping[str, Any], lines: Mapping[str, Any]) -> pd.DataFrame:
    """The bars of the diagonal by degree, the longest first; what never ends has no death."""
    low = np.array([found["radii"][0], found["levels_axis"][0]])
    extent = np.array([found["radii"][-1], found["levels_axis"][-1]]) - low
    extent[extent <= 0] = 1.0
    parts = []
    for degree, births_deaths in lines["bars"].items():
        birth, death = births_deaths.T
        ended = np.where(np.isfinite(death), death, np.nan)
        table = pd.DataFrame(
            {
                "degree": int(degree),
                "birth": birth,
                "death": ended,
                "length": ended - birth,
                "birth_radius": low[0] + birth * extent[0],
                "birth_level": low[1] + birth * extent[1],
                "death_radius": low[0] + ended * extent[0],
                "death_level": low[1] + ended * extent[1],
            }
        )
        parts.append(table.sort_values("length", ascending=False, na_position="first", kind="stable"))
    return pd.concat(parts, ignore_index=True)


def _summands(explored: Mapping[str, Any]) -> pd.DataFrame:
    """The corners of each summand, a row each; a coordinate in which it never ends has no number.

    Columns: degree, summand (from 1, the largest first), size, corner ("birth" or "death"), radius, level.
    """
    columns = ("degree", "summand", "size", "corner", "radius", "level")
    rows = [
        (int(degree), number, one["size"], corner, radius, level)
        for degree, summands in explored["summands"].items()
        for number, one in enumerate(summands, start=1)
        for corner, places in (("birth", one["births"]), ("death", one["deaths"]))
        for radius, level in np.where(np.isfinite(places), places, np.nan).tolist()
    ]
    types = {"degree": "int64", "summand": "int64", "size": "float64", "radius": "float64", "level": "float64"}
    return pd.DataFrame.from_records(rows, columns=columns).astype(types)


def dominance(bars: pd.DataFrame, degree: int) -> tuple[float, float]:
    """Length of the longest finite bar on the diagonal and of the next one, 0 where there is none."""
    lengths = bars.length[(bars.degree == degree) & bars.length.notna()].to_numpy(dtype=float)
    longest = np.concatenate([np.sort(lengths)[::-1], [0.0, 0.0]])
    return float(longest[0]), float(longest[1])


def _answer(params: DescribeParams, found: Mapping[str, Any], bars: pd.DataFrame) -> str:
    what = ITEM_NAMES[found["form"]][0]
    of = f"{found['name']}" if found["items"] == 1 else f"{found['name']}, {what} {params.item:,}"
    degree = max(params.degrees)
    longest, next_one = dominance(bars, degree)
    if not longest:
        peak = max(int(table.max()) for table in found["hilbert"].values())
        return f"{of}: no finite {degree_name(degree)} lies on the diagonal; the largest Hilbert value is {peak:,}."
    row = bars[(bars.degree == degree) & bars.length.notna()].iloc[0]
    lasts = (
        f"lasts {100 * longest:.2g} % of the diagonal, from radius {row.birth_radius:.3g} and level {row.birth_level:.3g} to "
        f"radius {row.death_radius:.3g} and level {row.death_level:.3g}"
    )
    if not next_one:
        return f"{of} has one {degree_name(degree)} on the diagonal: it {lasts}."
    if longest >= DOMINANT * next_one:
        return f"{of}: one {degree_name(degree)} stands out. It {lasts}, {longest / next_one:.2g} times as long as the next."
    return (
        f"{of}: no single {degree_name(degree)} stands out. The longest {lasts}; the next is {100 * next_one / longest:.2g} % as "
        "long."
    )


def _summary(
    params: DescribeParams, found: Mapping[str, Any], bars: pd.DataFrame, explored: Mapping[str, Any]
) -> dict[str, Scalar]:
    summary: dict[str, Scalar] = {}
    for degree in sorted(params.degrees, reverse=True):
        longest, next_one = dominance(bars, degree)
        summary[f"longest_H{degree}"] = Scalar(
            longest,
            f"Longest {degree_name(degree)}",
            description="Of the finite bars on the diagonal, as a share of it.",
        )
        summary[f"ratio_H{degree}"] = Scalar(
            longest / next_one if next_one else None,
            f"Longest over next {degree_name(degree)}",
            description="Near 1: neither stands out.",
        )
    summary["points"] = Scalar(found["kept"], "Points", description=f"Of {found['points']:,} in the item.")
    density = found["density"]
    if density:
        summary["effective_points"] = Scalar(
            density["effective"],
            "Effective points of the density",
            description="Median over the points of how many the density estimate at each rests on.",
        )
        summary["regime"] = Scalar(
            density["regime"],
            "Regime of the density",
            description="A convention: averaging from 10 effective points on, few neighbours from 2, single points below. The "
            "bandwidths at which theory parts such regimes (h_CLT and h_G of Biroli and Mezard) can't be had from points of an "
            "unknown density: they depend on events too rare for a sample to hold.",
        )
        summary["bandwidth"] = Scalar(density["bandwidth"], "Bandwidth", description="In the units of the points.")
    if found["kept"] < found["points"]:
        summary["cover_radius"] = Scalar(
            found["cover_radius"],
            "Cover radius",
            description="The largest distance of a point that was left out from one that stayed.",
        )
    summary["levels"] = Scalar(found["levels"], "Levels", description="Values of the second parameter told apart.")
    for degree, (_, weights) in found["measures"].items():
        summary[f"diracs_H{degree}"] = Scalar(len(weights), f"Diracs of H{degree}")
    summary["cells"] = Scalar(
        explored["count"],
        "Cells",
        description="Of the small complex with the same homology, from which bars are computed.",
    )
    if explored["lines"]:
        summary["summand_lines"] = Scalar(
            explored["lines"],
            "Lines of the summands",
            description="Parallel to the diagonal, on which bars were matched to their neighbours: summands are approximate.",
        )
    summary["second"] = Scalar(SECOND_NAMES.get(found["second"], found["second"]), "Second parameter")
    summary["filtration"] = Scalar(found["filtration"], "Filtration")
    return summary


def _notes(params: DescribeParams, found: Mapping[str, Any]) -> tuple[str, ...]:
    notes = list(found["notes"])
    if found["kept"] < found["points"]:
        notes.append(
            f"The cloud was thinned out to {found['kept']:,} of {found['points']:,} points ({params.sampling}); every other point "
            f"lies within {found['cover_radius']:.3g} of one of these. Set Most points higher to keep more."
        )
    density = found["density"]
    if density and density["regime"] != "averaging":
        notes.append(
            f"The density at a point rests on {density['effective']:.2g} effective points (median): {density['regime']}, not an "
            "average. Its values say how near the next points are rather than how dense the place is; a larger bandwidth helps."
        )
    if params.threshold is not None:
        notes.append(_threshold_note(params.threshold, found["unending"]))
    if params.levels is not None:
        notes.append(
            f"The second parameter was cut into {found['levels']:,} levels: what enters between two of them enters at the next. "
            "The radius is exact."
        )
    for name, axis in (("radius", found["radii"]), ("second parameter", found["levels_axis"])):
        if len(axis) == 1:
            notes.append(f"The {name} has one value alone, {axis[0]:.3g}: this is a filtration by the other parameter.")
    return tuple(notes)


def _threshold_note(threshold: float, unending: Mapping[str, np.ndarray]) -> str:
    cut = {int(degree): classes for degree, classes in unending.items() if (classes > 0).any()}
    start = f"Edges longer than {threshold:.3g} were left out"
    if not cut:
        return f"{start}; no class of the shown degrees was cut by that."
    worst = ", ".join(
        f"up to {int(classes.max()):,} {degree_name(degree, int(classes.max()))} at {int((classes > 0).sum()):,} of "
        f"{len(classes):,} grid levels"
        for degree, classes in cut.items()
    )
    return f"{start}, so that some classes never end ({worst}): sparse levels need longer edges than the whole does."
