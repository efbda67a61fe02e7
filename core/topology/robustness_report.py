"""What mode `robustness` answers, out of what its steps found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar
from core.data.shapes import ITEM_NAMES

if TYPE_CHECKING:
    from core.topology.robustness_params import RobustnessParams

ROUNDING = 1e-9  # by which a distance may exceed its bound
QUOTED = {"noise": 0.02, "outliers": 0.1, "subsample": 0.75}  # sizes that the answer names, or the nearest to them
UNCHANGED = {"noise": 0.0, "outliers": 0.0, "subsample": 1.0}  # the size that changes nothing
OTHER_CLASSES, OTHER_ITEMS, OWN_NORM = "items of other classes", "other items", "its own features"


@dataclass(frozen=True)
class Yardstick:
    """What movements of features are compared with.

    Attributes:
        kind: whose distance it is; `OWN_NORM` where there is nothing to compare with.
        value: median distance of features, or the norm of the item's own.
        same_class: median distance to items of the same class, None without.
        items: how many it is the median of.
    """

    kind: str
    value: float
    same_class: float | None
    items: int

    @property
    def words(self) -> str:
        """As it ends a sentence."""
        if self.kind == OWN_NORM:
            return "the size of its own features"
        return f"the median distance to {self.kind}"


def robustness_result(
    params: RobustnessParams,
    found: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    others: Sequence[Mapping[str, Any]],
) -> Result:
    """The result of one item.

    Args:
        params: of the run.
        found: of `look_step`.
        rows: of all `sweep_step`s.
        others: of all `yardstick_step`s.
    """
    table = _compared(rows)
    beside = _others(found, others)
    yardstick = _yardstick(found, beside)
    movement = _movement(table, yardstick.value)
    broken = _broken(table)
    return Result(
        answer=_answer(params, found, table, movement, yardstick, broken),
        summary=_summary(params, found, table, movement, yardstick, broken),
        tables={"robustness": table, "movement": movement, "yardstick": beside},
        arrays={"box": np.stack([found["low"], found["high"]])},
        notes=_notes(params, found, table, yardstick, broken),
    )


def _compared(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    table = pd.DataFrame(list(rows))
    after = table.columns.get_loc("small_bound")
    table.insert(int(after) + 1, "ratio", _ratio(table.distance, table.bound))  # type: ignore[arg-type]
    table.insert(int(after) + 2, "small_ratio", _ratio(table.distance, table.small_bound))  # type: ignore[arg-type]
    return table


def _ratio(distance: pd.Series, bound: pd.Series) -> np.ndarray:
    """Of a distance to its bound; 0 where nothing moved."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = distance.to_numpy(dtype=float) / bound.to_numpy(dtype=float)
    return np.where(distance.to_numpy(dtype=float) <= ROUNDING, 0.0, ratio)


def _broken(table: pd.DataFrame) -> pd.DataFrame:
    """The rows in which a distance exceeds what bounds it."""
    broken = np.zeros(len(table), dtype=bool)
    for distance, bound in (
        ("distance", "bound"),
        ("distance", "small_bound"),
        ("features_distance", "features_bound"),
        ("sliced_wasserstein", "distance"),
        ("functions_distance", "distance"),
    ):
        broken |= (table[distance] > table[bound] * (1 + ROUNDING) + ROUNDING).to_numpy()
    return table[broken]


