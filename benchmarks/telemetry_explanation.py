"""The second model of telemetry: its SHAP values beside shap's, and what an explanation costs.

`python -m benchmarks telemetry_explanation`. Everything on one thread, in seconds of CPU; each line is the fastest of
several turns that the programs take in alternation.
"""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import shap
import xgboost

from benchmarks.turns import fastest
from core.telemetry.explanation.covariate_features import covariate_features
from core.telemetry.explanation.explain import explain_target
from core.telemetry.explanation.explainer import ExplainerSettings, fit_explainer, target_of
from core.telemetry.explanation.learning_rows import learning_rows
from core.telemetry.explanation.shapley import contributions
from core.telemetry.synthetic.builtin import make
from core.telemetry.synthetic.euclid_like import EuclidLike

TURNS = 3
SIZES = ((35, 150, 4, 5_000), (35, 300, 6, 1_000), (105, 150, 4, 5_000))  # columns, trees, depth, rows


def main() -> None:
    print("SHAP values, rows a second (all equal to the bit):")
    for columns, trees, depth, rows in SIZES:
        _contributions(columns, trees, depth, rows)
    _explanation()


def _contributions(columns: int, trees: int, depth: int, rows: int) -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((20_000, columns)).astype(np.float32)
    y = X[:, 0] * X[:, 1] + np.abs(X[:, 2]) + rng.standard_normal(len(X))
    booster = xgboost.train(
        {"max_depth": depth, "eta": 0.1, "nthread": 1}, xgboost.DMatrix(X, y - y.mean(), nthread=1), trees
    )
    booster.set_param({"nthread": 1})
    some = X[:rows]
    timed = fastest(
        {
            "ours": lambda: contributions(booster, xgboost.DMatrix(some, nthread=1)).shap[:, 0],
            "shap": lambda: shap.TreeExplainer(booster).shap_values(some),
        },
        TURNS,
        time.process_time,
    )
    (ours, own), (theirs, other) = timed["ours"], timed["shap"]
    assert np.array_equal(own, other)
    print(
        f"  {columns} columns, {trees} trees of depth {depth}: ours {rows / ours:8,.0f}, shap.TreeExplainer "
        f"{rows / theirs:8,.0f}, ratio {theirs / ours:.2f}"
    )


def _explanation() -> None:
    """One parameter of the short synthetic spacecraft: 17,280 rows, 35 covariates, three events."""
    made = make("euclid-like-short")
    score, events = _score(made, "M1"), _events(made, "M1")
    nominal = np.arange(made.grid.rows) < made.training_rows
    settings = ExplainerSettings()
    features = covariate_features(made.grid, made.covariates, settings.differences)
    target = target_of(score, settings.clip)
    sample = learning_rows(target, settings.rows, settings.seed)
    timed = fastest(
        {
            "features": lambda: covariate_features(made.grid, made.covariates, settings.differences).values,
            "fit": lambda: fit_explainer(features, target, sample, settings).centre,
            "explain_target": lambda: (
                explain_target(made.grid, made.covariates, score, nominal, events, settings=settings).explained_share
            ),
        },
        TURNS,
        time.process_time,
    )
    print(f"One parameter, {made.grid.rows:,} rows x {len(made.covariates)} covariates, {len(events)} events:")
    for name, (seconds, _) in timed.items():
        print(f"  {name}: {seconds:.2f} s")
    print(timed["explain_target"][1].to_string(index=False))


def _score(made: EuclidLike, parameter: str) -> np.ndarray:
    """Stands for the first model's: increments over 20 minutes, smoothed over 30, in robust sigma."""
    y = made.grid.column(parameter)
    increments = np.concatenate([np.full(2, np.nan), y[2:] - y[:-2]])
    smoothed = pd.Series(increments).rolling(3, center=True, min_periods=1).mean().to_numpy()
    return smoothed / (1.4826 * np.nanmedian(np.abs(smoothed[: made.training_rows])))


def _events(made: EuclidLike, parameter: str) -> pd.DataFrame:
    """The planted ones, each with its largest score as peak."""
    score, rows = np.nan_to_num(np.abs(_score(made, parameter))), []
    for rank, event in enumerate(made.truth[made.truth.parameter == parameter].itertuples(), start=1):
        start, end = int(event.start_row), int(event.end_row) + 2
        peak = start + int(np.argmax(score[start : end + 1]))
        rows.append({"parameter": parameter, "rank": rank, "start_row": start, "peak_row": peak, "end_row": end})
    return pd.DataFrame(rows)
