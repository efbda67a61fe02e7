"""TempNet: a small network that gives each example its temperature, with its robust loss or with the likelihood.

Qiu et al. 2024 (arXiv 2404.04575), section 4. With x the logits less their largest, divided by their norm:

    x <- W2 sigmoid(W1 x + b1) + b2        (dropout 0.5 after the sigmoid while training; 256 units)
    w  = softmax(x / exp(s))
    T  = (T_max - T_min) sigmoid(v . ((w - 1/256) x) + c) + T_min

The robust loss is T NLL(z / T, y) + (rho - log K) T, the dual of a distributionally robust problem with a KL ball.
Its slope in T is rho - KL(softmax(z / T) || uniform): it knows no labels, and its exact minimiser gives every example
the same entropy. So it shapes the entropy rather than the calibration; the same network trained with plain NLL is the
recalibrator of the two. Here rho is by default the mean KL at the fitted temperature, which makes that temperature
the best constant one for the robust loss too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from core.calibration.repair.recalibrator import Recalibrator
from core.calibration.repair.scores import check_fit_rows, finite_scores, log_softmax
from core.calibration.repair.temperature import find_temperature

HIDDEN = 256
DROPOUT = 0.5
STEPS, BATCH, RATE = 500, 256, 1e-2
RANGE = (0.1, 1.9)  # of T, in units of the fitted temperature, so that the network starts near it


class TempNet(nn.Module):
    """Temperatures [n] of logits [n, K] that were shifted to a largest value of zero."""

    def __init__(self, classes: int, low: float, high: float) -> None:
        super().__init__()
        self.low, self.high = low, high
        self.first, self.second = nn.Linear(classes, HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.dropout = nn.Dropout(DROPOUT)
        self.log_scale = nn.Parameter(torch.zeros(()))
        self.last = nn.Linear(HIDDEN, 1)
        nn.init.ones_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, gaps: torch.Tensor) -> torch.Tensor:
        """Temperatures [n] of shifted logits [n, K]."""
        x = nn.functional.normalize(gaps, dim=1)
        x = self.second(self.dropout(torch.sigmoid(self.first(x))))
        attention = torch.softmax(x / self.log_scale.exp(), dim=1)
        out = self.last((attention - 1 / HIDDEN) * x)[:, 0]
        return (self.high - self.low) * torch.sigmoid(out) + self.low


def fit_robust(scores: np.ndarray, labels: np.ndarray, seed: int = 0, rho: float | None = None) -> Recalibrator:
    """TempNet trained with its robust loss.

    Args:
        scores: [n, K] logits or log-probabilities.
        labels: [n] integers in 0..K-1.
        seed: of initialisation, batches and dropout.
        rho: radius of the KL ball in nats, between 0 and log K; by default the mean KL at the fitted temperature.
    """
    check_fit_rows(scores, labels)
    temperature = find_temperature(scores, labels).scale
    radius = mean_divergence(scores, temperature) if rho is None else rho
    offset = radius - float(np.log(scores.shape[1]))

    def loss(nll: torch.Tensor, temperatures: torch.Tensor) -> torch.Tensor:
        return (temperatures * nll + offset * temperatures).mean()

    return _trained("tempnet_robust", scores, labels, seed, temperature, loss, (f"rho is {radius:.4g} nats.",))


def fit_likelihood(scores: np.ndarray, labels: np.ndarray, seed: int = 0) -> Recalibrator:
    """The same network trained with the negative log-likelihood.

    Args:
        scores: [n, K] logits or log-probabilities.
        labels: [n] integers in 0..K-1.
        seed: of initialisation, batches and dropout.
    """
    check_fit_rows(scores, labels)
    temperature = find_temperature(scores, labels).scale
    return _trained("tempnet_nll", scores, labels, seed, temperature, lambda nll, _: nll.mean(), ())


def mean_divergence(scores: np.ndarray, temperature: float) -> float:
    """Mean over rows of KL(softmax(z / T) || uniform), in nats: log K less the mean entropy."""
    logs = log_softmax(scores / temperature)
    p = np.exp(logs)
    return float(np.log(scores.shape[1]) + (p * np.where(p > 0, logs, 0.0)).sum(axis=1).mean())


def _trained(
    name: str, scores: np.ndarray, labels: np.ndarray, seed: int, temperature: float, loss: Any, notes: tuple[str, ...]
) -> Recalibrator:
    finite = finite_scores(scores)
    gaps = torch.as_tensor(finite - finite.max(axis=1, keepdims=True), dtype=torch.float32)
    targets = torch.as_tensor(labels, dtype=torch.int64)
    low, high = (factor * temperature for factor in RANGE)
    with _one_thread(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = TempNet(scores.shape[1], low, high)
        optimiser = torch.optim.Adam(network.parameters(), lr=RATE)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, STEPS)
        for _ in range(STEPS):
            rows = torch.randint(len(targets), (min(BATCH, len(targets)),))
            temperatures = network(gaps[rows])
            nll = nn.functional.cross_entropy(gaps[rows] / temperatures[:, None], targets[rows], reduction="none")
            optimiser.zero_grad()
            loss(nll, temperatures).backward()
            optimiser.step()
            schedule.step()
    return Recalibrator(name, "network_temperature", scores.shape[1], _parameters(network), notes)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Layers this small run slower on several threads, by far where other work shares the cores."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _parameters(network: TempNet) -> dict[str, Any]:
    state = {name: value.tolist() for name, value in network.state_dict().items()}
    return {
        "w1": state["first.weight"],
        "b1": state["first.bias"],
        "w2": state["second.weight"],
        "b2": state["second.bias"],
        "last": state["last.weight"][0],
        "last_bias": state["last.bias"][0],
        "log_scale": state["log_scale"],
        "range": [network.low, network.high],
    }
