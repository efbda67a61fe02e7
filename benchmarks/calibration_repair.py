"""Repairs beside their peers: `python -m benchmarks calibration_repair`.

Each line is the fastest of several turns that the programs take in alternation, in one process and on one thread, so
the ratios hold on a busy machine as well. netcal, probmetrics and venn-abers take part where they are installed
(requirements-bench.txt).
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.turns import fastest
from core.calibration.predictions import from_logits, softmax64
from core.calibration.repair.board import board
from core.calibration.repair.methods import available_methods, method_named
from core.calibration.repair.temperature import find_temperature

TURNS = 3
SIZES = ((10_000, 10), (10_000, 100))  # rows, classes

Entrants = dict[str, Callable[[], str]]


def main() -> None:
    torch.set_num_threads(1)
    for rows, classes in SIZES:
        logits, labels = _overconfident(rows, classes)
        print(f"\n{rows:,} rows of {classes} classes, 2.5 times too sharp, one thread")
        for title, entrants in _contests(logits, labels).items():
            _race(title, entrants)
    _agreement()
    _whole_board()


def _contests(logits: np.ndarray, labels: np.ndarray) -> dict[str, Entrants]:
    p = softmax64(logits)
    temperature: Entrants = {"ours": lambda: f"T {find_temperature(logits, labels).temperature:.7f}"}
    histogram: Entrants = {
        "ours": lambda: _likelihood(method_named("histogram").fit(logits, labels).apply(logits), labels)
    }
    venn_abers: Entrants = {
        "ours": lambda: _likelihood(method_named("venn_abers").fit(logits, labels).apply(logits), labels)
    }
    if importlib.util.find_spec("netcal"):
        from netcal.binning import HistogramBinning
        from netcal.scaling import TemperatureScaling

        temperature["netcal"] = lambda: f"T {1 / TemperatureScaling().fit(p, labels).temperature[0]:.7f}"
        histogram["netcal"] = lambda: _likelihood(HistogramBinning(bins=15).fit(p, labels).transform(p), labels)
    if importlib.util.find_spec("probmetrics"):
        from probmetrics.calibrators import get_calibrator

        def bisected() -> str:
            calibrator = get_calibrator("temp-scaling")
            calibrator.fit(p, labels)
            return f"T {1 / calibrator.invtemp_:.7f}"

        temperature["probmetrics"] = bisected
    if importlib.util.find_spec("venn_abers"):
        from venn_abers import VennAbers

        def by_class() -> str:
            columns = []
            for k in range(p.shape[1]):
                predictor = VennAbers()
                pairs = np.column_stack([1 - p[:, k], p[:, k]])
                predictor.fit(pairs, (labels == k).astype(int))
                columns.append(predictor.predict_proba(pairs)[0][:, 1])
            q = np.column_stack(columns)
            return _likelihood(q / q.sum(axis=1, keepdims=True), labels)

        venn_abers["venn-abers"] = by_class
    contests = {"temperature": temperature, "histogram binning": histogram}
    return contests if p.shape[1] > 10 else {**contests, "Venn-Abers": venn_abers}


def _agreement() -> None:
    """What optional packages fit, turned into one of our forms, against their own predictions."""
    if not importlib.util.find_spec("probmetrics"):
        return
    from probmetrics.calibrators import get_calibrator

    logits, labels = _overconfident(3000, 6)
    for name in ("svs", "sms"):
        theirs = get_calibrator(name)
        theirs.fit(softmax64(logits), labels)
        ours = method_named(f"probmetrics_{name}").fit(logits, labels).apply(logits)
        print(
            f"\nprobmetrics {name} in our form: off by {np.abs(ours - theirs.predict_proba(softmax64(logits))).max():.1e}"
        )


def _whole_board() -> None:
    logits, labels = _overconfident(15_000, 10)
    table = board(
        from_logits(logits[:5000], labels[:5000]), from_logits(logits[5000:], labels[5000:]), available_methods()
    )
    print("\nThe whole board, fitted on 5,000 x 10, reported on 10,000 x 10")
    print(table[["method", "nll", "brier", "ece_15", "auroc", "infinite_nll", "seconds"]].to_string(index=False))


def _race(title: str, entrants: Entrants) -> None:
    with warnings.catch_warnings(action="ignore"):
        times = fastest(entrants, TURNS)
    for name, (seconds, said) in times.items():
        ratio = seconds / times["ours"][0]
        print(f"  {title:18} {name:12} {1000 * seconds:9.1f} ms  {ratio:7.2f} x ours   {said}", flush=True)


def _likelihood(p: np.ndarray, labels: np.ndarray) -> str:
    with np.errstate(divide="ignore"):
        return f"NLL {-np.log(p[np.arange(len(p)), labels]).mean():.6f}"


def _overconfident(rows: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    truth = 3 * generator.normal(size=(rows, classes))
    labels = (softmax64(truth).cumsum(axis=1) > generator.random(rows)[:, None]).argmax(axis=1)
    return (2.5 * truth).astype(np.float32), labels


if __name__ == "__main__":
    main()
