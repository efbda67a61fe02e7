"""Mode `score`: how well two parameters tell classes apart, beside one parameter and simple means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.analysis import Compute, Inputs, Step
from core.topology.asked import Asked
from core.topology.score_costs import estimate_score
from core.topology.score_features import Feature, Sets, feature_sets
from core.topology.score_names import ONE, SIMPLE_FEATURES, TWO, VALUES
from core.topology.score_params import ScoreParams
from core.topology.score_steps import classify_simple_step, classify_step, euclid_step, score_look_step, warping_step

__all__ = ["compute_score", "estimate_score"]


@dataclass(frozen=True)
class Ask:
    """A classifier and what it is asked about.

    Attributes:
        features: as the table of scores has it.
        classifier: its name there.
        division: number of the division into training and test items.
        step: that answers.
    """

    features: str
    classifier: str
    division: int
    step: Step


def compute_score(params: ScoreParams, inputs: Inputs) -> Compute:
    """Looks at items and labels, makes features for each training part, and asks all classifiers."""
    estimate = estimate_score(params, inputs)
    asked = params.asked(inputs)
    (found,) = yield [
        Step(
            score_look_step,
            {
                "asked": asked,
                "split": params.split,
                "folds": params.folds,
                "repeats": params.repeats,
                "seed": params.seed,
            },
            label="Reading items and labels",
            share=0.03,
            memory=estimate.memory,
        )
    ]
    sets: Sets = yield from feature_sets(params, asked, found, estimate.memory)
    asks = _topology(params, found, sets) + _simple(params, asked, found)
    answers: list[Any] = yield [ask.step for ask in asks]
    from core.topology.score_report import score_result

    rows: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for ask, answer in zip(asks, answers, strict=True):
        rows.setdefault((ask.features, ask.classifier), []).append(answer)
    return score_result(params, found, sets.seconds, rows)


def _topology(params: ScoreParams, found: Mapping[str, Any], sets: Sets) -> list[Ask]:
    """Two parameters and one, by each classifier in each division."""
    count = len(found["divisions"]) * len(params.used_classifiers()) * 2
    asks = []
    for name in params.used_classifiers():
        for features, chosen in ((TWO, sets.two), (ONE, sets.one)):
            for number, division in enumerate(found["divisions"]):
                held: list[Feature] = chosen[number]
                step = Step(
                    classify_step,
                    {
                        "sets": held,
                        "vectorization": params.vectorization,
                        "settings": params.vectorizations(),
                        "y": found["y"],
                        "train": division["train"],
                        "test": division["test"],
                        "classifier": name,
                        "folds": params.used_tuning_folds(),
                        "seed": params.seed,
                        "one_parameter": features == ONE and params.vectorization not in sets.own_of_one,
                        "fitted_to_all": params.is_paper,
                    },
                    label=f"{features}, {name}{_fold(found, division)}",
                    share=0.4 / count,
                    memory=sets.memory,
                )
                asks.append(Ask(features, name, number, step))
    return asks


def _simple(params: ScoreParams, asked: Asked, found: Mapping[str, Any]) -> list[Ask]:
    """What any feature should beat: nearest neighbours of series and images, plain numbers of graphs and clouds."""
    form, y = found["form"], found["y"]
    asks = []
    for number, division in enumerate(found["divisions"]):
        parts = {"asked": asked, "y": y, "train": division["train"], "test": division["test"]}
        named: list[tuple[str, str, Any, dict[str, Any]]] = []
        if form in SIMPLE_FEATURES:
            more = {"folds": params.used_tuning_folds(), "seed": params.seed}
            named += [
                (SIMPLE_FEATURES[form], name, classify_simple_step, {**more, "classifier": name})
                for name in params.used_classifiers()
            ]
        if form in VALUES and found["alike"]:
            named.append((VALUES[form], "1nn_euclid", euclid_step, {}))
        if form == "series":
            named.append((VALUES[form], "1nn_dtw", warping_step, {"windowed": False}))
            named.append((VALUES[form], "1nn_dtw_window", warping_step, {"windowed": True}))
        for features, name, function, more in named:
            step = Step(
                function,
                {**parts, **more},
                label=f"{features}, {name}{_fold(found, division)}",
                share=0.1 / (len(found["divisions"]) * len(named)),
            )
            asks.append(Ask(features, name, number, step))
    return asks


def _fold(found: Mapping[str, Any], division: Mapping[str, Any]) -> str:
    return "" if found["split"] == "given" else f", repeat {division['repeat'] + 1}, fold {division['fold'] + 1}"
