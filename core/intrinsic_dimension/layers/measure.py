"""The dimension of each representation of a network, with errors."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from core.analysis import report
from core.intrinsic_dimension.data_dimension.distinct_points import MINIMUM_POINTS
from core.intrinsic_dimension.data_dimension.estimate import neighbour_estimates
from core.intrinsic_dimension.data_dimension.pca import principal_components
from core.intrinsic_dimension.layers.layer_dimension import LayerDimension
from core.intrinsic_dimension.layers.representations import layer_names, representation

NEIGHBOURS = 32  # Gride up to n1 = 16
MOST_LAYERS = 30  # of a deeper network so many are measured, evenly spaced


def measure_layers(module: nn.Module, rows: torch.Tensor) -> list[LayerDimension]:
    """Measures the points as the network sees them at every depth, one layer in memory at a time.

    Ansuini, Laio, Macke and Zoccolan 2019 (arXiv:1905.12784): in trained networks the dimension first rises, then falls
    towards the output, and a low one at the last hidden layer goes with good classification; principal components do
    not show it.

    Args:
        module: in evaluation mode.
        rows: distinct samples [n, ...].
    """
    names = layer_names(module, rows[:2])
    places = np.unique(np.linspace(0, len(names) - 1, min(MOST_LAYERS, len(names))).round().astype(int)).tolist()
    found = []
    for count, place in enumerate(places):
        points = representation(module, rows, place).numpy()
        found.append(_measured(names[place], place, points))
        report((count + 1) / len(places), f"layer {names[place]}")
    return found


def _measured(name: str, depth: int, points: np.ndarray) -> LayerDimension:
    distinct = np.unique(points, axis=0)
    nothing = (np.nan, np.nan)
    if len(distinct) < MINIMUM_POINTS or not np.isfinite(distinct).all():
        return LayerDimension(name, depth, points.shape[1], len(distinct), *nothing, *nothing, *nothing, 0)
    estimates = neighbour_estimates(distinct, NEIGHBOURS)
    scales = [row for row in estimates.rows if row[0] == "gride"]
    components = principal_components(distinct)
    return LayerDimension(
        layer=name,
        depth=depth,
        units=points.shape[1],
        points=len(distinct),
        dimension=estimates.two_nn.dimension,
        standard_error=scales[0][3] if scales else estimates.two_nn.standard_error,
        large_scale=scales[-1][2] if scales else np.nan,
        large_scale_error=scales[-1][3] if scales else np.nan,
        participation_ratio=components.participation_ratio,
        participation_error=components.participation_error,
        pca_90=components.count(0.90),
    )
