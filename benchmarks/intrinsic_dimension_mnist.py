"""Intrinsic dimension of true MNIST: the fully connected network and LeNet of the paper, with pixels in order and shuffled.

Run with `python -m benchmarks.intrinsic_dimension_mnist [CASE ...] [--data FILE] [--device gpu]`; without a file the
built-in mnist is fetched. Finished trainings are kept, so that a run that was interrupted goes on where it was. Times
are CPU seconds of one thread and of this run alone.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence

os.environ.setdefault("OMP_NUM_THREADS", "1")

from core.analysis import Inputs, Source, parse_params
from core.intrinsic_dimension.analysis import ANALYSIS
from core.intrinsic_dimension.objective_mode import problem_of
from core.intrinsic_dimension.objective_params import ObjectiveParams
from core.intrinsic_dimension.trainings import train_in_subspaces
from core.models.builtin import builtin_model_source
from core.serial import serially
from core.settings import settings
from core.sources import open_source
from core.store.steps import StepFolder

COMMON = {
    "mode": "objective",
    "baseline": "global",
    "global_baseline": 1.0,
    "batch_size": 128,
    "validation_fraction": 1 / 6,  # 50,000 rows to learn from, as in the paper, and 10,000 to measure on
    "most_rows": 60_000,
    "max_trainings": 20,
}
FC = {"hidden": [200, 200], "epochs": 4, "first_guess": 600}
LENET = {
    "epochs": 2,
    "first_guess": 256,
    "direct_learning_rates": [0.001, 0.003],
    "subspace_learning_rates": [0.1, 0.3],
}
CASES = {
    "fc": FC,
    "lenet": LENET,
    "fc_shuffled": {**FC, "shuffled_pixels": True},
    "lenet_shuffled": {**LENET, "shuffled_pixels": True, "epochs": 5},  # in two no subspace reaches 0.90
}
D_OF_THE_PAPER, EPOCHS_AT_MOST = 750, 10


def inputs_of(case: str, dataset: Source) -> Inputs:
    """The data, and LeNet where the case is about it."""
    return {"dataset": dataset} | ({"model": builtin_model_source("lenet5")} if case.startswith("lenet") else {})


def search(case: str, dataset: Source, device: str) -> None:
    """One whole search against the global baseline 1.0."""
    params = parse_params(ANALYSIS.params, {**COMMON, **CASES[case], "device": device})
    steps = StepFolder(settings().home / "steps")
    started, used = time.perf_counter(), time.process_time()
    result = serially(ANALYSIS, params, inputs_of(case, dataset), cache=steps, progress=_say)
    print(
        f"\r{case}: {result.answer} {result.values()['trainings']} trainings; "
        f"{time.process_time() - used:.0f} s of CPU, {time.perf_counter() - started:.0f} s in all",
        flush=True,
    )


def accuracy_at_750(dataset: Source, device: str) -> None:
    """The fully connected network in 750 dimensions, whose published accuracy is 0.894 after 100 epochs."""
    params = ObjectiveParams(
        hidden=(200, 200), epochs=EPOCHS_AT_MOST, batch_size=128, validation_fraction=1 / 6, device=device
    )
    problem = problem_of(params, {"dataset": dataset})
    found = [
        float(train_in_subspaces(problem, [D_OF_THE_PAPER], [0.1], [seed])["performance"][0]) for seed in (1, 2, 3)
    ]
    print(f"fc, d = 750, {EPOCHS_AT_MOST} epochs, three seeds: " + ", ".join(f"{one:.4f}" for one in found), flush=True)


def _say(fraction: float, message: str) -> None:
    print(f"\r  {100 * fraction:3.0f} % {message:<60}", end="", file=sys.stderr, flush=True)


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(['d750', *CASES])}; none: all")
    parser.add_argument("--data", default="mnist", help="a zip of the idx files, or the built-in mnist")
    parser.add_argument("--device", default="cpu", choices=("cpu", "gpu"))
    options = parser.parse_args(arguments)
    dataset = open_source("dataset", options.data)
    for case in options.cases or ["d750", *CASES]:
        if case == "d750":
            accuracy_at_750(dataset, options.device)
        else:
            search(case, dataset, options.device)


if __name__ == "__main__":
    main(sys.argv[1:])
