"""The steps of mode `checkpoints`: a look, curvature of one, a pair, and the surface around the first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from core.landscape.own.brought import Brought, networks_of, told_of

if TYPE_CHECKING:
    import torch

    from core.landscape.surfaces.directions import Vector


def look_step(brought: Brought, most_pairs: int, pretrained: str) -> dict[str, Any]:
    """What there is to measure.

    Returns:
        `names`, `description`, `rows`, `classes`, `knobs` (DataFrame or None), `pretrained` (its number or None), `pairs`
        (those of one cell first), `all_pairs` (their number) and `families`: the checkpoints that are averaged, by load
        and temperature, and all of them (both None).

    Raises:
        BadInput: see `networks_of` and `told_of`.
    """
    networks = networks_of(brought)
    told = told_of(brought, networks.names, pretrained)
    places = range(len(networks.names))
    pairs = list(combinations(places, 2))
    cells: dict[tuple[float, float], list[int]] = {}
    if told.knobs is not None:
        knobs = told.knobs[["load", "temperature"]].apply(tuple, axis=1).tolist()
        pairs.sort(key=lambda pair: knobs[pair[0]] != knobs[pair[1]])  # stable: the order of names stays
        for place in places:
            if place != told.pretrained:
                cells.setdefault(knobs[place], []).append(place)
    everyone = [place for place in places if place != told.pretrained]
    families = [
        {"load": load, "temperature": temperature, "members": members}
        for (load, temperature), members in sorted(cells.items())
        if len(members) > 1
    ]
    if len(everyone) > 1 and [family["members"] for family in families] != [everyone]:
        families.append({"load": None, "temperature": None, "members": everyone})
    return {
        "names": list(networks.names),
        "description": networks.description,
        "rows": len(networks.rows.labels),
        "classes": int(networks.rows.labels.max()) + 1,
        "knobs": told.knobs,
        "pretrained": told.pretrained,
        "pairs": pairs[:most_pairs],
        "all_pairs": len(pairs),
        "families": families,
    }


def curvature_step(
    brought: Brought, place: int, eigenvalues: int, products: int, rows: int, statistics: str, seed: int
) -> dict[str, Any]:
    """Spectrum, trace and loss of one checkpoint: plain values of `HessianSpectrum`, and `error` in points.

    Raises:
        BadInput: a loss that is not finite, or an operator without a second derivative; the checkpoint is named.
    """
    from core.errors import BadInput
    from core.landscape.curvature.module_loss import module_loss
    from core.landscape.curvature.spectrum import hessian_spectrum
    from core.training.ensemble import measure
    from core.training.networks import copies_of

    networks = networks_of(brought)
    loss, parameters = module_loss(networks.network(place), mode=statistics)  # type: ignore[arg-type]
    batch = (networks.rows.features[:rows], networks.rows.labels[:rows])
    try:
        found = hessian_spectrum(loss, parameters, [batch], top=eigenvalues, seed=seed, products=products)
    except BadInput as error:
        raise BadInput(f"{networks.names[place]}: {error}") from None
    copies = copies_of(networks.module, 1)
    copies.buffers.update({name: values[place : place + 1] for name, values in networks.buffers.items()})
    accuracy, mean = measure(copies, networks.weights[place : place + 1], networks.rows)
    return {
        "eigenvalues": found.eigenvalues,
        "eigenvalue_errors": found.eigenvalue_errors,
        "bottom": found.bottom,
        "bottom_errors": found.bottom_errors,
        "trace": found.trace,
        "trace_standard_error": found.trace_standard_error,
        "layers": [(one.layer, one.trace, one.standard_error) for one in found.layers],
        "density_nodes": found.density.nodes,
        "density_weights": found.density.weights,
        "products": found.products,
        "samples": found.samples,
        "mode": found.mode,
        "loss": float(mean[0]),
        "error": 100 * (1 - float(accuracy[0])),
    }


def pair_step(
    brought: Brought,
    first: int,
    second: int,
    curve_epochs: int,
    curve_learning_rate: float,
    batch_size: int,
    rows: int,
    seed: int,
) -> dict[str, Any]:
    """How two checkpoints are connected (`paths`: path, aligned, places, error, loss) and alike (`flavours`: name, value),
    and their `distance`."""
    import torch

    from core.errors import BadInput
    from core.landscape.connectivity.alignment import aligned
    from core.landscape.connectivity.connect import CurveTraining, mode_connectivity
    from core.landscape.similarity.flavours import FLAVOURS, logits_of, mixed, pairwise_cka

    networks = networks_of(brought)
    one, other = networks.weights[first], networks.weights[second]
    settings = CurveTraining(curve_epochs, batch_size, curve_learning_rate)
    found = [
        (
            "bezier",
            False,
            mode_connectivity(networks.module, one, other, networks.rows, curve_training=settings, seeds=[seed]),
        ),
        ("linear", False, mode_connectivity(networks.module, one, other, networks.rows, path="linear")),
    ]
    try:
        moved = aligned(networks.module, one, other, seed)
    except BadInput:  # units that are not known: the result says that its connectivity is measured as it is
        moved = None
    if moved is not None:
        found.append(("linear", True, mode_connectivity(networks.module, one, moved, networks.rows, path="linear")))
    places = torch.tensor([first, second])
    buffers = {name: values[places] for name, values in networks.buffers.items()}
    features = networks.rows.features[:rows]
    logits = {
        inputs: logits_of(networks.module, networks.weights[places], shown, buffers)
        for inputs, shown in (("plain", features), ("mixup", mixed(features, seed)))
    }
    return {
        "first": first,
        "second": second,
        "paths": [
            {
                "path": path,
                "aligned": is_aligned,
                "places": line.places,
                "error": line.error[0],
                "loss": line.loss[0],
                "mode_connectivity": float(line.mode_connectivity[0]),
                "barrier": float(line.barrier[0]),
            }
            for path, is_aligned, line in found
        ],
        "flavours": [(one.name, pairwise_cka(logits[one.inputs], one)[0][2]) for one in FLAVOURS],
        "distance": float((one.double() - other.double()).norm()),
    }


pair_step.version = 2  # type: ignore[attr-defined]  # 2: the small CNN's backward pass is written out


def surface_step(brought: Brought, points: int, rows: int, seed: int) -> dict[str, np.ndarray]:
    """The loss in a plane through the first checkpoint: the principal plane of the others where there are at least two, so
    that they lie in it as far as they can; random filter-normalised directions else.

    Returns:
        `surface` [points, points], `places` [points], `trajectory` [checkpoints, 3] (both coordinates and the share of the
        squared distance that lies in the plane), `principal` (one truth value).
    """
    import torch

    from core.landscape.surfaces.directions import coordinates
    from core.landscape.surfaces.surface import loss_surface, steps
    from core.training.parameters import layout_of

    networks = networks_of(brought)
    layout = layout_of(networks.module)
    views = [layout.views(vector) for vector in networks.weights]
    first, second, principal = _plane(views, seed)
    module = networks.network(0)

    def loss(parameters: Any, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        logits = torch.func.functional_call(module, dict(parameters), (batch[0],))
        return torch.nn.functional.cross_entropy(logits, batch[1])

    places = steps(points, 1.2 if principal else 1.0)
    batch = (networks.rows.features[:rows], networks.rows.labels[:rows])
    return {
        "surface": loss_surface(loss, views[0], [batch], first, second, places),
        "places": places,
        "trajectory": coordinates(views, views[0], first, second).cpu().numpy(),
        "principal": np.array(principal),
    }


def _plane(views: Sequence[Vector], seed: int) -> tuple[Vector, Vector, bool]:
    """Two directions about the first checkpoint, and whether the others span them."""
    import torch

    from core.errors import BadInput
    from core.landscape.surfaces.directions import filter_normalised, principal_directions

    if len(views) > 2:
        try:
            return *principal_directions(views[1:], views[0]), True
        except BadInput:  # they lie on one line with the first, so that they span no plane
            pass
    generator = torch.Generator().manual_seed(seed)
    return filter_normalised(views[0], generator), filter_normalised(views[0], generator), False
