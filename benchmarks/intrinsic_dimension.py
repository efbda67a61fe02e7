"""Intrinsic dimension: cost of a subspace step, memory, the digits example against the plain grid, the toy problem.

Run with `python -m benchmarks.intrinsic_dimension`. Only the ratios are meant to be compared: both sides of each
are measured in turns in the same process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch

from benchmarks import subspace_steps
from benchmarks.usual_subspace_training import digits_examples, usual_training
from core.data import builtin_dataset_source
from core.intrinsic_dimension.analysis import ANALYSIS
from core.intrinsic_dimension.objective_mode import problem_of
from core.intrinsic_dimension.objective_params import ObjectiveParams
from core.intrinsic_dimension.projections.block_fastfood import fastfood
from core.intrinsic_dimension.toy import toy_performance
from core.intrinsic_dimension.trainings import train_in_subspaces
from core.serial import serially

GRID = 29 * 3  # trainings of the paper's MNIST FC curve
SEEDS, USUAL_SEEDS = 8, 2  # of the digits example, and of the usual form, which is slow


def memory() -> None:
    """In a process of its own, as the peak of a process never falls."""
    code = "from benchmarks.intrinsic_dimension import memory_here; memory_here()"
    print("\nD = 10,000,000, d = 1,000: forward and backward")
    print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout, end="")


def memory_here() -> None:
    torch.set_num_threads(1)
    before = peak_memory()
    projection = fastfood(10_000_000, 1000, seed=0)
    theta_d = torch.zeros(1000, requires_grad=True)
    start = time.perf_counter()
    projection.forward(theta_d).square().sum().backward()
    seconds = time.perf_counter() - start
    print(f"  process peak {peak_memory():.0f} MiB ({before:.0f} MiB before), {seconds:.2f} s")


def peak_memory() -> float:
    """Most memory that this process has held, in MiB; unlike getrusage's, it does not start at the parent's."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def digits() -> None:
    """The example end to end against a grid of separate trainings: the usual way, and by our own trainer.

    One process and one thread throughout, so CPU time is what it takes where nothing else runs.
    """
    source = {"dataset": builtin_dataset_source("digits")}
    problem = problem_of(ObjectiveParams(), source)
    train_in_subspaces(problem, [64], [0.1], [0])  # imports and the data are there for both sides
    examples = digits_examples(problem)
    whole, single, usual, answers = [], [], [], []
    for seed in range(SEEDS):
        start = time.process_time()
        result = serially(ANALYSIS, ObjectiveParams(seed=seed), source)
        whole.append(time.process_time() - start)
        answers.append(result.values())
        start = time.process_time()
        train_in_subspaces(problem, [128], [0.1], [seed])
        single.append(time.process_time() - start)
        if seed < USUAL_SEEDS:
            start = time.process_time()
            accuracy = usual_training(*examples, 128, seed, problem.epochs, problem.batch_size)
            usual.append(time.process_time() - start)
    counts = [int(answer["trainings"] or 0) for answer in answers]
    print(f"\nDigits, MLP 64-32-10, one process, one thread, {SEEDS} seeds; seconds of CPU time")
    print("  d_int90: " + ", ".join(f"{a['d_int90']} ({a['d_int90_low']} to {a['d_int90_high']})" for a in answers))
    print(f"  trainings: {counts}; seconds: {min(whole):.1f} to {max(whole):.1f}")
    for name, seconds in (
        (f"(a) usual form, Fastfood per tensor, DataLoader, torch.optim (accuracy {accuracy:.2f})", min(usual)),
        ("(b) our own trainer, one training a call", min(single)),
    ):
        print(
            f"  {name}: {seconds:.2f} s a training; {GRID} of them (29 x 3, multiplied, not run) over the whole search: "
        )
        print(f"      {GRID * seconds / min(whole):.1f}")


def toy() -> None:
    print("\nToy problem, D = 1,000, ten sums: exp(-loss), median (least to most) of 11 seeds")
    for dimension in (6, 7, 8, 9, 10, 11, 16):
        values = [toy_performance(dimension, seed) for seed in range(11)]
        print(f"  d = {dimension:<3}{np.median(values):8.4f}  ({min(values):.4f} to {max(values):.4f})")


def main() -> None:
    torch.set_num_threads(1)
    subspace_steps.main()
    memory()
    digits()
    toy()


if __name__ == "__main__":
    main()
