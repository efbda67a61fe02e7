"""What mode `vectorize` answers, out of what its steps found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar
from core.data.shapes import ITEM_NAMES
from core.topology.vectorize_steps import module_images

if TYPE_CHECKING:
    from core.topology.vectorize_params import VectorizeParams

WORDS = {
    "convolution": "convolution of signed measures",
    "hilbert_grid": "Hilbert function on a grid",
    "euler_grid": "Euler characteristic on a grid",
    "landscape": "landscapes",
    "s_cdr": "stable representation of intervals",
    "rectangles": "rectangles of the rank measure",
}
MOST_TABLE_VALUES, MOST_TABLE_COLUMNS = 2_000_000, 5_000


def modules_made(
    params: VectorizeParams,
    settings: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]],
    low: np.ndarray,
    high: np.ndarray,
) -> dict[str, Any]:
    """Features, names and settings of a vectorization of modules, as `features_step` has them of measures."""
    transformer = module_images(params.vectorization, settings, params.degrees, low, high)
    layers = [f",{layer + 1}" for layer in range(params.layers)] if params.vectorization == "landscape" else [""]
    names = [
        f"H{degree}{layer}[{row},{column}]"
        for degree in params.degrees
        for layer in layers
        for row in range(params.grid())
        for column in range(params.grid())
    ]
    return {
        "features": np.array([item["features"] for item in items]),
        "names": names,
        "settings": transformer.settings(),
    }


def vectorize_result(
    params: VectorizeParams,
    found: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]],
    made: Mapping[str, Any],
) -> Result:
    """The result of all items.

    Args:
        params: of the run.
        found: of `look_step`.
        items: points, kept, cover radius and seconds of each.
        made: features, names and settings.
    """
    features: np.ndarray = made["features"]
    table = _labels(found, items)
    tables = {"labels": table, "settings": _settings(params, found, made["settings"])}
    notes = _notes(params, found, features, table)
    if fits_a_table(features):
        tables["features"] = _features(features, made["names"], table)
    else:
        notes += (
            f"{features.size:,} values are too many for a table: they are in arrays.npz, as features and feature_names.",
        )
    projection, shares = principal_plane(features, found["train"])
    return Result(
        answer=_answer(params, found, features, table),
        summary=_summary(params, found, features, table, shares),
        tables=tables,
        arrays={"features": features, "feature_names": np.array(made["names"]), "projection": projection},
        notes=notes,
    )


def fits_a_table(features: np.ndarray) -> bool:
    """Whether features are few enough for a table that a person opens."""
    return features.size <= MOST_TABLE_VALUES and features.shape[1] <= MOST_TABLE_COLUMNS


def principal_plane(features: np.ndarray, train: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    """The items in the plane of the first two principal components of the training part, for a picture.

    Returns:
        [items, 2], and the share of the training part's variance along each axis.
    """
    centre = features[train].mean(axis=0)
    _, sizes, axes = np.linalg.svd(features[train] - centre, full_matrices=False)
    axes, sizes = axes[:2], sizes**2
    plane = np.zeros((len(features), 2))
    plane[:, : len(axes)] = (features - centre) @ axes.T
    total = float(sizes.sum())
    shares = [float(size) / total if total > 0 else 0.0 for size in sizes[:2]] + [0.0, 0.0]
    return plane, (shares[0], shares[1])


def _features(features: np.ndarray, names: Sequence[str], labels: pd.DataFrame) -> pd.DataFrame:
    """A row an item: its number, label and part, and a column for each feature."""
    values = pd.DataFrame(features, columns=[str(name) for name in names])
    return pd.concat([labels[["item", "label", "part"]], values], axis=1)


def _labels(found: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    count = len(items)
    return pd.DataFrame(
        {
            "item": np.arange(1, count + 1),
            "label": found["labels"] or [""] * count,
            "part": np.where(found["train"], "train", "test") if found["split"] else ["all"] * count,
            "points": [item["points"] for item in items],
            "kept": [item["kept"] for item in items],
            "cover_radius": [item["cover_radius"] for item in items],
            "seconds": [item["seconds"] for item in items],
        }
    )


def _settings(params: VectorizeParams, found: Mapping[str, Any], fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Everything that the features depend on, name and value as JSON."""
    values: dict[str, Any] = {
        "filtration": found["filtration"],
        "second": found["second"],
        "bandwidth": found["bandwidth"],
        "degrees": list(params.degrees),
        "levels": params.levels,
        "threshold": params.threshold,
        **params.preparation(),
        "invariant": params.invariant,
        "engine": params.engine,
        **({"rank_grid": params.rank_grid} if params.vectorization == "rectangles" else {}),
        **{f"transformer.{name}": value for name, value in fitted.items()},
    }
    return pd.DataFrame({"name": list(values), "value": [json.dumps(value) for value in values.values()]})


