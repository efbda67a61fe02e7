"""VUS beside TSB-AD and aeon, and the rest of the score table alone: `python -m benchmarks telemetry_metrics`.

Ours and the peers take turns in one process on one thread, on the same labels and scores, and have to agree within
1e-9; seconds are of CPU, so that other work on the machine counts little. A peer that isn't there is left out: TSB-AD is to be installed with --no-deps (its metrics need numpy and
scikit-learn only), aeon wants an environment of its own; `python -m benchmarks.telemetry_metrics` runs in any that has
numpy, scikit-learn and pandas.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import time
import warnings
from collections.abc import Callable

import numpy as np

from core.telemetry.comparators.registry import COMPARATORS
from core.telemetry.metrics.auc import auc_pr, auc_roc
from core.telemetry.metrics.vus import vus
from core.telemetry.metrics.vus_interval import vus_interval

WINDOW = 100
SIZES = ((10_000, 5), (100_000, 20))  # rows, events
LARGE = (1_570_000, 33)  # half a year of a value each 10 s
TURNS = 3
GRIDS = ((17_472, 11), (50_000, 46))  # rows, channels

Pair = tuple[float, float]


def main() -> None:
    warnings.simplefilter("ignore")
    for definition, peer in (("tsb_ad", _tsb_ad()), ("aeon", _aeon())):
        for rows, events in SIZES:
            _race(rows, events, definition, peer)
    print(f"\n{LARGE[0]:,} rows, {LARGE[1]} events, ours alone")
    labels, scores = example(*LARGE)
    for title, work in (
        ("VUS, tsb_ad", lambda: vus(labels, scores, WINDOW)),
        ("VUS, aeon", lambda: vus(labels, scores, WINDOW, "aeon")),
        ("VUS, tsb_ad, window 1,000", lambda: vus(labels, scores, 1000)),
        ("its interval, 200 resamples", lambda: vus_interval(labels, scores, WINDOW)),
        ("AUC-PR and AUC-ROC", lambda: (auc_pr(labels, scores), auc_roc(labels, scores))),
    ):
        print(f"  {title:30s}{_best(work):9.3f} s")
    for rows, channels in GRIDS:
        _comparators(rows, channels)


def example(rows: int, events: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Events of 5 to 200 rows and scores that are 1.5 deviations higher in them."""
    rng = np.random.default_rng(seed)
    labels = np.zeros(rows, dtype=bool)
    for first in rng.integers(0, rows - 200, events):
        labels[first : first + rng.integers(5, 200)] = True
    return labels, rng.normal(size=rows) + 1.5 * labels


def _race(rows: int, events: int, definition: str, peer: Callable[[np.ndarray, np.ndarray], Pair] | None) -> None:
    labels, scores = example(rows, events)
    found = vus(labels, scores, WINDOW, definition)
    ours = _best(lambda: vus(labels, scores, WINDOW, definition))
    print(f"\n{rows:,} rows, {events} events, window {WINDOW}, {definition}\n  ours  {ours:9.4f} s")
    if peer is None:
        print("  peer  not installed")
        return
    start = time.process_time()
    theirs = peer(labels, scores)
    seconds = time.process_time() - start
    ours = min(ours, _best(lambda: vus(labels, scores, WINDOW, definition)))
    apart = max(abs(found.pr - theirs[0]), abs(found.roc - theirs[1]))
    print(f"  peer  {seconds:9.4f} s;  {seconds / ours:.0f} x ours;  values differ by {apart:.1e}")
    assert apart < 1e-9


def _tsb_ad() -> Callable[[np.ndarray, np.ndarray], Pair] | None:
    try:
        from TSB_AD.evaluation.basic_metrics import generate_curve
    except ImportError:
        return None

    def measure(labels: np.ndarray, scores: np.ndarray) -> Pair:
        *_, roc, pr = generate_curve(labels.astype(int), scores, WINDOW)
        return pr, roc

    return measure


def _aeon() -> Callable[[np.ndarray, np.ndarray], Pair] | None:
    try:
        from aeon.benchmarking.metrics.anomaly_detection import range_pr_vus_score, range_roc_vus_score
    except ImportError:
        return None

    def measure(labels: np.ndarray, scores: np.ndarray) -> Pair:
        truth = labels.astype(int)
        return range_pr_vus_score(truth, scores, WINDOW), range_roc_vus_score(truth, scores, WINDOW)

    return measure


def _comparators(rows: int, channels: int) -> None:
    rng = np.random.default_rng(0)
    values = np.cumsum(rng.normal(size=(rows, channels)), axis=0) * 0.01 + rng.normal(size=(rows, channels))
    nominal = np.arange(rows) < rows // 4
    print(f"\n{rows:,} rows of {channels} channels")
    for name, compute in COMPARATORS.items():
        print(f"  {name:30s}{_best(lambda compute=compute: compute(values, nominal, 0), turns=1):9.3f} s")


def _best(work: Callable[[], object], turns: int = TURNS) -> float:
    return min(_seconds(work) for _ in range(turns))


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
