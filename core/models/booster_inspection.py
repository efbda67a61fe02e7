"""What the library shows of an XGBoost model. Everything in it is checked: run it in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.models.booster_reading import read_booster

LISTED_FEATURES = 500


def inspect_booster(path: Path, filename: str) -> dict[str, Any]:
    """Opens a model of XGBoost, checks all of it, and describes it in plain JSON values.

    Args:
        path: the file.
        filename: what the person calls it.

    Returns:
        format ("json" or "ubj"); kind ("booster"); booster ("gbtree" or "dart"); objective; features (how many);
        feature_names (the first 500; empty where the file names none); outputs (classes or targets, 1 as a rule);
        trees; leaves (of all trees); rounds; rounds_used (those that predictions use); best_iteration (None where
        training was not stopped early); max_depth (levels of the deepest tree); version (of the XGBoost that wrote it).

    Raises:
        BadInput: the file is not accepted; one sentence says what was found and where.
        TooLarge: more than there is memory for.
    """
    loaded = read_booster(path, filename)
    model = loaded.model
    return {
        "format": loaded.format,
        "kind": "booster",
        "booster": model.booster,
        "objective": model.objective,
        "features": model.features,
        "feature_names": list(model.feature_names[:LISTED_FEATURES]),
        "outputs": model.outputs,
        "trees": len(model.trees),
        "leaves": sum(tree.leaves for tree in model.trees),
        "rounds": model.rounds,
        "rounds_used": model.rounds_used,
        "best_iteration": model.best_iteration,
        "max_depth": max(tree.depth for tree in model.trees),
        "version": ".".join(str(part) for part in model.version),
    }
