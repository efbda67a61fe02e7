"""The step that looks into the layers of one network: ranks, firing patterns, interactions, effective parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import report
from core.errors import BadInput
from core.landscape.degeneracy.examined import Examined, Origin, examined

if TYPE_CHECKING:
    import pandas as pd
    import torch

SHUFFLES = 10
FEWEST_ROWS = 10  # below, a count of effective parameters says more of the rows than of the network
DRAWN_EDGES, DRAWN_FEATURES = (
    2000,
    64,
)  # kept for tables and pictures: the strongest, and those of the largest importance


@dataclass(frozen=True)
class Looking:
    """How layers are looked at.

    Attributes:
        tolerance: an eigenvalue of at most this share of the largest is none.
        layer_rows: of ranks, patterns and interactions.
        behaviour_rows: of effective parameters.
        seed: of random combinations of outputs, and of shuffles.
    """

    tolerance: float
    layer_rows: int
    behaviour_rows: int
    seed: int


def layers_step(origin: Origin, place: int, looking: Looking, device: str) -> dict[str, Any]:
    """What of one network makes no difference on its data.

    Args:
        origin: all networks.
        place: which of them.
        looking: how.
        device: "cpu" or "gpu".

    Returns:
        `parameters` D; `train_error` (points) and `train_loss` (nats) over all rows; `ranks`, DataFrame of `layer_ranks`, and
        `spectra`, layer -> (activations, gradients); `firing`, DataFrame of `firing_patterns`; `bases`: DataFrame with
        `layer`, `width` and `kept`; `features`: layer, feature, importance, module; `edges`: layer,
        feature, next, strength; `modularity` and `shuffled` [10]; `behaviour`, the eigenvalues of the behavioural loss, and
        `behaviour_rows` that were used; `remarks`: what could not be measured, and why. DataFrames are empty and numbers
        NaN there.

    Raises:
        BadInput: as `examined`.
    """
    network, remarks = examined(origin, place, device), list[str]()
    features = network.first(looking.layer_rows)
    found = {
        "parameters": sum(tensor.numel() for tensor in network.parameters.values()),
        "rows": len(features),
        **_fit(network),
        **_ranks(network, features, looking, remarks),
    }
    report(0.3, "firing patterns and interactions")
    found |= {"firing": _firing(network, features, remarks), **_interactions(network, features, looking, remarks)}
    report(0.6, "effective parameters")
    return {**found, **_behaviour(network, looking, remarks), "remarks": remarks}


def _fit(network: Examined) -> dict[str, float]:
    import torch

    wrong, lost = 0, 0.0
    with torch.no_grad():
        for X, y in zip(network.rows.features.split(1024), network.rows.labels.split(1024), strict=True):
            logits = network.module(X)
            wrong += int((logits.argmax(dim=1) != y).sum())
            lost += float(torch.nn.functional.cross_entropy(logits, y, reduction="sum"))
    rows = len(network.rows.labels)
    return {"train_error": 100 * wrong / rows, "train_loss": lost / rows}


def _ranks(network: Examined, features: torch.Tensor, looking: Looking, remarks: list[str]) -> dict[str, Any]:
    import pandas as pd

    from core.landscape.degeneracy.ranks import layer_ranks

    try:
        found = layer_ranks(network.module, features, looking.tolerance, looking.seed)
    except BadInput as error:
        remarks.append(f"Ranks are not measured. {error}")
        return {"ranks": pd.DataFrame(), "spectra": {}}
    remarks.extend(found.notes)
    ranks = found.table.set_index("layer")
    for layer in ranks.index[ranks.gradient_rank == 0]:
        remarks.append(f"Layer {layer}: no gradient comes back to it; the outputs do not depend on it at all.")
    for layer in ranks.index[ranks.activation_rank <= 1]:
        remarks.append(f"Layer {layer} is given the same for every row, up to scale: what comes before it is constant.")
    return {"ranks": found.table, "spectra": found.spectra}


def _firing(network: Examined, features: torch.Tensor, remarks: list[str]) -> pd.DataFrame:
    import pandas as pd

    from core.landscape.degeneracy.firing import firing_patterns

    try:
        return firing_patterns(network.module, features)
    except BadInput as error:
        remarks.append(f"Firing patterns are not compared. {error}")
        return pd.DataFrame()


def _interactions(network: Examined, features: torch.Tensor, looking: Looking, remarks: list[str]) -> dict[str, Any]:
    """The interaction basis of a perceptron, and its modules."""
    import pandas as pd

    from core.landscape.degeneracy.interaction_basis import interaction_basis
    from core.landscape.degeneracy.modularity import MOST_EDGES, modularity, shuffled_scores, strongest
    from core.landscape.degeneracy.sections import sections_of

    sections = sections_of(network.module)
    if sections is None:
        remarks.append(
            "The interaction basis is defined here for chains of linear layers with ReLU; this network is another."
        )
        empty = pd.DataFrame()
        return {"bases": empty, "features": empty, "edges": empty, "modularity": np.nan, "shuffled": np.full(1, np.nan)}
    found = interaction_basis(sections, features.flatten(1), looking.tolerance)
    widths = [*(section.weight.shape[1] for section in sections), len(sections[-1].bias)]
    edges = strongest(found.edges)
    if sum(matrix.numel() for matrix in found.edges) > MOST_EDGES:
        remarks.append(f"Modules are those of the {MOST_EDGES:,} strongest interactions.")
    modules = modularity(edges, seed=looking.seed)
    return {
        "bases": pd.DataFrame(
            {
                "layer": range(len(widths)),
                "width": widths,
                "kept": [basis.rank for basis in found.bases],
            }
        ),
        "features": pd.DataFrame(
            [
                (layer, feature, float(value), module)
                for layer, (basis, own) in enumerate(zip(found.bases, modules.module_of, strict=True))
                for feature, (value, module) in enumerate(zip(basis.importance.tolist(), own, strict=True))
            ],
            columns=["layer", "feature", "importance", "module"],
        ),
        "edges": _strong_edges(found.edges),
        "modularity": modules.score,
        "shuffled": shuffled_scores(edges, SHUFFLES, seed=looking.seed),
    }


def _strong_edges(edges: tuple[torch.Tensor, ...]) -> pd.DataFrame:
    """The strongest between the most important features, from the strongest of each pair of layers on."""
    import pandas as pd

    each = DRAWN_EDGES // len(edges)
    rows = []
    for layer, matrix in enumerate(edges):
        some = matrix[:DRAWN_FEATURES, :DRAWN_FEATURES]
        values, places = some.flatten().topk(min(each, some.numel()))
        for value, place in zip(values.tolist(), places.tolist(), strict=True):
            if value > 0:
                rows.append((layer, place % some.shape[1], place // some.shape[1], value))
    return pd.DataFrame(rows, columns=["layer", "feature", "next", "strength"])


def _behaviour(network: Examined, looking: Looking, remarks: list[str]) -> dict[str, Any]:
    """The spectrum of the behavioural loss, on as many rows as its Jacobian fits for."""
    import torch

    from core.landscape.degeneracy.effective_parameters import behavioural_spectrum, most_rows

    with torch.no_grad():
        outputs = network.module(network.first(1)).numel()
    parameters = network.parameters
    size = sum(tensor.numel() for tensor in parameters.values())
    rows = min(looking.behaviour_rows, len(network.rows.labels), most_rows(outputs, size))
    if rows < min(FEWEST_ROWS, looking.behaviour_rows):
        remarks.append(
            f"Effective parameters are not counted: the Jacobian of {size:,} parameters fits for {rows} rows alone."
        )
        return {"behaviour": np.full(1, np.nan), "behaviour_rows": rows, "outputs": outputs}
    if rows < min(looking.behaviour_rows, len(network.rows.labels)):
        remarks.append(
            f"Effective parameters are counted over {rows} rows, those that the Jacobian of {size:,} parameters fits for."
        )
    spectrum = behavioural_spectrum(network.outputs, parameters, network.first(rows))
    return {"behaviour": spectrum, "behaviour_rows": rows, "outputs": outputs}
