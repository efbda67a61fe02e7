"""The cart-pole, many at once: a pole on a cart that is pushed left or right and must not fall.

Equations of motion without friction: Florian 2007, "Correct equations for the dynamics of the cart-pole system",
equations 23 and 24; constants, and limits as in CartPole-v0 (Barto, Sutton and Anderson 1983).
"""

from __future__ import annotations

import math

import numpy as np

GRAVITY, CART_MASS, POLE_MASS, HALF_LENGTH = 9.8, 1.0, 0.1, 0.5
FORCE, SECONDS = 10.0, 0.02  # of a push; of a step
MOST_POSITION, MOST_ANGLE = 2.4, 12 * math.pi / 180
SCALE = (0.5, 0.5, 0.1, 0.5)  # of what a policy sees: about the spread of each coordinate while it balances


def accelerations(state: np.ndarray, force: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the cart (m/s^2) and of the angle (rad/s^2).

    Args:
        state: [..., 4]: position, velocity, angle from upright, angular velocity.
        force: [...] in newton.
    """
    angle, spin = state[..., 2], state[..., 3]
    total, sine, cosine = CART_MASS + POLE_MASS, np.sin(angle), np.cos(angle)
    push = (force + POLE_MASS * HALF_LENGTH * spin**2 * sine) / total
    angular = (GRAVITY * sine - cosine * push) / (HALF_LENGTH * (4 / 3 - POLE_MASS * cosine**2 / total))
    return push - POLE_MASS * HALF_LENGTH * angular * cosine / total, angular


def moved(state: np.ndarray, force: np.ndarray, seconds: float = SECONDS) -> np.ndarray:
    """The state one Euler step later: positions by the old velocities, as CartPole-v0 does it."""
    linear, angular = accelerations(state, force)
    position, velocity, angle, spin = (state[..., place] for place in range(4))
    return np.stack(
        (position + seconds * velocity, velocity + seconds * linear, angle + seconds * spin, spin + seconds * angular),
        axis=-1,
    )


def acted(state: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """The state one action later: the larger of a policy's two outputs, [..., 2], decides between left and right."""
    return moved(state, np.where(outputs[..., 1] > outputs[..., 0], FORCE, -FORCE).astype(state.dtype))


def fallen(state: np.ndarray) -> np.ndarray:
    """Whether the cart has left the track or the pole leans too far."""
    return (np.abs(state[..., 0]) > MOST_POSITION) | (np.abs(state[..., 2]) > MOST_ANGLE)
