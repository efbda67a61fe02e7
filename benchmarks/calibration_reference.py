"""Writes the values of other libraries that tests compare with: `python -m benchmarks.calibration_reference`.

Needs netcal 1.4.0, uncertainty-calibration 0.1.4, scikit-learn, torchmetrics, probmetrics, KDEpy, relplot,
uncertainty-toolbox and model-diagnostics, and nothing of this project but the generated predictions of the tests.
"""

from __future__ import annotations

import contextlib
import json
import warnings
from importlib.metadata import version
from pathlib import Path

import calibration as uc
import netcal.metrics
import numpy as np
import relplot
import torch
import uncertainty_toolbox as uct
from KDEpy import FFTKDE
from model_diagnostics.scoring import SquaredError, decompose
from probmetrics.distributions import CategoricalDirac, CategoricalProbs
from probmetrics.metrics import BrierLoss, KolmogorovSmirnovCalibrationMetric, KuiperCalibrationMetric, LogLoss
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from torchmetrics.functional.classification import multiclass_calibration_error

from tests.core.calibration.metrics.cases import CASES, confident

STORED = Path(__file__).parents[1] / "tests" / "core" / "calibration" / "metrics" / "peers.json"
PACKAGES = (
    "netcal",
    "uncertainty-calibration",
    "scikit-learn",
    "torchmetrics",
    "probmetrics",
    "KDEpy",
    "relplot",
    "uncertainty-toolbox",
    "model-diagnostics",
)
BINS = (5, 10, 15, 20, 50)


def main() -> None:
    warnings.simplefilter("ignore")
    values = {name: _classification(make()) for name, make in CASES.items()}
    content = {
        "versions": {name: version(name) for name in PACKAGES},
        "values": values,
        "torchmetrics of a confident model": _torchmetrics(confident()),
        "regression": _regression(),
    }
    STORED.write_text(json.dumps(content, indent=1) + "\n")


def _classification(predictions) -> dict[str, float]:
    p, y = predictions.probabilities, predictions.labels
    c, k = p.max(axis=1), (p.argmax(axis=1) == y).astype(float)
    found: dict[str, float] = {}
    for b in BINS:
        found[f"netcal ece {b}"] = netcal.metrics.ECE(b).measure(c, k)
        found[f"netcal mce {b}"] = netcal.metrics.MCE(b).measure(c, k)
        found[f"netcal ace {b}"] = netcal.metrics.ACE(b).measure(c, k)
        found[f"uc ece {b}"] = uc.get_ece(p, y, num_bins=b)
        found[f"uc ece_em {b}"] = uc.get_ece_em(p, y, num_bins=b)
        found[f"uc cwce {b}"] = uc.get_ece(p, y, num_bins=b, mode="marginal")
        found[f"uc cwce_em {b}"] = uc.get_ece_em(p, y, num_bins=b, mode="marginal")
        equal_mass = {"num_bins": b, "binning_scheme": uc.get_equal_bins, "mode": "top-label"}
        found[f"uc rmsce_em {b}"] = uc.lower_bound_scaling_ce(p, y, p=2, debias=False, **equal_mass)
        found[f"uc debiased_l2 {b}"] = uc.lower_bound_scaling_ce(p, y, p=2, debias=True, **equal_mass)
        found[f"sklearn ece {b}"] = _sklearn_ece(c, k, b, "uniform")
        found[f"sklearn ece_em {b}"] = _sklearn_ece(c, k, b, "quantile")
        for norm, name in (("l1", "ece"), ("max", "mce")):
            found[f"torchmetrics {name} {b}"] = multiclass_calibration_error(
                torch.from_numpy(p), torch.from_numpy(y), num_classes=p.shape[1], n_bins=b, norm=norm
            )
        with contextlib.suppress(ValueError):  # on ties
            found[f"netcal ece_em {b}"] = netcal.metrics.ECE(b, equal_intervals=False).measure(c, k)
    found["netcal mmce"] = netcal.metrics.MMCE().measure(p, y)
    found["sklearn nll"] = log_loss(y, p, labels=range(p.shape[1]))
    found["sklearn brier"] = brier_score_loss(y, p, labels=range(p.shape[1]), scale_by_half=False)
    found["sklearn auroc"] = roc_auc_score(k, c)
    found |= _probmetrics(p, y, c, k)
    found["kdepy kde_ece"] = _kde_ece(c, k)
    found["relplot smece"] = relplot.smECE(c, k)
    parts = decompose(k, c, scoring_function=SquaredError())
    for name in ("miscalibration", "discrimination", "uncertainty"):
        found[f"model-diagnostics {name}"] = parts[name][0]
    return {name: float(value) for name, value in found.items()}


