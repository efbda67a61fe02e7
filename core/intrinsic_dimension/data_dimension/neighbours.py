"""Exact nearest neighbours of every point among all the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from core.analysis import report
from core.intrinsic_dimension.data_dimension.distinct_points import unit_scaled

TOLERANCE = 1e-9  # of squared distances; closer than that two points are equally near
MARGIN = 16  # candidates beyond k, so that the rounding of the fast search cannot hide a neighbour
SEARCH_VALUES = 1 << 23  # squared distances held at once: 32 MiB in float32
REFINE_VALUES = 1 << 19  # coordinate differences held at once: 4 MiB, which stays in a core's cache


@dataclass(frozen=True)
class Neighbours:
    """The k nearest neighbours of n points, nearest first, the point itself left out.

    Attributes:
        distances: float64 [n, k].
        indices: int64 [n, k].
    """

    distances: np.ndarray
    indices: np.ndarray

    @property
    def count(self) -> int:
        """k, the neighbours that each point has."""
        return int(self.distances.shape[1])


def nearest_neighbours(points: np.ndarray, k: int, device: str = "cpu") -> Neighbours:
    """Finds the k nearest neighbours of every point by Euclidean distance, exactly.

    Candidates come from |x|^2 - 2 x.y + |y|^2 in float32, one block of rows at a time, so memory grows with
    n and not with n^2. That form cancels where points are close compared with their norms: the distances to
    the candidates are therefore computed again from coordinate differences in float64. A point for which the
    rounding error could have hidden a neighbour that is nearer than the k-th by a part of 10^9 is searched again
    in float64 and, where even that is not enough, among the differences to all points.

    Args:
        points: [n, p], n > k.
        k: neighbours a point.
        device: where torch searches ("cpu", "cuda").
    """
    scaled, scale = unit_scaled(points)
    exact = torch.from_numpy(scaled).to(device)
    fast = exact.float()
    norms, fast_norms = exact.square().sum(1), fast.square().sum(1)
    n = len(exact)
    count = min(k + MARGIN, n - 1)
    distances = torch.empty(n, k, dtype=torch.float64)
    indices = torch.empty(n, k, dtype=torch.int64)
    rows_at_once = max(1, SEARCH_VALUES // n)
    for start in range(0, n, rows_at_once):
        rows = torch.arange(start, min(start + rows_at_once, n), device=device)
        squares, found, hidden = _search(fast, fast_norms, exact, rows, k, count)
        for candidates in (count, n - 1):
            if hidden.any():
                again = hidden.nonzero().flatten()
                squares[again], found[again], hidden[again] = _search(exact, norms, exact, rows[again], k, candidates)
        distances[rows.cpu()] = squares.sqrt().cpu()
        indices[rows.cpu()] = found.cpu()
        report((start + len(rows)) / n, "nearest neighbours")
    return Neighbours(distances.numpy() * scale, indices.numpy())


def _search(
    coordinates: torch.Tensor, norms: torch.Tensor, exact: torch.Tensor, rows: torch.Tensor, k: int, count: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Exact squares [rows, k], indices [rows, k], and which rows may lack a neighbour [rows]."""
    squares = torch.addmm(norms[None, :], coordinates[rows], coordinates.T, alpha=-2.0)  # [rows, n], less |x|^2
    squares[torch.arange(len(rows), device=rows.device), rows] = torch.inf
    rough, candidates = squares.topk(count, dim=1, largest=False, sorted=False)
    refined = _squared_distances(exact, rows, candidates)
    kept, place = refined.topk(k, dim=1, largest=False, sorted=True)
    found = candidates.gather(1, place)
    if count == len(coordinates) - 1:
        return kept, found, torch.zeros(len(rows), dtype=torch.bool, device=rows.device)
    # A point that was not kept lies, by the rough square, beyond all candidates. If it were nearer than the
    # k-th, its rough square could exceed the true one by no more than this bound on the rounding of a dot product.
    farthest = rough.max(1).values.double() + norms[rows].double()
    radius, norm = kept[:, -1].sqrt(), norms[rows].double().sqrt()
    rounding = (coordinates.shape[1] + 8) * torch.finfo(coordinates.dtype).eps / 2
    return kept, found, farthest - rounding * (2 * norm + radius) ** 2 < kept[:, -1] * (1 - TOLERANCE)


def _squared_distances(exact: torch.Tensor, rows: torch.Tensor, candidates: torch.Tensor) -> torch.Tensor:
    """Squared distances [rows, count] from coordinate differences, in float64."""
    count, p = candidates.shape[1], exact.shape[1]
    squares = torch.empty(candidates.shape, dtype=torch.float64, device=exact.device)
    values = REFINE_VALUES if exact.device.type == "cpu" else SEARCH_VALUES
    rows_at_once = max(1, values // (count * p))
    differences = torch.empty(rows_at_once * count, p, dtype=torch.float64, device=exact.device)
    for start in range(0, len(rows), rows_at_once):
        block = rows[start : start + rows_at_once]
        near = differences[: len(block) * count]
        torch.index_select(exact, 0, candidates[start : start + rows_at_once].flatten(), out=near)  # copies whole rows
        near.view(len(block), count, p).sub_(exact[block, None, :])
        squares[start : start + rows_at_once] = near.square_().sum(1).view(len(block), count)
    return squares
