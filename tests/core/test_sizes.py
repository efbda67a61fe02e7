import pytest

from core.sizes import in_bytes


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1 KiB"),
        (80_000_000, "76.3 MiB"),
        (1000 << 20, "1000 MiB"),
        ((1 << 30) - 1, "1024 MiB"),
        (9 << 29, "4.5 GiB"),
        (5000 << 40, "5000 TiB"),
    ],
)
def test_size_has_three_digits_and_never_a_power_of_ten(count: int, text: str) -> None:
    """A size is said to three significant digits, or to the unit, in the largest unit that it fills."""
    assert in_bytes(count) == text
