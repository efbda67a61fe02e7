"""Multiparameter persistence landscapes of tensors."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from core.errors import BadInput
from core.topology.differentiable.filtration_values import Sources
from core.topology.differentiable.measures import complex_of, prepared
from core.topology.engine.bifiltration import checked_cloud_degrees
from core.topology.engine.checks import checked_axis, checked_choice
from core.topology.engine.complex import BifilteredComplex
from core.topology.engine.landscape import lines_through_grid
from core.topology.engine.line_barcode import bars_on_line
from core.topology.engine.persistence import Bars


def landscape(
    points: Tensor | None = None,
    function: Tensor | None = None,
    radii: ArrayLike = (),
    levels: ArrayLike = (),
    degrees: Iterable[int] = (0, 1),
    layers: int = 1,
    filtration: str = "rips",
    *,
    direction: Sequence[float] = (1.0, 1.0),
    distances: Tensor | None = None,
    threshold: float | None = None,
) -> dict[int, Tensor]:
    """`core.topology.landscape` for tensors; the grid is fixed.

    lambda_k(x) is the time from x to the begin or to the end of the bar that has the k-th largest such time, so its
    derivative is that of the radius or level of one cell.

    Args:
        points: [n, d].
        function: [n] second parameter.
        radii: [g] increasing numbers.
        levels: [h] increasing numbers.
        degrees: of homology.
        layers: k = 1, ..., layers.
        filtration: "rips" or "alpha".
        direction: both coordinates above zero.
        distances: [n, n] in place of points.
        threshold: edges longer than this are left out.

    Returns:
        By degree [layers, g, h] float64.

    Raises:
        BadInput: input that can't be used.
        TooLarge: more simplices than fit.
    """
    if layers < 1 or layers != int(layers):
        raise BadInput(f"layers is {layers}; a whole number from 1 is expected.")
    checked_choice(filtration, ("rips", "alpha"), "filtration")
    axes = checked_axis(radii, "radii"), checked_axis(levels, "levels")
    sources, cloud = prepared(points, function, filtration, distances, threshold)
    chosen = checked_cloud_degrees(degrees, filtration)
    whole = complex_of(cloud, chosen, filtration)
    parts: dict[int, list[_Tents]] = {degree: [] for degree in chosen}
    for rows, columns in lines_through_grid(*axes, direction):
        base = np.array([axes[0][rows[0]], axes[1][columns[0]]])
        places = np.arange(layers)[:, None] * axes[0].size * axes[1].size + rows * axes[1].size + columns
        times = (axes[0][rows] - base[0]) / direction[0]
        for degree, found in bars_on_line(whole, base, direction, chosen).items():
            parts[degree].append(_tents(found, times, places, base))
    shape = (layers, len(axes[0]), len(axes[1]))
    return {degree: _drawn(sources, whole, degree, parts[degree], direction, shape) for degree in chosen}


@dataclass(frozen=True)
class _Tents:
    """The values of landscapes on one line that are above 0, and the cells that they come from.

    Attributes:
        places: [v] in the flattened landscapes.
        times: [v] of the grid point on the line.
        ends: [v] bool: the value is the time until the bar ends, else since it began.
        cells: [v] number of the cell that begins or ends the bar.
        bases: [v, 2] where the line is at time 0.
    """

    places: np.ndarray
    times: np.ndarray
    ends: np.ndarray
    cells: np.ndarray
    bases: np.ndarray


def _tents(found: Bars, times: np.ndarray, places: np.ndarray, base: np.ndarray) -> _Tents:
    """The highest tents at each of [t] times; places [layers, t]."""
    since, until = times[:, None] - found.births, found.deaths - times[:, None]
    heights = np.minimum(since, until)
    order = np.argsort(-heights, axis=1, kind="stable")[:, : len(places)]
    layer, row = np.nonzero(np.take_along_axis(heights, order, axis=1).T > 0)
    bar = order[row, layer]
    ends = until[row, bar] < since[row, bar]
    cells = np.where(ends, found.death_cells[bar], found.birth_cells[bar])
    return _Tents(places[layer, row], times[row], ends, cells, np.broadcast_to(base, (len(row), 2)))


def _drawn(
    sources: Sources,
    whole: BifilteredComplex,
    degree: int,
    parts: Sequence[_Tents],
    direction: Sequence[float],
    shape: tuple[int, ...],
) -> Tensor:
    image = sources.function.new_zeros(int(np.prod(shape)))
    for ends in (False, True):
        cells = whole.of(degree + ends)
        mine = [part.ends == ends for part in parts]
        numbers, times, places, bases = (
            np.concatenate([getattr(part, name)[some] for part, some in zip(parts, mine, strict=True)])
            for name in ("cells", "times", "places", "bases")
        )
        if len(numbers) == 0:
            continue
        assert cells.radius_points is not None and cells.level_point is not None  # clouds have both
        slopes = np.asarray(direction, dtype=np.float64)
        entry = (cells.grades[numbers] - bases) / slopes
        later = entry.argmax(axis=1)  # the coordinate that lets the cell wait
        radius = sources.radii(cells.radius_points[numbers])
        level = sources.levels(cells.level_point[numbers], cells.grades[numbers, 1])
        on_radius = _tensor(later == 0, sources)
        value = torch.where(on_radius, radius, level)
        rows = np.arange(len(numbers))
        time = (value - _tensor(bases[rows, later], sources)) / _tensor(slopes[later], sources)
        height = time - _tensor(times, sources) if ends else _tensor(times, sources) - time
        image = image.index_put((_tensor(places, sources),), height)
    return image.reshape(shape)


def _tensor(values: np.ndarray, sources: Sources) -> Tensor:
    return torch.as_tensor(np.ascontiguousarray(values), device=sources.function.device)
