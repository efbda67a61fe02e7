"""Mode `data` of the first question: the intrinsic dimension of a data set's points, labels left aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from core.analysis import Compute, Estimate, Inputs, Params, Result, Scalar, Source, Step, parameter

if TYPE_CHECKING:
    from core.intrinsic_dimension.data_dimension.correlation_dimension import CorrelationDimension
    from core.intrinsic_dimension.data_dimension.estimate import DataDimension, NeighbourEstimates
    from core.intrinsic_dimension.data_dimension.pca import PrincipalComponents
    from core.intrinsic_dimension.data_dimension.two_nn import TwoNN

PLOTTED_RATIOS = 2000  # of the 2NN fit, evenly spaced in rank
INTERVAL = 1.96  # standard errors on either side of a 95 % interval


class DataParams(Params):
    """How many dimensions the points of a data set really fill: the distances between neighbours, the number of close
    pairs and the principal components are measured, and a dimension with its standard error comes out of each method,
    from the smallest scale to the largest."""

    mode: Literal["data"] = "data"
    target: str = parameter(
        "",
        title="Label column",
        description="Column of a table that holds labels and is left out; empty: the one called y, label, target or class.",
        main=True,
        max_length=300,
    )
    max_points: int = parameter(
        10_000,
        title="Most points",
        description="A larger data set is reduced to this many points, drawn at random; time grows with the square.",
        unit="points",
        main=True,
        minimum=10,
        maximum=200_000,
    )
    neighbours: int = parameter(
        128,
        title="Neighbours",
        description="Largest neighbourhood looked at; at most a quarter of the points are used.",
        unit="points",
        minimum=2,
        maximum=128,
    )
    standardise: bool = parameter(
        False,
        title="Standardise",
        description="Give each column unit variance first; needed where the columns have different units.",
        main=True,
    )
    seed: int = parameter(
        0,
        title="Seed",
        description="Draws the points that are kept.",
        minimum=0,
        maximum=2**31 - 1,
    )


@dataclass(frozen=True)
class PreparedPoints:
    """Distinct points of a data set, at most as many as were asked for."""

    points: np.ndarray  # float32 [n, p]
    rows: int  # of the data set
    duplicates: int


@dataclass(frozen=True)
class FromNeighbours:
    """The first step's result: what the nearest neighbours say, and what was looked at."""

    estimates: NeighbourEstimates
    shape: tuple[int, int]
    rows: int
    duplicates: int


