"""Texts that hide a word."""

import numpy as np
import torch

from core.data.preparation import Split
from core.data.vocabulary import MASK
from core.intrinsic_dimension.fine_tuning.hidden_words import hidden_words, texts_with_known_words
from core.training.ensemble import Examples

TOKENS = np.array([[3, 4, 5, 0], [1, 6, 1, 0], [1, 1, 0, 0]])


def examples() -> Examples:
    none = np.zeros(3, np.int64)
    parts = texts_with_known_words(Split(TOKENS, none, TOKENS, none))
    assert parts.X_train.tolist() == parts.X_validation.tolist() == TOKENS[:2].tolist()
    return Examples(torch.from_numpy(parts.X_train), torch.from_numpy(parts.y_train))


def test_each_text_hides_one_known_word() -> None:
    """The mask stands where the word was, the class is its number, and texts without a known word are left out."""
    texts = examples()
    hidden = hidden_words(texts, 0)
    assert ((hidden.features == MASK).sum(1) == 1).all()
    back = torch.where(hidden.features == MASK, hidden.labels.unsqueeze(1), hidden.features)
    assert torch.equal(back, texts.features)
    assert hidden.labels[1] == 6


def test_each_known_word_is_hidden_equally_often() -> None:
    """Of three known words each is hidden in a third of the draws; the same seed hides the same word again."""
    texts = examples()
    drawn = torch.stack([hidden_words(texts, 1, epoch).labels[0] for epoch in range(600)])
    counts = torch.bincount(drawn, minlength=6)[3:].numpy()
    assert counts.sum() == 600
    assert np.abs(counts - 200).max() < 5 * (600 * 2 / 9) ** 0.5
    assert torch.equal(hidden_words(texts, 1, 7).labels, hidden_words(texts, 1, 7).labels)
