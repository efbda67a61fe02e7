"""Loss landscape on a graphics card: trainings, curves, surfaces, curvature and chains, against one at a time and the processor.

    python -m benchmarks.landscape_gpu                 # where torch finds a card
    python -m benchmarks.landscape_gpu --device cpu    # the same in small, to see that it works

The processor's figures are those of one thread of the same machine in the same run.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable

import torch
from torch import nn
from torch.func import functional_call

from core.landscape.connectivity.connect import CurveTraining, mode_connectivity
from core.landscape.curvature.module_loss import module_loss
from core.landscape.curvature.spectrum import hessian_spectrum
from core.landscape.degeneracy.learning_coefficient import local_learning_coefficient
from core.landscape.surfaces.network_surface import network_surface
from core.models.architectures import Architecture, Cnn, Mlp, ResNet
from core.models.initialise import fresh_parameters_of_runs
from core.models.networks import build
from core.training.ensemble import Examples, Recipe, train
from core.training.maps import Identity
from core.training.optimisers import Sgd
from core.training.parameters import layout_of

NETWORKS: dict[str, Architecture] = {
    "MLP 64-64-64-10": Mlp(inputs=64, hidden=(64, 64), classes=10),
    "CNN, width 16": Cnn(channels=1, width=16, classes=10),
    "ResNet-8, width 8": ResNet(channels=1, depth=8, width=8, classes=10),
}
BATCH = 64


def main(device: str = "cuda") -> None:
    """All tables on one device."""
    if device == "cuda" and not torch.cuda.is_available():
        print("No graphics card is here; --device cpu runs the same in small.")
        return
    torch.set_num_threads(1)
    small = device == "cpu"
    name = torch.cuda.get_device_name() if device == "cuda" else platform.processor() or "processor"
    print(f"torch {torch.__version__} on {name}")
    for title, config in NETWORKS.items():
        print(f"\n{title}, {config.parameters:,} parameters")
        trainings(config, (1, 4) if small else (1, 8, 32, 96), 4 if small else 22, device)
        measures(config, 5 if small else 15, 128 if small else 500, device)


def trainings(config: Architecture, counts: tuple[int, ...], steps: int, device: str) -> None:
    """R networks at once: milliseconds of a step, and against one at a time on this device and on the processor."""
    alone = _train(config, 1, steps, device)
    processor = _train(config, 1, steps, "cpu")
    print(f"  a step of one network {1e3 * alone / steps:.2f} ms (processor {1e3 * processor / steps:.2f} ms)")
    for runs in counts[1:]:
        seconds = _train(config, runs, steps, device)
        print(
            f"  {runs:3} at once {1e3 * seconds / steps:8.2f} ms: {runs * alone / seconds:5.1f} x one at a time, "
            f"{runs * processor / seconds:5.1f} x the processor",
            flush=True,
        )


def measures(config: Architecture, points: int, rows: int, device: str) -> None:
    """Surface, curves of sixteen pairs, spectrum and chains of networks that were not trained."""
    seconds = {where: _measures(config, points, rows, where) for where in dict.fromkeys((device, "cpu"))}
    for what, here in seconds[device].items():
        there = seconds["cpu"][what]
        print(f"  {what}: {here:.2f} s, processor {there:.2f} s, {there / here:.1f} x", flush=True)


def _measures(config: Architecture, points: int, rows: int, device: str) -> dict[str, float]:
    module, weights, data = _made(config, 32, rows, device)
    pairs = 16 if rows > 200 else 2
    state = dict(module.named_buffers())
    batch = [(data.features, data.labels)]
    loss, parameters = module_loss(module)

    def plain(named: dict[str, torch.Tensor], part: tuple[torch.Tensor, ...]) -> torch.Tensor:
        return nn.functional.cross_entropy(functional_call(module, dict(named), (part[0],)), part[1])

    return {
        f"surface of {points} x {points} points, {rows} rows": _seconds(
            lambda: network_surface(module, weights[0], state, data, points), device
        ),
        f"curves of {pairs} pairs, 2 epochs": _seconds(
            lambda: mode_connectivity(
                module, weights[:pairs], weights[pairs : 2 * pairs], data, curve_training=CurveTraining(2, 128, 0.01)
            ),
            device,
        ),
        "spectrum and trace, at most 60 products": _seconds(lambda: hessian_spectrum(loss, parameters, batch), device),
        "8 chains of 100 steps": _seconds(
            lambda: local_learning_coefficient(
                plain, parameters, batch, chains=8, burn_in=50, draws=50, batch_size=BATCH, step=1e-5
            ),
            device,
        ),
    }


def _made(config: Architecture, runs: int, rows: int, device: str) -> tuple[nn.Module, torch.Tensor, Examples]:
    """A network, fresh weights [R, D] of copies of it, and rows of noise with labels."""
    generator = torch.Generator().manual_seed(0)
    module = build(config)
    weights = layout_of(module).join(fresh_parameters_of_runs(module, list(range(runs))))
    features = torch.randn(rows, *((64,) if isinstance(config, Mlp) else (1, 8, 8)), generator=generator)
    return module.to(device).eval(), weights.to(device), Examples(features, torch.arange(rows) % 10).to(device)


def _train(config: Architecture, runs: int, steps: int, device: str) -> float:
    """Seconds of an epoch, without what belongs to the call."""
    module, start, data = _made(config, runs, BATCH * steps, device)
    few = Examples(data.features[:BATCH], data.labels[:BATCH])

    def work(epochs: int) -> Callable[[], object]:
        recipe = Recipe(epochs, BATCH, Sgd(0.9))
        seeds = list(range(runs))
        return lambda: train(module, start, Identity(), [0.01] * runs, seeds, data, few, recipe)

    return _seconds(work(3), device) / 3


def _seconds(work: Callable[[], object], device: str) -> float:
    """Of the second of two calls on a card, where the first one loads libraries and reserves memory."""
    if device == "cuda":
        work()
        torch.cuda.synchronize()
    started = time.perf_counter()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - started


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    main(parser.parse_args().device)
