"""Pictures of a landscape result: the table that marks a mode says which ones there are."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from core.analysis import Figure, Result

_DRAWN = {  # a table that a result may have: module and function that draw it
    "phases": "phases:phase_figures",
    "history": "zoo:zoo_figures",
    "pairs": "cell:cell_figures",
    "curvature": "checkpoints:checkpoint_figures",
    "averaging": "averaging:averaging_figures",
    "pruning_study": "pruning_studies:study_figures",
    "regimes": "pruning:pruning_figures",
    "learning_coefficient": "degeneracy:degeneracy_figures",
}


def figures(result: Result) -> dict[str, Figure]:
    """The figures of a result in the order in which they are read."""
    drawn: dict[str, Figure] = {}
    for table, home in _DRAWN.items():
        if table in result.tables:
            module, _, name = home.partition(":")
            draw: Callable[[Result], dict[str, Figure]] = getattr(import_module(f"{__name__}.{module}"), name)
            drawn |= draw(result)
    return drawn
