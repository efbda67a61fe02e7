"""Rounding to a few bits, and the bytes that the numbers take."""

import base64

import numpy as np
import pytest

from core.intrinsic_dimension.compression.quantise import WIDTHS, Quantised, pack, quantise, unpack


@pytest.mark.parametrize("bits", WIDTHS)
def test_packing_there_and_back(bits: int) -> None:
    """Codes of b bits lie one behind the other, in ceil(d b / 8) bytes."""
    codes = np.random.default_rng(bits).integers(0, 2**bits, 37)
    text = pack(codes, bits)
    assert len(base64.b64decode(text)) == -(-37 * bits // 8)
    np.testing.assert_array_equal(unpack(text, bits, 37), codes)


def test_order_of_the_bits() -> None:
    """The highest bit of the first code comes first: 1, 2, 3 of two bits are 01 10 11 and two zeros."""
    assert base64.b64decode(pack(np.array([1, 2, 3]), 2)) == bytes([0b01101100])


def test_wrong_number_of_bytes() -> None:
    """Codes that are cut off are named."""
    with pytest.raises(ValueError, match="1 bytes of codes; 2 are expected"):
        unpack(pack(np.array([1, 2]), 4), 4, 3)


def test_levels_are_uniform() -> None:
    """Two bits: levels -3/4, -1/4, 1/4, 3/4 of the clip."""
    values = Quantised(2, 2.0, np.arange(4)).values
    np.testing.assert_array_equal(values, np.array([-1.5, -0.5, 0.5, 1.5], dtype=np.float32))


@pytest.mark.parametrize(("bits", "error"), [(2, 0.1188), (3, 0.03744), (4, 0.01154), (5, 0.003495)])
def test_error_on_gaussian_numbers_is_that_of_the_best_uniform_quantiser(bits: int, error: float) -> None:
    """Mean squared errors of Max 1960 (Quantizing for minimum distortion, table II) within 5 %."""
    numbers = np.random.default_rng(0).normal(size=20_000)
    assert np.square(quantise(numbers, bits).values - numbers).mean() == pytest.approx(error, rel=0.05)


def test_many_bits_lose_hardly_anything() -> None:
    """At 16 bits the error is at most half a step, give or take the precision of the clip."""
    numbers = np.random.default_rng(1).normal(size=100)
    rounded = quantise(numbers, 16)
    assert np.abs(rounded.values - numbers).max() <= 1.1 * np.abs(numbers).max() / 1000
    assert float(np.float16(rounded.clip)) == rounded.clip


def test_zero_stays_near_zero() -> None:
    """A vector of zeros has a clip as well."""
    assert np.abs(quantise(np.zeros(5), 4).values).max() < 1e-4
