"""SAM on quadratics, by hand."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch

from core.landscape.pruning.sharpness_aware import SharpnessAware


def _half_square(w: torch.Tensor, curvature: torch.Tensor):
    def closure() -> torch.Tensor:
        return 0.5 * (curvature * w * w).sum()

    return closure


def test_one_step_in_one_dimension() -> None:
    """w = 1, curvature 2, rho 0.1: the gradient at 1.1 is 2.2, and a step of 0.1 leads to 0.78."""
    w = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    loss = SharpnessAware([w], rho=0.1, lr=0.1).step(_half_square(w, torch.tensor([2.0], dtype=torch.float64)))
    assert float(loss) == 1.0
    assert w.item() == pytest.approx(0.78, abs=1e-15)


def test_the_radius_is_one_over_all_parameters() -> None:
    """Gradient (3, 4) in two tensors has norm 5: the point is (3, 4) + 0.5 (0.6, 0.8), curvature 1, step 0.1."""
    a, b = (torch.tensor([x], dtype=torch.float64, requires_grad=True) for x in (3.0, 4.0))
    one = torch.tensor([1.0], dtype=torch.float64)

    def closure() -> torch.Tensor:
        return _half_square(a, one)() + _half_square(b, one)()

    SharpnessAware([{"params": [a]}, {"params": [b], "lr": 0.2}], rho=0.5, lr=0.1).step(closure)
    assert (a.item(), b.item()) == pytest.approx((3 - 0.1 * 3.3, 4 - 0.2 * 4.4), abs=1e-14)


def test_without_a_radius_it_is_its_base() -> None:
    """rho 0 with momentum and weight decay takes the steps of SGD, and so does a gradient of zero."""
    curvature = torch.tensor([1.0, 3.0], dtype=torch.float64)
    ends = []
    for make in (torch.optim.SGD, lambda p, **s: SharpnessAware(p, rho=0.0, **s)):
        w = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
        optimiser = make([w], lr=0.1, momentum=0.9, weight_decay=0.01)
        for _ in range(5):
            optimiser.zero_grad()
            closure = _half_square(w, curvature)
            if isinstance(optimiser, SharpnessAware):
                optimiser.step(closure)
            else:
                closure().backward()
                optimiser.step()
        ends.append(w.detach().clone())
    assert torch.equal(*ends)
    still = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    SharpnessAware([still], rho=1.0, lr=0.1).step(_half_square(still, curvature))
    assert torch.equal(still, torch.zeros(2, dtype=torch.float64))


def test_it_circles_where_the_base_converges() -> None:
    """On w^2/2 the step from w is -lr (w + rho sign w): it ends at a cycle of radius lr rho / (2 - lr)."""
    w = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    optimiser = SharpnessAware([w], rho=0.2, lr=0.5)
    for _ in range(100):
        optimiser.step(_half_square(w, torch.ones(1, dtype=torch.float64)))
    assert abs(w.item()) == pytest.approx(0.5 * 0.2 / 1.5, abs=1e-12)


def test_a_schedule_reaches_the_base_and_its_state_travels() -> None:
    """Half the rate, half the step; momentum and rho survive saving."""
    w = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    optimiser = SharpnessAware([w], rho=0.1, lr=0.1, momentum=0.9)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, 0.5)
    closure = _half_square(w, torch.ones(1, dtype=torch.float64))
    optimiser.step(closure)
    schedule.step()
    assert optimiser.base.param_groups[0]["lr"] == 0.05
    twin = w.detach().clone().requires_grad_()
    other = SharpnessAware([twin], rho=0.9, lr=7.0, momentum=0.9)
    other.load_state_dict(deepcopy(optimiser.state_dict()))
    optimiser.step(closure)
    other.step(_half_square(twin, torch.ones(1, dtype=torch.float64)))
    assert twin.item() == w.item()


def test_a_negative_radius_is_refused() -> None:
    """The sentence says so."""
    with pytest.raises(ValueError, match="rho is -1"):
        SharpnessAware([torch.zeros(1, requires_grad=True)], rho=-1, lr=0.1)
