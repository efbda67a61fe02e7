"""Guessing hidden words: what a text network is pretrained on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from core.data.preparation import Split
from core.data.vocabulary import MASK, SPECIAL
from core.training.ensemble import Examples


def texts_with_known_words(parts: Split) -> Split:
    """Both parts without the texts that have no word that could be hidden."""
    kept, measured = ((tokens >= SPECIAL).any(1) for tokens in (parts.X_train, parts.X_validation))
    return Split(parts.X_train[kept], parts.y_train[kept], parts.X_validation[measured], parts.y_validation[measured])


def hidden_words(texts: Examples, *seed: int) -> Examples:
    """Each text with one of its known words masked, drawn at random, and the number of that word as its class.

    Devlin et al. 2019 (arXiv:1810.04805), section 3.1, with one hidden word a text. Hide others in each epoch, as Liu et
    al. 2019 (arXiv:1907.11692), section 4.1: a thousand texts with the same words hidden are learned by heart.

    Args:
        texts: word numbers, [rows, words], each with a known word at least.
        seed: one or more numbers that decide which words are drawn, the same ones on every device.
    """
    tokens = texts.features
    generator = torch.Generator().manual_seed(int(np.random.SeedSequence(seed).generate_state(1)[0]))
    chances = torch.rand(tokens.shape, generator=generator).to(tokens.device)
    places = chances.masked_fill(tokens < SPECIAL, -1).argmax(1, keepdim=True)
    return replace(texts, features=tokens.scatter(1, places, MASK), labels=tokens.gather(1, places).squeeze(1))
