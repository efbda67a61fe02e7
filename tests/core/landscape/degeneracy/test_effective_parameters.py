"""Effective parameters of networks whose free directions are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.errors import TooLarge
from core.landscape.degeneracy import effective_parameters
from core.landscape.degeneracy.effective_parameters import (
    behavioural_loss,
    behavioural_spectrum,
    effective_parameter_count,
)
from core.landscape.degeneracy.learning_coefficient import local_learning_coefficient


def linear(parameters, x):
    return x @ parameters["a"] @ parameters["b"]


def _point() -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    shapes = {"a": (4, 2), "b": (2, 3)}
    point = {name: torch.randn(shape, dtype=torch.float64, generator=generator) for name, shape in shapes.items()}
    return point, torch.randn(30, 4, dtype=torch.float64, generator=generator)


def test_a_linear_network_has_the_dimension_of_its_matrices() -> None:
    """Products of 4 x 2 and 2 x 3 are the matrices of rank 2: 2 (4 + 3 - 2) = 10 dimensions of 14 parameters."""
    spectrum = behavioural_spectrum(linear, *_point())
    assert len(spectrum) == 14
    assert (spectrum > 1e-9 * spectrum[0]).sum() == 10
    assert effective_parameter_count(spectrum, 1e-9) == pytest.approx(10, abs=1e-6)


def test_the_spectrum_is_that_of_the_behavioural_hessian() -> None:
    """By torch's dense Hessian of mean |f(w) - f(w*)|^2 at w*; also where there are fewer outputs than parameters."""
    point, x = _point()
    for inputs in (x, x[:2]):
        loss, batches = behavioural_loss(linear, point, [inputs])
        w = torch.cat([point["a"].reshape(-1), point["b"].reshape(-1)])

        def flat(v, loss=loss, batch=batches[0]):
            return loss({"a": v[:8].view(4, 2), "b": v[8:].view(2, 3)}, batch)

        dense = torch.linalg.eigvalsh(torch.autograd.functional.hessian(flat, w)).flip(0).numpy()
        spectrum = behavioural_spectrum(linear, point, inputs)
        np.testing.assert_allclose(spectrum, dense[: len(spectrum)], atol=1e-9)
        np.testing.assert_allclose(dense[len(spectrum) :], 0, atol=1e-9)


def test_the_count_is_twice_the_learning_coefficient_of_a_quadratic() -> None:
    """Curvatures 9, 1, 0 at cutoff 1: 0.9 + 0.5 + 0."""
    assert effective_parameter_count(np.array([9.0, 1.0, 0.0]), 1.0) == pytest.approx(1.4)


def test_sampling_the_behavioural_loss_agrees() -> None:
    """At a high n beta twice the sampled coefficient is the count at gamma / (n beta), within 10 %."""
    point, x = _point()
    loss, batches = behavioural_loss(linear, point, [x[:20], x[20:]])
    found = local_learning_coefficient(
        loss, point, batches, nbeta=1e5, gamma=2e4, chains=600, burn_in=150, draws=100, batch_size=30
    )
    expected = effective_parameter_count(behavioural_spectrum(linear, point, x), 0.2)
    assert 2 * found.value == pytest.approx(expected, rel=0.1)
    assert found.loss == 0


def test_a_jacobian_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says how large it would be."""
    monkeypatch.setattr(effective_parameters, "MOST_ENTRIES", 1000)
    with pytest.raises(TooLarge, match="30 samples x 3 outputs x 14 parameters has 1,260 entries"):
        behavioural_spectrum(linear, *_point())
