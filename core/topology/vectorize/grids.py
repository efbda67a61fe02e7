"""Values of Hilbert and Euler functions on a grid as features: `HilbertGrid`, `EulerGrid`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from core.errors import BadInput
from core.topology.engine.checks import checked_choice
from core.topology.engine.measure import SignedMeasure, evaluate
from core.topology.engine.signed_measure import EULER
from core.topology.vectorize.box import DROPPED, fit_box, keys_of
from core.topology.vectorize.checked_measures import checked_measures

Measures = Sequence[dict[int | str, SignedMeasure]]
SPACINGS = ("regular", "quantile")


class HilbertGrid(TransformerMixin, BaseEstimator):
    """dim H_k at the points of a grid that is fitted to the training part, the degrees one after the other.

    Sampled exactly: a measure is summed up to each grid point, nothing is rounded to the grid. An axis that does not
    vary has one value. Takes lists of {degree: (positions, weights)}, as `signed_measure` returns.

    Args:
        resolution: grid values on each axis, at most.
        spacing: "regular" between two quantiles of the training Diracs, or "quantile": where these lie.
        dropped: share of the training Diracs that may lie beyond each end of a regular axis.
    """

    def __init__(self, resolution: int = 20, spacing: str = "regular", dropped: float = DROPPED) -> None:
        self.resolution = resolution
        self.spacing = spacing
        self.dropped = dropped

    def fit(self, X: Measures, y: object = None) -> Self:
        """Finds the axes of each degree.

        Raises:
            BadInput: settings that can't be used, no items, or items with different degrees.
        """
        checked_choice(self.spacing, SPACINGS, "spacing")
        if self.resolution < 1 or self.resolution != int(self.resolution):
            raise BadInput(f"resolution is {self.resolution}; a whole number from 1 is expected.")
        X = checked_measures(X)
        self.degrees_ = self._keys(X)
        self.axes_: dict[int | str, list[np.ndarray]] = {}
        for key in self.degrees_:
            tables = [item[key].positions for item in X]
            if self.spacing == "regular":
                self.axes_[key] = fit_box(tables, 2, self.dropped).axes(self.resolution)
            else:
                self.axes_[key] = [_quantiles(tables, axis, self.resolution) for axis in range(2)]
        return self

    def transform(self, X: Measures) -> np.ndarray:
        """[items, features] float64."""
        check_is_fitted(self)
        rows = [
            np.concatenate([evaluate(item[key], *self.axes_[key]).reshape(-1) for key in self.degrees_])
            for item in checked_measures(X, self.degrees_)
        ]
        return np.array(rows, dtype=np.float64).reshape(len(X), -1)

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:
        """Degree, radius and level of each feature."""
        check_is_fitted(self)
        names = [
            f"{key if isinstance(key, str) else f'H{key}'}({radius:.6g}, {level:.6g})"
            for key in self.degrees_
            for radius in self.axes_[key][0]
            for level in self.axes_[key][1]
        ]
        return np.array(names, dtype=object)

    def settings(self) -> dict[str, Any]:
        """Parameters and fitted axes, as plain JSON values."""
        check_is_fitted(self)
        axes = {
            key if isinstance(key, str) else f"H{key}": {"radii": radii.tolist(), "levels": levels.tolist()}
            for key, (radii, levels) in self.axes_.items()
        }
        return {"transformer": type(self).__name__, "parameters": self.get_params(), "fitted": axes}

    def _keys(self, X: Measures) -> list[int | str]:
        keys = [key for key in keys_of(X) if key != EULER]
        if not keys:
            raise BadInput("The measures have no degree of homology; use EulerGrid for Euler measures.")
        return keys


class EulerGrid(HilbertGrid):
    """The Euler characteristic at the points of a grid that is fitted to the training part.

    Takes lists of {"euler": (positions, weights)}; where an item has Hilbert measures of all degrees instead, their
    alternating sum would be the same, and is not formed here.
    """

    def _keys(self, X: Measures) -> list[int | str]:
        if EULER not in keys_of(X):
            raise BadInput(
                "The measures are no Euler measures; compute them with invariant='euler', or use HilbertGrid."
            )
        return [EULER]


def _quantiles(tables: Sequence[np.ndarray], axis: int, count: int) -> np.ndarray:
    values = np.concatenate([np.zeros(0), *(table[:, axis] for table in tables if len(table))])
    finite = values[np.isfinite(values)]
    if not len(finite):
        return np.zeros(1)
    return np.unique(np.quantile(finite, np.linspace(0, 1, count), method="inverted_cdf"))
