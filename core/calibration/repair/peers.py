"""Recalibrators of optional packages, listed where they are installed, under the package's name and version.

What they fit is turned into one of our forms, so that it is applied, stored and downloaded like any other.
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from core.calibration.predictions import softmax64
from core.calibration.repair.forms import EPS
from core.calibration.repair.method import Method
from core.calibration.repair.recalibrator import Recalibrator
from core.calibration.repair.scores import check_fit_rows, classes_in_fit

BERTA = "Berta, Holzmüller, Jordan and Bach 2026 (AISTATS)"
PEERS: tuple[Method, ...] = (
    Method(
        "betacal_abm",
        "Beta calibration",
        "peers:fit_betacal",
        "Kull, Silva Filho and Flach 2017 (AISTATS)",
        package="betacal",
    ),
    Method("probmetrics_svs", "Structured vector scaling", "peers:fit_svs", BERTA, package="probmetrics"),
    Method("probmetrics_sms", "Structured matrix scaling", "peers:fit_sms", BERTA, package="probmetrics"),
)


def installed() -> tuple[Method, ...]:
    """The methods of `PEERS` whose package is here, with its name and version in the title."""
    found = []
    for method in PEERS:
        try:
            title = f"{method.title} ({method.package} {version(method.package)})"
        except PackageNotFoundError:
            continue
        found.append(replace(method, title=title))
    return tuple(found)


def fit_betacal(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """Beta calibration of each class against the rest by betacal, renormalised."""
    check_fit_rows(scores, labels)
    classes = scores.shape[1]
    classes_in_fit(labels, classes, "betacal_abm")
    c = np.clip(softmax64(scores), EPS, 1 - EPS)
    calibration = import_module("betacal").BetaCalibration
    a, b, m = [], [], []
    for k in range(classes):
        fitted = calibration(parameters="abm").fit(c[:, k], labels == k).calibrator_
        a.append(float(fitted.map_[0]))
        b.append(float(fitted.map_[1]))
        m.append(float(fitted.lr_.intercept_[0]))
    return Recalibrator("betacal_abm", "beta", classes, {"a": a, "b": b, "m": m})


def fit_svs(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """Structured vector scaling by probmetrics: a penalised factor and offset a class, after temperature scaling."""
    fitted = _fit_probmetrics("svs", scores, labels)
    return _after_temperature("probmetrics_svs", scores.shape[1], fitted, np.diag(fitted.v_), fitted.b_)


def fit_sms(scores: np.ndarray, labels: np.ndarray) -> Recalibrator:
    """Structured matrix scaling by probmetrics: a penalised matrix and offsets, after temperature scaling."""
    fitted = _fit_probmetrics("sms", scores, labels)
    return _after_temperature("probmetrics_sms", scores.shape[1], fitted, fitted.W_[:, :-1], fitted.W_[:, -1])


def _fit_probmetrics(name: str, scores: np.ndarray, labels: np.ndarray) -> Any:
    check_fit_rows(scores, labels)
    classes_in_fit(labels, scores.shape[1], f"probmetrics_{name}")
    fitted = import_module("probmetrics.calibrators").get_calibrator(name)
    fitted.fit(softmax64(scores), labels)
    return fitted


def _after_temperature(name: str, classes: int, fitted: Any, weights: np.ndarray, bias: np.ndarray) -> Recalibrator:
    """Their map of the log of (temperature-scaled probabilities, mixed with a little of the uniform distribution)."""
    mixture = fitted.ts_
    parameters = {
        "temperature": float(1 / mixture.cal_.invtemp_),
        "uniform": float(mixture.output_constant / (mixture.n_samples_ + 1)),
        "weights": np.asarray(weights, dtype=np.float64).tolist(),
        "bias": np.asarray(bias, dtype=np.float64).tolist(),
    }
    return Recalibrator(name, "dirichlet", classes, parameters)
