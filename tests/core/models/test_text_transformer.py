"""The small transformer for texts."""

import torch

from core.data.vocabulary import MASK, PADDING
from core.models.text_transformer import MaskedWords, TextTransformer
from core.training.any_networks import AnyNetworks
from core.training.parameters import layout_of


def _texts(rows: int) -> torch.Tensor:
    tokens = torch.randint(3, 40, (rows, 7), generator=torch.Generator().manual_seed(1))
    tokens[:, 5:] = PADDING
    return tokens


def test_padding_does_not_count() -> None:
    """A text has the same logits whatever number of empty places follows; one without words has finite ones."""
    torch.manual_seed(0)
    network = TextTransformer(40, 9, 8, 2, 3).eval()
    tokens = _texts(4)
    longer = torch.nn.functional.pad(tokens, (0, 2), value=PADDING)
    torch.testing.assert_close(network(tokens), network(longer))
    assert network(torch.zeros(1, 7, dtype=torch.int64)).isfinite().all()


def test_order_counts() -> None:
    """Turning the words round changes the logits: places are embedded."""
    torch.manual_seed(0)
    network = TextTransformer(40, 9, 8, 1, 3).eval()
    tokens = _texts(1)[:, :5]
    assert not torch.allclose(network(tokens), network(tokens.flip(1)))


def test_copies_of_it_train_together() -> None:
    """Two copies in one pass have the losses and gradients that each has alone."""
    torch.manual_seed(0)
    network = TextTransformer(40, 7, 8, 2, 3)
    layout, labels = layout_of(network), torch.tensor([0, 1, 2, 0])
    first = layout.join(dict(network.named_parameters())).detach()
    weights = torch.stack([first, 0.5 * first])
    tokens = _texts(4)
    loss, gradient = AnyNetworks(network, 2).loss_and_gradient(weights, tokens.expand(2, -1, -1), labels.expand(2, -1))
    for run in range(2):
        alone = AnyNetworks(network, 1).loss_and_gradient(weights[run : run + 1], tokens[None], labels[None])
        torch.testing.assert_close(loss[run : run + 1], alone[0])
        torch.testing.assert_close(gradient[run : run + 1], alone[1], rtol=1e-4, atol=1e-6)


def test_a_hidden_word_is_guessed_at_its_place() -> None:
    """Logits are one for each word, by the state at the masked place alone, and the head is not trained."""
    torch.manual_seed(0)
    body = TextTransformer(40, 7, 8, 1, 3)
    guesser = MaskedWords(body).eval()
    tokens = _texts(2)
    tokens[:, 2] = MASK
    expected = body.states(tokens)[:, 2] @ body.embeddings.words.weight.T
    torch.testing.assert_close(guesser(tokens), expected)
    assert not any("head" in name for name in layout_of(guesser).names)
