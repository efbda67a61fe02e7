"""What a compressed network certifies: MNIST, 784-200-200-10, trained in d dimensions and rounded to a few bits.

Run with `python -m benchmarks.certificate [--data FILE] [--epochs N] [D ...]`; FILE is a zip of the four idx files, without it the built-in
mnist is fetched. 60,000 of the 70,000 rows are learned from; the bound counts their errors after rounding.
"""

from __future__ import annotations

import argparse
import time

import torch

from core.intrinsic_dimension.compression.certified import DELTA
from core.intrinsic_dimension.compression.description import describe_network
from core.intrinsic_dimension.compression.occam import occam_bound
from core.intrinsic_dimension.compression.quantise import WIDTHS
from core.intrinsic_dimension.compression.step import compress_run
from core.intrinsic_dimension.objective_mode import problem_of
from core.intrinsic_dimension.objective_params import ObjectiveParams
from core.intrinsic_dimension.trainings import inspect_problem
from core.sources import open_source

ROWS, VALIDATION = 70_000, 1 / 7
RATE, AT = 0.1, 750  # of Adam in the subspace; elsewhere scaled by the root of the ratio, as the search does


def main(data: str = "mnist", epochs: int = 6, dimensions: tuple[int, ...] = (200, 400, 750)) -> None:
    """A table for each d."""
    torch.set_num_threads(1)
    params = ObjectiveParams(
        hidden=(200, 200), epochs=epochs, batch_size=128, most_rows=ROWS, validation_fraction=VALIDATION
    )
    problem = problem_of(params, {"dataset": open_source("dataset", data)})
    facts = inspect_problem(problem)
    rows = facts["training_rows"]
    print(f"{facts['network']}; {rows:,} rows to learn from, {facts['validation_rows']:,} others; {epochs} epochs")
    for dimension in dimensions:
        started = time.process_time()
        found = compress_run(problem, dimension, RATE * (AT / dimension) ** 0.5, seed=1)
        print(
            f"\nd = {dimension:,}: accuracy {found['training_accuracy']:.4f} on the training rows, "
            f"{found['validation_accuracy']:.4f} on the others; {time.process_time() - started:.0f} s of CPU"
        )
        print("  bits   bytes   training error   error on others   bits in all   certificate")
        for bits, text, (training, others) in zip(WIDTHS, found["files"], found["measured"], strict=True):
            length = describe_network(
                facts["full_dimension"], dimension, bits, facts["scaling"], found["features"]
            ).bits
            bound = occam_bound(1 - float(training), length, rows, DELTA)
            print(
                f"  {bits:4}{len(text):8,}{1 - training:17.4f}{1 - others:18.4f}{length:14,}{bound:14.4f}", flush=True
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("dimensions", nargs="*", type=int, default=[200, 400, 750])
    parser.add_argument("--data", default="mnist", help="a zip of the idx files, or the built-in mnist")
    parser.add_argument("--epochs", type=int, default=6)
    given = parser.parse_args()
    main(given.data, given.epochs, tuple(given.dimensions))
