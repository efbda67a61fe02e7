"""An evolution strategy that learns the shape of what it searches: CMA-ES."""

from __future__ import annotations

import numpy as np
import torch


class CovarianceAdaptation:
    """The (mu/mu_w, lambda) evolution strategy with covariance matrix adaptation, for the highest reward.

    Points are drawn from N(centre, spread^2 C); centre, spread and C then follow the better half of them. Hansen 2016
    (arXiv:1604.00772), figure 6 with the weights and rates of table 1, positive weights alone. Points with equal rewards
    share the weights of their ranks, so that ties pull nowhere.

    Attributes:
        centre: [d].
        spread: sigma.
        covariance: C, [d, d].
        population: lambda, points of a generation.
    """

    def __init__(self, centre: np.ndarray, spread: float, population: int) -> None:
        size = len(centre)
        self.centre, self.spread, self.covariance, self.population = centre, spread, np.eye(size), population
        half = population // 2
        weights = np.log((population + 1) / 2) - np.log(np.arange(1, half + 1))
        self._weights = np.concatenate((weights / weights.sum(), np.zeros(population - half)))
        self._selected = mass = 1 / np.square(self._weights).sum()  # mu_eff
        self._path_rate = (4 + mass / size) / (size + 4 + 2 * mass / size)
        self._rank_one = 2 / ((size + 1.3) ** 2 + mass)
        self._rank_mu = min(1 - self._rank_one, 2 * (mass - 2 + 1 / mass) / ((size + 2) ** 2 + mass))
        self._spread_rate = (mass + 2) / (size + mass + 5)
        self._damping = 1 + 2 * max(0.0, ((mass - 1) / (size + 1)) ** 0.5 - 1) + self._spread_rate
        self._expected = size**0.5 * (1 - 1 / (4 * size) + 1 / (21 * size**2))  # length of a normal vector
        self._spread_path, self._path = np.zeros(size), np.zeros(size)
        self._steps, self._generation = np.zeros((population, size)), 0

    def ask(self, generator: torch.Generator) -> np.ndarray:
        """The points of the next generation, [lambda, d]."""
        normal = torch.randn(self.population, len(self.centre), generator=generator, dtype=torch.float64).numpy()
        self._steps = normal @ self._root(0.5)
        return self.centre + self.spread * self._steps

    def tell(self, rewards: np.ndarray) -> None:
        """Takes the rewards of those points, [lambda]; the centre moves."""
        weights = self._shares(rewards)
        step = weights @ self._steps
        self.centre = self.centre + self.spread * step
        self._generation += 1

        keep = 1 - self._spread_rate
        self._spread_path *= keep
        self._spread_path += (
            (self._spread_rate * (2 - self._spread_rate) * self._selected) ** 0.5 * self._root(-0.5) @ step
        )
        length = float(np.linalg.norm(self._spread_path)) / self._expected
        stalled = length / (1 - keep ** (2 * self._generation)) ** 0.5 >= 1.4 + 2 / (len(step) + 1)

        self._path *= 1 - self._path_rate
        lost = self._path_rate * (2 - self._path_rate)
        if not stalled:
            self._path += (lost * self._selected) ** 0.5 * step
        lasting = 1 - self._rank_one * (1 - lost * stalled) - self._rank_mu
        self.covariance = (
            lasting * self.covariance
            + self._rank_one * np.outer(self._path, self._path)
            + self._rank_mu * (self._steps.T * weights) @ self._steps
        )
        self.spread *= float(np.exp(self._spread_rate / self._damping * (length - 1)))

    def _shares(self, rewards: np.ndarray) -> np.ndarray:
        """The weight of each point, by its rank."""
        _, group, counts = np.unique(-rewards, return_inverse=True, return_counts=True)
        ends = np.cumsum(counts)
        summed = np.concatenate(([0.0], np.cumsum(self._weights)))
        return ((summed[ends] - summed[ends - counts]) / counts)[group]

    def _root(self, power: float) -> np.ndarray:
        """C to a power: the symmetric root, which does not depend on the signs of eigenvectors."""
        values, vectors = np.linalg.eigh(self.covariance)
        return (vectors * np.maximum(values, 1e-20) ** power) @ vectors.T
