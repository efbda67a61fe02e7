"""What transformers accept in place of measures, checked before anything is fitted or transformed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from core.errors import BadInput
from core.topology.engine.measure import SignedMeasure

Measures = Sequence[Mapping[int | str, tuple[Any, Any]]]


def checked_measures(
    items: Measures, degrees: Iterable[int | str] | None = None
) -> list[dict[int | str, SignedMeasure]]:
    """Measures of each item by degree, from any pairs of positions and weights.

    Args:
        items: of each item {degree: (positions [m, c], weights [m])}.
        degrees: that a transformer was fitted to, and that every item must have; None: as they come.

    Raises:
        BadInput: an item without a degree, or positions and weights that are no measure; the item is named.
    """
    wanted = None if degrees is None else tuple(degrees)
    return [_checked(item, place, wanted) for place, item in enumerate(items)]


def _checked(
    item: Mapping[int | str, tuple[Any, Any]], place: int, wanted: tuple[int | str, ...] | None
) -> dict[int | str, SignedMeasure]:
    if not isinstance(item, Mapping):
        raise BadInput(
            f"Item {place + 1:,} is a {type(item).__name__}; {{degree: (positions, weights)}} is expected, as signed_measure "
            "returns it."
        )
    missing = [key for key in wanted or () if key not in item]
    if missing:
        raise BadInput(
            f"Item {place + 1:,} has the degrees {list(item)} and lacks {missing[0]!r}, which the transformer was fitted to."
        )
    return {key: _measure(pair, f"Item {place + 1:,}, degree {key!r}") for key, pair in item.items()}


def _measure(pair: tuple[Any, Any], what: str) -> SignedMeasure:
    try:
        positions, weights = pair
    except (TypeError, ValueError):
        raise BadInput(f"{what}: a pair (positions, weights) is expected.") from None
    where, mass = np.asarray(positions, dtype=np.float64), np.asarray(weights)
    if mass.ndim != 1 or len(where) != len(mass) or (len(mass) and where.ndim != 2):
        raise BadInput(
            f"{what}: positions have shape {where.shape} and weights {mass.shape}; [m, c] and [m] are expected."
        )
    if np.isnan(where).any() or (mass.dtype.kind == "f" and not np.isfinite(mass).all()):
        raise BadInput(f"{what} holds NaN; numbers are expected.")
    return SignedMeasure(where, mass)
