"""From series to features in one transformer, for pipelines outside the workbench: `SeriesTopology`."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from core.data.shapes import Shapes
from core.topology.bifiltrations.bifiltration import levels_of
from core.topology.bifiltrations.filtering import Filtering, FiltrationName, check_filtering, filter_item, fitted
from core.topology.engine.measure import SignedMeasure
from core.topology.functions.choices import Settings
from core.topology.functions.kde import diameter_of
from core.topology.inputs.delay_embedding import delay_embedding
from core.topology.vectorize.convolution import SignedMeasureConvolution

_DIAMETER_OF_NONE = 1.0  # where all training series are constant, so that no share of a diameter is a bandwidth


class SeriesTopology(TransformerMixin, BaseEstimator):
    """Delay embedding, bifiltration by radius and codensity, Hilbert signed measures and their Gaussian images.

    Diameter, grid and all else that is learned comes from the series that it is fitted to.

        model = make_pipeline(SeriesTopology(), StandardScaler(), SVC()).fit(X_train, y_train)

    Args:
        dimension: of the delay embedding; series shorter than it needs are embedded in fewer dimensions.
        delay: steps between its coordinates.
        skip: steps between points.
        filtration: "rips" or "alpha".
        second: "codensity", "dtm" or "eccentricity".
        kernel_bandwidth: of the codensity; below 0 a share of the median diameter of the training clouds.
        mass: of the distance to a measure.
        levels: of the second parameter, at most; None for all.
        degrees: of homology.
        resolution: of the images.
        bandwidth: of the images, as a share of the box.
        reduction: "sum" or "mean".
    """

    def __init__(
        self,
        dimension: int = 3,
        delay: int = 1,
        skip: int = 1,
        filtration: FiltrationName = "rips",
        second: str = "codensity",
        kernel_bandwidth: float = -0.2,
        mass: float = 0.1,
        levels: int | None = None,
        degrees: tuple[int, ...] = (0, 1),
        resolution: int = 20,
        bandwidth: float = 0.1,
        reduction: str = "sum",
    ) -> None:
        self.dimension = dimension
        self.delay = delay
        self.skip = skip
        self.filtration = filtration
        self.second = second
        self.kernel_bandwidth = kernel_bandwidth
        self.mass = mass
        self.levels = levels
        self.degrees = degrees
        self.resolution = resolution
        self.bandwidth = bandwidth
        self.reduction = reduction

    def fit(self, X: ArrayLike, y: object = None) -> Self:
        """Learns the unit of the bandwidth and the grid.

        Args:
            X: [series, length].
            y: not used.
        """
        series = validate_data(self, X, dtype=np.float64)
        self.dimension_ = min(self.dimension, (series.shape[1] - 1) // max(self.delay, 1) + 1)
        clouds = self._clouds(series)
        chosen = Filtering(self.filtration, self.second, settings=Settings(self.kernel_bandwidth, self.mass))
        check_filtering(chosen, "clouds", self.dimension_)
        constant = not any(diameter_of(cloud) > 0 for cloud in clouds)
        self.filtering_ = fitted(chosen, [np.array([[0.0], [_DIAMETER_OF_NONE]])] if constant else list(clouds))
        self.images_ = SignedMeasureConvolution(self.resolution, self.bandwidth, self.reduction)
        self.images_.fit(self._measures(clouds))
        return self

    def transform(self, X: ArrayLike) -> np.ndarray:
        """[series, features] float64."""
        check_is_fitted(self)
        series = validate_data(self, X, dtype=np.float64, reset=False)
        return self.images_.transform(self._measures(self._clouds(series)))

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Degree and grid position of each feature."""
        check_is_fitted(self)
        return self.images_.get_feature_names_out()

    def settings(self) -> dict[str, Any]:
        """Parameters, bandwidth in use and boxes, as plain JSON values."""
        check_is_fitted(self)
        parameters = self.get_params() | {"degrees": list(self.degrees)}
        fitted_to = {
            "kernel_bandwidth": self.filtering_.settings.bandwidth,
            "dimension": self.dimension_,
            "boxes": self.images_.settings()["fitted"],
        }
        return {"transformer": type(self).__name__, "parameters": parameters, "fitted": fitted_to}

    def _clouds(self, series: np.ndarray) -> tuple[np.ndarray, ...]:
        return tuple(delay_embedding(one[None], self.dimension_, self.delay, self.skip) for one in series)

    def _measures(self, clouds: tuple[np.ndarray, ...]) -> list[dict[int | str, SignedMeasure]]:
        shapes = Shapes("X", "clouds", clouds)
        measures = []
        for place in range(len(clouds)):
            item = filter_item(shapes, place, self.filtering_)
            measures.append(item.measures(self.degrees, levels=levels_of(item.function, self.levels)))
        return measures
