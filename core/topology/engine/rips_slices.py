"""Hilbert functions of the Vietoris-Rips bifiltration above degree 1, level by level with gudhi's Ripser."""

from __future__ import annotations

import numpy as np

from core.topology.engine.measure import SignedMeasure, collect


def rips_hilbert(
    distances: np.ndarray,
    function: np.ndarray,
    degrees: tuple[int, ...],
    levels: np.ndarray,
    threshold: float = np.inf,
) -> dict[int, SignedMeasure]:
    """The signed measure of the dimensions of homology, exact in the radius.

    Births add 1 at (radius, level), finite deaths take 1 away, and so does what the level before had. Nothing is stored
    but one level's columns, which is what makes degree 2 possible where its bifiltered complex would not fit.

    Args:
        distances: [n, n] symmetric.
        function: [n] level at which a point enters.
        degrees: of homology.
        levels: [m] increasing.
        threshold: edges longer than this are left out.
    """
    from gudhi.sklearn import RipsPersistence

    ripser = RipsPersistence(
        homology_dimensions=list(degrees),
        threshold=threshold,
        input_type="full distance matrix",
        homology_coeff_field=2,
    )
    positions: dict[int, list[np.ndarray]] = {degree: [] for degree in degrees}
    weights: dict[int, list[np.ndarray]] = {degree: [] for degree in degrees}
    before, diagrams = -1, [np.zeros((0, 2)) for _ in degrees]
    for place, level in enumerate(levels):
        present = np.flatnonzero(function <= level)
        if len(present) != before and len(present):
            diagrams = ripser.fit_transform([distances[np.ix_(present, present)]])[0]
        before = len(present)
        for degree, diagram in zip(degrees, diagrams, strict=True):
            births, deaths = diagram[:, 0], diagram[np.isfinite(diagram[:, 1]), 1]
            for at, sign in zip(levels[place : place + 2], (1, -1), strict=False):
                for values, weight in ((births, sign), (deaths, -sign)):
                    positions[degree].append(np.column_stack([values, np.full(len(values), at)]))
                    weights[degree].append(np.full(len(values), weight))
    return {
        degree: collect(np.concatenate(positions[degree]), np.concatenate(weights[degree]))[0] for degree in degrees
    }