def estimate_data(params: DataParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the number of rows and features alone."""
    details = inputs["dataset"].details
    rows, p = int(details.get("rows", params.max_points)), int(details.get("features", 100))
    n = min(rows, params.max_points)
    pairs = float(n) ** 2
    search = pairs * (2 * p / 4e10 + 6e-9) + n * params.neighbours * p * 1.2e-9
    integral = pairs / 2 * (2 * p / 3e10 + 6e-9)
    side = min(n, p, 4096)
    spectrum = (2.0 * n * p * side + 4 * side**3) / 2e10
    return Estimate(
        seconds=3 + 4e-8 * rows * p + search + integral + spectrum,
        memory=int(450e6 + rows * p * 16 + n * p * 28 + n * params.neighbours * 60 + side**2 * 24),
        steps=3,
    )


def compute_data(params: DataParams, inputs: Inputs) -> Compute:
    """Nearest neighbours, correlation integral and principal components, side by side; then the answer."""
    source = inputs["dataset"]
    prepared = {
        "source": source,
        "target": params.target,
        "max_points": params.max_points,
        "standardise": params.standardise,
        "seed": params.seed,
    }
    memory = estimate_data(params, inputs).memory
    found = yield [
        Step(
            nearest_neighbours_step,
            {**prepared, "neighbours": params.neighbours},
            label="Nearest neighbours: 2NN, MLE, Gride",
            share=0.5,
            memory=memory,
        ),
        Step(correlation_step, prepared, label="Correlation integral", share=0.4, memory=memory),
        Step(components_step, prepared, label="Principal components", share=0.1, memory=memory),
    ]
    return _result(params, source, *_whole(*found))


def prepare_points(source: Source, target: str, max_points: int, standardise: bool, seed: int) -> PreparedPoints:
    """Loads a data set, leaves its labels out, removes duplicate rows, then draws at most `max_points`.

    Raises:
        BadInput: the data set can't be read, or has too few distinct finite points.
    """
    from core.data import load_dataset
    from core.data.preparation import standardise as unit_variance
    from core.intrinsic_dimension.data_dimension.distinct_points import distinct_points

    dataset = load_dataset(source, target)
    distinct = distinct_points(dataset.flat)
    points = distinct.points
    if len(points) > max_points:
        kept = np.random.default_rng(seed).choice(len(points), max_points, replace=False)
        points = points[np.sort(kept)]
    if standardise:
        (points,) = unit_variance(points)
    return PreparedPoints(points, dataset.rows, distinct.duplicates)


def nearest_neighbours_step(
    source: Source, target: str, max_points: int, standardise: bool, seed: int, neighbours: int
) -> dict[str, Any]:
    """The estimates that need the nearest neighbours of each point: `FromNeighbours` as plain values."""
    from core.intrinsic_dimension.data_dimension.estimate import neighbour_estimates

    prepared = prepare_points(source, target, max_points, standardise, seed)
    n, p = prepared.points.shape
    estimates = neighbour_estimates(prepared.points, neighbours)
    return asdict(FromNeighbours(estimates, (n, p), prepared.rows, prepared.duplicates))


def correlation_step(source: Source, target: str, max_points: int, standardise: bool, seed: int) -> dict[str, Any]:
    """The correlation integral and its slope: `CorrelationDimension` as plain values."""
    from core.intrinsic_dimension.data_dimension.correlation_dimension import correlation_dimension

    return asdict(correlation_dimension(prepare_points(source, target, max_points, standardise, seed).points, seed))


def components_step(source: Source, target: str, max_points: int, standardise: bool, seed: int) -> dict[str, Any]:
    """The spectrum of the covariance: `PrincipalComponents` as plain values."""
    from core.intrinsic_dimension.data_dimension.pca import principal_components

    return asdict(principal_components(prepare_points(source, target, max_points, standardise, seed).points, seed))


def _whole(
    nearest: Mapping[str, Any], correlation: Mapping[str, Any], components: Mapping[str, Any]
) -> tuple[FromNeighbours, CorrelationDimension, PrincipalComponents]:
    """The results of the steps, which are kept as plain values, as what they stand for."""
    from core.intrinsic_dimension.data_dimension.correlation_dimension import CorrelationDimension
    from core.intrinsic_dimension.data_dimension.estimate import NeighbourEstimates
    from core.intrinsic_dimension.data_dimension.pca import PrincipalComponents
    from core.intrinsic_dimension.data_dimension.two_nn import TwoNN

    inner = nearest["estimates"]
    estimates = NeighbourEstimates(**{**inner, "two_nn": TwoNN(**inner["two_nn"])})
    whole = FromNeighbours(**{**nearest, "estimates": estimates})
    return whole, CorrelationDimension(**correlation), PrincipalComponents(**components)


def _result(
    params: DataParams,
    source: Source,
    nearest: FromNeighbours,
    correlation: CorrelationDimension,
    components: PrincipalComponents,
) -> Result:
    from core.intrinsic_dimension.data_dimension.estimate import assemble

    measured = assemble(nearest.estimates, correlation, components, shape=nearest.shape, duplicates=nearest.duplicates)
    notes = list(measured.warnings)
    distinct = nearest.rows - nearest.duplicates
    if measured.points < distinct:
        notes.append(f"{measured.points:,} of {distinct:,} distinct points were drawn at random (seed {params.seed}).")
    if params.standardise:
        notes.append("Each column was given unit variance first.")
    return Result(
        answer=_answer(measured),
        summary=_summary(measured),
        tables={
            "data_dimension": measured.table,
            "pca_spectrum": _spectrum(components),
            "correlation_integral": _integral(correlation),
            "two_nn_fit": _ratios(measured.two_nn),
        },
        notes=tuple(notes),
    )


def _answer(measured: DataDimension) -> str:
    coordinates = f"embedded in {measured.embedding_dimension:,} coordinates"
    if not np.isfinite(measured.dimension):
        return f"Nearest neighbours define no dimension for these points, {coordinates}: all their distances are tied."
    low, high = measured.interval
    return (
        f"The points lie near a {measured.dimension:.1f}-dimensional set (2NN, 95 % interval {low:.1f} to {high:.1f}), "
        f"{coordinates}."
    )


def _summary(measured: DataDimension) -> dict[str, Scalar]:
    def row(estimator: str) -> tuple[float, float]:
        found = measured.table[measured.table.estimator == estimator].iloc[0]
        return float(found.dimension), float(found.standard_error)

    low, high = measured.interval
    n1, large, large_error = measured.large_scale
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