def _others(found: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    columns = ["item", "degree", "distance", "sliced_wasserstein", "functions_distance", "features_distance"]
    table = pd.DataFrame(list(rows), columns=columns)
    labels = dict(zip([place + 1 for place in found["others"]], found["labels"], strict=True))
    table.insert(1, "label", [labels[number] or "" for number in table["item"]])
    table.insert(2, "same_class", [labels[number] == found["label"] for number in table["item"]])
    return table


def _yardstick(found: Mapping[str, Any], table: pd.DataFrame) -> Yardstick:
    if not len(table):
        return Yardstick(OWN_NORM, float(np.linalg.norm(list(found["norms"].values()))), None, 0)
    features = table.groupby("item").features_distance.apply(np.linalg.norm)
    same = table.groupby("item").same_class.first()
    if found["label"] is None or same.all():
        return Yardstick(OTHER_ITEMS, float(features.median()), None, len(features))
    own = float(features[same].median()) if same.any() else None
    return Yardstick(OTHER_CLASSES, float(features[~same].median()), own, int((~same).sum()))


def _movement(table: pd.DataFrame, yardstick: float) -> pd.DataFrame:
    """Of each size the movement of the features of all degrees together: median, least and most over the draws."""
    together = (
        table.groupby(["sweep", "size", "repeat"], sort=False)
        .agg(features=("features_distance", np.linalg.norm), distance=("distance", "sum"))
        .reset_index()
    )
    movement = (
        together.groupby(["sweep", "size"], sort=False)
        .agg(
            distance=("distance", "median"),
            features=("features", "median"),
            features_low=("features", "min"),
            features_high=("features", "max"),
        )
        .reset_index()
    )
    for name in ("features", "features_low", "features_high"):
        movement[name.replace("features", "share")] = movement[name] / yardstick if yardstick > 0 else np.nan
    return movement


def reach(movement: pd.DataFrame, sweep: str) -> float | None:
    """The size at which the median movement reaches the yardstick, by straight lines; None if it stays below."""
    part = movement[movement.sweep == sweep]
    before, share_before = UNCHANGED[sweep], 0.0
    for size, share in zip(part["size"], part.share, strict=True):
        if share >= 1:
            return float(before + (size - before) * (1 - share_before) / (share - share_before))
        before, share_before = float(size), float(share)
    return None


def _answer(
    params: RobustnessParams,
    found: Mapping[str, Any],
    table: pd.DataFrame,
    movement: pd.DataFrame,
    yardstick: Yardstick,
    broken: pd.DataFrame,
) -> str:
    of = found["name"] if found["items"] == 1 else f"{found['name']}, {ITEM_NAMES[found['form']][0]} {params.item:,}"
    if len(broken):
        row = broken.iloc[0]
        return (
            f"Bound broken: {of}, {len(broken):,} of {len(table):,} distances exceed their bound, the first at {row.sweep} "
            f"{row['size']:g}, draw {row['repeat']}, degree {row.degree}. The theorem leaves no room for that, so it is a defect "
            "of this program: please report it with the data."
        )
    quoted = _quoted(movement)
    return (
        f"{of}: {_change(found, quoted)} moves the features by {_compared_with(quoted, yardstick)}. All {len(table):,} measured distances "
        f"keep the stability theorem's bound; the nearest comes to {_percent(table.small_ratio.max())} of it."
    )


def _quoted(movement: pd.DataFrame) -> pd.Series:
    """The row of the first sweep whose size is nearest to the one that is quoted."""
    sweep = movement.sweep.iloc[0]
    part = movement[movement.sweep == sweep]
    return part.iloc[int((part["size"] - QUOTED[sweep]).abs().argmin())]


def _change(found: Mapping[str, Any], quoted: pd.Series) -> str:
    percent = f"{100 * quoted['size']:.3g} %"
    scale = "range of the values" if found["form"] in ("graphs", "images") else "diameter"
    words = {
        "noise": f"noise of {percent} of the {scale}",
        "outliers": f"adding {percent} outliers",
        "subsample": f"keeping {percent} of the points",
    }
    return words[str(quoted.sweep)]


def _finite(share: float) -> float | None:
    """None where the yardstick has no length."""
    return float(share) if np.isfinite(share) else None


def _compared_with(quoted: pd.Series, yardstick: Yardstick) -> str:
    if not np.isfinite(quoted.share):
        return f"{quoted.features:.2g}, and the {yardstick.kind} have the very same ones"
    return f"{quoted.share:.2g} times {yardstick.words}"


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.2g} %"


