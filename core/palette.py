"""The colours of every figure: Okabe-Ito for series, one accent, greys that read on light and on dark."""

ACCENT = "#0072B2"
SERIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
NEUTRAL = "#7A8794"  # guides, baselines, chance levels
SEQUENTIAL = "Viridis"
DIVERGING = "RdBu"


def translucent(colour: str, opacity: float) -> str:
    """`#RRGGBB` as `rgba(...)`, for bands and dense points."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"
