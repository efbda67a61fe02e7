"""Small XGBoost models as files, for the tests of their readers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import xgboost

NAMES = ["alpha", "beta", "gamma", "delta"]
ROWS = 200


def table(seed: int = 0) -> np.ndarray:
    """[200, 4] standard normal values, a tenth of them missing."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((ROWS, len(NAMES))).astype(np.float32)
    X[rng.random(X.shape) < 0.1] = np.nan
    return X


def target(X: np.ndarray) -> np.ndarray:
    """A function of the first three columns."""
    known = np.nan_to_num(X)
    return 2 * known[:, 0] + known[:, 1] * known[:, 2]


def train(
    y: np.ndarray | None = None, rounds: int = 6, names: list[str] | None = None, **parameters: Any
) -> xgboost.Booster:
    """A booster on `table()`."""
    X = table()
    data = xgboost.DMatrix(X, target(X) if y is None else y, feature_names=names, nthread=1)
    return xgboost.train({"nthread": 1, "seed": 0, "max_depth": 3, **parameters}, data, rounds)


def saved(booster: xgboost.Booster, folder: Path, name: str = "model.json") -> Path:
    """The booster as a file; the ending says in which format."""
    path = folder / name
    booster.save_model(path)
    return path


def changed(path: Path, change: Callable[[Any], None]) -> Path:
    """The JSON file with something in it changed in place."""
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))
    return path


def model_of(document: Any) -> Any:
    """The part of a JSON document that holds the trees."""
    return document["learner"]["gradient_booster"]["model"]
