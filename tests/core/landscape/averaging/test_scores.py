"""Scores row by row, and paired gains."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from core.landscape.averaging.scores import gain, scores_of
from core.models.architectures import Mlp
from core.models.initialise import fresh_parameters_of_runs
from core.models.networks import build
from core.training.ensemble import Examples
from core.training.parameters import layout_of


def test_scores_are_those_of_torch() -> None:
    """Of each of two networks and each row: 100 where the largest logit is right, and the cross-entropy."""
    module = build(Mlp(inputs=4, hidden=(5,), classes=3))
    layout = layout_of(module)
    weights = layout.join(fresh_parameters_of_runs(module, (0, 1)))
    generator = torch.Generator().manual_seed(0)
    rows = Examples(torch.randn(20, 4, generator=generator), torch.randint(0, 3, (20,), generator=generator))
    found = scores_of(module, weights, rows, statistics_from=rows.features)
    for number in range(2):
        logits = torch.func.functional_call(module, layout.views(weights[number]), (rows.features,))
        assert found.accuracy[number].tolist() == (100.0 * (logits.argmax(1) == rows.labels)).tolist()
        losses = nn.functional.cross_entropy(logits, rows.labels, reduction="none").detach().numpy()
        np.testing.assert_allclose(found.loss[number], losses, rtol=1e-4)


def test_the_standard_error_is_that_of_a_paired_bootstrap() -> None:
    """10,000 resamples of rows, the same for both sides, spread as the formula says."""
    generator = np.random.default_rng(0)
    own, others = generator.normal(1, 1, 200), generator.normal(0, 1, (3, 200))
    found = gain("accuracy", own, others)
    assert found.value == pytest.approx(own.mean() - others.mean())
    drawn = generator.integers(0, 200, (10_000, 200))
    resampled = own[drawn].mean(1) - others.mean(0)[drawn].mean(1)
    assert found.standard_error == pytest.approx(resampled.std(), rel=0.03)


def test_a_lower_loss_is_a_gain() -> None:
    """And what both sides share does not count: equal differences have no error."""
    found = gain("loss", np.array([0.0, 1.0, 5.0]), np.array([[1.0, 2.0, 6.0]]))
    assert found.value == 1.0 and found.standard_error == 0.0