def _torchmetrics(predictions) -> dict[str, float]:
    """Ten thousand rows, where the order in which float32 sums grow shows."""
    p, y = torch.from_numpy(predictions.probabilities), torch.from_numpy(predictions.labels)
    return {
        f"{name} {b}": float(multiclass_calibration_error(p, y, num_classes=p.shape[1], n_bins=b, norm=norm))
        for b in BINS
        for norm, name in (("l1", "ece"), ("max", "mce"), ("l2", "rmsce"))
    }


def _probmetrics(p: np.ndarray, y: np.ndarray, c: np.ndarray, k: np.ndarray) -> dict[str, float]:
    """Scores of all classes in float64; KS and Kuiper, which are binary and float32 there, of the confidence."""
    whole = CategoricalProbs(torch.from_numpy(p))
    truth = CategoricalDirac(torch.from_numpy(y), p.shape[1])
    two = CategoricalProbs(torch.from_numpy(np.stack([1 - c, c], axis=1)))
    right = CategoricalDirac(torch.from_numpy(k.astype(int)), 2)
    return {
        "probmetrics nll": LogLoss().compute(truth, whole),
        "probmetrics brier": BrierLoss().compute(truth, whole),
        "probmetrics ks": KolmogorovSmirnovCalibrationMetric().compute(right, two),
        "probmetrics kuiper": KuiperCalibrationMetric().compute(right, two),
    }


def _sklearn_ece(c: np.ndarray, k: np.ndarray, bins: int, strategy: str) -> float:
    """calibration_curve leaves out empty bins and gives no counts, so they come from the same edges."""
    right, mean = calibration_curve(k, c, n_bins=bins, strategy=strategy)
    edges = (
        np.linspace(0, 1, bins + 1) if strategy == "uniform" else np.percentile(c, np.linspace(0, 1, bins + 1) * 100)
    )
    counts = np.bincount(np.searchsorted(edges[1:-1], c), minlength=bins)
    return float(np.abs(right - mean) @ counts[counts > 0] / c.size)


def _kde_ece(c: np.ndarray, k: np.ndarray) -> float:
    """The estimator of Zhang et al. 2020 with KDEpy's densities."""
    x = np.linspace(-0.6, 1.6, 2**14)
    right = c[k > 0]
    width = np.std(right) * (2 * c.size) ** -0.2

    def density(values: np.ndarray) -> np.ndarray:
        mirrored = np.concatenate([-values[values < 0.5], values, 2 - values[values >= 0.5]])
        found = FFTKDE(bw=width, kernel="triweight").fit(mirrored).evaluate(x)
        found[(x <= 0) | (x >= 1)] = 0
        return 2 * found

    of_right, every = density(right), density(c)
    seen = every > 1e-9
    accuracy = np.minimum(1.0, k.mean() * of_right[seen] / every[seen])
    return float((np.abs(x[seen] - accuracy) * every[seen]).sum() / every.sum())


def _regression() -> dict[str, object]:
    rng = np.random.default_rng(5)
    mean, deviation = rng.normal(size=400), rng.uniform(0.3, 2.0, size=400)
    targets = mean + 1.4 * deviation * rng.normal(size=400)
    levels, covered = uct.metrics_calibration.get_proportion_lists_vectorized(
        mean, deviation, targets, num_bins=21, prop_type="interval"
    )
    return {
        "levels": [float(v) for v in levels],
        "coverage": [float(v) for v in covered],
        "crps": float(uct.crps_gaussian(mean, deviation, targets)),
        "nll": float(uct.nll_gaussian(mean, deviation, targets)),
        "sharpness": float(uct.sharpness(deviation)),
    }


if __name__ == "__main__":
    main()
