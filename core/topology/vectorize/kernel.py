"""The sliced Wasserstein kernel for support vector machines: `SlicedWassersteinKernel`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from core.topology.engine.mass import complete_mass
from core.topology.engine.measure import SignedMeasure
from core.topology.engine.sliced_wasserstein import (
    DIRECTIONS,
    sliced_wasserstein_kernel,
    sliced_wasserstein_matrix,
)
from core.topology.vectorize.box import Box, fit_box, keys_of
from core.topology.vectorize.checked_measures import checked_measures

Measures = Sequence[dict[int | str, SignedMeasure]]
MARGIN = 0.1  # of the box: how far above it measures are cut


class SlicedWassersteinKernel(TransformerMixin, BaseEstimator):
    """k(mu, nu) = mean over degrees of weight exp(-SW(mu, nu) / 2 sigma^2), for SVC(kernel="precomputed").

    Measures are scaled to the box of the training Diracs and completed to mass 0 at a corner above it. `transform`
    returns the kernel with the training items, whose measures are kept.

    Args:
        sigma: width, in units of the median distance between training items.
        directions: how many lines measures are projected to.
        weights: one for each degree; None: 1 each.
    """

    def __init__(
        self, sigma: float = 1.0, directions: int = DIRECTIONS, weights: tuple[float, ...] | None = None
    ) -> None:
        self.sigma = sigma
        self.directions = directions
        self.weights = weights

    def fit(self, X: Measures, y: object = None) -> Self:
        """Keeps the training measures and finds the unit of `sigma`.

        Raises:
            BadInput: no items, or items with different degrees.
        """
        self._remember(X)
        distances = self.distances()
        apart = np.concatenate([table[np.triu_indices(len(table), 1)] for table in distances])
        positive = apart[apart > 0]
        self.unit_ = float(np.sqrt(np.median(positive))) if len(positive) else 1.0
        return self

    def fit_transform(self, X: Measures, y: object = None) -> np.ndarray:
        """[items, items] the kernel of the training items."""
        return self.fit(X, y).transform(X)

    def transform(self, X: Measures) -> np.ndarray:
        """[items, training items] the kernel."""
        check_is_fitted(self)
        return self.of_distances(self.distances(X))

    def distances(self, X: Measures | None = None) -> list[np.ndarray]:
        """Of each degree the sliced Wasserstein distances [items, training items]; of the training items themselves
        without X. They do not depend on sigma, so one table serves a search for it.
        """
        check_is_fitted(self, "kept_")
        tables = []
        items = None if X is None else checked_measures(X, self.degrees_)
        for key in self.degrees_:
            others = None if items is None else [self._completed(item, key) for item in items]
            if others is None:
                tables.append(sliced_wasserstein_matrix(self.kept_[key], None, self.directions))
            else:
                tables.append(sliced_wasserstein_matrix(others, self.kept_[key], self.directions))
        return tables

    def of_distances(self, distances: Sequence[np.ndarray]) -> np.ndarray:
        """The kernel of given distances."""
        weights = self.weights or (1.0,) * len(self.degrees_)
        return sliced_wasserstein_kernel(distances, weights, self.sigma * self.unit_)

    def settings(self) -> dict[str, Any]:
        """Parameters, boxes and the unit of sigma, as plain JSON values."""
        check_is_fitted(self)
        parameters = {
            name: list(value) if isinstance(value, tuple) else value for name, value in self.get_params().items()
        }
        boxes = {f"H{key}" if isinstance(key, int) else key: box.settings() for key, box in self.boxes_.items()}
        fitted = {"boxes": boxes, "sigma_unit": self.unit_, "training_items": len(self.kept_[self.degrees_[0]])}
        return {"transformer": type(self).__name__, "parameters": parameters, "fitted": fitted}

    def _remember(self, X: Measures) -> None:
        X = checked_measures(X)
        self.degrees_ = keys_of(X)
        self.boxes_: dict[int | str, Box] = {
            key: fit_box([item[key].positions for item in X], 2, dropped=0.0) for key in self.degrees_
        }
        self.kept_ = {key: [self._completed(item, key) for item in X] for key in self.degrees_}

    def _completed(self, item: dict[int | str, SignedMeasure], key: int | str) -> SignedMeasure:
        positions, weights = item[key]
        return complete_mass(self.boxes_[key].scaled(positions.reshape(-1, 2)), weights, (1 + MARGIN, 1 + MARGIN))
