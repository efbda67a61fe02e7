"""The cart-pole, many at once: a pole on a cart that is pushed left or right and must not fall.

Equations of motion without friction: Florian 2007, "Correct equations for the dynamics of the cart-pole system",
equations 23 and 24; constants, and limits as in CartPole-v0 (Barto, Sutton and Anderson 1983).
"""

from __future__ import annotations

import math

import torch

GRAVITY, CART_MASS, POLE_MASS, HALF_LENGTH = 9.8, 1.0, 0.1, 0.5
FORCE, SECONDS = 10.0, 0.02  # of a push; of a step
MOST_POSITION, MOST_ANGLE = 2.4, 12 * math.pi / 180
SCALE = (0.5, 0.5, 0.1, 0.5)  # of what a policy sees: about the spread of each coordinate while it balances


def accelerations(state: torch.Tensor, force: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Of the cart (m/s^2) and of the angle (rad/s^2).

    Args:
        state: [..., 4]: position, velocity, angle from upright, angular velocity.
        force: [...] in newton.
    """
    _, _, angle, spin = state.unbind(-1)
    total, sine, cosine = CART_MASS + POLE_MASS, torch.sin(angle), torch.cos(angle)
    push = (force + POLE_MASS * HALF_LENGTH * spin**2 * sine) / total
    angular = (GRAVITY * sine - cosine * push) / (HALF_LENGTH * (4 / 3 - POLE_MASS * cosine**2 / total))
    return push - POLE_MASS * HALF_LENGTH * angular * cosine / total, angular


def moved(state: torch.Tensor, force: torch.Tensor, seconds: float = SECONDS) -> torch.Tensor:
    """The state one Euler step later: positions by the old velocities, as CartPole-v0 does it."""
    linear, angular = accelerations(state, force)
    position, velocity, angle, spin = state.unbind(-1)
    return torch.stack(
        [position + seconds * velocity, velocity + seconds * linear, angle + seconds * spin, spin + seconds * angular],
        dim=-1,
    )


def acted(state: torch.Tensor, outputs: torch.Tensor) -> torch.Tensor:
    """The state one action later: the larger of a policy's two outputs, [..., 2], decides between left and right."""
    return moved(state, torch.where(outputs[..., 1] > outputs[..., 0], FORCE, -FORCE))


def fallen(state: torch.Tensor) -> torch.Tensor:
    """Whether the cart has left the track or the pole leans too far."""
    return (state[..., 0].abs() > MOST_POSITION) | (state[..., 2].abs() > MOST_ANGLE)
