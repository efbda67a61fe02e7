"""How the parameters of a fitted repair are applied: a few forms, which all recalibrators share.

Each form is a function (scores [n, K], parameters) -> log-probabilities [n, K], and the same thing as a few lines of
numpy for people who take the fitted repair elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import expit

from core.calibration.predictions import softmax64
from core.calibration.repair.scores import finite_scores, log_softmax

Parameters = Mapping[str, Any]
EPS = 2.0**-53  # half the spacing of float64 below one: the closest that a probability comes to one


@dataclass(frozen=True)
class Form:
    """One way in which parameters become probabilities.

    Attributes:
        name: as it stands in the JSON.
        parameters: their names.
        log_probabilities: (scores [n, K], parameters) -> log-probabilities [n, K].
        snippet: Python lines from `repair.json` and `logits.npy` to `p`.
    """

    name: str
    parameters: tuple[str, ...]
    log_probabilities: Callable[[np.ndarray, Parameters], np.ndarray]
    snippet: str


def _temperature(scores: np.ndarray, parameters: Parameters) -> np.ndarray:
    return log_softmax(scores / parameters["temperature"])


def _mixture(scores: np.ndarray, parameters: Parameters) -> np.ndarray:
    cooled, plain, uniform = parameters["weights"]
    mixed = cooled * softmax64(scores / parameters["temperature"]) + plain * softmax64(scores)
    return _log(mixed + uniform / scores.shape[1])


def _diagonal(scores: np.ndarray, parameters: Parameters) -> np.ndarray:
    return log_softmax(finite_scores(scores) * np.asarray(parameters["weights"]) + np.asarray(parameters["bias"]))


def _affine(scores: np.ndarray, parameters: Parameters) -> np.ndarray:
    weights, bias = np.asarray(parameters["weights"]), np.asarray(parameters["bias"])
    return log_softmax(finite_scores(scores) @ weights.T + bias)


def _dirichlet(scores: np.ndarray, parameters: Parameters) -> np.ndarray:
    share = parameters["uniform"]  # of the uniform distribution, mixed in before the map
    cooled = _temperature(scores, parameters) + np.log1p(-share)
    return _affine(np.logaddexp(cooled, _log(np.array(share / scores.shape[1]))), parameters)


def _beta(scores: np.ndarray, parameters: Parameters) -> np.ndarray:
    c = np.clip(softmax64(scores), EPS, 1 - EPS)
    a, b, m = (np.asarray(parameters[name]) for name in "abm")
    odds = a * np.log(c) - b * np.log1p(-c) + m
    return _renormalised(expit(odds))


def _interpolated(scores: np.ndarray, parameters: Parameters) -> np.ndarray:
    tables = zip(softmax64(scores).T, parameters["x"], parameters["y"], strict=True)
    return _renormalised(np.column_stack([np.interp(p, x, y) for p, x, y in tables]))


def _steps(scores: np.ndarray, parameters: Parameters) -> np.ndarray:
    tables = zip(softmax64(scores).T, parameters["x"], parameters["y"], strict=True)
    return _renormalised(np.column_stack([np.asarray(y)[np.searchsorted(x, p)] for p, x, y in tables]))


def _top(scores: np.ndarray, parameters: Parameters) -> np.ndarray:
    p = softmax64(scores)
    top = p.argmax(axis=1)
    rows = np.arange(len(p))
    confidence = np.interp(p[rows, top], parameters["x"], parameters["y"])
    p[rows, top] = 0.0
    rest = p.sum(axis=1, keepdims=True)
    p = np.where(rest > 0, p / np.where(rest > 0, rest, 1.0), 1 / (p.shape[1] - 1)) * (1 - confidence[:, None])
    p[rows, top] = confidence
    return _log(p)


def _entropy_temperature(scores: np.ndarray, parameters: Parameters) -> np.ndarray:
    temperature = np.logaddexp(0, parameters["weight"] * log_entropy(scores) + parameters["bias"])
    return log_softmax(scores / temperature[:, None])


def _network_temperature(scores: np.ndarray, parameters: Parameters) -> np.ndarray:
    return log_softmax(scores / network_temperatures(scores, parameters)[:, None])


def log_entropy(scores: np.ndarray) -> np.ndarray:
    """[n] log of the entropy of each row relative to log K, no smaller than log `EPS`."""
    logs = log_softmax(scores)
    p = np.exp(logs)
    entropy = -np.where(p > 0, p * np.where(p > 0, logs, 0.0), 0.0).sum(axis=1)
    return np.log(np.maximum(entropy / np.log(scores.shape[1]), EPS))


def network_temperatures(scores: np.ndarray, parameters: Parameters) -> np.ndarray:
    """[n] temperatures that a TempNet gives: see `tempnet.py` for its layers."""
    w1, b1, w2, b2, last = (np.asarray(parameters[name]) for name in ("w1", "b1", "w2", "b2", "last"))
    x = finite_scores(scores)
    x = x - x.max(axis=1, keepdims=True)
    x = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)
    x = expit(x @ w1.T + b1) @ w2.T + b2
    attention = softmax64(x / np.exp(parameters["log_scale"]))
    out = ((attention - 1 / x.shape[1]) * x) @ last + parameters["last_bias"]
    low, high = parameters["range"]
    return (high - low) * expit(out) + low


def _renormalised(q: np.ndarray) -> np.ndarray:
    """Log of one-vs-rest probabilities divided by their row sum; uniform where all are zero."""
    total = q.sum(axis=1, keepdims=True)
    return _log(np.where(total > 0, q / np.where(total > 0, total, 1.0), 1 / q.shape[1]))


def _log(p: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.log(p)


_READ = """import json, numpy as np
from scipy.special import expit, log_softmax, softmax
r, z = json.load(open("repair.json"))["parameters"], np.load("logits.npy").astype(float)  # or log(p)
"""
_FINITE = "z = np.where(np.isneginf(z), -104.0, z)\n"
_NORMALISE = "s = q.sum(1, keepdims=True); p = np.where(s > 0, q / np.where(s > 0, s, 1), 1 / q.shape[1])\n"
_AFFINE = 'p = softmax(z @ np.array(r["weights"]).T + r["bias"], axis=1)\n'

FORMS: dict[str, Form] = {
    form.name: form
    for form in (
        Form("temperature", ("temperature",), _temperature, _READ + 'p = softmax(z / r["temperature"], axis=1)\n'),
        Form(
            "mixture",
            ("temperature", "weights"),
            _mixture,
            _READ
            + 'parts = [softmax(z / r["temperature"], axis=1), softmax(z, axis=1), 1 / z.shape[1]]\n'
            + 'p = sum(w * part for w, part in zip(r["weights"], parts))\n',
        ),
        Form(
            "diagonal",
            ("weights", "bias"),
            _diagonal,
            _READ + _FINITE + 'p = softmax(z * np.array(r["weights"]) + r["bias"], axis=1)\n',
        ),
        Form("affine", ("weights", "bias"), _affine, _READ + _FINITE + _AFFINE),
        Form(
            "dirichlet",
            ("temperature", "uniform", "weights", "bias"),
            _dirichlet,
            _READ
            + 'z, u = log_softmax(z / r["temperature"], axis=1), r["uniform"]\n'
            + "z = np.logaddexp(z + np.log1p(-u), np.log(u / z.shape[1]) if u else -np.inf)\n"
            + _FINITE
            + _AFFINE,
        ),
        Form(
            "beta",
            ("a", "b", "m"),
            _beta,
            _READ
            + "c = np.clip(softmax(z, axis=1), 2.0**-53, 1 - 2.0**-53)\n"
            + 'q = expit(np.array(r["a"]) * np.log(c) - np.array(r["b"]) * np.log1p(-c) + r["m"])\n'
            + _NORMALISE,
        ),
        Form(
            "interpolated",
            ("x", "y"),
            _interpolated,
            _READ
            + 'q = np.column_stack([np.interp(c, x, y) for c, x, y in zip(softmax(z, axis=1).T, r["x"], r["y"])])\n'
            + _NORMALISE,
        ),
        Form(
            "steps",
            ("x", "y"),
            _steps,
            _READ
            + 'tables = zip(softmax(z, axis=1).T, r["x"], r["y"])\n'
            + "q = np.column_stack([np.array(y)[np.searchsorted(x, c)] for c, x, y in tables])\n"
            + _NORMALISE,
        ),
        Form(
            "top",
            ("x", "y"),
            _top,
            _READ
            + "p = softmax(z, axis=1); i, t = np.arange(len(p)), p.argmax(1)\n"
            + 'c = np.interp(p[i, t], r["x"], r["y"]); p[i, t] = 0; s = p.sum(1, keepdims=True)\n'
            + "p = np.where(s > 0, p / np.where(s > 0, s, 1), 1 / (p.shape[1] - 1)) * (1 - c[:, None]); p[i, t] = c\n",
        ),
        Form(
            "entropy_temperature",
            ("weight", "bias"),
            _entropy_temperature,
            _READ
            + "c = softmax(z, axis=1); h = -(c * np.where(c > 0, log_softmax(z, axis=1), 0)).sum(1)\n"
            + "h = np.log(np.maximum(h / np.log(z.shape[1]), 2.0**-53))\n"
            + 'p = softmax(z / np.logaddexp(0, r["weight"] * h + r["bias"])[:, None], axis=1)\n',
        ),
        Form(
            "network_temperature",
            ("w1", "b1", "w2", "b2", "last", "last_bias", "log_scale", "range"),
            _network_temperature,
            _READ
            + "x = np.where(np.isneginf(z), -104.0, z); x = x - x.max(1, keepdims=True)\n"
            + "x = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12)\n"
            + 'x = expit(x @ np.array(r["w1"]).T + r["b1"]) @ np.array(r["w2"]).T + r["b2"]\n'
            + 'o = ((softmax(x / np.exp(r["log_scale"]), axis=1) - 1 / x.shape[1]) * x) @ r["last"] + r["last_bias"]\n'
            + 'low, high = r["range"]; p = softmax(z / ((high - low) * expit(o) + low)[:, None], axis=1)\n',
        ),
    )
}