def _summary(
    params: RobustnessParams,
    found: Mapping[str, Any],
    table: pd.DataFrame,
    movement: pd.DataFrame,
    yardstick: Yardstick,
    broken: pd.DataFrame,
) -> dict[str, Scalar]:
    quoted = _quoted(movement)
    summary = {
        "movement": Scalar(
            _finite(quoted.share),
            "Movement of the features",
            low=_finite(quoted.share_low),
            high=_finite(quoted.share_high),
            description=f"By {_change(found, quoted)}, in units of the yardstick; least and most of the draws.",
        ),
        "yardstick": Scalar(
            yardstick.value,
            "Yardstick",
            description=f"{yardstick.words[0].upper()}{yardstick.words[1:]}"
            + (f", over {yardstick.items:,} items." if yardstick.items else "."),
        ),
        "worst_small_ratio": Scalar(
            float(table.small_ratio.max()),
            "Nearest to the bound",
            description="Largest ratio of a distance to the theorem's bound over the smallest complex known to carry it.",
        ),
        "broken": Scalar(len(broken), "Bounds broken", description=f"Of {len(table):,} comparisons; must be 0."),
        "worst_ratio": Scalar(
            float(table.ratio.max()),
            "Nearest to the bound over the whole complex",
            description="The same for the complex of all simplices, whose sum is far from the distance by nature.",
        ),
        "comparisons": Scalar(
            len(table), "Comparisons", description="Draws of all sizes of all sweeps, each degree by itself."
        ),
    }
    if yardstick.same_class is not None:
        summary["same_class"] = Scalar(
            yardstick.same_class, "Distance within the class", description="Median to items of the same class."
        )
    for sweep, title in (
        ("noise", "Noise that reaches the yardstick"),
        ("outliers", "Outliers that reach the yardstick"),
        ("subsample", "Share kept that reaches the yardstick"),
    ):
        if sweep in found["sweeps"]:
            summary[f"{sweep}_reach"] = Scalar(
                reach(movement, sweep),
                title,
                description="The size at which the features move as far as the yardstick; none within the sizes that were tried "
                "where it is empty.",
            )
    summary["points"] = Scalar(found["points"], "Points")
    summary["kept"] = Scalar(found["kept"], "Points of the complex")
    if found["kept"] < found["points"]:
        summary["cover_radius"] = Scalar(
            found["cover_radius"],
            "Cover radius",
            description="The largest distance of a point that was left out from one that stayed.",
        )
    for key, count in found["diracs"].items():
        summary[f"diracs_{key}"] = Scalar(count, f"Diracs of {degree_title(key)}")
    summary["filtration"] = Scalar(found["filtration"], "Filtration")
    summary["second"] = Scalar(found["second"], "Second parameter")
    summary["repeats"] = Scalar(params.repeats, "Draws of each size")
    return summary


def degree_title(key: str) -> str:
    """A degree as texts have it.

    >>> degree_title("1"), degree_title("euler")
    ('H1', 'χ')
    """
    return "χ" if key == "euler" else f"H{key}"


def _notes(
    params: RobustnessParams,
    found: Mapping[str, Any],
    table: pd.DataFrame,
    yardstick: Yardstick,
    broken: pd.DataFrame,
) -> tuple[str, ...]:
    notes = list(found["notes"])
    if len(broken):
        notes.append("Bound broken: the table robustness has the rows; nothing else in this result can be relied on.")
    factor = "|f - g|_1" if params.invariant == "euler" else "2 |f - g|_1"
    notes.append(
        f"The theorem bounds the distance by {factor}, a sum over all cells of a complex that both filtrations grade: cells that one "
        "of them lacks enter at the corner of the box. It holds for any perturbation and is far from the distance by nature: "
        "most cells carry nothing. In degrees 0 and 1 of rips a small complex with the same homology gives the nearer bound."
    )
    notes.append(
        "Distances are in units of the box, which is that of the unperturbed item with a tenth to spare; what lies beyond its "
        "corner is moved onto it. So radius and level count alike."
    )
    if yardstick.kind == OWN_NORM:
        notes.append(
            "There is no other item to compare with, so movements of features are given in units of the item's own. Bring "
            "several items, best with labels, to see them against the distance between items or classes."
        )
    elif yardstick.kind == OTHER_ITEMS:
        notes.append("The other items have no other label, so the yardstick is the distance to any of them.")
    if found["form"] == "series":
        notes.append("A series is perturbed after its embedding: noise moves each point of the curve by itself.")
    if found["second"] == "column" and "outliers" in found["sweeps"]:
        notes.append("Outliers take values of the second parameter from points drawn at random.")
    if found["kept"] < found["points"]:
        notes.append(
            f"The complex has {found['kept']:,} of {found['points']:,} points ({params.sampling}); every other point lies within "
            f"{found['cover_radius']:.3g} of one of these. All points are perturbed, and the second parameter is computed on all. "
            "Outliers all enter the complex."
        )
    if params.threshold is not None:
        notes.append(
            f"Edges longer than {params.threshold:.3g} were left out: classes of sparse levels that need longer ones never end."
        )
    return tuple(notes)
