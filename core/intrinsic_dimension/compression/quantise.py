"""Coordinates rounded to a few bits each: uniform levels between two clips."""

from __future__ import annotations

import base64
from dataclasses import dataclass

import numpy as np

WIDTHS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 16)  # bits of a coordinate that are tried
CLIPS = np.linspace(0.05, 1.0, 39)  # shares of the largest coordinate that are tried


@dataclass(frozen=True, eq=False)
class Quantised:
    """d coordinates as whole numbers 0 .. 2^b - 1. Number k stands for clip ((2 k + 1) / 2^b - 1).

    Attributes:
        bits: b.
        clip: half the width of the range, a number of half precision.
        codes: int64, [d].
    """

    bits: int
    clip: float
    codes: np.ndarray

    @property
    def values(self) -> np.ndarray:
        """What the numbers stand for, float32, [d]."""
        return (self.clip * ((2 * self.codes + 1) / 2**self.bits - 1)).astype(np.float32)


def quantise(coordinates: np.ndarray, bits: int) -> Quantised:
    """Rounds to the nearest level, at the clip with the smallest mean squared error of a few dozen.

    Args:
        coordinates: [d].
        bits: b.
    """
    coordinates = np.asarray(coordinates, dtype=np.float64)
    largest = float(np.abs(coordinates).max())
    clips = sorted({float(np.float16(max(share * largest, 2.0**-14))) for share in CLIPS})  # normal half precision
    candidates = [Quantised(bits, clip, _codes(coordinates, bits, clip)) for clip in clips]
    return min(candidates, key=lambda one: float(np.square(one.values - coordinates).sum()))


def _codes(coordinates: np.ndarray, bits: int, clip: float) -> np.ndarray:
    levels = 2**bits
    return np.clip(np.floor((coordinates / clip + 1) / 2 * levels), 0, levels - 1).astype(np.int64)


def pack(codes: np.ndarray, bits: int) -> str:
    """The codes one behind the other, the highest bit first, as base64."""
    shifts = np.arange(bits - 1, -1, -1)
    return base64.b64encode(np.packbits(codes[:, None] >> shifts & 1).tobytes()).decode()


def unpack(text: str, bits: int, count: int) -> np.ndarray:
    """The reverse of `pack`, int64, [count].

    Raises:
        ValueError: not base64, or another number of bytes.
    """
    held = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
    if len(held) != -(-bits * count // 8):
        raise ValueError(f"{len(held)} bytes of codes; {-(-bits * count // 8)} are expected")
    return np.unpackbits(held, count=bits * count).reshape(count, bits) @ (1 << np.arange(bits - 1, -1, -1))
