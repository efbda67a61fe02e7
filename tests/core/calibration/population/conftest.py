"""Tables of metrics as a study would bring them, made from what is known of the models."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def metrics():
    """60 models in which the ECE falls with accuracy among the good ones and rises among the bad ones."""
    generator = np.random.default_rng(0)
    accuracy = np.linspace(0.5, 0.98, 60)
    error = 0.02 + 0.15 * (0.25 - (accuracy - 0.75) ** 2 * 4) + 0.001 * generator.normal(size=60)
    table = {"config": np.arange(60), "acc": accuracy}
    for b in (5, 15, 100):
        table[f"pre_ECE_{b}"] = error + b * 1e-5
        table[f"post_ECE_{b}"] = 0.01 + b * 1e-4 + 0.002 * generator.random(60)
    table["pre_KSCE"] = error * 0.9
    table["pre_NLL"] = 1.2 - accuracy
    table["pre_cwCE_em_15"] = generator.random(60)
    table["gaussian_noise"] = accuracy - 0.2
    order = generator.permutation(60)
    return pd.DataFrame(table).iloc[order].reset_index(drop=True)


@pytest.fixture
def models():
    """Attributes of those models: width goes with accuracy, family with nothing."""
    return pd.DataFrame(
        {"id": np.arange(60), "width": np.repeat([8, 16, 32], 20), "family": ["mlp", "cnn"] * 30, "arch": "same"}
    )
