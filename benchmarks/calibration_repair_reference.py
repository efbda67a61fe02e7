"""Writes the peers' repairs that tests compare with: `python -m benchmarks.calibration_repair_reference`.

Needs netcal 1.4.0, probmetrics 1.3.0, betacal 1.1.0 and venn-abers 1.5.4 (requirements-bench.txt), and nothing of this
project but the generated model.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from betacal import BetaCalibration
from netcal.binning import HistogramBinning, IsotonicRegression
from netcal.scaling import TemperatureScaling
from probmetrics.calibrators import get_calibrator
from scipy.special import softmax
from venn_abers import VennAbers

from tests.core.calibration.repair.peer_model import FIT_ROWS, generated

STORED = Path(__file__).parents[1] / "tests/core/calibration/repair/peers.json"
PACKAGES = ("netcal", "probmetrics", "betacal", "venn-abers", "scikit-learn")


def main() -> None:
    logits, labels = generated()
    p, fit_labels = softmax(logits, axis=1), labels[:FIT_ROWS]
    old, new = p[:FIT_ROWS], p[FIT_ROWS:]
    content = {
        "versions": {package: version(package) for package in PACKAGES},
        "temperature": {
            "netcal": float(1 / TemperatureScaling().fit(old, fit_labels).temperature[0]),
            "probmetrics": float(1 / bisected(old, fit_labels).invtemp_),
        },
        "probabilities": {
            "histogram": HistogramBinning(bins=15).fit(old, fit_labels).transform(new).tolist(),
            "isotonic": IsotonicRegression().fit(old, fit_labels).transform(new).tolist(),
            "venn_abers": one_vs_rest(venn_abers, old, fit_labels, new),
            "beta": one_vs_rest(beta, old, fit_labels, new),
        },
    }
    STORED.write_text(json.dumps(content, indent=1) + "\n")


def bisected(p: np.ndarray, labels: np.ndarray) -> Any:
    calibrator = get_calibrator("temp-scaling")
    calibrator.fit(p, labels)
    return calibrator


def one_vs_rest(binary: Any, old: np.ndarray, labels: np.ndarray, new: np.ndarray) -> list[list[float]]:
    q = np.column_stack([binary(old[:, k], labels == k, new[:, k]) for k in range(old.shape[1])])
    return (q / q.sum(axis=1, keepdims=True)).tolist()


def venn_abers(c: np.ndarray, outcomes: np.ndarray, new: np.ndarray) -> np.ndarray:
    predictor = VennAbers()
    predictor.fit(np.column_stack([1 - c, c]), outcomes.astype(int))
    return predictor.predict_proba(np.column_stack([1 - new, new]))[0][:, 1]


def beta(c: np.ndarray, outcomes: np.ndarray, new: np.ndarray) -> np.ndarray:
    return BetaCalibration(parameters="abm").fit(c, outcomes).predict(new)


if __name__ == "__main__":
    main()
