"""CKA against its definitions with whole kernel matrices, and against what theory says."""

import numpy as np
import pytest
import torch
from torch import nn

from core.errors import BadInput
from core.landscape.similarity.cka import linear_cka, minibatch_cka
from core.landscape.similarity.flavours import FLAVOURS, PAPER, Flavour, l2_distances, logits_of, mixed, pairwise_cka
from core.training.parameters import flatten

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(30, 5)), RNG.normal(size=(30, 8)) + 3


def hsic_1(x: np.ndarray, y: np.ndarray) -> float:
    """Song et al. 2012, equation 5, with the matrices written out."""
    n = len(x)
    k, other = x @ x.T, y @ y.T
    np.fill_diagonal(k, 0)
    np.fill_diagonal(other, 0)
    one = np.ones(n)
    inner = (
        np.trace(k @ other)
        + (one @ k @ one) * (one @ other @ one) / ((n - 1) * (n - 2))
        - 2 / (n - 2) * one @ k @ other @ one
    )
    return inner / (n * (n - 3))


def hsic_0(x: np.ndarray, y: np.ndarray) -> float:
    """tr(K H L H) with the centring matrix H."""
    n = len(x)
    h = np.eye(n) - 1 / n
    return float(np.trace(x @ x.T @ h @ y @ y.T @ h))


def test_biased_cka_is_that_of_centred_kernels() -> None:
    """HSIC_0(x, y) / sqrt(HSIC_0(x, x) HSIC_0(y, y)), with fewer and with more features than rows."""
    wide = RNG.normal(size=(30, 90))
    for x, y in ((X, Y), (X, wide), (wide, Y)):
        expected = hsic_0(x, y) / np.sqrt(hsic_0(x, x) * hsic_0(y, y))
        assert linear_cka(x, y) == pytest.approx(expected, abs=1e-12)


def test_debiased_cka_is_that_of_unbiased_estimates() -> None:
    """HSIC_1(x, y) / sqrt(HSIC_1(x, x) HSIC_1(y, y)); the mean does not matter."""
    expected = hsic_1(X, Y) / np.sqrt(hsic_1(X, X) * hsic_1(Y, Y))
    assert linear_cka(X, Y, debiased=True) == pytest.approx(expected, abs=1e-10)
    assert linear_cka(X + 100, Y, debiased=True) == pytest.approx(expected, abs=1e-8)


def test_rotation_and_scale_do_not_matter() -> None:
    """CKA(x, c x Q) = 1 for an orthogonal Q."""
    rotation, _ = np.linalg.qr(RNG.normal(size=(5, 5)))
    assert linear_cka(X, 3 * X @ rotation) == pytest.approx(1)
    assert linear_cka(X, 3 * X @ rotation, debiased=True) == pytest.approx(1)


def test_few_rows_raise_the_biased_value_alone() -> None:
    """Of unrelated representations the debiased value is 0 on average, the biased one far above with few rows."""
    pairs = [(RNG.normal(size=(20, 15)), RNG.normal(size=(20, 15))) for _ in range(200)]
    assert abs(np.mean([linear_cka(x, y, debiased=True) for x, y in pairs])) < 0.03
    assert np.mean([linear_cka(x, y) for x, y in pairs]) > 0.3


def test_batches_are_averaged_before_the_ratio() -> None:
    """Minibatch CKA is the ratio of mean HSIC_1, not the mean of ratios."""
    batches = [(X[:10], Y[:10]), (X[10:], Y[10:])]
    means = [np.mean([hsic_1(a, b) for a, b in chosen]) for chosen in (batches, [(X[:10],) * 2, (X[10:],) * 2])]
    own = np.mean([hsic_1(b, b) for _, b in batches])
    assert minibatch_cka(batches) == pytest.approx(means[0] / np.sqrt(means[1] * own), abs=1e-10)


def test_constant_representations_are_undefined() -> None:
    """The same output for all rows has no CKA: NaN in every estimate, and it is no error."""
    constant = np.full((30, 4), 0.7)
    assert np.isnan(linear_cka(constant, Y)) and np.isnan(linear_cka(X, constant, debiased=True))
    assert np.isnan(minibatch_cka([(constant, Y)]))


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (X, Y[:-1], r"shapes \(30, 5\) and \(29, 8\) came; the same rows"),
        (X[:3], Y[:3], "3 rows came; debiased CKA needs at least 4"),
        (np.full_like(X, np.nan), Y, "the first representation has values that are not finite"),
    ],
)
def test_bad_input_is_named(x: np.ndarray, y: np.ndarray, said: str) -> None:
    """One sentence for what can't be compared."""
    with pytest.raises(BadInput, match=said):
        linear_cka(x, y, debiased=True)


def test_every_flavour_is_what_its_name_says() -> None:
    """Softmax outputs are those of torch, estimates those above; a network that blew up has none."""
    logits = RNG.normal(size=(3, 40, 4)) * 3
    logits[2] = np.nan
    softmax = torch.softmax(torch.from_numpy(logits), -1).numpy()
    for flavour in FLAVOURS:
        values = {(first, second): value for first, second, value in pairwise_cka(logits, flavour)}
        of = logits if flavour.outputs == "logits" else softmax
        if flavour.estimate != "minibatch":
            assert values[0, 1] == linear_cka(of[0], of[1], flavour.estimate == "debiased")
        assert np.isnan(values[0, 2]) and np.isnan(values[1, 2])
    assert PAPER.name == "softmax, mixup, biased" and Flavour("logits", "plain", "debiased") in FLAVOURS


def test_mixed_rows_lie_between_two_rows() -> None:
    """Shares follow Beta(16, 16): mean 1/2, variance 1 / (4 * 33); the seed alone decides."""
    rows = torch.cat([torch.zeros(2000, 1), torch.ones(2000, 1)])
    found = mixed(rows, 3)
    assert torch.equal(found, mixed(rows, 3)) and not torch.equal(found, mixed(rows, 4))
    apart = found[(found > 0) & (found < 1)]
    assert apart.mean() == pytest.approx(0.5, abs=0.01)
    assert apart.var() == pytest.approx(1 / (4 * 33), rel=0.15)


def test_logits_are_those_of_the_module() -> None:
    """Each network's own parameters and running statistics are used, in evaluation mode."""
    torch.manual_seed(0)
    modules = [nn.Sequential(nn.Linear(5, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 3)) for _ in range(2)]
    rows = torch.randn(20, 5)
    for module in modules:
        module(rows)
        module.eval()
    buffers = {
        name: torch.stack([dict(module.named_buffers())[name] for module in modules])
        for name, _ in modules[0].named_buffers()
    }
    found = logits_of(modules[0], torch.stack([flatten(module) for module in modules]), rows, buffers)
    for module, logits in zip(modules, found, strict=True):
        np.testing.assert_allclose(logits, module(rows).detach().numpy(), atol=1e-5)


def test_distances_are_euclidean() -> None:
    """Of (0, 0), (3, 4) and (3, 0)."""
    assert l2_distances(np.array([[0, 0], [3, 4], [3, 0]])) == [(0, 1, 5.0), (0, 2, 3.0), (1, 2, 4.0)]
