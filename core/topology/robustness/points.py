"""Perturbations of points and of matrices of distances."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.topology.bifiltrations.bifiltration import of_cloud
from core.topology.bifiltrations.filtering import Filtering
from core.topology.functions.choices import point_function
from core.topology.functions.kde import diameter_of
from core.topology.robustness.graded import Graded


@dataclass(frozen=True, eq=False)
class Points:
    """A cloud or a matrix of distances.

    Attributes:
        places: [n, d] points, or [n, n] distances.
        are_distances: which of the two.
        column: [n] a second parameter that came with them; None without.
        names: [n] their numbers; points that are added get new ones.
        shown: [n] bool, the points that the complex has; the second parameter is computed from all.
        filtering: the bandwidth is a length, so that it does not change with the points.
    """

    places: np.ndarray
    are_distances: bool
    column: np.ndarray | None
    names: np.ndarray
    shown: np.ndarray
    filtering: Filtering

    @property
    def sweeps(self) -> tuple[str, ...]:
        """What can be done to it: matrices of distances have no place for a new point."""
        return ("noise", "subsample") if self.are_distances else ("noise", "outliers", "subsample")

    def with_noise(self, size: float, rng: np.random.Generator) -> Points:
        """Each coordinate, or each distance, moved by N(0, (size * diameter)^2).

        A distance that would fall below 0 is turned over, so that the matrix stays one of distances.
        """
        scale = size * diameter_of(self.places, are_distances=self.are_distances)
        if not self.are_distances:
            return replace(self, places=self.places + scale * rng.standard_normal(self.places.shape))
        upper = np.triu(rng.standard_normal(self.places.shape), 1)
        moved = np.abs(self.places + scale * (upper + upper.T))
        np.fill_diagonal(moved, 0.0)
        return replace(self, places=moved)

    def with_outliers(self, share: float, rng: np.random.Generator) -> Points:
        """That share of the points as new ones, spread evenly over the box around them; a column gives them values of its own.

        At least one is added. More outliers contain the fewer ones of the same draw.
        """
        count = max(round(share * len(self.places)), 1)
        places, values = rng.spawn(2)
        low, high = self.places.min(axis=0), self.places.max(axis=0)
        new = low + (high - low) * places.random((count, self.places.shape[1]))
        column = self.column
        if column is not None:
            column = np.append(column, column[(values.random(count) * len(column)).astype(np.int64)])
        return replace(
            self,
            places=np.concatenate([self.places, new]),
            column=column,
            names=np.append(self.names, self.names.max() + 1 + np.arange(count)),
            shown=np.append(self.shown, np.ones(count, dtype=bool)),
        )

    def subsample(self, share: float, rng: np.random.Generator) -> Points:
        """That share of the points, drawn without replacement, of those that the complex has and of the others alike.

        At least two stay. Smaller subsamples lie in the larger ones of the same draw.
        """
        order = rng.permutation(len(self.places))
        parts = [order[self.shown[order] == shown] for shown in (True, False)]
        kept = [part[: max(round(share * len(part)), 2 if place == 0 else 0)] for place, part in enumerate(parts)]
        stay = np.sort(np.concatenate(kept))
        return replace(
            self,
            places=self.places[np.ix_(stay, stay)] if self.are_distances else self.places[stay],
            column=None if self.column is None else self.column[stay],
            names=self.names[stay],
            shown=self.shown[stay],
        )

    def graded(self) -> Graded:
        """Its bifiltration.

        Raises:
            BadInput: a second parameter that it can't have.
        """
        chosen = self.filtering
        values = point_function(
            chosen.second, self.places, self.column, chosen.settings, are_distances=self.are_distances
        )
        shown = np.flatnonzero(self.shown)
        places = self.places[np.ix_(shown, shown)] if self.are_distances else self.places[shown]
        found = of_cloud(places, values[shown], chosen.filtration, chosen.threshold, are_distances=self.are_distances)
        return Graded(found, self.names[shown])
