"""Damaged and malicious XGBoost files: XGBoost would crash on some of them, here each is one sentence."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost
from booster_files import ROWS, changed, model_of, saved, table, train

from core.errors import BadInput
from core.models.booster_reading import read_booster
from core.settings import Settings
from core.store.inspection import ask


def of_tree(name: str, node: int, value: Any) -> Callable[[Any], None]:
    """Changes one entry of the second tree."""

    def change(document: Any) -> None:
        model_of(document)["trees"][1][name][node] = value

    return change


def cut(name: str) -> Callable[[Any], None]:
    """Shortens one array of the second tree."""

    def change(document: Any) -> None:
        model_of(document)["trees"][1][name].pop()

    return change


def cycle(document: Any) -> None:
    tree = model_of(document)["trees"][1]
    inner = next(node for node, child in enumerate(tree["left_children"]) if node and child != -1)
    tree["left_children"][inner] = inner


def shared_child(document: Any) -> None:
    tree = model_of(document)["trees"][1]
    tree["right_children"][0] = tree["left_children"][0]


def endless_chain(document: Any) -> None:
    """A list instead of a tree: TreeSHAP would recurse 20,000 times."""
    depth, tree = 20_000, model_of(document)["trees"][1]
    nodes = 2 * depth + 1
    left, right = [-1] * nodes, [-1] * nodes
    for level in range(depth):
        left[max(2 * level - 1, 0)], right[max(2 * level - 1, 0)] = 2 * level + 1, 2 * level + 2
    tree |= {
        "left_children": left,
        "right_children": right,
        "tree_param": {**tree["tree_param"], "num_nodes": str(nodes)},
    }
    for name in ("split_indices", "split_type", "default_left", "parents"):
        tree[name] = [0] * nodes
    for name in ("split_conditions", "sum_hessian", "loss_changes", "base_weights"):
        tree[name] = [1.0] * nodes


def of(path: str, value: Any) -> Callable[[Any], None]:
    """Sets a value at a path such as learner.objective.name."""

    def change(document: Any) -> None:
        *above, last = path.split(".")
        for name in above:
            document = document[name]
        document[last] = value

    return change


GBTREE = "learner.gradient_booster.model"
PARAMETERS = "learner.learner_model_param"
ATTACKS: dict[str, tuple[Callable[[Any], None], str]] = {
    "child beyond the end": (of_tree("left_children", 0, 900), "tree 1, node 0 has left child 900, and its nodes are 1 to"),
    "child below zero": (of_tree("right_children", 0, -7), "tree 1, node 0 has right child -7"),
    "one child alone": (of_tree("right_children", 0, -1), "tree 1, node 0 has one child alone"),
    "child number of 40 digits": (of_tree("left_children", 0, 10**40), "left_children does not hold whole numbers"),
    "child that is no number": (of_tree("left_children", 0, "1"), "left_children does not hold whole numbers"),
    "nested children": (of_tree("left_children", 0, [1]), "tree 1: left_children"),
    "a cycle": (cycle, "is reached twice"),
    "a shared child": (shared_child, "share a child"),
    "a chain": (endless_chain, "deeper than 512 levels"),
    "split on column 4 of 4": (of_tree("split_indices", 0, 4), "tree 1, node 0 compares feature 4, and the model has 4"),
    "split on column -1": (of_tree("split_indices", 0, -1), "compares feature -1"),
    "splits that are no numbers": (of("learner.gradient_booster.model.trees", [{"tree_param": {}, "split_type": {}}] * 6),
                                   "tree 0 splits on categories"),
    "threshold nan": (of_tree("split_conditions", 0, float("nan")), "threshold or value nan"),
    "threshold infinite": (of_tree("split_conditions", 0, 1e300), "threshold or value inf"),
    "no row in a split": (of_tree("sum_hessian", 0, 0.0), "passed by 0.0 training rows (sum_hessian)"),
    "rows below zero": (of_tree("sum_hessian", 1, -2.0), "passed by -2.0 rows"),
    "short children": (cut("right_children"), "right_children has"),
    "short thresholds": (cut("split_conditions"), "split_conditions has"),
    "more trees than there are": (of(f"{GBTREE}.gbtree_model_param.num_trees", "4000000000"),
                                  "declares 4,000,000,000 trees (num_trees) and holds 6"),
    "trees below zero": (of(f"{GBTREE}.gbtree_model_param.num_trees", "-1"), "num_trees is '-1'"),
    "no tree": (of(f"{GBTREE}.trees", []), "holds 0"),
    "trees that are numbers": (of(f"{GBTREE}.trees", [1] * 6), "tree 0 is no object"),
    "output 5 of 1": (of(f"{GBTREE}.tree_info", [0, 5, 0, 0, 0, 0]), "tree_info has 6 entries from 0 to 5"),
    "rounds beyond the trees": (of(f"{GBTREE}.iteration_indptr", [0, 99]), "does not rise from 0 to 6"),
    "a billion columns": (of(f"{PARAMETERS}.num_feature", "1000000000"), "num_feature is 1,000,000,000; at most"),
    "a billion classes": (of(f"{PARAMETERS}.num_class", "1000000000"), "num_class is 1,000,000,000; at most"),
    "two base scores": (of(f"{PARAMETERS}.base_score", "[1,2]"), "base_score is '[1,2]'"),
    "a base score of words": (of(f"{PARAMETERS}.base_score", "x" * 5000), "base_score is 'xxx"),
    "an unknown objective": (of("learner.objective.name", "reg:nothing"), "is not accepted by XGBoost"),
    "an unknown booster": (of("learner.gradient_booster.name", "gbforest"), "booster 'gbforest' is not known"),
    "names of other columns": (of("learner.feature_names", ["a"]), "names 1 columns and takes 4"),
    "names twice": (of("learner.feature_names", ["a", "a", "b", "c"]), "names two columns alike"),
    "best round beyond the last": (of("learner.attributes", {"best_iteration": "6"}), "a round from 0 to 5 is expected"),
    "best round of words": (of("learner.attributes", {"best_iteration": "1e3"}), "best_iteration is '1e3'"),
    "no learner": (lambda document: document.pop("learner"), "it has no 'learner'"),
    "a configuration": (lambda document: document["learner"]["gradient_booster"].pop("model"), "configuration (save_config)"),
}  # fmt: skip


@pytest.mark.parametrize("case", ATTACKS)
def test_a_changed_file_is_refused_in_one_sentence(tmp_path: Path, case: str):
    """The sentence begins with the file's name and says what is wrong where."""
    change, words = ATTACKS[case]
    path = changed(saved(train(), tmp_path), change)
    with pytest.raises(BadInput) as refusal:
        read_booster(path, path.name)
    assert str(refusal.value).startswith("model.json")
    assert words in str(refusal.value)
    assert len(str(refusal.value)) < 400


