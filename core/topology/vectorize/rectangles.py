"""Rectangles of rank measures as features: `RectangleFeatures`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from core.errors import BadInput
from core.topology.engine.measure import SignedMeasure
from core.topology.vectorize.box import DROPPED, keys_of, width_of
from core.topology.vectorize.checked_measures import checked_measures
from core.topology.vectorize.convolution import SignedMeasureConvolution

Measures = Sequence[dict[int | str, SignedMeasure]]
MARGIN = 0.1


class RectangleFeatures(TransformerMixin, BaseEstimator):
    """Gaussian images of the signed rectangles of rank measures, in the four coordinates of begin and end.

    A rectangle that never ends is cut at a corner above all finite training coordinates. The grid is fitted to the
    training part. Takes lists of {degree: (positions [m, 4], weights)}, as `signed_measure(..., invariant="rank")`
    returns.

    Args:
        resolution: grid values on each of the four axes.
        bandwidth: h, as a share of the box.
        reduction: "sum" or "mean".
        dropped: share of the training coordinates that may lie beyond each side of the box.
    """

    def __init__(
        self, resolution: int = 5, bandwidth: float = 0.2, reduction: str = "sum", dropped: float = DROPPED
    ) -> None:
        self.resolution = resolution
        self.bandwidth = bandwidth
        self.reduction = reduction
        self.dropped = dropped

    def fit(self, X: Measures, y: object = None) -> Self:
        """Finds corner and box of each degree.

        Raises:
            BadInput: measures whose positions are no rectangles, or settings that can't be used.
        """
        X = checked_measures(X)
        self.corners_: dict[int | str, np.ndarray] = {}
        for key in keys_of(X):
            if width_of(X, key) != 4 and any(len(item[key].weights) for item in X):
                raise BadInput("The measures have no rectangles; compute them with invariant='rank'.")
            self.corners_[key] = _corner([item[key].positions.reshape(-1, 4) for item in X])
        self.images_ = SignedMeasureConvolution(self.resolution, self.bandwidth, self.reduction, self.dropped)
        self.images_.fit([self._cut(item) for item in X])
        return self

    def transform(self, X: Measures) -> np.ndarray:
        """[items, features] float64."""
        check_is_fitted(self)
        return self.images_.transform([self._cut(item) for item in checked_measures(X, self.corners_)])

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Degree and grid position of each feature."""
        check_is_fitted(self)
        return self.images_.get_feature_names_out()

    def settings(self) -> dict[str, Any]:
        """Parameters, corners and boxes, as plain JSON values."""
        check_is_fitted(self)
        corners = {f"H{key}": corner.tolist() for key, corner in self.corners_.items()}
        fitted = {"corners": corners, "boxes": self.images_.settings()["fitted"]}
        return {"transformer": type(self).__name__, "parameters": self.get_params(), "fitted": fitted}

    def _cut(self, item: dict[int | str, SignedMeasure]) -> dict[int | str, SignedMeasure]:
        cut: dict[int | str, SignedMeasure] = {}
        for key, corner in self.corners_.items():
            positions = item[key].positions.reshape(-1, 4)
            ends = np.where(np.isinf(positions[:, 2:]), corner, positions[:, 2:])
            cut[key] = SignedMeasure(np.hstack([positions[:, :2], ends]), item[key].weights)
        return cut


def _corner(tables: Sequence[np.ndarray]) -> np.ndarray:
    """[2] (radius, level) above all finite ones, by a tenth of their extent."""
    corner = np.ones(2)
    for axis in range(2):
        values = np.concatenate([np.zeros(0), *(table[:, [axis, axis + 2]].reshape(-1) for table in tables)])
        finite = values[np.isfinite(values)]
        if len(finite):
            extent = finite.max() - finite.min()
            corner[axis] = finite.max() + (MARGIN * extent if extent > 0 else 1.0)
    return corner
