"""Mode `data` of the first question: the intrinsic dimension of a data set's points, labels left aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import Compute, Estimate, Inputs, Source, Step
from core.intrinsic_dimension.data_params import DataParams

if TYPE_CHECKING:
    from core.intrinsic_dimension.data_dimension.correlation_dimension import CorrelationDimension
    from core.intrinsic_dimension.data_dimension.estimate import NeighbourEstimates
    from core.intrinsic_dimension.data_dimension.pca import PrincipalComponents


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
    prepared = {
        "source": inputs["dataset"],
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
    from core.intrinsic_dimension.data_dimension.estimate import assemble
    from core.intrinsic_dimension.data_report import data_result

    nearest, correlation, components = _whole(*found)
    measured = assemble(nearest.estimates, correlation, components, shape=nearest.shape, duplicates=nearest.duplicates)
    return data_result(params, measured, nearest.rows)


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
