"""Signed measures, landscapes and their images as functions of torch tensors, with gradients.

Each name does what its namesake in `core.topology` or `core.topology.functions` does, for tensors: the same values, and
derivatives with respect to points, second parameter and whatever these are computed from. The combinatorics are the
engine's, on detached values: every coordinate of a measure is the length of an edge, the diameter of a smallest sphere
or a value of the function, so derivatives are those of that length or value (Scoccola, Setlur, Loiseaux, Carriere and
Oudot, arXiv:2406.07224). They hold wherever no two such values are equal. At a tie the derivative is that of one of the
smooth pieces that meet there, an element of Clarke's subdifferential; of coinciding points it is 0.

A loss of one's own, outside the workbench:

>>> import torch
>>> from core.topology.differentiable import codensity, signed_measure
>>> points = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.1]], dtype=torch.float64, requires_grad=True)
>>> positions, weights = signed_measure(points, codensity(points, bandwidth=0.5), degrees=(1,))[1]
>>> loss = (weights * positions[:, 0]).sum()  # minus how long the loop lives
>>> loss.backward()
>>> round(loss.item(), 4), points.grad.shape
(-0.3142, torch.Size([4, 2]))

Importing this package is cheap: each name is loaded from its module when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.lazily import lazily

if TYPE_CHECKING:
    from core.topology.differentiable.functions import codensity, distance_to_measure, eccentricity
    from core.topology.differentiable.gaussian_images import convolve
    from core.topology.differentiable.landscapes import landscape
    from core.topology.differentiable.losses import clutter_loss, landscape_loss, localized_loss, norm_loss
    from core.topology.differentiable.mass import complete_mass, complete_rectangles
    from core.topology.differentiable.measures import TensorMeasure, signed_measure
    from core.topology.differentiable.smooth_functions import smooth_function
    from core.topology.differentiable.transport import sliced_wasserstein

_HOMES = {
    "TensorMeasure": "measures",
    "clutter_loss": "losses",
    "codensity": "functions",
    "complete_mass": "mass",
    "complete_rectangles": "mass",
    "convolve": "gaussian_images",
    "distance_to_measure": "functions",
    "eccentricity": "functions",
    "landscape": "landscapes",
    "landscape_loss": "losses",
    "localized_loss": "losses",
    "norm_loss": "losses",
    "signed_measure": "measures",
    "sliced_wasserstein": "transport",
    "smooth_function": "smooth_functions",
}

__all__ = [
    "TensorMeasure",
    "clutter_loss",
    "codensity",
    "complete_mass",
    "complete_rectangles",
    "convolve",
    "distance_to_measure",
    "eccentricity",
    "landscape",
    "landscape_loss",
    "localized_loss",
    "norm_loss",
    "signed_measure",
    "sliced_wasserstein",
    "smooth_function",
]

__getattr__, __dir__ = lazily(__name__, _HOMES)
