"""The built-in telemetry, by name."""

from __future__ import annotations

from core.data.builtin_telemetry import builtin_telemetry
from core.telemetry.synthetic.euclid_like import EuclidLike, euclid_like


def make(name: str, seed: int = 0, amplitude: float = 1.0) -> EuclidLike:
    """Generates a built-in, the same on every machine.

    Args:
        name: of `core.data.builtin_telemetry`.
        seed: another seed is another spacecraft life.
        amplitude: size of its events; 1 is the size that the built-in is described with.

    Raises:
        BadInput: no such name.
    """
    one = builtin_telemetry(name)
    return euclid_like(seed, amplitude, one.minutes, one.days, training_days=one.training_days)
