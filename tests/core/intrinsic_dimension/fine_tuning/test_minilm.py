"""MiniLM: its architecture, its word pieces, and what is said where its weights are not installed."""

import importlib.util

import pytest
import torch

from core.data.builtin import builtin_dataset_source
from core.data.word_pieces import WordPieces
from core.errors import BadInput
from core.intrinsic_dimension.fine_tuning.said import layers_of
from core.intrinsic_dimension.fine_tuning_mode import estimate_fine_tuning
from core.intrinsic_dimension.fine_tuning_params import FineTuningParams
from core.models.minilm import MiniLm, pretrained_minilm
from core.models.optional import MINILM_PARAMETERS
from core.training.parameters import layout_of

PIECES = ("[PAD]", "[CLS]", "[SEP]", "[UNK]", "un", "##aff", "##able", "a", "##b", "!", "naive")


def test_longest_pieces_first() -> None:
    """The example of the BERT paper's tokeniser: unaffable is un, ##aff, ##able; a word that cannot be cut is unknown."""
    rows = WordPieces(PIECES).encode(["Unaffable!", "xyz  ab", "na\u00efve", "unaffable a a a a a"], 6)
    assert rows[0].tolist() == [1, 4, 5, 6, 9, 2]
    assert rows[1].tolist() == [1, 3, 7, 8, 2, 0]
    assert rows[2].tolist() == [1, 10, 2, 0, 0, 0]
    assert rows[3].tolist() == [1, 4, 5, 6, 7, 2]


def test_it_has_the_size_that_estimates_use() -> None:
    """22,565,376 parameters without a head; SAID sees embeddings, six blocks and the head."""
    with torch.device("meta"):
        network = MiniLm(3)
    layers = layers_of(layout_of(network))
    assert layers.names == ("embeddings", *(f"encoder.layer.{number}" for number in range(6)), "head")
    assert sum(layers.parameters) == MINILM_PARAMETERS + 384 * 3 + 3


def test_padding_does_not_count() -> None:
    """The vector of a text does not depend on how many empty places follow."""
    torch.manual_seed(0)
    network = MiniLm(2, pieces=20, places=9, width=8, inner=16, blocks=2, heads=2).eval()
    tokens = torch.randint(1, 20, (3, 6))
    longer = torch.nn.functional.pad(tokens, (0, 3))
    torch.testing.assert_close(network.vectors(tokens), network.vectors(longer))
    assert network(tokens).shape == (3, 2)


def test_where_it_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the optional package the question is refused before it is queued, with the line that adds it."""
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name.startswith("gt_") else found(name))
    with pytest.raises(BadInput, match="make minilm"):
        estimate_fine_tuning(FineTuningParams(text_network="MiniLM"), {"dataset": builtin_dataset_source("docstrings")})
    with pytest.raises(BadInput, match="make minilm"):
        pretrained_minilm(2)
