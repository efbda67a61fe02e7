"""Radii and levels as functions of points and of the second parameter: what all derivatives come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Sources:
    """The tensors that the filtration values of a cloud are computed from, in float64.

    Attributes:
        function: [n] second parameter.
        points: [n, d]; None if distances are given.
        distances: [n, n]; None if points are given.
    """

    function: Tensor
    points: Tensor | None
    distances: Tensor | None

    @classmethod
    def of(cls, points: Tensor | None, function: Tensor, distances: Tensor | None = None) -> Sources:
        """Takes over what a caller gives; derivatives go through the change to float64."""
        return cls(function.double(), *(None if table is None else table.double() for table in (points, distances)))

    def radii(self, radius_points: np.ndarray) -> Tensor:
        """The radius of some cells.

        Args:
            radius_points: [m, k] points whose smallest sphere has the radius for its diameter, filled up with -1.

        Returns:
            [m] float64.
        """
        counts = (radius_points >= 0).sum(axis=1)
        values = self.function.new_zeros(len(radius_points))
        for count in range(2, int(counts.max(initial=1)) + 1):
            rows = np.flatnonzero(counts == count)
            if len(rows):
                lengths = self._diameters(radius_points[rows, :count])
                values = values.index_put((self._numbers(rows),), lengths)
        return values

    def levels(self, level_point: np.ndarray, given: np.ndarray) -> Tensor:
        """The level of some cells.

        Args:
            level_point: [m] points at which the function has the level, -1 where it is no value of the function.
            given: [m] the levels as numbers, which stand where there is no such point.

        Returns:
            [m] float64.
        """
        fixed = torch.as_tensor(given, dtype=torch.float64, device=self.function.device)
        known = torch.as_tensor(level_point >= 0, device=self.function.device)
        return torch.where(known, self.function[self._numbers(np.maximum(level_point, 0))], fixed)

    def _diameters(self, places: np.ndarray) -> Tensor:
        if self.distances is not None:
            return self.distances[self._numbers(places[:, 0]), self._numbers(places[:, 1])]
        assert self.points is not None
        return circumdiameters(self.points[self._numbers(places)])

    def _numbers(self, places: np.ndarray) -> Tensor:
        return torch.as_tensor(places.astype(np.int64), device=self.function.device)


def circumdiameters(corners: Tensor) -> Tensor:
    """Diameters of the smallest spheres through some points.

    With the edges E from the first corner, the centre is c = w E, and 2 E E^T w = |E|^2.

    >>> square = torch.tensor([[[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]]], dtype=torch.float64)
    >>> circumdiameters(square).tolist(), circumdiameters(square[:, 1:]).tolist()
    ([5.0], [5.0])

    Args:
        corners: [m, k, d], k from 2 to d + 1, independent.

    Returns:
        [m].
    """
    edges = corners[:, 1:] - corners[:, :1]
    if corners.shape[1] == 2:
        return safe_sqrt((edges[:, 0] ** 2).sum(dim=1))
    gram = edges @ edges.transpose(1, 2)
    squares = torch.diagonal(gram, dim1=1, dim2=2)
    weights = torch.linalg.solve(2 * gram, squares[..., None])
    return 2 * safe_sqrt(((weights.transpose(1, 2) @ edges)[:, 0] ** 2).sum(dim=1))


def safe_sqrt(squares: Tensor) -> Tensor:
    """The square root, with the derivative 0 at 0, which lies in Clarke's subdifferential of a norm."""
    positive = squares > 0
    return torch.where(positive, torch.where(positive, squares, 1.0).sqrt(), 0.0)
