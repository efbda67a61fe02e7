"""Topology: multiparameter persistent homology that a classifier can use and a person can see.

Importing this package is cheap: each name below is loaded from its module when it is first used. The same functions of
torch tensors, with derivatives, are in `core.topology.differentiable`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.lazily import lazily

if TYPE_CHECKING:
    from core.topology.engine.convolve import convolve
    from core.topology.engine.hilbert import hilbert_function
    from core.topology.engine.landscape import landscape
    from core.topology.engine.line_barcode import line_barcode
    from core.topology.engine.mass import complete_mass
    from core.topology.engine.rank import rank_invariant
    from core.topology.engine.representation import s_cdr
    from core.topology.engine.signed_measure import signed_measure
    from core.topology.engine.sliced_wasserstein import sliced_wasserstein

_HOMES = {
    "complete_mass": "engine.mass",
    "convolve": "engine.convolve",
    "hilbert_function": "engine.hilbert",
    "landscape": "engine.landscape",
    "line_barcode": "engine.line_barcode",
    "rank_invariant": "engine.rank",
    "s_cdr": "engine.representation",
    "signed_measure": "engine.signed_measure",
    "sliced_wasserstein": "engine.sliced_wasserstein",
}

__all__ = [
    "complete_mass",
    "convolve",
    "hilbert_function",
    "landscape",
    "line_barcode",
    "rank_invariant",
    "s_cdr",
    "signed_measure",
    "sliced_wasserstein",
]

__getattr__, __dir__ = lazily(__name__, _HOMES)
