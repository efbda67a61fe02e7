"""Sets of vertices as bits of 64-bit words, for compiled code."""

from __future__ import annotations

import numpy as np
from numba import njit

ONE = np.uint64(1)
ZERO = np.uint64(0)


@njit(nogil=True)
def bit(word: np.uint64) -> int:
    """The place of the lowest bit of a word that is not zero."""
    place = 0
    width = 32
    while width:
        low = (ONE << np.uint64(width)) - ONE
        if not word & low:
            word >>= np.uint64(width)
            place += width
        width >>= 1
    return place


@njit(nogil=True)
def holds(bits: np.ndarray, x: int) -> bool:
    """Whether a set holds vertex x."""
    return (bits[x >> 6] >> np.uint64(x & 63)) & ONE != ZERO


@njit(nogil=True)
def put(bits: np.ndarray, x: int) -> None:
    """Adds vertex x to a set."""
    bits[x >> 6] |= ONE << np.uint64(x & 63)


@njit(nogil=True)
def lowest(bits: np.ndarray) -> int:
    """The first vertex of a set; -1 if it is empty."""
    for w in range(len(bits)):
        if bits[w]:
            return 64 * w + bit(bits[w])
    return -1


@njit(nogil=True)
def some(bits: np.ndarray, stop: int, seed: int) -> int:
    """A vertex of a set below `stop`; -1 if there is none.

    The search starts at a place that `seed` decides. Where any vertex will do, a scattered choice finds one that is near
    all others sooner than the first one, which tends to be the same each time.
    """
    words = (stop + 63) // 64
    begin = (seed * 40503) % words if words else 0
    for turn in range(words):
        w = (begin + turn) % words
        word = bits[w]
        if w == words - 1 and stop & 63:
            word &= (ONE << np.uint64(stop & 63)) - ONE
        if word:
            return 64 * w + bit(word)
    return -1
