"""The names of the phases, and what is said of a cell of which only a part is known.

Yang et al. 2021, arXiv:2107.11228, Figure 2: I is sharp and poorly connected, II sharp and well connected, III flat and
poorly connected, IV flat and well connected, with dissimilar (A) or similar (B) seeds.
"""

from __future__ import annotations

import numpy as np

COLLAPSED = "collapsed"
NOT_MEASURED = "not measured"
LABELS = (
    "I",
    "II",
    "III",
    "IV-A",
    "IV-B",
    "IV",
    "I or II",
    "III or IV",
    "I or III",
    "II or IV",
    NOT_MEASURED,
    COLLAPSED,
)
PHASES = LABELS[:5]
SHARP = ("I", "II", "I or II")
FLAT = ("III", "IV-A", "IV-B", "IV", "III or IV")
CONNECTED = ("II", "IV-A", "IV-B", "IV", "II or IV")
APART = ("I", "III", "I or III")

_CODE = {name: code for code, name in enumerate(LABELS)}
# Rows: flat, sharp, unknown; columns: poorly connected, well connected, unknown.
_TABLE = np.array(
    [
        [_CODE[name] for name in row]
        for row in (("III", "IV", "III or IV"), ("I", "II", "I or II"), ("I or III", "II or IV", NOT_MEASURED))
    ]
)


def codes(collapsed: np.ndarray, sharp: np.ndarray, connected: np.ndarray, similar: np.ndarray) -> np.ndarray:
    """Puts the four findings of each cell together.

    Args:
        collapsed: [cells] whether nothing was learned.
        sharp: [cells] 1 sharp, 0 flat, NaN not known.
        connected: [cells] 1 well connected, 0 poorly connected, NaN not known.
        similar: [cells] 1 similar, 0 dissimilar, NaN not known; looked at in IV alone.

    Returns:
        [cells] positions in `LABELS`.
    """
    found = _TABLE[_three_ways(sharp), _three_ways(connected)]
    four = found == _CODE["IV"]
    found = np.where(four & (similar == 0), _CODE["IV-A"], found)
    found = np.where(four & (similar == 1), _CODE["IV-B"], found)
    return np.where(collapsed, _CODE[COLLAPSED], found)


def is_one_of(found: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Whether each code names one of these labels."""
    return np.isin(found, [_CODE[name] for name in names])


def _three_ways(known: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(known), 2, np.nan_to_num(known)).astype(int)
