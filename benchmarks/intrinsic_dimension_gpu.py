"""Intrinsic dimension on a graphics card: many runs in one step, the same projections, one search from end to end.

    python -m benchmarks.intrinsic_dimension_gpu                 # where torch finds a card
    python -m benchmarks.intrinsic_dimension_gpu --device cpu    # the same in small, to see that it works

Each row of the first tables is R trainings of 50 steps in one call of the trainer: milliseconds a step, how many times
faster than R calls with one run, the most memory that was held, and what a run adds to it.
"""

from __future__ import annotations

import argparse
import platform
import time
from dataclasses import dataclass

import torch

from core.analysis import parse_params
from core.data import builtin_dataset_source
from core.intrinsic_dimension.analysis import ANALYSIS
from core.intrinsic_dimension.projections.kinds import KINDS, projection, projections_of_runs
from core.models.architectures import LeNet5, Mlp
from core.models.initialise import fresh_parameters_of_runs
from core.models.networks import build
from core.serial import serially
from core.training.ensemble import Examples, Recipe, train
from core.training.maps import Affine
from core.training.parameters import layout_of

BATCH = 128


@dataclass(frozen=True)
class Case:
    """A network in subspaces of d dimensions."""

    name: str
    config: Mlp | LeNet5
    dimension: int
    features: int


CASES = (
    Case("MLP 64-32-10", Mlp(inputs=64, hidden=(32,), classes=10), 64, 64),
    Case("LeNet", LeNet5(channels=1, height=28, width=28, classes=10), 290, 784),
    Case("MLP 784-200-200-10", Mlp(inputs=784, hidden=(200, 200), classes=10), 750, 784),
)


def seconds_of(case: Case, runs: int, steps: int, device: str, kind: str) -> tuple[float, float]:
    """Seconds of R trainings in one call, and the MiB that torch held at most meanwhile (nan on a processor)."""
    generator = torch.Generator().manual_seed(0)
    rows = Examples(
        torch.randn(BATCH * steps, case.features, generator=generator), torch.arange(BATCH * steps) % 10
    ).to(device)
    few = Examples(rows.features[:BATCH], rows.labels[:BATCH])
    module, seeds = build(case.config).to(device), list(range(runs))
    start = layout_of(module).join(fresh_parameters_of_runs(module, seeds)).to(device)
    drawn = projections_of_runs(kind, case.config.parameters, [case.dimension] * runs, seeds).to(device)
    origin = torch.zeros(runs, case.dimension, device=device)

    def work(epochs: int) -> float:
        started = time.perf_counter()
        recipe = Recipe(epochs, BATCH)
        train(module, origin, Affine(start, drawn), [0.1] * runs, seeds, rows, few, recipe)
        if device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - started

    work(1)  # kernels are chosen, memory is reserved
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    seconds = min(work(2) - work(1) for _ in range(2))  # an epoch, without what belongs to the call
    held = torch.cuda.max_memory_allocated() / 2**20 if device == "cuda" else float("nan")
    return seconds, held


def runs_table(case: Case, counts: tuple[int, ...], steps: int, device: str, kind: str = "fastfood") -> None:
    """R runs at once against one."""
    print(f"\n{case.name}, {case.config.parameters:,} parameters, d = {case.dimension}, {kind}, batch {BATCH}")
    print("       R   ms a step   times faster   MiB at most   MiB a run more")
    one = held_by_one = float("nan")
    for runs in counts:
        seconds, held = seconds_of(case, runs, steps, device, kind)
        if runs == counts[0]:
            one, held_by_one = seconds / runs, held
        more = (held - held_by_one) / (runs - counts[0]) if runs > counts[0] else float("nan")
        print(
            f"  {runs:6}{1e3 * seconds / steps:12.2f}{runs * one / seconds:15.1f}{held:14.0f}{more:17.1f}", flush=True
        )


def same_projections(device: str) -> None:
    """P theta_d and P^T g of one seed, here and on the processor."""
    print("\nLargest difference to the processor (float32), D = 199,210, d = 100: P x of norm 10, P^T g of norm 1")
    generator = torch.Generator().manual_seed(1)
    x, g = torch.randn(100, generator=generator), torch.randn(199_210, generator=generator)
    g /= g.norm()
    for kind in KINDS:
        here, there = projection(kind, 199_210, 100, seed=0), projection(kind, 199_210, 100, seed=0).to(device)
        forward = (here.forward(x) - there.forward(x.to(device)).cpu()).abs().max()
        adjoint = (here.adjoint(g) - there.adjoint(g.to(device)).cpu()).abs().max()
        print(f"  {kind:<16}{forward:.1e}  {adjoint:.1e}")


def search(device: str, epochs: int) -> None:
    """The digits example from end to end (40 epochs) or in short."""
    params = {"mode": "objective", "device": "gpu" if device == "cuda" else "cpu", "epochs": epochs}
    source = {"dataset": builtin_dataset_source("digits")}
    started = time.perf_counter()
    values = serially(ANALYSIS, parse_params(ANALYSIS.params, params), source).values()
    print(
        f"\nDigits example, {epochs} epochs: d_int90 {values['d_int90']} ({values['d_int90_low']} to {values['d_int90_high']}) in "
        f"{time.perf_counter() - started:.1f} s, {values['trainings']} trainings; certificate {values['certificate']:.3f} "
        f"from {values['compressed_bytes']} bytes"
    )


def main(device: str = "cuda") -> None:
    """All tables on one device."""
    if device == "cuda" and not torch.cuda.is_available():
        print("No graphics card was found; --device cpu runs a small version.")
        return
    name = torch.cuda.get_device_name() if device == "cuda" else f"processor, {torch.get_num_threads()} threads"
    print(f"{name}; torch {torch.__version__}, Python {platform.python_version()}")
    started = time.perf_counter()
    counts, steps, epochs = ((1, 8, 32, 64), 50, 40) if device == "cuda" else ((1, 2), 3, 4)
    same_projections(device)
    for case in CASES:
        runs_table(case, counts, steps, device)
    for kind in ("fastfood_global", "sparse", "tied"):
        runs_table(CASES[-1], counts[:: len(counts) - 1], steps, device, kind)
    search(device, epochs)
    print(f"\n{time.perf_counter() - started:.0f} s in all")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    main(parser.parse_args().device)
