"""What mode `score` answers, out of what its steps found."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar
from core.data.shapes import ITEM_NAMES
from core.topology.score_names import MAJORITY, NONE, ONE, TWO, in_words
from core.topology.score_notes import score_notes
from core.topology.score_rows import Row, Verdict, majority_answers, row_of, verdict_of
from core.topology.scoring.accuracy import bootstrap, confusion, most_said, wilson
from core.topology.scoring.permutation import Chance

if TYPE_CHECKING:
    from core.topology.score_params import ScoreParams


def score_result(
    params: ScoreParams,
    found: Mapping[str, Any],
    seconds: Mapping[str, float],
    answers: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]],
) -> Result:
    """The result of all classifiers.

    Args:
        params: of the run.
        found: of `score_look_step`.
        seconds: of computing the features, "two" and "one".
        answers: of features and classifier what its step said in each division.
    """
    rows = [row_of(found, *name, said) for name, said in answers.items()]
    rows.append(row_of(found, NONE, MAJORITY, majority_answers(found)))
    verdict = verdict_of(params, rows)
    folds = _folds(found, rows)
    return Result(
        answer=_answer(found, verdict),
        summary=_summary(params, found, seconds, rows, verdict),
        tables={
            "scores": _scores(params, found, seconds, rows),
            "predictions": _predictions(found, verdict),
            "confusion": _confusion(found, verdict),
            "folds": folds,
        },
        arrays={
            "confusion": confusion(verdict.two.said, found["y"], len(found["classes"])),
            "classes": np.array(found["classes"]),
        },
        notes=score_notes(params, found, verdict.two.answers, verdict.chance),
    )


def _scores(
    params: ScoreParams, found: Mapping[str, Any], seconds: Mapping[str, float], rows: Sequence[Row]
) -> pd.DataFrame:
    spent = {TWO: seconds["two"], ONE: seconds["one"]}
    lines = []
    for row in rows:
        items = int((row.asked > 0).sum())
        low, high = wilson(row.accuracy, items)
        drawn = bootstrap(row.shares, params.resamples, params.seed)
        own = float(sum(answer["seconds"] for answer in row.answers))
        lines.append(
            {
                "features": row.features,
                "classifier": row.classifier,
                "accuracy": row.accuracy,
                "low": low,
                "high": high,
                "seconds": own + spent.get(row.features, 0.0),
                "bootstrap_low": drawn.low,
                "bootstrap_high": drawn.high,
                "right": int(row.right.sum()),
                "predictions": int(row.asked.sum()),
                "items": items,
                "tuning_accuracy": _mean([float(answer["tuning_accuracy"]) for answer in row.answers]),
                "feature_seconds": spent.get(row.features, 0.0),
                "chosen": _usual(row.answers),
            }
        )
    return pd.DataFrame(lines)


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")


def _usual(answers: Sequence[Mapping[str, Any]]) -> str:
    """What was chosen in most divisions, the first among equals, as JSON."""
    return Counter(_json(answer["chosen"]) for answer in answers).most_common(1)[0][0]


def _json(chosen: Mapping[str, Any]) -> str:
    return json.dumps({name: _plain(value) for name, value in chosen.items()})


def _plain(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _predictions(found: Mapping[str, Any], verdict: Verdict) -> pd.DataFrame:
    """What was said of each item that was asked about, most often where it was asked several times."""
    classes = np.array([*found["classes"], ""], dtype=object)  # the last of items that were not asked about
    seen = np.flatnonzero(verdict.two.asked > 0)
    table = pd.DataFrame({"item": seen + 1, "label": [found["labels"][place] for place in seen]})
    for name, row in (("two_parameters", verdict.two), ("one_parameter", verdict.one), ("simple", verdict.simple)):
        said = most_said(row.said, len(found["y"]), len(found["classes"]))
        table[name] = classes[said[seen]].astype(str)
    for name, row in (("two_parameters", verdict.two), ("one_parameter", verdict.one), ("simple", verdict.simple)):
        table[f"right_{name}"] = row.shares
    return table


def _confusion(found: Mapping[str, Any], verdict: Verdict) -> pd.DataFrame:
    classes = found["classes"]
    table = confusion(verdict.two.said, found["y"], len(classes))
    return pd.DataFrame(
        [
            {"label": label, "predicted": said, "count": int(table[row, column])}
            for row, label in enumerate(classes)
            for column, said in enumerate(classes)
        ]
    )


def _folds(found: Mapping[str, Any], rows: Sequence[Row]) -> pd.DataFrame:
    """Each classifier in each division: its accuracy and what was chosen."""
    return pd.DataFrame(
        [
            {
                "features": row.features,
                "classifier": row.classifier,
                "repeat": division["repeat"] + 1,
                "fold": division["fold"] + 1,
                "train": len(division["train"]),
                "test": len(division["test"]),
                "accuracy": float((said == found["y"][places]).mean()),
                "tuning_accuracy": float(answer["tuning_accuracy"]),
                "chosen": _json(answer["chosen"]),
                "seconds": float(answer["seconds"]),
            }
            for row in rows
            for division, (places, said), answer in zip(found["divisions"], row.said, row.answers, strict=True)
        ]
    )


def _answer(found: Mapping[str, Any], verdict: Verdict) -> str:
    singular, plural = ITEM_NAMES[found["form"]]
    items = int((verdict.two.asked > 0).sum())
    which = f"{items:,} {singular if items == 1 else plural}" + (
        " of the test part" if found["split"] == "given" else ""
    )
    two, one, gap = verdict.two.accuracy, verdict.one.accuracy, verdict.difference
    points = f"{100 * gap.value:+.1f} points, 95 % interval {100 * gap.low:+.1f} to {100 * gap.high:+.1f}, {p_words(verdict.chance)}"
    if verdict.helped:
        judged = f"the second parameter helped: one alone has {_percent(one)} ({points})"
    elif gap.value > 0:
        judged = f"it is not clear that the second parameter helped: one alone has {_percent(one)} ({points})"
    elif gap.value == 0:
        judged = f"the second parameter did not help: one alone has {_percent(one)} as well"
    else:
        judged = f"the second parameter did not help: one alone has {_percent(one)} ({points})"
    simple = verdict.simple.accuracy
    beside = "more than" if simple > two else "as much as" if simple == two else "less than"
    if verdict.simple.features == NONE:
        other = f"always saying the commonest class has {_percent(simple)}, {beside} two"
    else:
        other = f"{verdict.simple.name} has {_percent(simple)}, {beside} two"
    return f"{found['name']}: two parameters classify {_percent(two)} of {which} rightly; {judged}. Without topology, {other}."


def p_words(chance: Chance) -> str:
    """The two-sided probability as a sentence has it."""
    return "p < 0.001" if chance.two_sided < 0.001 else f"p = {chance.two_sided:.2g}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _summary(
    params: ScoreParams,
    found: Mapping[str, Any],
    seconds: Mapping[str, float],
    rows: Sequence[Row],
    verdict: Verdict,
) -> dict[str, Scalar]:
    items = int((verdict.two.asked > 0).sum())
    wilson_of = {row.features: wilson(row.accuracy, items) for row in (verdict.two, verdict.one, verdict.simple)}
    classifier = verdict.two.classifier
    majority = rows[-1].accuracy
    classify = float(sum(answer["seconds"] for row in rows for answer in row.answers))
    features = seconds["two"] if seconds["two"] == seconds["one"] else sum(seconds.values())
    return {
        "accuracy": Scalar(
            verdict.two.accuracy,
            "Accuracy, two parameters",
            low=wilson_of[verdict.two.features][0],
            high=wilson_of[verdict.two.features][1],
            description=f"{in_words(TWO, classifier)}; 95 % Wilson interval over items.",
        ),
        "accuracy_one": Scalar(
            verdict.one.accuracy,
            "Accuracy, one parameter",
            low=wilson_of[verdict.one.features][0],
            high=wilson_of[verdict.one.features][1],
            description="The same classifier and vectorizer with the first parameter alone.",
        ),
        "difference": Scalar(
            verdict.difference.value,
            "Difference",
            low=verdict.difference.low,
            high=verdict.difference.high,
            description="Two parameters less one; 95 % bootstrap interval over items, paired.",
        ),
        "p_value": Scalar(
            verdict.chance.two_sided,
            "p-value, two-sided",
            description="Exact: how often swapping the two at random, item by item, gives a difference at least as large.",
        ),
        "p_value_one_sided": Scalar(
            verdict.chance.one_sided,
            "p-value, better",
            description="The same in favour of two parameters; only for who expected that before looking.",
        ),
        "differing": Scalar(
            verdict.chance.items,
            "Items told apart",
            description="Items on which the two differ; only these tell which is better.",
        ),
        "best_simple": Scalar(verdict.simple.name, "Best without topology"),
        "accuracy_simple": Scalar(
            verdict.simple.accuracy,
            "Its accuracy",
            low=wilson_of[verdict.simple.features][0],
            high=wilson_of[verdict.simple.features][1],
            description="The best of them by the same test items, which favours it a little.",
        ),
        "accuracy_majority": Scalar(majority, "Accuracy, commonest class"),
        "classifier": Scalar(classifier, "Classifier", description="The first that was named."),
        "items": Scalar(items, "Items asked about"),
        "classes": Scalar(len(found["classes"]), "Classes"),
        "divisions": Scalar(
            len(found["divisions"]),
            "Divisions",
            description="Of the items into training and test part.",
        ),
        "protocol": Scalar(params.protocol, "Protocol"),
        "filtration": Scalar(found["filtration"], "Filtration"),
        "second": Scalar(found["second"], "Second parameter"),
        "seconds_features": Scalar(
            features, "Seconds, features", unit="s", description="Of all bandwidths and divisions."
        ),
        "seconds_classifiers": Scalar(classify, "Seconds, classifiers", unit="s"),
    }
