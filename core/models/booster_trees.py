"""The trees of a boosted ensemble as arrays, checked so that nothing that walks them can leave them.

XGBoost follows the indices of a file without looking: one child beyond the end and its process is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import BadInput

DEEPEST = 512  # levels; TreeSHAP recurses, and takes time by the square of the depth
NO_CHILD = -1
NO_PARENT = 2**31 - 1  # as XGBoost marks a root
SAVE_AGAIN = "the file is damaged, so write it again with booster.save_model('model.json')"


@dataclass(frozen=True, eq=False)
class Tree:
    """One regression tree; node 0 is its root, and every node can be reached from it.

    Attributes:
        left: [nodes] int32, the child of a row whose feature is below the threshold; -1 in a leaf.
        right: [nodes] int32, the other child, left + 1; -1 in a leaf.
        feature: [nodes] int32, what is compared; 0 in a leaf.
        threshold: [nodes] float32; in a leaf its value.
        default_left: [nodes] bool, where a row without the feature goes.
        cover: [nodes] float32, sum of the hessians of the training rows that came by.
        gain: [nodes] float32, by how much a split lowered the loss.
        weight: [nodes] float32, the value of a node as if it were a leaf.
        depth: levels below the root.
    """

    left: np.ndarray
    right: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    default_left: np.ndarray
    cover: np.ndarray
    gain: np.ndarray
    weight: np.ndarray
    depth: int

    @property
    def nodes(self) -> int:
        """How many."""
        return len(self.left)

    @property
    def leaves(self) -> int:
        """How many nodes have no children."""
        return int((self.left == NO_CHILD).sum())

    @property
    def parents(self) -> np.ndarray:
        """[nodes] int32, `NO_PARENT` for the root."""
        parents = np.full(self.nodes, NO_PARENT, dtype=np.int32)
        inner = np.flatnonzero(self.left != NO_CHILD)
        parents[self.left[inner]] = inner
        parents[self.right[inner]] = inner
        return parents


def read_tree(found: Any, features: int, place: str) -> Tree:
    """Checks one tree of a model file.

    Args:
        found: what stands in the file.
        features: that the model has.
        place: for the messages, "model.json, tree 3".

    Raises:
        BadInput: says which node is wrong and what was expected.
    """
    if not isinstance(found, Mapping):
        raise BadInput(f"{place} is no object with nodes; {SAVE_AGAIN}.")
    _refuse_kinds(found, place)
    left = _numbers(found, "left_children", np.int32, place)
    count = len(left)
    if count == 0:
        raise BadInput(f"{place} has no node; {SAVE_AGAIN}.")
    right, feature = (_numbers(found, name, np.int32, place, count) for name in ("right_children", "split_indices"))
    threshold, cover = (_numbers(found, name, np.float32, place, count) for name in ("split_conditions", "sum_hessian"))
    gain, weight = (_numbers(found, name, np.float32, place, count) for name in ("loss_changes", "base_weights"))
    default_left = _numbers(found, "default_left", np.int32, place, count) != 0
    reached, depth = _walk(left, right, place)
    inner = reached[left[reached] != NO_CHILD]
    _check_nodes(place, inner, ~((feature[inner] >= 0) & (feature[inner] < features)), feature,
                 f"compares feature {{}}, and the model has {features:,}")  # fmt: skip
    _check_nodes(place, reached, ~np.isfinite(threshold[reached]), threshold, "has threshold or value {}, no number")
    _check_nodes(place, reached, ~(np.isfinite(cover[reached]) & (cover[reached] >= 0)), cover, "was passed by {} rows")
    _check_nodes(place, inner, ~(cover[inner] > 0), cover,
                 "was passed by {} training rows (sum_hessian), without which SHAP values are undefined")  # fmt: skip
    leaf = left == NO_CHILD
    feature = np.where(leaf, 0, feature).astype(np.int32)
    tree = Tree(left, right, feature, threshold, default_left, cover, gain, weight, depth)
    siblings = np.array_equal(right[inner], left[inner] + 1)
    return tree if siblings and len(reached) == count else _renumbered(tree, reached)


def _refuse_kinds(found: Mapping[str, Any], place: str) -> None:
    """Trees whose SHAP values XGBoost does not compute, or which need more than numbers."""
    size = _parameter(found, "size_leaf_vector", place, 1)
    if size > 1 or "leaf_weights" in found:
        raise BadInput(
            f"{place} has leaves with several values (multi_strategy='multi_output_tree'), for which XGBoost has no SHAP "
            "values; train it with multi_strategy='one_output_per_tree'."
        )
    if np.any(np.asarray(found.get("split_type", 0), dtype=object) != 0):
        raise BadInput(
            f"{place} splits on categories, whose numbering is known only where it was trained; train it with the "
            "categories as columns of numbers (pandas.get_dummies)."
        )


def _parameter(found: Mapping[str, Any], name: str, place: str, default: int) -> int:
    parameters = found.get("tree_param")
    if not isinstance(parameters, Mapping):
        raise BadInput(f"{place} has no tree_param; {SAVE_AGAIN}.")
    text = str(parameters.get(name, default))
    if not text.isdecimal() or len(text) > 10:
        raise BadInput(f"{place}: {name} is {text[:40]!r}, no whole number; {SAVE_AGAIN}.")
    return int(text)


def _numbers(found: Mapping[str, Any], name: str, kind: type, place: str, count: int | None = None) -> np.ndarray:
    """An array of a tree, of the expected type and length."""
    if name not in found:
        raise BadInput(f"{place} has no {name}; {SAVE_AGAIN}.")
    given = found[name]
    try:
        array = np.asarray(given)
        if array.dtype.kind not in "iufb" and array.size:
            raise ValueError
        exact = array.astype(np.float64)
        if kind is np.int32 and np.any((exact != np.floor(exact)) | (np.abs(exact) > 2**31)):
            raise ValueError
        with np.errstate(over="ignore"):
            values = exact.clip(-(2**31), 2**31 - 1).astype(np.int32) if kind is np.int32 else exact.astype(kind)
    except (ValueError, TypeError, OverflowError):
        wanted = "whole numbers" if kind is np.int32 else "numbers"
        raise BadInput(f"{place}: {name} does not hold {wanted} alone; {SAVE_AGAIN}.") from None
    if values.ndim != 1:
        raise BadInput(f"{place}: {name} is no list of numbers; {SAVE_AGAIN}.")
    if count is not None and len(values) != count:
        raise BadInput(f"{place}: {name} has {len(values):,} entries and left_children {count:,}; {SAVE_AGAIN}.")
    return values


def _walk(left: np.ndarray, right: np.ndarray, place: str) -> tuple[np.ndarray, int]:
    """Visits the nodes level by level: those that can be reached, in that order, and the depth."""
    seen = np.zeros(len(left), dtype=bool)
    seen[0] = True
    level, reached = np.zeros(1, dtype=np.int64), [np.zeros(1, dtype=np.int64)]
    for depth in range(DEEPEST + 1):
        alone = (left[level] == NO_CHILD) != (right[level] == NO_CHILD)
        _check_nodes(place, level, alone, right, "has one child alone (right child {})")
        inner = level[left[level] != NO_CHILD]
        if not len(inner):
            return np.concatenate(reached), depth
        for side, children in (("left", left), ("right", right)):
            outside = (children[inner] <= 0) | (children[inner] >= len(left))
            _check_nodes(
                place, inner, outside, children, f"has {side} child {{}}, and its nodes are 1 to {len(left) - 1:,}"
            )
        level = np.column_stack([left[inner], right[inner]]).ravel().astype(np.int64)
        again = seen[level]
        seen[level] = True
        _check_nodes(place, level, again, np.arange(len(left)), "is reached twice ({}), so this is no tree")
        if len(np.unique(level)) < len(level):
            raise BadInput(f"{place}: two nodes share a child, so this is no tree; {SAVE_AGAIN}.")
        reached.append(level)
    raise BadInput(f"{place} is deeper than {DEEPEST} levels; train it with a max_depth.")


def _check_nodes(place: str, nodes: np.ndarray, wrong: np.ndarray, values: np.ndarray, words: str) -> None:
    if wrong.any():
        node = int(nodes[np.argmax(wrong)])
        raise BadInput(f"{place}, node {node:,} {words.format(values[node])}; {SAVE_AGAIN}.")


def _renumbered(tree: Tree, reached: np.ndarray) -> Tree:
    """The tree in the order of its levels: without nodes that pruning left behind, the right child after the left.

    XGBoost relies on the latter: its predictions take the right child to be the left one plus 1, whatever the file says.
    """
    number = np.full(tree.nodes, NO_CHILD, dtype=np.int32)
    number[reached] = np.arange(len(reached))
    left, right = tree.left[reached], tree.right[reached]
    return Tree(
        left=np.where(left == NO_CHILD, NO_CHILD, number[left]).astype(np.int32),
        right=np.where(right == NO_CHILD, NO_CHILD, number[right]).astype(np.int32),
        feature=tree.feature[reached],
        threshold=tree.threshold[reached],
        default_left=tree.default_left[reached],
        cover=tree.cover[reached],
        gain=tree.gain[reached],
        weight=tree.weight[reached],
        depth=tree.depth,
    )
