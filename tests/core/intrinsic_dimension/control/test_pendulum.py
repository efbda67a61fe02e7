"""The inverted pendulum against MuJoCo, and the search that solves it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from core.analysis import parse_params
from core.intrinsic_dimension.analysis import ANALYSIS
from core.intrinsic_dimension.control import pendulum
from core.intrinsic_dimension.control.policies import Policies
from core.intrinsic_dimension.control.tasks import INVERTED_PENDULUM
from core.serial import serially

REFERENCE = json.loads((Path(__file__).parent / "pendulum.json").read_text())


def test_masses_and_inertia_are_those_of_the_model() -> None:
    """MuJoCo 3.17.0 computes them from the capsules of Gymnasium's file."""
    assert pytest.approx(10.47197551) == pendulum.CART_MASS
    assert pytest.approx(5.01859164) == pendulum.POLE_MASS
    about_its_centre = pendulum.INERTIA - pendulum.POLE_MASS * (pendulum.ALONG**2 + pendulum.ABOVE**2)
    assert about_its_centre == pytest.approx(0.18874977)


@pytest.mark.parametrize("name", REFERENCE)
def test_a_trajectory_is_that_of_mujoco(name: str) -> None:
    """Balancing, pushed at full force, and against both soft ends of the rail: every state to twelve digits."""
    state = np.array(REFERENCE[name]["start"])
    for control, expected in zip(REFERENCE[name]["controls"], REFERENCE[name]["states"], strict=True):
        state = pendulum.moved(state, np.array(control))
        assert state.tolist() == pytest.approx(expected, abs=1e-12)


def test_a_linear_rule_balances_for_a_thousand_steps() -> None:
    """Driving the cart under the pole keeps it up for the whole episode; a still motor lets it fall."""
    policies = Policies(INVERTED_PENDULUM, [2])
    weights = torch.zeros(2, policies.parameters)
    hidden, out = weights[0, :8].view(2, 4), weights[0, 10:12]
    hidden[0], hidden[1] = torch.tensor([0.03, 0.3, 0.1, 0.3]), -torch.tensor([0.03, 0.3, 0.1, 0.3])
    out[0], out[1] = 1.0, -1.0
    rewards = policies.rewards(weights, policies.episodes(20, torch.Generator().manual_seed(0)))
    assert rewards[0].mean() >= INVERTED_PENDULUM.solved
    assert rewards[1].max() < 100


def test_the_answer_names_the_task_and_its_published_dimension() -> None:
    """The mode plays the pendulum by name; what counts as solved is 950 of 1000."""
    values = {"mode": "control", "task": "inverted pendulum", "hidden": [4], "subspace_dimensions": [1], "attempts": 1}
    result = serially(ANALYSIS, parse_params(ANALYSIS.params, {**values, "generations": 1, "replicates": 3}), {})
    assert result.values()["full_dimension"] == 4 * 4 + 4 + 4 + 1
    assert result.values()["published"] == 4
    assert "950" in result.answer and "inverted pendulum" in result.answer
    assert ANALYSIS.figures(result)["reward_by_dimension"].plot.layout.yaxis.range[1] > 1000
