"""A bound on the true error of a network that can be described in few bits."""

from __future__ import annotations

from math import isfinite, log, sqrt

from core.errors import BadInput


def occam_bound(train_error: float, bits: float, samples: int, delta: float = 0.05) -> float:
    """With probability 1 - delta over the training samples: error on new data <= the value.

        train_error + sqrt((bits ln 2 + ln(1 / delta)) / (2 samples))

    Hoeffding's inequality, with the share 2^-bits of delta for each network, so that it holds for all that the code can
    describe at once (Kraft's inequality): whichever of them training ends at, however it was found. Blumer et al. 1987
    (Occam's Razor); Langford 2005 (Tutorial on practical prediction theory, JMLR 6), theorem 4.1; for subspaces with
    d in place of bits: Aghajanyan et al. 2020 (arXiv:2012.13255), section 5.

    Args:
        train_error: share of the training samples that the described network gets wrong, 0 to 1.
        bits: length of its description, everything that was chosen with a look at the samples paid for.
        samples: number of training samples, drawn independently of each other.
        delta: how often the bound may fail.

    Returns:
        The bound; at 1 or more it says nothing.

    Raises:
        BadInput: an error outside 0..1, negative bits, no samples, or delta not between 0 and 1.

    Example:
        >>> round(occam_bound(0.1, bits=3000, samples=50_000), 3)
        0.244
    """
    if not 0 <= train_error <= 1:
        raise BadInput(f"occam_bound: training error {train_error} is not accepted; expected a share from 0 to 1.")
    if not (bits >= 0 and isfinite(bits)):
        raise BadInput(f"occam_bound: {bits} bits are not accepted; expected a number from 0 on.")
    if samples < 1:
        raise BadInput(f"occam_bound: {samples} samples are not accepted; expected at least 1.")
    if not 0 < delta < 1:
        raise BadInput(f"occam_bound: delta {delta} is not accepted; expected a number between 0 and 1.")
    return train_error + sqrt((bits * log(2) + log(1 / delta)) / (2 * samples))
