"""A small transformer encoder that classifies texts of word numbers."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

from core.data.vocabulary import MASK, PADDING

FAR = -1e4  # score of a place that is not attended to; finite, so that a text without words gives numbers


class TextTransformer(nn.Module):
    """Embeddings, `depth` blocks, mean over the words, linear: word numbers [batch, words] -> [batch, classes].

    Vaswani et al. 2017 (arXiv:1706.03762), the encoder, with normalisation before each part instead of after it.
    """

    def __init__(self, vocabulary: int, length: int, width: int, depth: int, classes: int) -> None:
        """Args: number of words; of places; of channels (a multiple of four, the number of heads); of blocks; outputs."""
        super().__init__()
        self.embeddings = Embeddings(vocabulary, length, width)
        self.encoder = nn.ModuleList(Block(width) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits of a batch."""
        present = (tokens != PADDING).unsqueeze(-1).float()
        return self.head((self.states(tokens) * present).sum(-2) / present.sum(-2).clamp(min=1))

    def states(self, tokens: Tensor) -> Tensor:
        """What is known at each place, [batch, words, width]."""
        x, present = self.embeddings(tokens), tokens != PADDING
        for block in self.encoder:
            x = block(x, present)
        return self.norm(x)


class MaskedWords(nn.Module):
    """Guesses the word that is hidden in each text: word numbers [batch, words], one of them the mask -> [batch, words known].

    Devlin et al. 2019 (arXiv:1810.04805), section 3.1, with one hidden word a text and the embeddings as output weights.
    """

    def __init__(self, body: TextTransformer) -> None:
        super().__init__()
        self.body = body
        self.body.head.requires_grad_(False)  # which the guess does not use

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits over the vocabulary."""
        hidden = (tokens == MASK).unsqueeze(-1).float()
        return (self.body.states(tokens) * hidden).sum(-2) @ self.body.embeddings.words.weight.mT


class Embeddings(nn.Module):
    """What a word is, plus where it stands, normalised."""

    def __init__(self, vocabulary: int, length: int, width: int) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, width)
        self.positions = nn.Embedding(length, width)
        self.norm = nn.LayerNorm(width)

    def forward(self, tokens: Tensor) -> Tensor:
        """[batch, words] -> [batch, words, width]."""
        places = torch.arange(tokens.shape[-1], device=tokens.device)
        return self.norm(self.words(tokens) + self.positions(places))


class Block(nn.Module):
    """Attention between the words of a text, then two linear layers at each, both added to what came in."""

    HEADS = 4

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.projections = nn.Linear(width, 3 * width)  # queries, keys and values
        self.output = nn.Linear(width, width)
        self.norm2 = nn.LayerNorm(width)
        self.wide = nn.Linear(width, 2 * width)
        self.narrow = nn.Linear(2 * width, width)

    def forward(self, x: Tensor, present: Tensor) -> Tensor:
        """[batch, words, width], [batch, words] -> [batch, words, width]."""
        x = x + self.output(self._attention(self.norm1(x), present))
        return x + self.narrow(gelu(self.wide(self.norm2(x))))

    def _attention(self, x: Tensor, present: Tensor) -> Tensor:
        split = self.projections(x).unflatten(-1, (3, self.HEADS, -1)).movedim(-3, 0).transpose(-3, -2)
        queries, keys, values = split[0], split[1], split[2]  # each [batch, heads, words, width / heads]
        scores = queries @ keys.mT / queries.shape[-1] ** 0.5
        shares = scores.masked_fill(~present.unsqueeze(-2).unsqueeze(-3), FAR).softmax(-1)
        return (shares @ values).transpose(-3, -2).flatten(-2)
