"""The cart-pole, its policies, the search in subspaces, and mode `control`."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from core.analysis import Result, parse_params
from core.errors import BadInput
from core.intrinsic_dimension.analysis import ANALYSIS
from core.intrinsic_dimension.control import cartpole
from core.intrinsic_dimension.control.evolution import search_subspace
from core.intrinsic_dimension.control.policies import Policies
from core.intrinsic_dimension.control.tasks import CART_POLE
from core.serial import serially


def energy(state: np.ndarray) -> float:
    """Kinetic and potential energy of cart and uniform pole, whose inertia about its hinge is 4/3 m l^2."""
    _, velocity, angle, spin = state.tolist()
    cart, pole, half = cartpole.CART_MASS, cartpole.POLE_MASS, cartpole.HALF_LENGTH
    moving = 0.5 * (cart + pole) * velocity**2 + pole * half * velocity * spin * math.cos(angle)
    return moving + 0.5 * 4 / 3 * pole * half**2 * spin**2 + pole * cartpole.GRAVITY * half * math.cos(angle)


def test_energy_is_conserved_without_a_push() -> None:
    """The equations of motion are those of a frictionless cart with a uniform pole: a falling pole keeps its energy."""
    state = np.array([0.0, 0.3, 0.1, -0.2])
    before, start = energy(state), state
    for _ in range(2_500):
        state = cartpole.moved(state, np.array(0.0), seconds=4e-4)
    assert abs(float(state[2] - start[2])) > 0.3
    assert energy(state) == pytest.approx(before, rel=1e-2)


def test_a_push_on_an_upright_pole() -> None:
    """At rest and upright, F = 10 N gives cart and pole the accelerations of Florian's equations 23 and 24."""
    linear, angular = cartpole.accelerations(np.zeros(4), np.array(10.0))
    spin = -(10 / 1.1) / (0.5 * (4 / 3 - 0.1 / 1.1))
    assert float(angular) == pytest.approx(spin)
    assert float(linear) == pytest.approx(10 / 1.1 - 0.05 * spin / 1.1)


def test_a_trajectory_is_that_of_cartpole_v0() -> None:
    """15 pushes end where gymnasium 1.4.0 has them, to nine digits."""
    state = np.array([0.01, -0.02, 0.03, 0.04])
    for action in (1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1):
        state = cartpole.moved(state, np.array(cartpole.FORCE if action else -cartpole.FORCE))
    assert state.tolist() == pytest.approx([0.116851291, 1.346860655, -0.120845895, -2.041490692], abs=1e-9)


@pytest.mark.parametrize(
    ("state", "down"),
    [([2.39, 0, 0, 0], False), ([-2.41, 0, 0, 0], True), ([0, 0, 0.209, 0], False), ([0, 0, -0.21, 0], True)],
)
def test_limits_are_those_of_the_task(state: list[float], down: bool) -> None:
    """2.4 m from the middle, 12 degrees from upright."""
    assert bool(cartpole.fallen(np.array(state))) is down


def test_a_policy_that_always_pushes_left_falls_soon_and_counts_its_steps() -> None:
    """Constant pushes end an episode after 8 to 11 steps, each of which counts one."""
    policies = Policies(CART_POLE, [4])
    weights = torch.zeros(1, policies.parameters)
    weights[0, -2] = 1.0  # bias of "left"
    rewards = policies.rewards(weights, policies.episodes(200, torch.Generator().manual_seed(0)))
    assert rewards.min() >= 8 and rewards.max() <= 11


def test_a_known_linear_rule_balances_for_all_200_steps() -> None:
    """Pushing to the side to which angle and angular velocity point solves the task, played many at once."""
    policies = Policies(CART_POLE, [2])
    weights = torch.zeros(1, policies.parameters)
    hidden, bias, out = weights[0, :8].view(2, 4), weights[0, 8:10], weights[0, 10:14].view(2, 2)
    hidden[0], bias[0], out[1, 0] = torch.tensor([0.0, 0.0, 1.0, 2.0]), 10.0, 1.0
    weights[0, 14] = 10.0  # the bias of "left" equals what the hidden unit gives upright and at rest
    rewards = policies.rewards(weights, policies.episodes(100, torch.Generator().manual_seed(1)))
    assert rewards.mean() >= CART_POLE.solved


def test_a_subspace_of_eight_dimensions_is_enough() -> None:
    """The strategy finds a policy that solves the cart-pole."""
    found = search_subspace("cart-pole", [16, 16], 20, 1, 8, 0)
    assert found["solved"] and found["performance"] >= 195


def test_a_search_repeats_exactly() -> None:
    """The same seed gives the same rewards, another one others."""
    first, again, other = (search_subspace("cart-pole", [4], 2, 2, 3, seed) for seed in (0, 0, 1))
    assert first == again and first["performance"] != other["performance"]


@pytest.fixture(scope="module")
def quick() -> Result:
    params = {
        "mode": "control",
        "hidden": [4],
        "subspace_dimensions": [6, 1],
        "generations": 2,
        "attempts": 1,
        "replicates": 3,
    }
    return serially(ANALYSIS, parse_params(ANALYSIS.params, params), {})


def test_mode_control_needs_no_data(quick: Result) -> None:
    """One row a search; answer and figures name what counts as solved."""
    assert list(quick.tables["control"].subspace_dimension) == [1, 1, 1, 6, 6, 6]
    assert quick.values()["full_dimension"] == 4 * 4 + 4 + 4 * 2 + 2
    assert "195" in quick.answer
    figures = ANALYSIS.figures(quick)
    assert list(figures) == ["reward_by_dimension", "published"]
    for figure in figures.values():
        assert all((figure.reading, figure.caption, figure.alt, figure.reference))


def test_an_answer_at_the_edge_of_the_grid_is_said() -> None:
    """Where the smallest dimension solves the task, smaller ones might; where it does not, nothing is said of it."""
    values = {"mode": "control", "hidden": [16, 16], "replicates": 3}
    solved, not_solved = (
        serially(ANALYSIS, parse_params(ANALYSIS.params, {**values, **more}), {})
        for more in ({"subspace_dimensions": [12]}, {"subspace_dimensions": [1], "generations": 1, "attempts": 1})
    )
    assert solved.values()["d_int100"] == 12
    assert any("12 is the smallest dimension that was tried" in note for note in solved.notes)
    assert not_solved.values()["d_int100"] is None
    assert not any("smallest dimension" in note for note in not_solved.notes)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"subspace_dimensions": [50], "hidden": [4]}, "more than the 30 parameters"),
        ({"subspace_dimensions": []}, "empty list"),
    ],
)
def test_impossible_settings(values: dict[str, object], words: str) -> None:
    """Refused before anything runs."""
    with pytest.raises(BadInput, match=words):
        parse_params(ANALYSIS.params, {"mode": "control", **values})
