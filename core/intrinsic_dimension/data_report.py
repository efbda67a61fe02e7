"""The dimension of a point cloud in words, numbers and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar
from core.intrinsic_dimension.data_params import DataParams
from core.intrinsic_dimension.layer_report import layer_answer, layer_notes, layer_summary, layer_table

if TYPE_CHECKING:
    from core.intrinsic_dimension.data_dimension.correlation_dimension import CorrelationDimension
    from core.intrinsic_dimension.data_dimension.estimate import DataDimension
    from core.intrinsic_dimension.data_dimension.pca import PrincipalComponents
    from core.intrinsic_dimension.data_dimension.two_nn import TwoNN
    from core.intrinsic_dimension.layers.look import Layers

PLOTTED_RATIOS = 2000  # of the 2NN fit, evenly spaced in rank
INTERVAL = 1.96  # standard errors on either side of a 95 % interval


def data_result(params: DataParams, measured: DataDimension, rows: int, layers: Layers | None = None) -> Result:
    """Everything that a reader, a figure or a script needs of the measured points.

    Args:
        params: what was asked for.
        measured: all estimates.
        rows: of the data set, duplicates included.
        layers: what a network's layers make of the points, where one was given.
    """
    notes = list(measured.warnings)
    distinct = rows - measured.duplicates
    if measured.points < distinct:
        notes.append(f"{measured.points:,} of {distinct:,} distinct points were drawn at random (seed {params.seed}).")
    if params.standardise:
        notes.append("Each column was given unit variance first.")
    tables = {
        "data_dimension": measured.table,
        "pca_spectrum": _spectrum(measured.components),
        "correlation_integral": _integral(measured.correlation),
        "two_nn_fit": _ratios(measured.two_nn),
    }
    if layers is None:
        return Result(_answer(measured), _summary(measured), tables, notes=tuple(notes))
    return Result(
        answer=f"{_answer(measured)} {layer_answer(layers)}",
        summary={**_summary(measured), **layer_summary(layers)},
        tables={**tables, "layers": layer_table(layers)},
        notes=(*notes, *layer_notes(layers)),
    )


def _answer(measured: DataDimension) -> str:
    coordinates = f"embedded in {measured.embedding_dimension:,} coordinates"
    if not np.isfinite(measured.dimension):
        return f"Nearest neighbours define no dimension for these points, {coordinates}: all their distances are tied."
    low, high = measured.interval
    return (
        f"The points lie near a {measured.dimension:.1f}-dimensional set (2NN, 95 % interval {low:.1f} to {high:.1f}), "
        f"{coordinates}{_past_noise(measured)}."
    )


def _past_noise(measured: DataDimension) -> str:
    """What the scales say where they contradict the smallest one."""
    plateau = measured.plateau
    if plateau is None or plateau.low <= measured.dimension <= plateau.high:
        return ""
    return (
        f"; over the neighbours {plateau.first} to {2 * plateau.last} Gride is flat at {plateau.dimension:.1f} "
        f"({plateau.low:.1f} to {plateau.high:.1f})"
    )


def _summary(measured: DataDimension) -> dict[str, Scalar]:
    def row(estimator: str) -> tuple[float, float]:
        found = measured.table[measured.table.estimator == estimator].iloc[0]
        return float(found.dimension), float(found.standard_error)

    low, high = measured.interval
    n1, large, large_error = measured.large_scale
    plateau = measured.plateau
    return {
        "dimension": Scalar(
            _finite(measured.dimension),
            "Intrinsic dimension",
            low=_finite(low),
            high=_finite(high),
            description="2NN maximum likelihood; the 95 % interval allows for neighbours that points share.",
        ),
        "gride_large_scale": _with_interval(
            "Gride, large scale",
            large,
            large_error,
            f"Dimension from the neighbours {n1} and {2 * n1}; noise raises it less than 2NN.",
        ),
        "plateau": Scalar(
            plateau.dimension if plateau else None,
            "Plateau of Gride",
            low=plateau.low if plateau else None,
            high=plateau.high if plateau else None,
            description=f"Flat within 10 % over the neighbours {plateau.first} to {2 * plateau.last}; with the intervals of its scales."
            if plateau
            else "No three neighbouring scales agree within 10 %.",
        ),
        "correlation_dimension": _with_interval(
            "Correlation dimension", *row("correlation"), "Growth of the number of close pairs."
        ),
        "pca_90": Scalar(
            int(row("pca_90")[0]), "Components for 90 %", description="Linear: they carry 90 % of variance."
        ),
        "pca_95": Scalar(
            int(row("pca_95")[0]), "Components for 95 %", description="Linear: they carry 95 % of variance."
        ),
        "participation_ratio": _with_interval(
            "Participation ratio", *row("participation_ratio"), "Linear: effective number of principal components."
        ),
        "embedding_dimension": Scalar(measured.embedding_dimension, "Embedding dimension", unit="coordinates"),
        "points": Scalar(measured.points, "Points used", unit="points"),
        "duplicates": Scalar(measured.duplicates, "Duplicates removed", unit="rows"),
    }


def _with_interval(title: str, value: float, error: float, description: str) -> Scalar:
    return Scalar(
        _finite(value),
        title,
        low=_finite(value - INTERVAL * error),
        high=_finite(value + INTERVAL * error),
        description=description,
    )


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _spectrum(components: PrincipalComponents) -> pd.DataFrame:
    explained = components.explained
    return pd.DataFrame(
        {
            "component": np.arange(1, len(explained) + 1),
            "explained_variance": explained,
            "cumulative_variance": np.cumsum(explained),
        }
    )


def _integral(correlation: CorrelationDimension) -> pd.DataFrame:
    line = np.exp(correlation.intercept + correlation.dimension * np.log(correlation.radii))
    return pd.DataFrame(
        {
            "radius": correlation.radii,
            "pairs_closer": correlation.integral,
            "fitted": correlation.fitted,
            "line": line,
        }
    )


def _ratios(ratios: TwoNN) -> pd.DataFrame:
    n = len(ratios.log_ratios)
    ranks = np.unique(np.linspace(0, n - 1, min(n, PLOTTED_RATIOS)).astype(int))
    return pd.DataFrame(
        {
            "log_ratio": ratios.log_ratios[ranks],
            "log_survival": np.where(ranks < n - 1, ratios.log_survival[ranks], np.nan),  # infinite at the last one
            "kept": ranks < ratios.kept,
        }
    )
