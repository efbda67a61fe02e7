"""Texts as the numbers of word pieces, as BERT and its descendants read them (uncased).

Devlin et al. 2019 (arXiv:1810.04805), section 3: a word is cut into the longest pieces that the vocabulary has, from
its beginning; pieces that go on are marked with ##.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

LONGEST_WORD = 100  # characters; longer ones count as unknown
FIRST, LAST, UNKNOWN = "[CLS]", "[SEP]", "[UNK]"


@dataclass(frozen=True)
class WordPieces:
    """A vocabulary of word pieces; the first is padding."""

    pieces: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many pieces there are."""
        return len(self.pieces)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {piece: number for number, piece in enumerate(self.pieces)}

    def encode(self, texts: Sequence[str] | np.ndarray, length: int) -> np.ndarray:
        """Piece numbers int64 [texts, length], between the marks of beginning and end; cut, or padded with 0."""
        numbers, encoded = self._numbers, np.zeros((len(texts), length), dtype=np.int64)
        for row, text in enumerate(texts):
            inner = [piece for word in _words(text) for piece in self._cut(word)][: length - 2]
            found = [numbers[FIRST], *(numbers[piece] for piece in inner), numbers[LAST]]
            encoded[row, : len(found)] = found
        return encoded

    def _cut(self, word: str) -> list[str]:
        pieces: list[str] = []
        start = 0
        while start < len(word) <= LONGEST_WORD:
            mark = "##" if start else ""
            end = next((end for end in range(len(word), start, -1) if mark + word[start:end] in self._numbers), None)
            if end is None:
                return [UNKNOWN]
            pieces.append(mark + word[start:end])
            start = end
        return pieces or [UNKNOWN]


def read_word_pieces(path: Path) -> WordPieces:
    """A vocabulary file: one piece a line."""
    return WordPieces(tuple(path.read_text(encoding="utf-8").splitlines()))


def _words(text: str) -> list[str]:
    """Lower case without accents, split at spaces, around every sign and around every ideograph."""
    plain = unicodedata.normalize("NFD", text.lower())
    spaced = [
        f" {character} " if _stands_alone(character) else " " if character.isspace() else character
        for character in plain
        if unicodedata.category(character) != "Mn" and (character.isspace() or not _is_control(character))
    ]
    return "".join(spaced).split()


def _is_control(character: str) -> bool:
    return character in ("\0", "\ufffd") or unicodedata.category(character).startswith("C")


def _stands_alone(character: str) -> bool:
    code = ord(character)
    sign = 33 <= code <= 126 and not character.isalnum()
    ideograph = 0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0xF900 <= code <= 0xFAFF
    return sign or ideograph or unicodedata.category(character).startswith("P")
