"""Pruning: how often retrained networks confirm the advice of the regimes, and what the case studies choose.

Settings were chosen on the seeds 100 to 102; the seeds here are others. `--device gpu` runs the trainings on a card.

    python -m benchmarks.landscape_pruning --seeds 0 1 2 3 4 --set temperature=epochs
"""

from __future__ import annotations

import argparse
import time
from collections import Counter

import numpy as np
import torch

from core.analysis import Result, parse_params
from core.data import builtin_dataset_source
from core.landscape.analysis import ANALYSIS
from core.serial import serially

STUDIES: dict[str, dict[str, str]] = {
    "direction": {},
    "choice": {},
    "tuning": {"temperature": "sam_rho"},
}
VERDICTS = ("yes", "no", "undecided", "")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--studies", nargs="*", default=["map", *STUDIES])
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    parser.add_argument("--device", default="cpu")
    asked = parser.parse_args([] if arguments is None else arguments)
    torch.set_num_threads(1)
    settings = dict(pair.split("=", 1) for pair in asked.set) | {"device": asked.device}
    for study in asked.studies:
        print(f"-- {study} {settings}", flush=True)
        found = [_run(study, seed, settings) for seed in asked.seeds]
        if study != "choice":
            _verdicts(found)
        if study != "map":
            _errors(found)


def _run(study: str, seed: int, settings: dict[str, str]) -> Result:
    values = {"mode": "pruning", "study": study, "seed": str(seed), **STUDIES.get(study, {}), **settings}
    start, cpu = time.perf_counter(), time.process_time()
    inputs = {"dataset": builtin_dataset_source("digits")}
    result = serially(ANALYSIS, parse_params(ANALYSIS.params, values), inputs)
    took = f"{time.perf_counter() - start:.0f} s, {time.process_time() - cpu:.0f} s of CPU"
    print(f"seed {seed}, {took}: {result.answer}", flush=True)
    return result


def _verdicts(found: list[Result]) -> None:
    total: Counter[tuple[str, str]] = Counter()
    against: Counter[str] = Counter()
    gains: list[float] = []
    for result in found:
        cells = result.tables["regimes"]
        asks = cells[cells.advised != ""]
        counts = Counter(zip(asks.advised, asks.confirmed, strict=True))
        total += counts
        gains += asks.gain.dropna().tolist()
        against += Counter(asks[asks.confirmed != ""].opposite)
        said = {
            verdict or "not checkable": sum(counts[turn, verdict] for turn in ("raise", "lower"))
            for verdict in VERDICTS
        }
        print(f"  regimes {dict(cells.regime.value_counts())}; advice {said}")
    for turns in (("raise", "lower"), ("raise",), ("lower",)):
        yes, no, undecided, nothing = (sum(total[turn, verdict] for turn in turns) for verdict in VERDICTS)
        print(
            f"{' and '.join(turns)}: {yes} confirmed, {no} not, {undecided} undecided, {nothing} with nothing in that direction; "
            f"confirmed {_share(yes, yes + no)} of the decided and {_share(yes, yes + no + undecided)} of the checkable cells"
        )
    positive = sum(gain > 0 for gain in gains)
    print(f"mean gain above 0 in {positive} of {len(gains)} checkable cells, {_share(positive, len(gains))}")
    print(f"opposite direction: {against['yes']} confirmed, {against['no']} not, {against['undecided']} undecided")


def _errors(found: list[Result]) -> None:
    """Mean retrained test error as each rule chooses, over the seeds."""
    names = [name for name in found[0].summary if name.endswith("_error") and name != "dense_test_error"]
    for name in names:
        values = np.array([float(result.summary[name].value) for result in found])  # type: ignore[arg-type]
        spread = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else float("nan")
        print(
            f"{found[0].summary[name].title}: {values.mean():.2f} +- {spread:.2f} %, median {np.median(values):.2f} %"
        )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "none"


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