def _answer(params: VectorizeParams, found: Mapping[str, Any], features: np.ndarray, table: pd.DataFrame) -> str:
    singular, plural = ITEM_NAMES[found["form"]]
    count = len(features)
    degrees = ", ".join(f"H{degree}" for degree in params.degrees)
    of = f" of {degrees}" if params.invariant != "euler" or params.vectorization in ("landscape", "s_cdr") else ""
    return (
        f"{found['name']}: {count:,} {singular if count == 1 else plural} became {features.shape[1]:,} features each "
        f"({WORDS[params.vectorization]}{of}), {1000 * table.seconds.median():.3g} ms of computing for the median item."
    )


def _summary(
    params: VectorizeParams,
    found: Mapping[str, Any],
    features: np.ndarray,
    table: pd.DataFrame,
    shares: tuple[float, float],
) -> dict[str, Scalar]:
    return {
        "items": Scalar(len(features), "Items"),
        "features": Scalar(features.shape[1], "Features", description="Of each item."),
        "varying": Scalar(
            int((np.ptp(features, axis=0) > 0).sum()),
            "Features that vary",
            description="The others are equal for all items and tell a classifier nothing.",
        ),
        "seconds_item": Scalar(
            float(table.seconds.median()), "Seconds an item", unit="s", description="Median, on one core."
        ),
        "seconds": Scalar(float(table.seconds.sum()), "Seconds in all", unit="s", description="Sum over the items."),
        "train_items": Scalar(int(found["train"].sum()), "Items that grid and bandwidth were fitted to"),
        "plane": Scalar(
            sum(shares),
            "Variance in the drawn plane",
            description="Share of the fitted items' variance along the first two principal components.",
        ),
        "filtration": Scalar(found["filtration"], "Filtration"),
        "second": Scalar(found["second"], "Second parameter"),
    }


def _notes(
    params: VectorizeParams, found: Mapping[str, Any], features: np.ndarray, table: pd.DataFrame
) -> tuple[str, ...]:
    notes = list(found["notes"])
    if found["split"]:
        notes.append(
            f"Grid and bandwidth were fitted to the {int(found['train'].sum()):,} training items that the file names; "
            "the others had no part in it."
        )
    else:
        notes.append(
            "The file names no training part, so grid and bandwidth were fitted to all items. For an accuracy fit "
            "them inside each fold: the transformers of core.topology.vectorize do that in a scikit-learn pipeline."
        )
    thinned = table[table.kept < table.points]
    if len(thinned):
        notes.append(
            f"{len(thinned):,} items were thinned out to {params.most_points:,} points; the largest cover radius is "
            f"{thinned.cover_radius.max():.3g}."
        )
    if params.vectorization == "rectangles":
        also = "; the choice of levels is not used" if params.levels is not None else ""
        notes.append(f"Ranks were computed on a grid of {params.rank_grid} x {params.rank_grid} grades{also}.")
    if params.threshold is not None:
        notes.append(
            f"Edges longer than {params.threshold:.3g} were left out: classes of sparse levels that need longer ones never end."
        )
    if params.reduction == "mean" and params.vectorization in ("convolution", "rectangles"):
        notes.append(
            "reduction=mean divides by the number of Diracs, as published code does; it is neither additive nor covered "
            "by the stability theorem."
        )
    if not (np.ptp(features, axis=0) > 0).any():
        notes.append("All items have the same features: nothing here tells them apart.")
    return tuple(notes)