CONTENTS: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "is empty"),
    "a list of trees": (b'[{"nodeid": 0}]', "booster.dump_model"),
    "an architecture": (b'{"architecture": "mlp"}', "no 'learner'"),
    "a pickle": (pickle.dumps({"learner": 1}), "is a pickle"),
    "the old format": (b"binf" + bytes(100), "old binary format"),
    "words": (b"hello", "neither JSON nor UBJSON"),
    "endless nesting": (b'{"learner":' + b"[" * 200_000, "damaged"),
    "a name twice": (b'{"learner": {}, "learner": {}}', "'learner' stands twice"),
    "a number of 10,000 digits": (b'{"learner": {"a": ' + b"9" * 10_000 + b"}}", "damaged"),
}


@pytest.mark.parametrize("case", CONTENTS)
def test_other_files_are_refused(tmp_path: Path, case: str):
    """Whatever is not a model of XGBoost is named."""
    content, words = CONTENTS[case]
    path = tmp_path / "model.json"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"^model\.json") as refusal:
        read_booster(path, path.name)
    assert words in str(refusal.value)


@pytest.mark.parametrize("ending", ["json", "ubj"])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, ending: str):
    """At every place, in both formats."""
    path = saved(train(rounds=2), tmp_path, f"model.{ending}")
    content = path.read_bytes()
    for length in range(1, len(content), len(content) // 60):
        path.write_bytes(content[:length])
        with pytest.raises(BadInput):
            read_booster(path, path.name)


@pytest.mark.parametrize("ending", ["json", "ubj"])
def test_random_damage_is_refused_or_harmless(tmp_path: Path, ending: str):
    """After any change of some bytes the file is refused, or loads and gives SHAP values without a crash."""
    path = saved(train(rounds=2), tmp_path, f"model.{ending}")
    content = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    rng = np.random.default_rng(0)
    outcomes = {"refused": 0, "loaded": 0}
    data = xgboost.DMatrix(table()[:5], nthread=1)
    for _ in range(200):
        damaged = content.copy()
        damaged[rng.integers(len(content), size=rng.integers(1, 4))] = rng.integers(256)
        path.write_bytes(damaged.tobytes())
        try:
            booster = read_booster(path, path.name).booster
        except BadInput:
            outcomes["refused"] += 1
        else:
            if booster.num_features() == data.num_col():
                assert booster.predict(data, pred_contribs=True).shape[0] == 5
            outcomes["loaded"] += 1
    assert min(outcomes.values()) > 0


def test_an_upload_is_opened_in_a_process_of_its_own(tmp_path: Path):
    """Under the limits of an inspection, where a crash would end that process alone."""
    path = saved(train(), tmp_path, "model.ubj")
    settings = Settings(home=tmp_path)
    kind, details = ask(settings, "model.ubj", "core.store.readers.inspect", str(path), "model.ubj", None)
    assert kind == "booster" and details["trees"] == 6
    bad = changed(saved(train(), tmp_path), of_tree("left_children", 0, 900))
    with pytest.raises(BadInput, match="left child 900"):
        ask(settings, "model.json", "core.store.readers.inspect", str(bad), "model.json", None)


def test_the_json_of_a_model_counts_rows_of_training(tmp_path: Path):
    """The files of these tests are XGBoost's own: 200 rows came by the root of each tree."""
    document = json.loads(saved(train(), tmp_path).read_text())
    assert {tree["sum_hessian"][0] for tree in model_of(document)["trees"]} == {float(ROWS)}
