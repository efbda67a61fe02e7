"""Exact SHAP values, against brute force over all subsets and against the package shap."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
import pytest
import shap
import xgboost
from scipy.special import logsumexp

from core.errors import BadInput
from core.telemetry.explanation.shapley import (
    additivity_error,
    best_rounds,
    contributions,
    interactions,
    margins,
)

RNG = np.random.default_rng(0)
X = RNG.standard_normal((400, 5)).astype(np.float32)
X[RNG.random(X.shape) < 0.1] = np.nan
KNOWN = np.nan_to_num(X)
Y = 3 * KNOWN[:, 0] + KNOWN[:, 1] * KNOWN[:, 2]
DATA = xgboost.DMatrix(X, nthread=1)


def train(y: np.ndarray = Y, rounds: int = 20, **parameters: Any) -> xgboost.Booster:
    return xgboost.train({"nthread": 1, "max_depth": 4, **parameters}, xgboost.DMatrix(X, y, nthread=1), rounds)


Game = Callable[[frozenset[int]], float]


def path_dependent_game(booster: xgboost.Booster, row: np.ndarray) -> Game:
    """v(S): the trees with the features of S known; where another is asked, both ways by their training rows."""
    document = json.loads(bytes(booster.save_raw("json")))["learner"]
    trees = document["gradient_booster"]["model"]["trees"]
    base = float(document["learner_model_param"]["base_score"].strip("[]"))

    def value(tree: dict[str, list[float]], node: int, known: frozenset[int]) -> float:
        left, right = int(tree["left_children"][node]), int(tree["right_children"][node])
        if left == -1:
            return tree["split_conditions"][node]
        feature = int(tree["split_indices"][node])
        if feature in known:
            x = row[feature]
            goes_left = tree["default_left"][node] if np.isnan(x) else x < np.float32(tree["split_conditions"][node])
            return value(tree, left if goes_left else right, known)
        cover = tree["sum_hessian"]
        return (cover[left] * value(tree, left, known) + cover[right] * value(tree, right, known)) / cover[node]

    return lambda known: base + sum(value(tree, 0, known) for tree in trees)


def shapley_by_subsets(game: Game, players: int) -> np.ndarray:
    """Shapley (1953): the mean gain of a player over all orders in which the players come."""
    values = np.zeros(players)
    for player in range(players):
        others = [other for other in range(players) if other != player]
        for size in range(players):
            weight = factorial(size) * factorial(players - size - 1) / factorial(players)
            for chosen in combinations(others, size):
                before = frozenset(chosen)
                values[player] += weight * (game(before | {player}) - game(before))
    return values


@pytest.mark.parametrize("row", [0, 1, 2, 3])
def test_values_are_those_of_all_subsets(row: int):
    """Base and SHAP values of a small ensemble equal the Shapley values of the path-dependent game."""
    booster = train(rounds=3, max_depth=3)
    game = path_dependent_game(booster, X[row])
    found = contributions(booster, DATA)
    assert found.shap[row, 0] == pytest.approx(shapley_by_subsets(game, 5), abs=1e-5)
    assert found.base[0] == pytest.approx(game(frozenset()), abs=1e-5)
    assert game(frozenset(range(5))) == pytest.approx(booster.predict(DATA)[row], abs=1e-5)


def test_values_are_those_of_shap_bit_for_bit():
    """shap.TreeExplainer of the same booster gives the same 32 bits everywhere."""
    booster = train()
    assert np.array_equal(contributions(booster, DATA).shap[:, 0], shap.TreeExplainer(booster).shap_values(X))


@pytest.mark.parametrize(
    ("y", "parameters", "outputs"),
    [
        (Y, {}, 1),
        ((Y > 0).astype(int), {"objective": "binary:logistic"}, 1),
        ((Y > -1).astype(int) + (Y > 1), {"objective": "multi:softprob", "num_class": 3}, 3),
        (np.column_stack([Y, -Y]), {}, 2),
        (Y, {"booster": "dart", "rate_drop": 0.3}, 1),
    ],
)
def test_values_sum_to_the_margin(y: np.ndarray, parameters: dict[str, Any], outputs: int):
    """Within 1e-5 for every output; the margins are those that the link turns into predictions."""
    booster = train(y, **parameters)
    found, margin = contributions(booster, DATA), margins(booster, DATA)
    assert found.shap.shape == (400, outputs, 5) and found.base.shape == (outputs,) and margin.shape == (400, outputs)
    assert additivity_error(found, margin) < 1e-5
    predicted = booster.predict(DATA)
    if parameters.get("objective") == "binary:logistic":
        assert 1 / (1 + np.exp(-margin[:, 0])) == pytest.approx(predicted, abs=1e-6)
    if parameters.get("objective") == "multi:softprob":
        assert np.exp(margin - logsumexp(margin, axis=1, keepdims=True)) == pytest.approx(predicted, abs=1e-6)


def test_rounds_after_the_best_do_not_count():
    """The attribute best_iteration, kept as text in a saved model, decides."""
    shuffled = xgboost.DMatrix(X, RNG.permutation(Y), nthread=1)
    booster = xgboost.train(
        {"nthread": 1}, xgboost.DMatrix(X, Y, nthread=1), 100, evals=[(shuffled, "other")],
        early_stopping_rounds=5, verbose_eval=False,
    )  # fmt: skip
    loaded = xgboost.Booster(model_file=bytearray(booster.save_raw("ubj")))
    end = booster.best_iteration + 1
    assert best_rounds(loaded) == (0, end) and end < loaded.num_boosted_rounds()
    found = contributions(loaded, DATA)
    assert additivity_error(found, loaded.predict(DATA, iteration_range=(0, end))[:, None]) < 1e-5
    assert additivity_error(found, loaded.predict(DATA)[:, None]) > 1e-2
    assert np.array_equal(found.shap, contributions(booster[:end], DATA).shap)
    assert best_rounds(train()) == (0, 20)


def test_interactions_sum_to_the_values():
    """A row of the matrix sums to the SHAP value of its feature, and the matrix is symmetric."""
    booster = train()
    few = xgboost.DMatrix(X[:50], nthread=1)
    matrix = interactions(booster, few)
    assert matrix.shape == (50, 1, 5, 5)
    assert matrix.sum(axis=3) == pytest.approx(contributions(booster, few).shap, abs=1e-4)
    assert matrix == pytest.approx(matrix.transpose(0, 1, 3, 2), abs=1e-5)


def test_interactions_of_many_rows_are_refused():
    """They cost hundreds of times as much as SHAP values."""
    with pytest.raises(BadInput, match="at most 50 rows at a time; 400 were asked for"):
        interactions(train(), DATA)
