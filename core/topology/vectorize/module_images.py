"""Landscapes and stable representations as features: `Landscape`, `SCDR`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from core.errors import BadInput
from core.topology.bifiltrations.bifiltration import Bifiltration
from core.topology.engine.candidate import candidate_decomposition
from core.topology.engine.landscape import landscape_on_grid
from core.topology.engine.representation import s_cdr_of
from core.topology.vectorize.box import Box, fit_box


class _OnCommonGrid(TransformerMixin, BaseEstimator, ABC):
    """What both need: a grid between the grades of the vertices and edges of the training items.

    The direction of lines is the extent of the box, so radius and level count alike whatever their units.
    """

    resolution: int
    degrees: tuple[int, ...]

    def fit(self, X: Sequence[Bifiltration], y: object = None) -> Self:
        """Finds the box.

        Raises:
            BadInput: no items, or settings that can't be used.
        """
        if not len(X):
            raise BadInput("There are no bifiltrations to fit: at least one item is expected.")
        if self.resolution < 2 or self.resolution != int(self.resolution):
            raise BadInput(f"resolution is {self.resolution}; a whole number from 2 is expected.")
        tables = [cells.grades for item in X for cells in item.complex(self.degrees).cells[:2]]
        found = fit_box(tables, 2, dropped=0.0)
        self.box_ = Box(found.low, found.low + found.extent)  # an axis without extent gets the length 1
        return self

    def transform(self, X: Sequence[Bifiltration]) -> np.ndarray:
        """[items, features] float64."""
        check_is_fitted(self)
        return np.array([self._features(item) for item in X]).reshape(len(X), -1)

    def settings(self) -> dict[str, Any]:
        """Parameters and fitted box, as plain JSON values."""
        check_is_fitted(self)
        parameters = {
            name: list(value) if isinstance(value, tuple) else value for name, value in self.get_params().items()
        }
        return {"transformer": type(self).__name__, "parameters": parameters, "fitted": self.box_.settings()}

    @abstractmethod
    def _features(self, item: Bifiltration) -> np.ndarray:
        """The features of one item, flat."""


class Landscape(_OnCommonGrid):
    """Multiparameter landscapes lambda_1, ..., lambda_k on a grid (Vipond, 2020), fitted to the training part.

    Takes lists of `Bifiltration`. Heights are in units of the box.

    Args:
        resolution: grid values on each axis.
        layers: k.
        degrees: of homology.
    """

    def __init__(self, resolution: int = 20, layers: int = 2, degrees: tuple[int, ...] = (0, 1)) -> None:
        self.resolution = resolution
        self.layers = layers
        self.degrees = degrees

    def _features(self, item: Bifiltration) -> np.ndarray:
        radii, levels = self.box_.axes(self.resolution)
        found = landscape_on_grid(
            item.complex(self.degrees), radii, levels, tuple(self.degrees), self.layers, self.box_.extent.tolist()
        )
        return np.concatenate([found[degree].reshape(-1) for degree in self.degrees])


class SCDR(_OnCommonGrid):
    """Stable candidate decomposition representations on a grid (arXiv:2306.11170), fitted to the training part.

    Takes lists of `Bifiltration`. For p below infinity the intervals come from bars that are matched between
    neighbouring lines, which is approximate.

    Args:
        resolution: grid values on each axis.
        delta: half the side of the window, as a share of the box.
        p: power of the weights, from 0 to infinity.
        lines: of the decomposition.
        degrees: of homology.
    """

    def __init__(
        self,
        resolution: int = 20,
        delta: float = 0.1,
        p: float = 1.0,
        lines: int = 50,
        degrees: tuple[int, ...] = (0, 1),
    ) -> None:
        self.resolution = resolution
        self.delta = delta
        self.p = p
        self.lines = lines
        self.degrees = degrees

    def _features(self, item: Bifiltration) -> np.ndarray:
        radii, levels = self.box_.axes(self.resolution)
        direction = self.box_.extent
        filtered = item.complex(self.degrees)
        frame = self.box_.low, self.box_.high
        seen = (self.box_.low - self.delta * direction, self.box_.high + self.delta * direction)
        images = []
        for degree in self.degrees:
            intervals = candidate_decomposition(filtered, degree, seen, self.lines, direction.tolist())
            images.append(s_cdr_of(intervals, radii, levels, self.delta, self.p, frame, direction.tolist()))
        return np.concatenate([image.reshape(-1) for image in images])
