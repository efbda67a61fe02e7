"""The step that measures all networks of one load: curvature of each, connectivity and similarity of each pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from core.analysis import report, reporting_to
from core.landscape.sweep.averages import average_cells, networks_on_device
from core.landscape.sweep.problem import Sweep, Task, task_of

if TYPE_CHECKING:
    import torch
    from torch import nn

    from core.analysis import Stored
    from core.landscape.connectivity.connect import Connection

EIGENVALUES = 3
CKA_ROWS = 2000
SURFACE_POINTS, SURFACE_ROWS = 15, 500
OF_TRAINING = ("train_loss", "train_error", "test_loss", "test_error", "diverged")


@dataclass(frozen=True)
class Measuring:
    """How networks are measured.

    Attributes:
        curve_epochs: of the training of curves.
        curve_learning_rate: of it.
        batch_size: of it.
        curvature_rows: training rows of the Hessian.
        products: the most matrix-vector products of a network.
    """

    curve_epochs: int
    curve_learning_rate: float
    batch_size: int
    curvature_rows: int
    products: int


def measure_load(
    sweep: Sweep,
    load: float,
    trained: Stored,
    measuring: Measuring,
) -> dict[str, np.ndarray]:
    """Curvature, connectivity and similarity of the networks of a load.

    Args:
        sweep: what was trained.
        load: of all of them.
        trained: what `train_cells` returned; what diverged is not measured.
        measuring: how.

    Returns:
        Of each network [temperatures, seeds]: what the training ended with (`OF_TRAINING`), `trace`,
        `trace_standard_error`, `top_eigenvalue`, `products`, and
        `eigenvalues` [temperatures, seeds, 3]. Of each pair of seeds [temperatures, pairs]: `mode_connectivity` and
        `linear_mode_connectivity` (points of training error), `aligned_mode_connectivity` (of a line after
        alignment), `barrier` and `aligned_barrier` (nats), `cka` (softmax, mixup, biased), `cka_logits` (plain, debiased),
        `distance`; `curve_error` and `curve_loss` [temperatures, pairs, places]. Of the first seed of each temperature: `density_nodes` and `density_weights`
        [temperatures, products], the spectral density, and `surface` [temperatures, points, points], the training loss
        over filter-normalised directions. Of each temperature what `average_cells` returns. NaN where a network diverged,
        and beyond the nodes of a density.
    """
    networks = trained.load()
    weights, buffers, diverged = (networks[name] for name in ("weights", "buffers", "diverged"))
    task = task_of(sweep, load)
    curvature = _curvature(task, weights, buffers, diverged, measuring)
    report(0.5, "curves between networks")
    pairs = _pairs(sweep, task, weights, buffers, diverged, measuring)
    report(0.9, "surfaces")
    surfaces = _surfaces(task, weights, buffers, diverged)
    report(0.95, "averages")
    averages = average_cells(task, weights, diverged, sweep.stacked)
    ended = {name: networks[name] for name in OF_TRAINING}
    return {**ended, **curvature, **pairs, "surface": surfaces, **averages}


def pairs_of(seeds: int) -> list[tuple[int, int]]:
    """All pairs of seeds.

    >>> pairs_of(3)
    [(0, 1), (0, 2), (1, 2)]
    """
    return list(combinations(range(seeds), 2))


def _curvature(
    task: Task,
    weights: np.ndarray,
    buffers: Mapping[str, np.ndarray],
    diverged: np.ndarray,
    measuring: Measuring,
) -> dict[str, np.ndarray]:
    from core.landscape.curvature.module_loss import module_loss
    from core.landscape.curvature.spectrum import hessian_spectrum

    shape = diverged.shape
    names = ("trace", "trace_standard_error", "top_eigenvalue", "products")
    found = {name: np.full(shape, np.nan) for name in names}
    found["eigenvalues"] = np.full((*shape, EIGENVALUES), np.nan)
    for name in ("density_nodes", "density_weights"):
        found[name] = np.full((shape[0], measuring.products), np.nan)
    rows = slice(0, measuring.curvature_rows)
    batches = [(task.training.features[rows], task.training.labels[rows])]
    places = np.argwhere(~diverged)
    for done, (temperature, seed) in enumerate(places.tolist()):
        state = {name: values[temperature, seed] for name, values in buffers.items()}
        loss, parameters = module_loss(_filled(task.module, weights[temperature, seed], state))
        with reporting_to(_say_nothing):  # this step reports by networks
            spectrum = hessian_spectrum(loss, parameters, batches, top=EIGENVALUES, products=measuring.products)
        found["trace"][temperature, seed] = spectrum.trace
        found["trace_standard_error"][temperature, seed] = spectrum.trace_standard_error
        found["top_eigenvalue"][temperature, seed] = spectrum.eigenvalues[0]
        found["products"][temperature, seed] = spectrum.products
        values = np.asarray(spectrum.eigenvalues)[:EIGENVALUES]
        found["eigenvalues"][temperature, seed, : len(values)] = values
        if seed == 0:
            kept = slice(0, min(len(spectrum.density.nodes), measuring.products))
            found["density_nodes"][temperature, kept] = spectrum.density.nodes[kept]
            found["density_weights"][temperature, kept] = spectrum.density.weights[kept]
        report(0.5 * (done + 1) / len(places), "curvature")
    return found


def _filled(module: nn.Module, vector: np.ndarray, state: Mapping[str, np.ndarray]) -> nn.Module:
    """The module of a task, which nobody else holds, with the weights and running statistics of a network."""
    import torch

    from core.training.parameters import layout_of

    tensors = {
        **layout_of(module).views(torch.from_numpy(vector)),
        **{n: torch.from_numpy(v) for n, v in state.items()},
    }
    module.load_state_dict(tensors, strict=False)
    return module


def _pairs(
    sweep: Sweep,
    task: Task,
    weights: np.ndarray,
    buffers: Mapping[str, np.ndarray],
    diverged: np.ndarray,
    measuring: Measuring,
) -> dict[str, np.ndarray]:
    """All pairs of all temperatures whose networks did not diverge, at once."""
    import torch

    from core.landscape.connectivity.alignment import aligned
    from core.landscape.connectivity.connect import CURVE_PLACES, CurveTraining, mode_connectivity

    temperatures, seeds = diverged.shape
    pairs = pairs_of(seeds)
    places = [
        (temperature, number, first, second)
        for temperature in range(temperatures)
        for number, (first, second) in enumerate(pairs)
        if not diverged[temperature, [first, second]].any()
    ]
    names = (
        "mode_connectivity",
        "linear_mode_connectivity",
        "aligned_mode_connectivity",
        "barrier",
        "aligned_barrier",
        "cka",
        "cka_logits",
        "distance",
    )
    found = {name: np.full((temperatures, len(pairs)), np.nan) for name in names}
    for name in ("curve_error", "curve_loss"):
        found[name] = np.full((temperatures, len(pairs), CURVE_PLACES), np.nan)
    if not places:
        return found
    device = task.training.features.device
    firsts, seconds = (
        torch.from_numpy(np.stack([weights[place[0], place[which]] for place in places])).to(device) for which in (2, 3)
    )
    chosen = tuple(np.array(places).T[:2])
    groups = _stacks(sweep, len(places))
    settings = CurveTraining(measuring.curve_epochs, measuring.batch_size, measuring.curve_learning_rate)

    def lines(ends: torch.Tensor) -> list[Connection]:
        return [
            mode_connectivity(task.module, firsts[group], ends[group], task.training, path="linear") for group in groups
        ]

    with reporting_to(_say_nothing):
        curves = [
            mode_connectivity(
                task.module, firsts[group], seconds[group], task.training, curve_training=settings, seeds=group
            )
            for group in groups
        ]
    straight = lines(seconds)
    for name, parts, value in (
        ("mode_connectivity", curves, "mode_connectivity"),
        ("curve_error", curves, "error"),
        ("curve_loss", curves, "loss"),
        ("linear_mode_connectivity", straight, "mode_connectivity"),
        ("barrier", straight, "barrier"),
    ):
        found[name][chosen] = _joined(parts, value)
    moved = lines(aligned(task.module, firsts, seconds))
    found["aligned_mode_connectivity"][chosen] = _joined(moved, "mode_connectivity")
    found["aligned_barrier"][chosen] = _joined(moved, "barrier")
    found["distance"][chosen] = (firsts - seconds).double().norm(dim=1).cpu().numpy()
    _similarities(task, weights, buffers, diverged, found)
    return found


def _surfaces(task: Task, weights: np.ndarray, buffers: Mapping[str, np.ndarray], diverged: np.ndarray) -> np.ndarray:
    """[temperatures, points, points] of the first seed."""
    from core.landscape.surfaces.network_surface import network_surface
    from core.training.ensemble import Examples

    rows = Examples(task.training.features[:SURFACE_ROWS], task.training.labels[:SURFACE_ROWS])
    found = np.full((len(weights), SURFACE_POINTS, SURFACE_POINTS), np.nan)
    for temperature in np.flatnonzero(~diverged[:, 0]).tolist():
        vectors, state = _networks(task, weights[temperature, :1], buffers, temperature, np.array([0]))
        own = {name: values[0] for name, values in state.items()}
        _, found[temperature] = network_surface(task.module, vectors[0], own, rows, SURFACE_POINTS)
    return found


def _similarities(
    task: Task,
    weights: np.ndarray,
    buffers: Mapping[str, np.ndarray],
    diverged: np.ndarray,
    found: dict[str, np.ndarray],
) -> None:
    """CKA of the networks of each temperature, into `found`."""
    from core.landscape.similarity.flavours import PAPER, Flavour, logits_of, mixed, pairwise_cka

    features = task.training.features[:CKA_ROWS]
    inputs = {"cka": (PAPER, mixed(features, seed=0)), "cka_logits": (Flavour("logits", "plain", "debiased"), features)}
    number = {pair: place for place, pair in enumerate(pairs_of(diverged.shape[1]))}
    for temperature in range(len(diverged)):
        kept = np.flatnonzero(~diverged[temperature])
        if len(kept) < 2:
            continue
        vectors, state = _networks(task, weights[temperature, kept], buffers, temperature, kept)
        for name, (flavour, rows) in inputs.items():
            logits = logits_of(task.module, vectors, rows, state)
            for first, second, value in pairwise_cka(logits, flavour):
                found[name][temperature, number[int(kept[first]), int(kept[second])]] = value


def _networks(
    task: Task, vectors: np.ndarray, buffers: Mapping[str, np.ndarray], temperature: int, kept: np.ndarray
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    return networks_on_device(task, vectors, {name: values[temperature, kept] for name, values in buffers.items()})


def _stacks(sweep: Sweep, count: int) -> list[list[int]]:
    """All pairs at once where that pays, else one by one."""
    if sweep.stacked:
        return [list(range(count))]
    return [[number] for number in range(count)]


def _joined(parts: Sequence[Connection], name: str) -> np.ndarray:
    return np.concatenate([getattr(part, name) for part in parts])


def _say_nothing(fraction: float, message: str) -> None:
    """Parts of this step do not report; the step does."""


# 2: residual networks are aligned; 4: averages; 5: with the losses; 6: the small CNN's backward pass is written out
measure_load.version = 6  # type: ignore[attr-defined]
