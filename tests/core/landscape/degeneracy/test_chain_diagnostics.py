"""R-hat and effective draws against ArviZ and closed forms."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.landscape.degeneracy.chain_diagnostics import effective_draws, split_r_hat, standard_error
from tests.core.landscape.degeneracy.chains import CHAINS

PEERS = json.loads((Path(__file__).parent / "peers.json").read_text())


@pytest.mark.parametrize("name", CHAINS)
def test_they_are_those_of_arviz(name: str) -> None:
    """Split R-hat to the last digits; effective draws within 2 %, as the rule for the end of the sum differs by one lag."""
    draws = CHAINS[name]()
    assert split_r_hat(draws) == pytest.approx(PEERS["r_hat"][name], rel=1e-10)
    assert effective_draws(draws) == pytest.approx(PEERS["effective_draws"][name], rel=0.02)


def test_an_autoregressive_chain_has_its_closed_form() -> None:
    """With coefficient 0.8, N draws are worth N (1 - 0.8) / (1 + 0.8)."""
    rng = np.random.default_rng(0)
    draws = np.zeros((8, 20_000))
    noise = rng.normal(size=draws.shape)
    for t in range(1, draws.shape[1]):
        draws[:, t] = 0.8 * draws[:, t - 1] + noise[:, t]
    assert effective_draws(draws) == pytest.approx(draws.size / 9, rel=0.05)
    assert standard_error(draws) == pytest.approx(draws.std() / np.sqrt(draws.size / 9), rel=0.03)
    assert split_r_hat(draws) == pytest.approx(1, abs=0.002)


def test_chains_that_disagree_are_seen() -> None:
    """Means 0 and 3 with unit spread: the variance between halves is 3, R-hat near 2; so is one chain that drifts."""
    rng = np.random.default_rng(0)
    apart = rng.normal(size=(2, 1000)) + np.array([[0.0], [3.0]])
    assert split_r_hat(apart) == pytest.approx(2, abs=0.05)
    drift = rng.normal(size=(1, 1000)) + np.linspace(0, 6, 1000)
    assert split_r_hat(drift) > 1.5 and effective_draws(drift) < 10


def test_too_few_or_constant_draws_have_none() -> None:
    """There is nothing to compare."""
    assert np.isnan(split_r_hat(np.zeros((2, 3)))) and np.isnan(split_r_hat(np.ones((2, 100))))
    assert np.isnan(effective_draws(np.zeros((2, 6)))) and np.isnan(effective_draws(np.ones((2, 100))))
