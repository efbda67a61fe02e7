"""Loss landscape: the phase of a model in the temperature-load plane, and what to turn next.

Importing this package is cheap: each name below is loaded from its module when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.lazily import lazily

if TYPE_CHECKING:
    from core.landscape.connectivity.alignment import aligned
    from core.landscape.connectivity.connect import mode_connectivity
    from core.landscape.curvature.eigenvalues import hessian_eigenvalues
    from core.landscape.curvature.module_loss import module_loss
    from core.landscape.curvature.spectrum import hessian_spectrum
    from core.landscape.degeneracy.learning_coefficient import local_learning_coefficient
    from core.landscape.phase_map.phases import phases
    from core.landscape.similarity.cka import linear_cka

_HOMES = {
    "aligned": "connectivity.alignment",
    "hessian_eigenvalues": "curvature.eigenvalues",
    "hessian_spectrum": "curvature.spectrum",
    "linear_cka": "similarity.cka",
    "local_learning_coefficient": "degeneracy.learning_coefficient",
    "mode_connectivity": "connectivity.connect",
    "module_loss": "curvature.module_loss",
    "phases": "phase_map.phases",
}

__all__ = [
    "aligned",
    "hessian_eigenvalues",
    "hessian_spectrum",
    "linear_cka",
    "local_learning_coefficient",
    "mode_connectivity",
    "module_loss",
    "phases",
]

__getattr__, __dir__ = lazily(__name__, _HOMES)
