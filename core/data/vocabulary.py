"""Words as numbers: a vocabulary made from the texts that are learned from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

PADDING, UNKNOWN, MASK = 0, 1, 2  # numbers that stand for no word
SPECIAL = 3  # so many of them
_WORD = re.compile(r"[a-z]+|[0-9]|[^\sa-z0-9]")


@dataclass(frozen=True)
class Vocabulary:
    """The words that are told apart; every other one is unknown.

    Attributes:
        words: the most frequent first; the first has number 3.
    """

    words: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many numbers there are, padding, unknown and mask included."""
        return len(self.words) + SPECIAL

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: SPECIAL + place for place, word in enumerate(self.words)}

    def encode(self, texts: Sequence[str] | np.ndarray, length: int) -> np.ndarray:
        """Word numbers int64 [texts, length]: longer texts are cut, shorter ones padded with 0."""
        encoded = np.full((len(texts), length), PADDING, dtype=np.int64)
        for row, text in enumerate(texts):
            numbers = [self._numbers.get(word, UNKNOWN) for word in words_of(text)[:length]]
            encoded[row, : len(numbers)] = numbers
        return encoded


def words_of(text: str) -> list[str]:
    """Words in lower case, single digits, and single signs.

    >>> words_of("Return x[0], or None.")
    ['return', 'x', '[', '0', ']', ',', 'or', 'none', '.']
    """
    return _WORD.findall(text.lower())


def vocabulary_of(texts: Sequence[str] | np.ndarray, most: int) -> Vocabulary:
    """The words that occur most, at least twice; of equally frequent ones the first by the alphabet.

    Args:
        texts: that are learned from.
        most: words at most.
    """
    counts = Counter(word for text in texts for word in words_of(text))
    ranked = sorted((-count, word) for word, count in counts.items() if count > 1)
    return Vocabulary(tuple(word for _, word in ranked[:most]))
