"""The chaotic flows: their equations, their trajectories, their exponents."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import ODEintWarning

from core.errors import StepFailed
from core.telemetry.synthetic.flows import FLOWS, Flow, flow, trajectory
from core.telemetry.synthetic.lyapunov import largest_exponent, runge_kutta

DYSTS = json.loads(Path(__file__).with_name("dysts.json").read_text())


@pytest.mark.parametrize(
    ("name", "divergence"),
    [
        ("lorenz", -10 - 1 - 8 / 3),
        ("chen", -35 + 28 - 3),
        ("thomas", -3 * 1.85),
        ("halvorsen", -3 * 1.4),
        ("sprott_b", -1),
    ],
)
def test_volume_shrinks_as_the_equations_say(name: str, divergence: float) -> None:
    """The divergence of each flow that is constant in space is the sum of its damping terms."""
    one, at, small = flow(name), np.array([0.3, -1.2, 2.0]), 1e-6
    moved = at[:, None] + small * np.eye(3)
    back = at[:, None] - small * np.eye(3)
    assert np.trace((one.rate(moved) - one.rate(back)) / (2 * small)) == pytest.approx(divergence, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "at"),
    [
        ("lorenz", (np.sqrt(72), np.sqrt(72), 27)),
        ("chen", (np.sqrt(63), np.sqrt(63), 21)),
        ("rucklidge", (0, np.sqrt(6.7), 6.7)),
        ("sprott_b", (1, 1, 0)),
        ("thomas", (0, 0, 0)),
        ("halvorsen", (-9.4, -9.4, -9.4)),
        ("aizawa", (0, 0, float(np.roots([-1 / 3, 0, 0.95, 0.6]).real.max()))),
    ],
)
def test_known_fixed_points(name: str, at: tuple[float, float, float]) -> None:
    """At the fixed points that the equations give by hand, nothing moves."""
    np.testing.assert_allclose(flow(name).rate(np.array(at, dtype=float)), 0, atol=1e-5)


def test_rossler_fixed_point() -> None:
    """x = a z, y = -z, z the smaller root of a z^2 - c z + b = 0."""
    z = (5.7 - np.sqrt(5.7**2 - 4 * 0.2 * 0.2)) / (2 * 0.2)
    np.testing.assert_allclose(flow("rossler").rate(np.array([0.2 * z, -z, z])), 0, atol=1e-12)


def test_trajectory_follows_its_equations() -> None:
    """Each row follows from the one before by fine steps of another integrator."""
    one = flow("lorenz")
    rows = trajectory(one, 40, 30, seed=3)
    ahead = rows[:-1].T
    for _ in range(100):
        ahead = runge_kutta(one.rate, ahead, one.period / 30 / 100)
    np.testing.assert_allclose(ahead.T, rows[1:], atol=1e-5)


@pytest.mark.parametrize("one", FLOWS, ids=lambda one: one.name)
def test_trajectories_stay_on_a_bounded_attractor(one: Flow) -> None:
    """Every flow moves on without settling or escaping; another seed starts elsewhere."""
    rows = trajectory(one, 300, 20, seed=1)
    halves = rows[:150].std(axis=0), rows[150:].std(axis=0)
    assert np.isfinite(rows).all()
    assert np.abs(rows).max() < 100
    assert min(half.min() for half in halves) > 0.1
    assert not np.allclose(trajectory(one, 5, 20, seed=2), rows[:5])


@pytest.mark.parametrize(("name", "published"), [("lorenz", 0.906), ("rossler", 0.0714)])
def test_largest_exponent_is_the_published_one(name: str, published: float) -> None:
    """Lorenz 0.906 and Rössler 0.0714 (Sprott 2003, Chaos and Time-Series Analysis, appendix A), within 5 %."""
    found = largest_exponent(flow(name), pairs=48, periods=40)
    assert found.value == pytest.approx(published, rel=0.05)
    assert 0 < found.error < 0.04 * published


def test_runge_kutta_solves_a_linear_flow() -> None:
    """Small steps follow the exponential solution."""
    after = runge_kutta(lambda state: np.array([0.3 * state[0], -state[1]]), np.array([1.0, 1.0]), 0.01)
    np.testing.assert_allclose(after, [np.exp(0.003), np.exp(-0.01)], atol=1e-11)


def test_names() -> None:
    """Eight flows, each named once."""
    assert len({one.name for one in FLOWS}) == len(FLOWS) == 8


@pytest.mark.parametrize("one", FLOWS, ids=lambda one: one.name)
def test_equations_and_numbers_are_those_of_dysts(one: Flow) -> None:
    """Rates at five states as dysts 0.96 computes them (it rounds Lorenz' 8/3 to 2.667); exponent, dimension, period."""
    theirs = DYSTS["flows"][one.name]
    states = np.array(DYSTS["states"])
    tolerance = 3.4e-4 * np.abs(states).max() if one.name == "lorenz" else 1e-11
    np.testing.assert_allclose(one.rate(states.T).T, theirs["rates"], atol=tolerance)
    assert one.exponent == pytest.approx(theirs["exponent"], abs=1e-6)
    assert one.dimension == pytest.approx(theirs["dimension"], abs=1e-6)
    assert one.period == pytest.approx(theirs["period"], abs=1e-6)


def test_a_flow_that_runs_away_is_said() -> None:
    """dx/dt = x^2 reaches infinity at time 1 / x(0): no numbers come out, but a sentence."""
    one = Flow("away", "Runaway", np.square, (1.0,), 1.0, 0.0, 1.0, "")
    with (
        np.errstate(over="ignore"),
        pytest.warns(ODEintWarning),
        pytest.raises(StepFailed, match="Runaway: the integration stopped early"),
    ):
        trajectory(one, 5, 20)
