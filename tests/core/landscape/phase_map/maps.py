"""Maps with phases that are known, made from what the taxonomy's authors report of theirs."""

from __future__ import annotations

import numpy as np
import pandas as pd

# Means over the cells of each phase of the published map (ResNet-18 on CIFAR-10, 14 widths x 15 batch sizes); of the
# trace only the range of its logarithm is known, 3.4 to 8.4.
REPORTED = {
    "I": {"train_loss": 0.34, "log_trace": 7.6, "mode_connectivity": -15.3, "cka": 0.46},
    "II": {"train_loss": 0.18, "log_trace": 7.0, "mode_connectivity": 3.8, "cka": 0.53},
    "III": {"train_loss": 0.004, "log_trace": 4.6, "mode_connectivity": -7.9, "cka": 0.52},
    "IV-A": {"train_loss": 0.001, "log_trace": 4.0, "mode_connectivity": -0.3, "cka": 0.65},
    "IV-B": {"train_loss": 0.008, "log_trace": 4.8, "mode_connectivity": 0.07, "cka": 0.71},
}


def layout(widths: int = 14, batches: int = 15) -> np.ndarray:
    """The phases of a grid [batches, widths], as they lie in the paper's Figure 2: hot rows on top, wide on the right."""
    row, column = np.mgrid[:batches, :widths]
    heat, width = 1 - row / (batches - 1), column / (widths - 1)
    sharp = heat > 0.35 + 0.55 * width
    apart = width < 0.45
    similar = heat + width > 1.1
    flat = np.where(apart, "III", np.where(similar, "IV-B", "IV-A"))
    return np.where(sharp, np.where(apart, "I", "II"), flat)


def published(seeds: int = 1, noise: float = 1.0, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """A table with a row a cell and seed, scattered about the reported means, and the phase of each row."""
    rng = np.random.default_rng(seed)
    drawn = layout()
    row, column = np.mgrid[: drawn.shape[0], : drawn.shape[1]]
    truth = np.repeat(drawn.reshape(-1), seeds)
    n = len(truth)

    def scattered(name: str, spread: float) -> np.ndarray:
        return np.array([REPORTED[phase][name] for phase in truth]) + noise * spread * rng.standard_normal(n)

    loss = 10 ** (np.log10([REPORTED[phase]["train_loss"] for phase in truth]) + noise * 0.3 * rng.standard_normal(n))
    table = pd.DataFrame(
        {
            "load": np.repeat(2.0 ** (column.reshape(-1) / 2), seeds),
            "temperature": np.repeat(1 / (16 * 2 ** (row.reshape(-1) / 2)), seeds),
            "train_loss": loss,
            "trace": np.exp(scattered("log_trace", 0.5)),
            "mode_connectivity": scattered("mode_connectivity", 0.6),
            "cka": scattered("cka", 0.02),
        }
    )
    return table, truth
