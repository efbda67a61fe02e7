"""XGBoost models come through checking and rewriting with every bit of their predictions and SHAP values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost
from booster_files import NAMES, changed, model_of, saved, table, target, train

from core.errors import BadInput
from core.models.booster_inspection import inspect_booster
from core.models.booster_reading import read_booster

X = table()
Y = target(X)
CLASSES = (Y > -1).astype(int) + (Y > 1)
CASES: dict[str, tuple[np.ndarray, dict[str, Any], int]] = {  # target, parameters, outputs
    "regression": (Y, {}, 1),
    "logistic": ((Y > 0).astype(int), {"objective": "binary:logistic"}, 1),
    "classes": (CLASSES, {"objective": "multi:softprob", "num_class": 3}, 3),
    "one class only": (CLASSES, {"objective": "multi:softmax", "num_class": 3}, 3),
    "several targets": (np.column_stack([Y, -Y, Y**2]), {}, 3),
    "dart": (Y, {"booster": "dart", "rate_drop": 0.5}, 1),
    "forest": (Y, {"num_parallel_tree": 3, "subsample": 0.5}, 1),
    "pruned": (Y, {"tree_method": "exact", "gamma": 3}, 1),
    "by leaf": (Y, {"grow_policy": "lossguide", "max_leaves": 12, "max_depth": 0}, 1),
    "counts": (np.abs(Y).round(), {"objective": "count:poisson"}, 1),
    "quantiles": (Y, {"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.9]}, 2),
}


@pytest.mark.parametrize("ending", ["json", "ubj"])
@pytest.mark.parametrize("case", CASES)
def test_predictions_and_contributions_keep_every_bit(tmp_path: Path, case: str, ending: str):
    """The booster that is loaded here equals the one that XGBoost loads from the same file."""
    y, parameters, outputs = CASES[case]
    path = saved(train(y, **parameters), tmp_path, f"model.{ending}")
    theirs = xgboost.Booster(model_file=path)
    ours = read_booster(path, path.name)
    data = xgboost.DMatrix(X, nthread=1)
    assert ours.model.outputs == outputs
    assert np.array_equal(ours.booster.predict(data), theirs.predict(data))
    assert np.array_equal(ours.booster.predict(data, pred_contribs=True), theirs.predict(data, pred_contribs=True))


def test_the_right_child_may_stand_anywhere_in_a_file(tmp_path: Path):
    """XGBoost takes it for the left one plus 1; a file of another order is renumbered, and means what it says."""

    def exchange(document: Any) -> None:
        for tree in model_of(document)["trees"]:
            places = [0, *range(len(tree["left_children"]) - 1, 0, -1)]  # the nodes in reverse, but for the root
            for name, values in tree.items():
                if isinstance(values, list) and len(values) == len(places):
                    tree[name] = [values[place] for place in places]
            for name in ("left_children", "right_children"):
                tree[name] = [-1 if child == -1 else places.index(child) for child in tree[name]]

    path = saved(train(), tmp_path)
    expected = read_booster(path, path.name).booster.predict(xgboost.DMatrix(X, nthread=1))
    found = read_booster(changed(path, exchange), path.name).booster.predict(xgboost.DMatrix(X, nthread=1))
    assert np.array_equal(found, expected)


def test_early_stopping_is_read_from_the_file(tmp_path: Path):
    """best_iteration, a text in the file, says how many rounds count."""
    data = xgboost.DMatrix(X, Y, feature_names=NAMES, nthread=1)
    other = xgboost.DMatrix(X, np.random.default_rng(1).permutation(Y), feature_names=NAMES, nthread=1)
    booster = xgboost.train(
        {"nthread": 1}, data, 50, evals=[(other, "other")], early_stopping_rounds=5, verbose_eval=False
    )
    details = inspect_booster(saved(booster, tmp_path), "model.json")
    assert details["best_iteration"] == booster.best_iteration
    assert details["rounds_used"] == booster.best_iteration + 1 < details["rounds"]


def test_an_inspection_says_what_the_model_is(tmp_path: Path):
    """Kind, names, counts and objective, in plain JSON values."""
    details = inspect_booster(saved(train(names=NAMES, num_parallel_tree=2), tmp_path, "m.ubj"), "m.ubj")
    assert json.loads(json.dumps(details)) == details
    assert details["kind"] == "booster" and details["format"] == "ubj" and details["booster"] == "gbtree"
    assert details["feature_names"] == NAMES and details["features"] == 4 and details["outputs"] == 1
    assert details["trees"] == 12 and details["rounds"] == details["rounds_used"] == 6
    assert details["objective"] == "reg:squarederror" and details["max_depth"] == 3 and details["version"] == "3.2.0"


def older(document: Any) -> None:
    """As XGBoost 1.7 wrote it: no rounds, no categories, a bare base score."""
    model, parameters = model_of(document), document["learner"]["learner_model_param"]
    del model["iteration_indptr"], model["cats"], parameters["num_target"]
    parameters["base_score"] = parameters["base_score"].strip("[]")
    document["version"] = [1, 7, 0]
    for tree in model["trees"]:
        tree["default_left"] = [bool(value) for value in tree["default_left"]]
        for name in ("split_type", "categories", "categories_nodes", "categories_segments", "categories_sizes"):
            del tree[name]


def test_files_of_older_versions_are_read(tmp_path: Path):
    """What they leave out follows from the rest."""
    path = saved(train(), tmp_path)
    data = xgboost.DMatrix(X, nthread=1)
    expected = read_booster(path, path.name).booster.predict(data)
    loaded = read_booster(changed(path, older), path.name)
    assert np.array_equal(loaded.booster.predict(data), expected)
    assert loaded.model.version == (1, 7, 0) and loaded.model.rounds == 6


REFUSED: dict[str, tuple[np.ndarray, dict[str, Any], str]] = {
    "linear": (Y, {"booster": "gblinear"}, "linear model (gblinear), which has no trees"),
    "vector leaves": (np.column_stack([Y, -Y]), {"multi_strategy": "multi_output_tree", "tree_method": "hist"},
                      "multi_strategy='one_output_per_tree'"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:.*Parameters")  # a linear model has no depth
@pytest.mark.parametrize("ending", ["json", "ubj"])
@pytest.mark.parametrize("case", REFUSED)
def test_models_without_shap_values_are_refused(tmp_path: Path, case: str, ending: str):
    """One sentence says why, and what to do."""
    y, parameters, words = REFUSED[case]
    parameters = {**parameters, "max_depth": 2} if case != "linear" else parameters
    path = saved(train(y, **parameters), tmp_path, f"model.{ending}")
    with pytest.raises(BadInput) as refusal:
        read_booster(path, path.name)
    assert words in str(refusal.value) and str(refusal.value).startswith(path.name)


def test_splits_on_categories_are_refused(tmp_path: Path):
    """The numbering of the categories is not in a table of values."""
    colours = np.random.default_rng(0).integers(0, 5, len(Y))
    data = xgboost.DMatrix(
        colours[:, None], (colours == 3) + 0.0, feature_types=["c"], enable_categorical=True, nthread=1
    )
    path = saved(xgboost.train({"nthread": 1, "max_cat_to_onehot": 1}, data, 2), tmp_path)
    with pytest.raises(BadInput, match="tree 0 splits on categories"):
        read_booster(path, path.name)
