"""MiniLM, a small BERT with pretrained weights that an optional package brings; the names are those of its weights file."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from core.data.word_pieces import WordPieces, read_word_pieces
from core.errors import BadInput
from core.models.optional import MINILM, MISSING

WIDTH, INNER, BLOCKS, HEADS = 384, 1536, 6, 12
PIECES, PLACES, EPSILON = 30_522, 512, 1e-12
FAR = -1e4  # score of a place that is not attended to


class MiniLm(nn.Module):
    """BERT encoder, mean over the pieces of a text, linear: piece numbers [batch, places] -> [batch, classes].

    Wang et al. 2020 (arXiv:2002.10957); the weights are those of all-MiniLM-L6-v2, whose sentence vectors are the same mean.
    """

    def __init__(
        self,
        classes: int,
        *,
        pieces: int = PIECES,
        places: int = PLACES,
        width: int = WIDTH,
        inner: int = INNER,
        blocks: int = BLOCKS,
        heads: int = HEADS,
    ) -> None:
        """Args: outputs; sizes, which only tests change."""
        super().__init__()
        self.embeddings = nn.ModuleDict(
            {
                "word_embeddings": nn.Embedding(pieces, width),
                "position_embeddings": nn.Embedding(places, width),
                "token_type_embeddings": nn.Embedding(2, width),
                "LayerNorm": nn.LayerNorm(width, eps=EPSILON),
            }
        )
        self.encoder = nn.ModuleDict({"layer": nn.ModuleList(BertBlock(width, inner, heads) for _ in range(blocks))})
        self.head = nn.Linear(width, classes)

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits of a batch."""
        return self.head(self.vectors(tokens))

    def vectors(self, tokens: Tensor) -> Tensor:
        """Sentence vectors, [batch, width]."""
        present = tokens != 0
        places = torch.arange(tokens.shape[-1], device=tokens.device)
        x = self.embeddings["word_embeddings"](tokens) + self.embeddings["position_embeddings"](places)
        x = self.embeddings["LayerNorm"](x + self.embeddings["token_type_embeddings"](torch.zeros_like(tokens)))
        for block in self.encoder["layer"].children():
            x = block(x, present)
        weights = present.unsqueeze(-1).float()
        return (x * weights).sum(-2) / weights.sum(-2).clamp(min=1)


class BertBlock(nn.Module):
    """Attention, then two linear layers; each is added to what came in and normalised."""

    def __init__(self, width: int, inner: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.attention = nn.ModuleDict(
            {
                "self": nn.ModuleDict({name: nn.Linear(width, width) for name in ("query", "key", "value")}),
                "output": _added(width, width),
            }
        )
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(width, inner)})
        self.output = _added(inner, width)

    def forward(self, x: Tensor, present: Tensor) -> Tensor:
        """[batch, places, width], [batch, places] -> [batch, places, width]."""
        after = self.attention.get_submodule("output")
        x = after.get_submodule("LayerNorm")(x + after.get_submodule("dense")(self._mixed(x, present)))
        return self.output["LayerNorm"](x + self.output["dense"](gelu(self.intermediate["dense"](x))))

    def _mixed(self, x: Tensor, present: Tensor) -> Tensor:
        parts = self.attention.get_submodule("self")
        queries, keys, values = (
            parts.get_submodule(name)(x).unflatten(-1, (self.heads, -1)).transpose(-3, -2)
            for name in ("query", "key", "value")
        )  # each [batch, heads, places, width / heads]
        scores = queries @ keys.mT / queries.shape[-1] ** 0.5
        shares = scores.masked_fill(~present.unsqueeze(-2).unsqueeze(-3), FAR).softmax(-1)
        return (shares @ values).transpose(-3, -2).flatten(-2)


def _added(before: int, after: int) -> nn.ModuleDict:
    return nn.ModuleDict({"dense": nn.Linear(before, after), "LayerNorm": nn.LayerNorm(after, eps=EPSILON)})


def pretrained_minilm(classes: int) -> MiniLm:
    """The network with its pretrained weights and a new head; its pooling layer, which the mean replaces, is left out.

    Raises:
        BadInput: the optional package is not installed.
    """
    from safetensors.torch import load_file

    network = MiniLm(classes)
    kept = load_file(_folder() / "model.safetensors")
    body = {name: kept[name] for name in network.state_dict() if not name.startswith("head.")}
    network.load_state_dict(body, strict=False)
    return network


def minilm_pieces() -> WordPieces:
    """Its vocabulary.

    Raises:
        BadInput: the optional package is not installed.
    """
    return read_word_pieces(_folder() / "vocab.txt")


def _folder() -> Path:
    spec = importlib.util.find_spec(MINILM)
    if spec is None or spec.origin is None:
        raise BadInput(MISSING)
    return Path(spec.origin).parent / "model"
