"""The bound and the length of a description, against arithmetic by hand."""

from math import exp, log, sqrt

import pytest
from scipy.stats import binom

from core.errors import BadInput
from core.intrinsic_dimension import occam_bound
from core.intrinsic_dimension.compression.description import describe_network


def test_published_arithmetic() -> None:
    """383 bytes, 50,000 rows, training error 0.0985 and delta 0.05 give 0.2447 by the formula."""
    assert occam_bound(0.0985, 8 * 383, 50_000, 0.05) == pytest.approx(
        0.0985 + sqrt((3064 * log(2) + log(20)) / 100_000), abs=1e-12
    )
    assert occam_bound(0.0985, 8 * 383, 50_000) == pytest.approx(0.2443, abs=1e-4)


def test_without_bits_it_is_hoeffdings_inequality() -> None:
    """The share of samples, of a network fixed beforehand, for which the bound fails is at most delta."""
    samples, error, delta = 200, 0.3, 0.05
    wrong = [k for k in range(samples + 1) if occam_bound(k / samples, 0, samples, delta) < error]
    assert sum(binom.pmf(k, samples, error) for k in wrong) <= delta
    assert occam_bound(0.0, 0, 1, exp(-2)) == pytest.approx(1.0)


def test_one_bit_halves_delta() -> None:
    """A description of n bits is worth as much as a bound that may fail 2^-n times as often."""
    assert occam_bound(0.2, 10, 1000, 0.05) == pytest.approx(occam_bound(0.2, 0, 1000, 0.05 / 2**10))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((1.5, 10, 100, 0.05), "training error 1.5 is not accepted; expected a share from 0 to 1"),
        ((0.1, -1, 100, 0.05), "-1 bits are not accepted"),
        ((0.1, 10, 0, 0.05), "0 samples are not accepted; expected at least 1"),
        ((0.1, 10, 100, 0.0), "delta 0.0 is not accepted; expected a number between 0 and 1"),
    ],
)
def test_impossible_arguments(arguments: tuple[float, float, int, float], words: str) -> None:
    """Each is refused with what is expected."""
    with pytest.raises(BadInput, match=words):
        occam_bound(*arguments)


def test_everything_is_paid_for() -> None:
    """The parts of a description are those that tell a network apart, and add up."""
    described = describe_network(199_210, 750, 4, "common", 784)
    assert described.codes == 3000
    assert 2**described.dimension >= 199_210 > 2 ** (described.dimension - 1)
    assert described.bits == 3000 + 4 + 18 + 16 + 64 + 3 + 64 + 32
    assert describe_network(199_210, 750, 4, "none", 784).bits == described.bits - 64
    assert describe_network(1000, 10, 2, "columns", 13).scaling == 13 * 2 * 64
