"""How many directions of each layer make no difference: rank deficiency of activations and of gradients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import nn

from core.landscape.degeneracy.layer_grams import layer_grams

TOLERANCE = 1e-5


@dataclass(frozen=True, eq=False)
class LayerRanks:
    """What the weights of the layers have to work with.

    Attributes:
        table: a row a layer: `layer`; `inputs` and `outputs` (a bias counts as an input); `activation_rank` and
            `gradient_rank`; `activation_deficiency` and `gradient_deficiency`, the directions that are missing;
            `parameters` = inputs x outputs; `effective_parameters` = product of the ranks: changes of the others leave
            the outputs on these data as they are, to first order.
        spectra: layer -> (eigenvalues of activations, of gradients), largest first, relative to the largest.
        notes: layers with fewer rows than directions, whose ranks the data bound.
    """

    table: pd.DataFrame
    spectra: dict[str, tuple[np.ndarray, np.ndarray]]
    notes: tuple[str, ...]


def layer_ranks(model: nn.Module, inputs: torch.Tensor, tolerance: float = TOLERANCE, seed: int = 0) -> LayerRanks:
    """Ranks of the Gram matrices of every linear and convolutional layer.

    Args:
        model: [n, ...] -> [n, outputs].
        inputs: [n, ...].
        tolerance: an eigenvalue counts where it exceeds this share of the largest.
        seed: see `layer_grams`.

    Raises:
        BadInput: see `layer_grams`.
    """
    rows, spectra, notes = [], {}, []
    for layer in layer_grams(model, inputs, seed):
        activations, gradients = relative_spectrum(layer.activations), relative_spectrum(layer.gradients)
        ranks = int((activations > tolerance).sum()), int((gradients > tolerance).sum())
        widths = len(activations), len(gradients)
        spectra[layer.name] = activations, gradients
        rows.append(
            (
                layer.name,
                *widths,
                *ranks,
                widths[0] - ranks[0],
                widths[1] - ranks[1],
                widths[0] * widths[1],
                ranks[0] * ranks[1],
            )
        )
        if layer.activation_rows < widths[0] or layer.gradient_rows < widths[1]:
            notes.append(f"Layer {layer.name}: fewer rows of data than directions, so its ranks are those of the data.")
    columns = [
        "layer",
        "inputs",
        "outputs",
        "activation_rank",
        "gradient_rank",
        "activation_deficiency",
        "gradient_deficiency",
        "parameters",
        "effective_parameters",
    ]
    return LayerRanks(pd.DataFrame(rows, columns=columns), spectra, tuple(notes))


def relative_spectrum(gram: torch.Tensor) -> np.ndarray:
    """Eigenvalues of a Gram matrix over the largest, largest first; zeros where the matrix is zero."""
    values = torch.linalg.eigvalsh(gram).flip(0).clamp(min=0)
    return (values / values[0] if values[0] > 0 else values).cpu().numpy()
