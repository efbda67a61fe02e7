"""Where the phases of a map change: probabilities on the grid, and the lines at one half.

The paper's transitions are two: between sharp and flat (seen in the Hessian), and between poorly and well connected.
IV-A and IV-B shade into each other; that is a crossover and has no line.
"""

from __future__ import annotations

from dataclasses import dataclass

import contourpy
import numpy as np

from core.landscape.phase_map.labels import APART, CONNECTED, FLAT, LABELS, SHARP
from core.landscape.phase_map.phases import PhaseMap


@dataclass(frozen=True, eq=False)
class Transitions:
    """The map on its grid of loads and temperatures.

    Attributes:
        loads: [L] ascending.
        temperatures: [T] ascending.
        sharp: [T, L] probability of a sharp landscape, NaN where it is not known or the cell collapsed.
        connected: [T, L] probability that the seeds are well connected.
        crossover: [T, L] from IV-A (0) to IV-B (1), NaN outside of IV.
        sharp_lines: lines on which `sharp` is one half; each [k, 2] of load and temperature.
        connected_lines: lines on which `connected` is one half.
    """

    loads: np.ndarray
    temperatures: np.ndarray
    sharp: np.ndarray
    connected: np.ndarray
    crossover: np.ndarray
    sharp_lines: list[np.ndarray]
    connected_lines: list[np.ndarray]


def transitions(found: PhaseMap) -> Transitions:
    """Probabilities and transition lines; lines are drawn between cells that are neighbours on a logarithmic grid.

    An axis with a value that is not positive (no label noise, no weight decay) is taken as it is.
    """
    loads, column = np.unique(found.cells["load"], return_inverse=True)
    temperatures, row = np.unique(found.cells["temperature"], return_inverse=True)

    def on_grid(values: np.ndarray) -> np.ndarray:
        grid = np.full((len(temperatures), len(loads)), np.nan)
        grid[row, column] = values
        return grid

    sharp = on_grid(_share(found.probabilities, SHARP, FLAT))
    connected = on_grid(_share(found.probabilities, CONNECTED, APART))
    return Transitions(
        loads=loads,
        temperatures=temperatures,
        sharp=sharp,
        connected=connected,
        crossover=on_grid(found.cells["crossover"].to_numpy()),
        sharp_lines=half_lines(loads, temperatures, sharp),
        connected_lines=half_lines(loads, temperatures, connected),
    )


def half_lines(loads: np.ndarray, temperatures: np.ndarray, probability: np.ndarray) -> list[np.ndarray]:
    """The lines on which a probability on a grid is one half.

    Args:
        loads: [L] ascending.
        temperatures: [T] ascending.
        probability: [T, L]; lines stop at cells that are missing.

    Returns:
        One [k, 2] array of load and temperature a line; none where the grid has fewer than two rows or columns.
    """
    if min(probability.shape) < 2:
        return []
    logarithmic = [bool((axis > 0).all()) for axis in (loads, temperatures)]
    x, y = (np.log(axis) if log else axis for axis, log in zip((loads, temperatures), logarithmic, strict=True))
    generator = contourpy.contour_generator(x, y, np.ma.masked_invalid(probability))
    lines = []
    for line in generator.lines(0.5):
        points = np.asarray(line, np.float64).copy()
        for axis, log in enumerate(logarithmic):
            points[:, axis] = np.exp(points[:, axis]) if log else points[:, axis]
        lines.append(points)
    return lines


def _share(probabilities: np.ndarray, names: tuple[str, ...], others: tuple[str, ...]) -> np.ndarray:
    """Probability of some labels among these and the others, NaN where neither was ever found."""
    one, other = (probabilities[:, [LABELS.index(name) for name in part]].sum(axis=1) for part in (names, others))
    with np.errstate(invalid="ignore"):
        return one / (one + other)
