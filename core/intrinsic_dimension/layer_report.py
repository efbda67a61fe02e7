"""The dimension of a network's layers in words, numbers and a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.analysis import Scalar
from core.intrinsic_dimension.layers.layer_dimension import LayerDimension

if TYPE_CHECKING:
    from core.intrinsic_dimension.layers.look import Layers

INTERVAL = 1.96  # standard errors on either side of a 95 % interval
TRAINED, BEFORE, BROUGHT = "trained here", "before training", "as brought"


def layer_table(layers: Layers) -> pd.DataFrame:
    """One row a layer and state of the network ("trained here", "before training" or "as brought")."""
    states = {TRAINED if layers.trained_here else BROUGHT: layers.rows, BEFORE: layers.untrained}
    return pd.DataFrame([{"network": state, **row} for state, rows in states.items() for row in rows])


def layer_summary(layers: Layers) -> dict[str, Scalar]:
    """The largest dimension of a layer, that of the last hidden layer, and how well the network classifies."""
    shown = _shown(layers)
    top, last = _top(shown), _last_hidden(shown)
    return {
        "largest_layer_dimension": _scalar(top, "Largest dimension of a layer", f"2NN, layer {top.layer}."),
        "last_hidden_dimension": _scalar(
            last,
            "Dimension of the last hidden layer",
            f"2NN, layer {last.layer}; a low one goes with good classification.",
        ),
        "network_accuracy": Scalar(
            layers.accuracy if np.isfinite(layers.accuracy) else None,
            "Accuracy of the network",
            description="On validation rows that it has not learned from."
            if layers.trained_here
            else "On all rows of the data set, which it may have learned from.",
        ),
    }


def layer_answer(layers: Layers) -> str:
    """One sentence: how the dimension goes from the input to the output."""
    shown = _shown(layers)
    first, top, last = shown[0], _top(shown), _last_hidden(shown)
    if not np.isfinite([first.dimension, last.dimension]).all():
        return "Inside the network some layers map the points to too few distinct ones for a dimension."
    rising = top.dimension - INTERVAL * top.standard_error > first.dimension
    way = f"rises to {top.dimension:.1f} (layer {top.layer}) and ends" if rising else "ends"
    return f"Inside the network ({layers.network}) it starts at {first.dimension:.1f}, {way} at {last.dimension:.1f} in the last hidden layer."


def layer_notes(layers: Layers) -> tuple[str, ...]:
    """How the network came by its weights, and which layers have no number."""
    how = (
        f"trained here, {layers.accuracy:.3f} validation accuracy"
        if layers.trained_here
        else "with the weights that it was brought with"
    )
    scaled = "as they were brought" if layers.scaling == "none" else f"scaled ({layers.scaling})"
    notes = [
        f"Layers: {layers.network}, {how}; {layers.points:,} distinct points, features {scaled}. A layer stands for what the next layer "
        "with weights receives from it, after activation and pooling."
    ]
    shown = _shown(layers)
    lost = [layer.layer for layer in shown if layer.points < layers.points]
    if lost:
        notes.append(f"Some points become the same in layer {', '.join(lost[:5])}; each is counted once there.")
    return tuple(notes)


def _shown(layers: Layers) -> list[LayerDimension]:
    return [LayerDimension(**row) for row in layers.rows]


def _top(shown: list[LayerDimension]) -> LayerDimension:
    """The first of the layers with the largest dimension; the input where none has one."""
    return max(shown, key=lambda layer: layer.dimension if np.isfinite(layer.dimension) else -np.inf)


def _last_hidden(shown: list[LayerDimension]) -> LayerDimension:
    return shown[-2]


def _scalar(layer: LayerDimension, title: str, description: str) -> Scalar:
    value, reach = layer.dimension, INTERVAL * layer.standard_error
    if not np.isfinite(value):
        return Scalar(None, title, description=description)
    return Scalar(value, title, low=value - reach, high=value + reach, description=description)
