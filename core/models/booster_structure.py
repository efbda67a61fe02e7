"""What a model file of XGBoost says, checked from end to end, and written anew for XGBoost to load.

XGBoost trusts its files: it follows indices and believes counts. So it is never given the file that a person brought,
only one that is made of the checked values (the names and meanings are those of XGBoost's own schema,
doc/model.schema in its repository).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from core.errors import BadInput
from core.models.booster_document import SAVE_BOOSTER
from core.models.booster_trees import Tree, read_tree
from core.models.ubjson import write_ubjson
from core.settings import settings

MOST_OUTPUTS = 10_000
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, eq=False)
class BoosterModel:
    """A boosted ensemble of trees.

    Attributes:
        booster: "gbtree", or "dart", whose trees have weights.
        objective: its name, such as "reg:squarederror".
        objective_parameters: as XGBoost stores them, by group.
        features: how many columns it takes.
        feature_names: of these; empty where the file names none.
        classes: 0 unless it tells several classes apart.
        targets: numbers that it predicts at once, 1 as a rule.
        base_score: as the file has it, "[5E-1]".
        trees: all of them, in the order of training.
        output_of: [trees] the class or target that each adds to.
        starts: [rounds + 1] where the trees of each round begin.
        parallel: trees of each output in a round (a boosted forest has several).
        tree_weights: [trees] float32 of dart; None of gbtree.
        best_iteration: the round at which training was stopped early, from 0; None where it was not.
        version: of the XGBoost that wrote it.
    """

    booster: Literal["gbtree", "dart"]
    objective: str
    objective_parameters: Mapping[str, Mapping[str, str]]
    features: int
    feature_names: tuple[str, ...]
    classes: int
    targets: int
    base_score: str
    trees: tuple[Tree, ...]
    output_of: np.ndarray
    starts: np.ndarray
    parallel: int
    tree_weights: np.ndarray | None
    best_iteration: int | None
    version: tuple[int, int, int]

    @property
    def outputs(self) -> int:
        """Numbers that it gives a row, on the scale of margins."""
        return max(self.classes, self.targets, 1)

    @property
    def rounds(self) -> int:
        """Of boosting."""
        return len(self.starts) - 1

    @property
    def rounds_used(self) -> int:
        """Rounds that its predictions use: up to the best one."""
        return self.rounds if self.best_iteration is None else self.best_iteration + 1

    def as_ubjson(self) -> bytes:
        """The model as a file that XGBoost loads; columns go by position, so no names are in it."""
        model = {
            "cats": {"enc": [], "feature_segments": _none(np.int32), "sorted_idx": _none(np.int32)},
            "gbtree_model_param": {"num_parallel_tree": str(self.parallel), "num_trees": str(len(self.trees))},
            "iteration_indptr": [int(start) for start in self.starts],
            "tree_info": [int(output) for output in self.output_of],
            "trees": [_tree_document(tree, number, self.features) for number, tree in enumerate(self.trees)],
        }
        gradient_booster: dict[str, Any] = {"model": model, "name": "gbtree"}
        if self.tree_weights is not None:
            weights = [float(weight) for weight in self.tree_weights]
            gradient_booster = {"gbtree": gradient_booster, "name": "dart", "weight_drop": weights}
        best = {} if self.best_iteration is None else {"best_iteration": str(self.best_iteration)}
        learner = {
            "attributes": best,
            "feature_names": [],
            "feature_types": [],
            "gradient_booster": gradient_booster,
            "learner_model_param": {
                "base_score": self.base_score,
                "boost_from_average": "1",
                "num_class": str(self.classes),
                "num_feature": str(self.features),
                "num_target": str(self.targets),
            },
            "objective": {"name": self.objective, **self.objective_parameters},
        }
        return write_ubjson({"learner": learner, "version": list(self.version)})


def read_structure(document: Mapping[str, Any], filename: str) -> BoosterModel:
    """Checks all that a model file says.

    Args:
        document: what `read_document` returned.
        filename: for the messages.

    Raises:
        BadInput: says what is wrong, and where.
    """
    learner = document["learner"]
    booster, model, tree_weights = _gradient_booster(learner, filename)
    parameters = _mapping(learner, "learner_model_param", filename)
    features = _count(parameters, "num_feature", filename, most=settings().max_columns)
    classes = _count(parameters, "num_class", filename, most=MOST_OUTPUTS, default=0)
    targets = _count(parameters, "num_target", filename, most=MOST_OUTPUTS, default=1)
    outputs = max(classes, targets, 1)
    if features < 1:
        raise BadInput(f"{filename} is a model of no columns; {_again()}.")
    trees = _trees(model, features, filename)
    output_of = _whole_numbers(model, "tree_info", filename)
    if len(output_of) != len(trees) or output_of.min() < 0 or output_of.max() >= outputs:
        raise BadInput(
            f"{filename}: tree_info has {len(output_of):,} entries from {output_of.min(initial=0)} to "
            f"{output_of.max(initial=0)}; one for each of {len(trees):,} trees, below {outputs}, is expected; {_again()}."
        )
    counts = _mapping(model, "gbtree_model_param", filename)
    parallel = max(_count(counts, "num_parallel_tree", filename, most=len(trees), default=1), 1)
    starts = _starts(model, len(trees), outputs * parallel, filename)
    if tree_weights is not None and (len(tree_weights) != len(trees) or not np.isfinite(tree_weights).all()):
        raise BadInput(f"{filename}: weight_drop is to hold {len(trees):,} numbers, one a tree; {_again()}.")
    objective, objective_parameters = _objective(learner, filename)
    return BoosterModel(
        booster=booster,
        objective=objective,
        objective_parameters=objective_parameters,
        features=features,
        feature_names=_feature_names(learner, features, filename),
        classes=classes,
        targets=targets,
        base_score=_base_score(parameters, outputs, filename),
        trees=trees,
        output_of=output_of,
        starts=starts,
        parallel=parallel,
        tree_weights=tree_weights,
        best_iteration=_best_iteration(learner, len(starts) - 1, filename),
        version=_version(document),
    )


def _gradient_booster(
    learner: Mapping[str, Any], filename: str
) -> tuple[Literal["gbtree", "dart"], Mapping[str, Any], np.ndarray | None]:
    found = _mapping(learner, "gradient_booster", filename)
    name = found.get("name")
    if name == "gblinear":
        raise BadInput(f"{filename} is a linear model (gblinear), which has no trees; its weights are its explanation.")
    if name not in ("gbtree", "dart"):
        raise BadInput(f"{filename}: booster {str(name)[:40]!r} is not known; gbtree or dart is expected.")
    if name == "dart":
        weights = found.get("weight_drop")
        if not isinstance(weights, Sequence | np.ndarray) or isinstance(weights, str):
            raise BadInput(f"{filename}: the weights of the trees (weight_drop) are missing; {_again()}.")
        try:
            tree_weights = np.asarray(weights, dtype=np.float32).reshape(-1)
        except (ValueError, TypeError):
            raise BadInput(f"{filename}: weight_drop does not hold numbers alone; {_again()}.") from None
        found = _mapping(found, "gbtree", filename)
        return "dart", _mapping(found, "model", filename), tree_weights
    if "model" not in found:
        raise BadInput(
            f"{filename} holds a configuration (save_config) without trees; save the model with {SAVE_BOOSTER}."
        )
    return "gbtree", _mapping(found, "model", filename), None


def _trees(model: Mapping[str, Any], features: int, filename: str) -> tuple[Tree, ...]:
    found = model.get("trees")
    counts = _mapping(model, "gbtree_model_param", filename)
    declared = _count(counts, "num_trees", filename)
    if not isinstance(found, list) or len(found) != declared:
        held = len(found) if isinstance(found, list) else 0
        raise BadInput(f"{filename} declares {declared:,} trees (num_trees) and holds {held:,}; {_again()}.")
    if not found:
        raise BadInput(f"{filename} holds no tree; train it for at least one round.")
    return tuple(read_tree(tree, features, f"{filename}, tree {number}") for number, tree in enumerate(found))


def _starts(model: Mapping[str, Any], trees: int, each_round: int, filename: str) -> np.ndarray:
    """Where the rounds begin; files of older versions leave it out, and all their rounds are equally long."""
    if "iteration_indptr" not in model:
        if trees % each_round:
            raise BadInput(
                f"{filename} holds {trees:,} trees, which are no whole rounds of {each_round:,} trees; {_again()}."
            )
        return np.arange(0, trees + 1, each_round)
    starts = _whole_numbers(model, "iteration_indptr", filename)
    if len(starts) < 2 or starts[0] != 0 or starts[-1] != trees or (np.diff(starts) < 1).any():
        raise BadInput(
            f"{filename}: iteration_indptr, where the rounds begin, does not rise from 0 to {trees:,}; {_again()}."
        )
    return starts


def _objective(learner: Mapping[str, Any], filename: str) -> tuple[str, dict[str, dict[str, str]]]:
    found = _mapping(learner, "objective", filename)
    name = found.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9_:]{1,60}", name):
        raise BadInput(f"{filename}: objective {str(name)[:60]!r} is not known; {_again()}.")
    groups = {
        str(group): {str(key): value for key, value in values.items() if isinstance(value, str) and len(value) < 1000}
        for group, values in found.items()
        if isinstance(values, Mapping)
    }
    return name, groups


def _feature_names(learner: Mapping[str, Any], features: int, filename: str) -> tuple[str, ...]:
    names = learner.get("feature_names", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadInput(f"{filename}: feature_names is no list of names; {_again()}.")
    if names and len(names) != features:
        raise BadInput(f"{filename} names {len(names):,} columns and takes {features:,} (num_feature); {_again()}.")
    if len(set(names)) < len(names):
        raise BadInput(f"{filename} names two columns alike; name each once when you train it.")
    return tuple(names)


def _base_score(parameters: Mapping[str, Any], outputs: int, filename: str) -> str:
    """One number, or one for each output: "5E-1" as written up to version 3.0, "[5E-1]" since."""
    text = str(parameters.get("base_score", "5E-1"))
    inner = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    numbers = [part.strip() for part in inner.split(",")]
    if not all(_NUMBER.fullmatch(number) for number in numbers) or len(numbers) not in (1, outputs):
        raise BadInput(f"{filename}: base_score is {text[:60]!r}; one number, or one for each output, is expected.")
    return text


def _best_iteration(learner: Mapping[str, Any], rounds: int, filename: str) -> int | None:
    attributes = learner.get("attributes", {})
    text = attributes.get("best_iteration") if isinstance(attributes, Mapping) else None
    if text is None:
        return None
    if not isinstance(text, str) or not text.isascii() or not text.isdecimal() or int(text[:20]) >= rounds:
        raise BadInput(
            f"{filename}: best_iteration is {str(text)[:40]!r}; a round from 0 to {rounds - 1:,} is expected."
        )
    return int(text)


def _version(document: Mapping[str, Any]) -> tuple[int, int, int]:
    """Of the XGBoost that wrote the file, which decides how some fields are read; 1.0.0 where it does not say."""
    found = document.get("version")
    try:
        major, minor, patch = (int(part) for part in (found if found is not None else (1, 0, 0)))
    except (ValueError, TypeError):
        return 1, 0, 0
    return (major, minor, patch) if all(0 <= part < 1000 for part in (major, minor, patch)) else (1, 0, 0)


def _mapping(value: Mapping[str, Any], name: str, filename: str) -> Mapping[str, Any]:
    found = value.get(name)
    if not isinstance(found, Mapping):
        raise BadInput(f"{filename} has no {name} where a model of XGBoost has it; {_again()}.")
    return found


def _count(
    parameters: Mapping[str, Any], name: str, filename: str, most: int | None = None, default: int | None = None
) -> int:
    """A number that XGBoost stores as text."""
    text = str(parameters.get(name, "" if default is None else default))
    if not text.isascii() or not text.isdecimal():
        raise BadInput(f"{filename}: {name} is {text[:40]!r}, no whole number; {_again()}.")
    number = int(text[:20])
    if most is not None and number > most:
        raise BadInput(f"{filename}: {name} is {number:,}; at most {most:,} are accepted.")
    return number


def _whole_numbers(model: Mapping[str, Any], name: str, filename: str) -> np.ndarray:
    try:
        found = np.asarray(model[name])
        if found.ndim != 1 or (found.size and found.dtype.kind not in "iu"):
            raise ValueError
        return found.astype(np.int64)
    except (KeyError, ValueError, TypeError, OverflowError):
        raise BadInput(f"{filename}: {name} is no list of whole numbers; {_again()}.") from None


def _tree_document(tree: Tree, number: int, features: int) -> dict[str, Any]:
    return {
        "base_weights": tree.weight,
        "categories": _none(np.int32),
        "categories_nodes": _none(np.int32),
        "categories_segments": _none(np.int64),
        "categories_sizes": _none(np.int64),
        "default_left": tree.default_left.astype(np.uint8),
        "id": number,
        "left_children": tree.left,
        "loss_changes": tree.gain,
        "parents": tree.parents,
        "right_children": tree.right,
        "split_conditions": tree.threshold,
        "split_indices": tree.feature,
        "split_type": np.zeros(tree.nodes, dtype=np.uint8),
        "sum_hessian": tree.cover,
        "tree_param": {
            "num_deleted": "0",
            "num_feature": str(features),
            "num_nodes": str(tree.nodes),
            "size_leaf_vector": "1",
        },
    }


def _none(kind: type) -> np.ndarray:
    return np.zeros(0, dtype=kind)


def _again() -> str:
    return f"the file is damaged, so save it again with {SAVE_BOOSTER}"
