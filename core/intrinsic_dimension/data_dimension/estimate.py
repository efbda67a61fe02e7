"""All estimates of the intrinsic dimension of a point cloud, side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.intrinsic_dimension.data_dimension.correlation_dimension import (
    MOST,
    CorrelationDimension,
    correlation_dimension,
)
from core.intrinsic_dimension.data_dimension.distinct_points import distinct_points
from core.intrinsic_dimension.data_dimension.gride import gride
from core.intrinsic_dimension.data_dimension.mle import mle
from core.intrinsic_dimension.data_dimension.neighbours import nearest_neighbours
from core.intrinsic_dimension.data_dimension.pca import PrincipalComponents, principal_components
from core.intrinsic_dimension.data_dimension.plateau import Plateau, find_plateau
from core.intrinsic_dimension.data_dimension.two_nn import TwoNN, two_nn

MAX_NEIGHBOURS = 128  # n2 of the largest Gride scale, n1 = 64
MLE_NEIGHBOURS = (5, 10, 20, 50, 100)
GRIDE_ORDERS = (1, 2, 4, 8, 16, 32, 64)
NOISE_DIFFERENCE = 0.3  # relative difference of 2NN and large-scale Gride that is reported

Row = tuple[str, float, float, float]  # estimator, scale, dimension, standard error


@dataclass(frozen=True)
class NeighbourEstimates:
    """What the nearest neighbours say: 2NN, MLE over k and Gride over n1, as rows of the table."""

    rows: tuple[Row, ...]
    two_nn: TwoNN
    neighbours: int
    tied_at_zero: int  # points whose nearest neighbour is at distance zero in floating point


@dataclass(frozen=True)
class DataDimension:
    """The intrinsic dimension of a point cloud by every estimator.

    Attributes:
        table: columns estimator, scale, dimension, standard_error. The scale is the order of the neighbours
            that are looked at: 1 for 2NN, k for mle, n1 for gride, the largest mean number of neighbours in the
            scaling range for correlation, NaN for PCA. Counts have no standard error.
        points: how many distinct points were used.
        embedding_dimension: coordinates of a point.
        duplicates: rows removed because an equal one stands before them.
        tied_at_zero: points left out of ratios because floating point puts a neighbour at distance zero.
        two_nn: the ratios and both fits.
        correlation: the correlation integral.
        components: the spectrum.
    """

    table: pd.DataFrame
    points: int
    embedding_dimension: int
    duplicates: int
    tied_at_zero: int
    two_nn: TwoNN
    correlation: CorrelationDimension
    components: PrincipalComponents

    @property
    def dimension(self) -> float:
        """The 2NN maximum likelihood estimate; NaN where all neighbour distances are tied."""
        return self.two_nn.dimension

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of it, with the overlap-aware error of Gride at n1 = 1, which is the same estimate.

        d / sqrt(N), the error that the table gives for 2NN, holds for independent ratios; mutual nearest
        neighbours share theirs, so an interval made from it covers about 85 % instead of 95 %.
        """
        gride_rows = self.table[self.table.estimator == "gride"]
        error = float(gride_rows.standard_error.iloc[0])
        return self.dimension - 1.96 * error, self.dimension + 1.96 * error

    @property
    def large_scale(self) -> tuple[int, float, float]:
        """n1, dimension and standard error of Gride at its largest scale."""
        last = self.table[self.table.estimator == "gride"].iloc[-1]
        return int(last.scale), float(last.dimension), float(last.standard_error)

    @property
    def plateau(self) -> Plateau | None:
        """Where Gride is flat over the scales; None where it is nowhere."""
        rows = self.table[self.table.estimator == "gride"]
        return find_plateau(list(rows.scale), list(rows.dimension), list(rows.standard_error))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the reader of the numbers must know."""
        found = []
        if self.duplicates:
            found.append(f"{self.duplicates:,} duplicate rows were removed.")
        if self.tied_at_zero:
            found.append(f"{self.tied_at_zero:,} points closer to another than floating point resolves were left out.")
        if not np.isfinite(self.dimension):
            found.append("All nearest-neighbour distances are tied, as on a regular grid: 2NN defines no dimension.")
            return tuple(found)
        n1, large, _ = self.large_scale
        if np.isfinite(large) and abs(self.dimension - large) > NOISE_DIFFERENCE * large:
            found.append(
                f"2NN ({self.dimension:.1f}) and Gride at n1 = {n1} ({large:.1f}) differ by more than "
                f"{100 * NOISE_DIFFERENCE:.0f} %: noise raises the smallest scales, curvature and boundary bend the largest; "
                "read the dimension where the scale plot is flat."
            )
        if self.plateau is None:
            found.append(
                "Gride is flat at no range of scales (three neighbouring ones within 10 %): no single dimension describes these points, "
                "or they are too few to show it."
            )
        if self.points < 10 ** (self.dimension / 2):
            found.append(
                f"{self.points:,} points are few for dimension {self.dimension:.1f} (10^(d/2) = "
                f"{10 ** (self.dimension / 2):,.0f}): every neighbour estimate is then too low."
            )
        if not np.isfinite(self.correlation.dimension):
            found.append("The correlation integral has fewer than three radii in its scaling range: no slope is given.")
        if self.components.points < self.points:
            found.append(f"Principal components were computed from {self.components.points:,} of the points.")
        return tuple(found)


def estimate_data_dimension(
    points: np.ndarray, *, max_neighbours: int = MAX_NEIGHBOURS, seed: int = 0, device: str = "cpu"
) -> pd.DataFrame:
    """The intrinsic dimension of a point cloud by every estimator, as one table.

    Example:
        A plane in space has dimension two, whatever the coordinates that describe it.

        >>> plane = np.random.default_rng(0).uniform(size=(2000, 2)) @ np.array([[1.0, 0, 1], [0, 1, 1]])
        >>> table = estimate_data_dimension(plane)
        >>> bool(abs(table.dimension[table.estimator == "2nn"].item() - 2) < 0.2)
        True

    Args:
        points: numbers of shape [n, p].
        max_neighbours: neighbours looked at for each point, up to 128; at most a quarter of the points are.
        seed: draws the samples that place radii and, in very wide and long data, principal components.
        device: where torch computes ("cpu", "cuda").

    Returns:
        Columns estimator ("2nn", "2nn_facco", "mle", "gride", "correlation", "pca_90", "pca_95",
        "participation_ratio"), scale, dimension, standard_error; see `DataDimension.table`. `attrs` has
        `points`, `duplicates` and `warnings`.

    Raises:
        BadInput: not a matrix of finite numbers, or fewer than ten distinct points.
    """
    measured = measure_data_dimension(points, max_neighbours=max_neighbours, seed=seed, device=device)
    table = measured.table
    table.attrs = {
        "points": measured.points,
        "duplicates": measured.duplicates,
        "warnings": list(measured.warnings),
    }
    return table


def measure_data_dimension(
    points: np.ndarray, *, max_neighbours: int = MAX_NEIGHBOURS, seed: int = 0, device: str = "cpu"
) -> DataDimension:
    """As `estimate_data_dimension`, with everything that the figures and the warnings need."""
    distinct = distinct_points(points)
    return assemble(
        neighbour_estimates(distinct.points, max_neighbours, device),
        correlation_dimension(distinct.points, seed, device),
        principal_components(distinct.points, seed),
        shape=(len(distinct.points), distinct.points.shape[1]),
        duplicates=distinct.duplicates,
    )


def neighbour_estimates(points: np.ndarray, max_neighbours: int, device: str = "cpu") -> NeighbourEstimates:
    """2NN, MLE over k and Gride over n1 from one search. Scales larger than a quarter of the points are left out.

    Args:
        points: distinct points [n, p].
        max_neighbours: at least 2.
        device: where torch searches.
    """
    count = max(2, min(max_neighbours, MAX_NEIGHBOURS, len(points) // 4))
    neighbours = nearest_neighbours(points, count, device)
    ratios = two_nn(neighbours)
    orders = [k for k in MLE_NEIGHBOURS if k <= count] or [count]
    rows: list[Row] = [
        ("2nn", 1, ratios.dimension, ratios.standard_error),
        ("2nn_facco", 1, ratios.fit_dimension, ratios.fit_standard_error),
        *(("mle", k, *mle(neighbours, k)) for k in orders),
        *(("gride", n1, *gride(neighbours, n1)) for n1 in GRIDE_ORDERS if 2 * n1 <= count),
    ]
    return NeighbourEstimates(tuple(rows), ratios, count, int((neighbours.distances[:, 0] == 0).sum()))


def assemble(
    nearest: NeighbourEstimates,
    correlation: CorrelationDimension,
    components: PrincipalComponents,
    *,
    shape: tuple[int, int],
    duplicates: int,
) -> DataDimension:
    """Puts the parts, which may come from different workers, together.

    Args:
        nearest: from `neighbour_estimates`.
        correlation: from `correlation_dimension`.
        components: from `principal_components`.
        shape: [n, p] of the distinct points.
        duplicates: rows removed before.
    """
    rows = [
        *nearest.rows,
        ("correlation", MOST, correlation.dimension, correlation.standard_error),
        ("pca_90", np.nan, components.count(0.90), np.nan),
        ("pca_95", np.nan, components.count(0.95), np.nan),
        ("participation_ratio", np.nan, components.participation_ratio, components.participation_error),
    ]
    table = pd.DataFrame(rows, columns=["estimator", "scale", "dimension", "standard_error"])
    numbers = ["scale", "dimension", "standard_error"]
    table[numbers] = table[numbers].astype(np.float64)
    return DataDimension(
        table=table,
        points=shape[0],
        embedding_dimension=shape[1],
        duplicates=duplicates,
        tied_at_zero=nearest.tied_at_zero,
        two_nn=nearest.two_nn,
        correlation=correlation,
        components=components,
    )
