"""The line from a network before fine-tuning to the one after: WiSE-FT, Wortsman et al. 2022, arXiv:2109.01903."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from core.landscape.averaging.architectures import State
from core.landscape.averaging.scores import Scores, scores_of
from core.landscape.averaging.weights import interpolate
from core.training.ensemble import Examples
from core.training.parameters import layout_of

RECOMMENDED = 0.5  # where nothing is known of the shifted data; section 4 of the paper


def alphas(points: int) -> np.ndarray:
    """Evenly from 0, before fine-tuning, to 1, after it; an odd number of them has 0.5 among them."""
    return np.linspace(0, 1, points)


def along(
    module: nn.Module,
    before: State,
    after: State,
    places: np.ndarray,
    training: torch.Tensor,
    rows: Examples,
) -> Scores:
    """Scores of (1 - alpha) before + alpha after, of shape [places, n].

    Statistics of normalisation are computed anew at every place, the ends included, so that all are measured alike.

    Args:
        module: the architecture.
        before: trainable parameters by name.
        after: of the fine-tuned one.
        places: values of alpha.
        training: features on which statistics are computed.
        rows: that all places are measured on.
    """
    layout = layout_of(module)
    found = [
        scores_of(module, layout.join(interpolate(before, after, place))[None], rows, statistics_from=training)
        for place in places.tolist()
    ]
    return Scores(*(np.concatenate([one.of(metric) for one in found]) for metric in ("accuracy", "loss")))
