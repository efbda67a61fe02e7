"""The calibration battery beside its peers: `python -m benchmarks calibration_metrics`.

The study's values before and after temperature scaling, and the fit itself, from this project and from the packages
that the study took them from: netcal (MMCE, ECE, MCE), uncertainty-calibration (the equal-mass errors), KDEpy, a
loop over classes for cwCE, scikit-learn (NLL, Brier, AUROC, temperature). All in one process and on one thread, in
turns, so the ratios hold on a busy machine as well. Peers that would take minutes are run once on a part of the bin
counts or classes and multiplied, which the table says. Needs the peers of requirements-bench.txt.

Where torch finds a graphics card, a population is measured there too, and the resampled metrics of one model, beside
numpy on one thread; `--device` runs these two alone on any device of torch, without the peers.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from core.calibration.metrics.battery import STUDY_BINS, battery
from core.calibration.metrics.evaluate import evaluate
from core.calibration.population.measure import measure_models
from core.calibration.predictions import Predictions, from_logits
from core.calibration.repair.temperature import fit_temperature

SIZES = ((10_000, 10), (10_000, 100))
LARGE = (50_000, 1000)
TURNS = 3
POPULATIONS = ((128, 10_000, 10), (16, 10_000, 100))  # models, rows, classes


def main() -> None:
    warnings.simplefilter("ignore")
    for n, classes in SIZES:
        print(f"\n{n:,} rows of {classes} classes: 51 values before, 51 after and the temperature")
        _race(n, classes)
    print(f"\n{LARGE[0]:,} rows of {LARGE[1]:,} classes, ours alone, in a process of its own", flush=True)
    subprocess.run([sys.executable, "-m", "benchmarks.calibration_metrics", "--large"], check=True)
    import torch

    if torch.cuda.is_available():
        on_device("cuda")
    else:
        print("\nThis machine has no graphics card that torch can use, so the battery was not measured on one.")


def example(n: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """float32 logits that are too confident by a factor of 1.7, and labels."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, classes), scale=1.0).astype(np.float32)
    labels = rng.integers(0, classes, n)
    z[np.arange(n), labels] += np.float32(1.5 * np.sqrt(2 * np.log(classes)))
    return z * np.float32(1.7), labels


def whole_battery(logits: np.ndarray, labels: np.ndarray) -> tuple[Predictions, Predictions]:
    """The 102 values: before, the fit, after."""
    before = from_logits(logits, labels)
    battery(before)
    after = from_logits(logits / fit_temperature(logits, labels), labels)
    battery(after)
    return before, after


def _race(n: int, classes: int) -> None:
    logits, labels = example(n, classes)
    before, after = whole_battery(logits, labels)
    ours = min(_seconds(lambda: whole_battery(logits, labels)) for _ in range(TURNS))
    print(f"  ours, whole                     {ours:9.3f} s")
    total = 0.0
    for title, share, work in _peers(logits, labels, before, after):
        seconds = _seconds(work) / share
        total += seconds
        print(f"  {title:30s}  {seconds:9.3f} s{'' if share == 1 else f'   (measured on {share:.1%}, multiplied)'}")
    again = min(_seconds(lambda: whole_battery(logits, labels)) for _ in range(TURNS))
    print(f"  peers, whole                    {total:9.3f} s;  {total / min(ours, again):.0f} x ours")


