"""Pictures of a topology result: which ones follows from the table that marks its mode."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from core.analysis import Figure, Result

_DRAWN = {  # the table that marks a mode: module and function that draw it
    "signed_measure": "describe:describe_figures",
    "scores": "scores:score_figures",
    "settings": "features:feature_figures",
    "optimised_measure": "optimise:optimise_figures",
    "robustness": "robustness:robustness_figures",
}


def figures(result: Result) -> dict[str, Figure]:
    """The figures of a result in the order in which they are read."""
    for table, home in _DRAWN.items():
        if table in result.tables:
            module, _, name = home.partition(":")
            drawn: Callable[[Result], dict[str, Figure]] = getattr(import_module(f"{__name__}.{module}"), name)
            return drawn(result)
    return {}
