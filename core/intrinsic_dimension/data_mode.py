"""Mode `data` of the first question: the intrinsic dimension of a data set's points, labels left aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import Compute, Estimate, Inputs, Source, Step
from core.intrinsic_dimension.data_params import DataParams

if TYPE_CHECKING:
    from core.intrinsic_dimension.data_dimension.correlation_dimension import CorrelationDimension
    from core.intrinsic_dimension.data_dimension.estimate import NeighbourEstimates
    from core.intrinsic_dimension.data_dimension.pca import PrincipalComponents

IMAGE_REUSE, TYPICAL_LAYERS = 40, 8  # for estimates alone: uses of a weight in an image; layers of a network


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
    cost = Estimate(
        seconds=3 + 4e-8 * rows * p + search + integral + spectrum,
        memory=int(450e6 + rows * p * 16 + n * p * 28 + n * params.neighbours * 60 + side**2 * 24),
        steps=3,
    )
    return _with_network(cost, params, inputs) if "model" in inputs else cost


def _with_network(cost: Estimate, params: DataParams, inputs: Inputs) -> Estimate:
    """The same with the training of the network, or none where it brings weights, and the measuring of its layers."""
    from core.data.columns import class_count
    from core.models.builtin import builtin_architecture

    details, model = inputs["dataset"].details, inputs["model"]
    rows, shape = int(details.get("rows", params.max_points)), tuple(details.get("shape") or (100,))
    classes = max(2, class_count(inputs["dataset"], params.target) or 10)
    size = int(model.details.get("parameters") or 100_000)
    if model.builtin:
        size = builtin_architecture(model.builtin, shape, classes).parameters
    trained = bool(model.builtin) or model.details.get("format") == "architecture"
    reuse = IMAGE_REUSE if len(shape) > 1 and not str(model.details.get("architecture")).count("mlp") else 1
    seen = params.network_epochs * rows if trained else 0
    looked = (2 if trained else 1) * TYPICAL_LAYERS * min(rows, params.network_points)
    return Estimate(
        seconds=cost.seconds + seen * (6.0 * size * reuse / 6e10 + 1e-5) + looked * 2e-3,
        memory=max(cost.memory, int(8e8 + 32.0 * rows * prod(shape) + 60.0 * size)),
        steps=cost.steps + 1,
    )


def compute_data(params: DataParams, inputs: Inputs) -> Compute:
    """Nearest neighbours, correlation integral, principal components and, with one, the network, side by side."""
    prepared = {
        "source": inputs["dataset"],
        "target": params.target,
        "max_points": params.max_points,
        "standardise": params.standardise,
        "seed": params.seed,
    }
    memory = estimate_data(params, inputs).memory
    looking = "model" in inputs
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
        *([_network_step(params, inputs, memory)] if looking else []),
    ]
    from core.intrinsic_dimension.data_dimension.estimate import assemble
    from core.intrinsic_dimension.data_report import data_result
    from core.intrinsic_dimension.layers.look import Layers

    nearest, correlation, components = _whole(*found[:3])
    measured = assemble(nearest.estimates, correlation, components, shape=nearest.shape, duplicates=nearest.duplicates)
    return data_result(params, measured, nearest.rows, Layers(**found[3]) if looking else None)


def _network_step(params: DataParams, inputs: Inputs, memory: int) -> Step:
    from core.intrinsic_dimension.layers.look import look_into_network

    arguments = {
        "source": inputs["dataset"],
        "target": params.target,
        "model": inputs["model"],
        "epochs": params.network_epochs,
        "scaling": params.network_scaling,
        "points": params.network_points,
        "seed": params.seed,
    }
    return Step(look_into_network, arguments, label="Layers of the network", share=0.4, memory=memory)


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
