"""Perturbations of images: noise on their pixels, and pixels that are broken."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.topology.bifiltrations.bifiltration import of_cells
from core.topology.bifiltrations.cubical import cubical_bifiltration
from core.topology.bifiltrations.filtering import Filtering
from core.topology.functions.choices import image_function
from core.topology.robustness.graded import Graded, NamedCells


@dataclass(frozen=True, eq=False)
class ImageItem:
    """An image with one or two channels.

    Attributes:
        image: [h, w, channels].
        filtering: the second parameter.
    """

    image: np.ndarray
    filtering: Filtering

    sweeps = ("noise", "outliers")

    def with_noise(self, size: float, rng: np.random.Generator) -> ImageItem:
        """Each value of a channel moved by N(0, (size * range)^2)."""
        scale = size * np.ptp(self.image, axis=(0, 1))
        return replace(self, image=self.image + scale * rng.standard_normal(self.image.shape))

    def with_outliers(self, share: float, rng: np.random.Generator) -> ImageItem:
        """That share of the pixels, at least one, set to the lowest or the highest value of the first channel."""
        first = self.image[:, :, 0]
        order, ends = rng.permutation(first.size), rng.random(first.size) < 0.5
        broken = order[: max(round(share * first.size), 1)]
        image = self.image.copy()
        image[:, :, 0].flat[broken] = np.where(ends[: len(broken)], first.min(), first.max())
        return replace(self, image=image)

    def graded(self) -> Graded:
        """Its bifiltration.

        Raises:
            BadInput: a second parameter that it can't have.
        """
        first, second = -self.image[:, :, 0], image_function(self.filtering.second, self.image, self.filtering.settings)
        pixels = np.stack([first, second], axis=-1)
        right = np.maximum(pixels[:, :-1], pixels[:, 1:])
        down = np.maximum(pixels[:-1], pixels[1:])
        squares = np.maximum(right[:-1], right[1:])
        tables = [part.reshape(-1, 2) for part in (pixels, right, down, squares)]
        grades = [tables[0], np.concatenate(tables[1:3]), tables[3]]
        cells = tuple(NamedCells(np.arange(len(table))[:, None], table) for table in grades)
        whole = of_cells(cubical_bifiltration(first, second), "cubical", second.reshape(-1))
        return Graded(whole, np.arange(first.size), cells)
