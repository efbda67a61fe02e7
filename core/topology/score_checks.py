"""What the details of the input alone refuse, so that the page says it before anything runs."""

from __future__ import annotations

from collections import Counter

from core.analysis import Inputs
from core.errors import BadInput
from core.topology.score_params import ScoreParams
from core.topology.scoring.splits import check_counts


def check_details(params: ScoreParams, inputs: Inputs) -> None:
    """Refuses what the details of the input alone show, before anything is read.

    Raises:
        BadInput: a single cloud, no labels, a single class, classes too small for the folds, no division to use.
    """
    data = inputs["data"]
    details = data.details
    if details.get("kind") != "shapes" or "items" not in details:
        return  # a data set that is read as shapes: what it holds is known when it is read
    if details["form"] == "cloud" or details["items"] < 2:
        raise BadInput(
            f"{data.name} holds one item, and a score needs many of at least two classes; choose mode=describe for one."
        )
    is_given = "train" in details and params.split != "folds"
    if params.split == "given" and not is_given:
        raise BadInput(f"{data.name} names no training and test part; choose split=folds.")
    if inputs.get("labels") is not None:
        return
    if not details.get("classes"):
        raise BadInput(
            f"{data.name} has no labels, and a score compares predicted with true classes: bring a table with one label for each "
            "item in the slot for labels."
        )
    counts = Counter({str(name): int(count) for name, count in details["class_counts"].items()})
    if len(counts) == details["classes"]:
        check_counts(counts, None if is_given else params.folds, data.name)