def _peers(
    logits: np.ndarray, labels: np.ndarray, before: Predictions, after: Predictions
) -> list[tuple[str, float, Callable[[], None]]]:
    """Title, share of the work that is run, and the work, for both stages."""
    import calibration as uc
    import netcal.metrics
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax
    from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

    stages = [(s.probabilities, s.labels, s.confidence, s.correct.astype(float)) for s in (before, after)]
    classes = before.classes
    some = max(1, classes // 20) if classes > 20 else classes

    def mmce() -> None:
        for p, y, _, _ in stages:
            netcal.metrics.MMCE().measure(p, y)

    def width() -> None:
        for _, _, c, k in stages:
            for b in STUDY_BINS:
                netcal.metrics.ECE(b).measure(c, k)
                netcal.metrics.MCE(b).measure(c, k)

    def mass() -> None:
        for p, y, _, _ in stages:
            for b in STUDY_BINS:
                uc.get_ece_em(p, y, num_bins=b)

    def class_mass() -> None:
        for p, y, _, _ in stages:
            for b in STUDY_BINS:
                for j in range(some):
                    uc.get_ece_em(p[:, j], (y == j).astype(int), num_bins=b, mode="marginal")

    def class_width() -> None:
        for p, y, _, _ in stages:
            for b in STUDY_BINS:
                _classwise_loop(p, y, b)

    def density() -> None:
        for _, _, c, k in stages:
            _kde_ece(c, k)

    def scores() -> None:
        for p, y, c, k in stages:
            log_loss(y, p, labels=range(classes))
            brier_score_loss(y, p, labels=range(classes))
            roc_auc_score(k, c)
            _ks(c, k)

    def temperature() -> None:
        z = logits.astype(np.float64)
        rows = np.arange(labels.size)
        minimize_scalar(
            lambda t: -log_softmax(z / np.exp(t), axis=1)[rows, labels].mean(), bounds=(-3, 3), method="bounded"
        )

    return [
        ("MMCE (netcal)", 1, mmce),
        ("ECE, MCE (netcal)", 1, width),
        ("ECE_em (uncertainty-calibration)", 1, mass),
        ("cwCE_em (uncertainty-calibration)", some / classes, class_mass),
        ("cwCE (loop over classes, bins)", 1, class_width),
        ("KDE-ECE (KDEpy)", 1, density),
        ("NLL, Brier, AUROC (sklearn), KS", 1, scores),
        ("temperature (scipy)", 1, temperature),
    ]


def on_device(device: str) -> None:
    """A population, and the resampled metrics of one model, on a device of torch and with numpy on one thread."""
    import torch

    torch.set_num_threads(1)
    name = torch.cuda.get_device_name() if device == "cuda" else f"torch on {device}"
    for models, n, classes in POPULATIONS:
        inputs = [
            (str(seed), from_logits(*example(n, classes, seed)), from_logits(*example(n // 4, classes, seed + 1000)))
            for seed in range(models)
        ]
        few = inputs[: max(2, models // 16)]
        measure_models(few, device=device)  # the first call loads the kernels
        beside = _seconds(partial(measure_models, inputs, device=device)) / models
        alone = _seconds(partial(measure_models, few)) / len(few)
        print(
            f"\n{models} models of {n:,} x {classes}, 102 values on all rows and on two halves, and the temperature: "
            f"{name} {1e3 * beside:.2f} ms a model, numpy {1e3 * alone:.0f} ms; {alone / beside:.1f} x"
        )
    predictions = from_logits(*example(*SIZES[0]))
    beside = min(_seconds(partial(evaluate, predictions, device=device)) for _ in range(2))
    alone = _seconds(partial(evaluate, predictions))
    print(
        f"{SIZES[0][0]:,} x {SIZES[0][1]}, every metric under 200 resamples and 200 calibrated labellings: "
        f"{name} {beside:.2f} s, numpy {alone:.2f} s; {alone / beside:.1f} x"
    )


def _classwise_loop(p: np.ndarray, labels: np.ndarray, bins: int) -> float:
    """cwCE as it is usually written: a loop over classes and bins."""
    total, edges = 0.0, np.linspace(0, 1, bins + 1)
    for j in range(p.shape[1]):
        column, hit = p[:, j], labels == j
        for low, high in pairwise(edges):
            inside = (column > low) & (column <= high)
            if inside.any():
                total += abs(column[inside].mean() - hit[inside].mean()) * inside.mean()
    return total / p.shape[1]


def _kde_ece(c: np.ndarray, k: np.ndarray) -> float:
    """Zhang et al. 2020 with KDEpy: two densities and a loop over the 2^14 points of the grid."""
    from KDEpy import FFTKDE

    x = np.linspace(-0.6, 1.6, 2**14)
    right = c[k > 0]
    width = np.std(right) * (2 * c.size) ** -0.2

    def density(values: np.ndarray) -> np.ndarray:
        mirrored = np.concatenate([-values[values < 0.5], values, 2 - values[values >= 0.5]])
        found = FFTKDE(bw=width, kernel="triweight").fit(mirrored).evaluate(x)
        found[(x <= 0) | (x >= 1)] = 0
        return 2 * found

    of_right, every = density(right), density(c)
    share, integral = k.mean(), np.zeros_like(x)
    for i, conf in enumerate(x):
        j = np.abs(x - conf).argmin()
        if max(of_right[j], every[j]) > 1e-6 and every[j] > 0:
            integral[i] = abs(conf - min(share * of_right[j] / every[j], 1.0)) * every[i]
    return float(np.trapezoid(integral, x) / np.trapezoid(every, x))


def _ks(c: np.ndarray, k: np.ndarray) -> float:
    order = np.argsort(c)
    return float(np.abs(np.cumsum((c - k)[order])).max() / c.size)


def _large(n: int, classes: int) -> None:
    logits, labels = example(n, classes)
    predictions = from_logits(logits, labels)
    seconds = min(_seconds(lambda: battery(predictions)) for _ in range(TURNS))
    sort = min(_seconds(lambda: _sort_columns(predictions.probabilities)) for _ in range(TURNS))
    peak = _peak_kib() / 2**20
    print(
        f"  battery {seconds:.2f} s; sorting the columns alone {sort:.2f} s; ratio {seconds / sort:.1f}; peak {peak:.2f} GiB"
    )


def _peak_kib() -> int:
    """Of this process alone: ru_maxrss would go on from the process that started it."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1])


def _sort_columns(p: np.ndarray) -> None:
    for j in range(p.shape[1]):
        np.sort(p[:, j])


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="only the large input, for its memory")
    parser.add_argument("--device", help="only the population and the resamples, on this device of torch")
    asked = parser.parse_args()
    if asked.large:
        _large(*LARGE)
    elif asked.device:
        on_device(asked.device)
    else:
        main()
