"""The inverted pendulum, many at once: a pole on a cart that is driven along a short rail and must not fall.

The model is that of InvertedPendulum in Gymnasium's MuJoCo tasks (version 5), whose file gives sizes, damping, gear and
limits; its equations of motion are written out here, so that no simulator is needed. Ends of the rail are soft, as
MuJoCo has them by default (documentation, "Computation", section on the constraint model).
"""

from __future__ import annotations

import math

import numpy as np

MOST_ANGLE = 0.2  # radians
SCALE = (0.1, 0.03, 0.3, 0.3)  # of what a policy sees: about the spread of each coordinate while it balances
MOST_CONTROL, GEAR = 3.0, 100.0  # of the motor; newton for one unit of control
GRAVITY, DAMPING, SECONDS, SUBSTEPS = 9.81, 1.0, 0.02, 2  # damping of both joints; Runge-Kutta steps of one action
DENSITY = 1000.0  # of both bodies, capsules
CART_RADIUS, CART_LENGTH, POLE_RADIUS = 0.1, 0.2, 0.049
TIP = (0.001, 0.6)  # where the pole ends, along and above the rail: it leans a little
RAIL = 1.0  # on either side


def _masses(radius: float, length: float) -> tuple[float, float]:
    """Of the cylinder and of the two half spheres of a capsule."""
    return DENSITY * math.pi * radius**2 * length, DENSITY * 4 / 3 * math.pi * radius**3


_LENGTH = math.hypot(*TIP)
_CYLINDER, _CAPS = _masses(POLE_RADIUS, _LENGTH)
CART_MASS, POLE_MASS = sum(_masses(CART_RADIUS, CART_LENGTH)), _CYLINDER + _CAPS
ALONG, ABOVE = TIP[0] / 2, TIP[1] / 2  # centre of the pole from its hinge
INERTIA = (  # of the pole about its hinge
    _CYLINDER * (3 * POLE_RADIUS**2 + _LENGTH**2) / 12
    + _CAPS * (2 / 5 * POLE_RADIUS**2 + _LENGTH**2 / 4 + 3 / 8 * _LENGTH * POLE_RADIUS)
    + POLE_MASS * (ALONG**2 + ABOVE**2)
)
_TOTAL = CART_MASS + POLE_MASS
# The soft end of the rail: MuJoCo's default impedance rises from 0.9 to 0.95 within a millimetre, at a time constant of
# 0.02 s, which is raised to two time steps.
_WEAK, _STRONG, _WIDTH = 0.9, 0.95, 0.001
_TIME = max(0.02, 2 * SECONDS)
_RELUCTANCE = 2 / (_STRONG * _TIME), 1 / (_STRONG * _TIME) ** 2  # of speed, of depth
_INVERSE_MASS = INERTIA / (_TOTAL * INERTIA - (POLE_MASS * ABOVE) ** 2)  # of the cart, upright


def accelerations(state: np.ndarray, force: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the cart (m/s^2) and of the angle (rad/s^2).

    Args:
        state: [..., 4]: position, angle from upright, velocity, angular velocity.
        force: [...] in newton.
    """
    position, angle, velocity, spin = (state[..., place] for place in range(4))
    sine, cosine = np.sin(angle), np.cos(angle)
    across = POLE_MASS * (ABOVE * cosine - ALONG * sine)  # couples cart and pole
    outward = -POLE_MASS * (ABOVE * sine + ALONG * cosine)
    push = force - DAMPING * velocity - outward * spin**2
    turn = -DAMPING * spin - GRAVITY * outward
    determinant = _TOTAL * INERTIA - across**2
    linear = (INERTIA * push - across * turn) / determinant
    if np.abs(position).max() > RAIL:
        push = push + _end_force(position, velocity, linear, INERTIA / determinant)
        linear = (INERTIA * push - across * turn) / determinant
    return linear, (_TOTAL * turn - across * push) / determinant


def _end_force(position: np.ndarray, velocity: np.ndarray, linear: np.ndarray, mobility: np.ndarray) -> np.ndarray:
    """What an end of the rail adds to the force on a cart that is beyond it.

    Args:
        position: of the cart.
        velocity: of the cart.
        linear: its acceleration without this force.
        mobility: acceleration of the cart for one newton.
    """
    depth = np.abs(position) - RAIL
    side = np.sign(position)
    part = np.clip(depth / _WIDTH, 0, 1)
    rise = np.where(part < 0.5, 2 * part**2, 1 - 2 * (1 - part) ** 2)
    impedance = _WEAK + rise * (_STRONG - _WEAK)
    damping, stiffness = _RELUCTANCE
    wanted = damping * side * velocity + stiffness * impedance * depth  # deceleration
    softness = (1 - impedance) / impedance * _INVERSE_MASS
    strength = np.maximum((wanted + side * linear) / (mobility + softness), 0)
    return np.where(depth > 0, -side * strength, 0)


def acted(state: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """The state one action later: the motor takes the hyperbolic tangent of a policy's output, [..., 1], times its most."""
    return moved(state, MOST_CONTROL * np.tanh(outputs[..., 0]))


def moved(state: np.ndarray, control: np.ndarray) -> np.ndarray:
    """The state one action later, by the motor's control from -3 to 3, [...]: two Runge-Kutta steps of fourth order."""
    force = GEAR * np.clip(control, -MOST_CONTROL, MOST_CONTROL)
    for _ in range(SUBSTEPS):
        first = _slope(state, force)
        second = _slope(state + SECONDS / 2 * first, force)
        third = _slope(state + SECONDS / 2 * second, force)
        fourth = _slope(state + SECONDS * third, force)
        state = state + SECONDS / 6 * (first + 2 * second + 2 * third + fourth)
    return state


def _slope(state: np.ndarray, force: np.ndarray) -> np.ndarray:
    linear, angular = accelerations(state, force)
    return np.stack((state[..., 2], state[..., 3], linear, angular), axis=-1)


def fallen(state: np.ndarray) -> np.ndarray:
    """Whether the pole leans too far."""
    return np.abs(state[..., 1]) > MOST_ANGLE
