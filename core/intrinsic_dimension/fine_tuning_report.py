"""The result of a fine-tuning in words, numbers and tables."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np

from core.analysis import Result, Scalar
from core.intrinsic_dimension.findings import Findings
from core.intrinsic_dimension.fine_tuning.outcome import Pretraining, Search, title
from core.intrinsic_dimension.fine_tuning.problem import FineTuningFacts
from core.intrinsic_dimension.fine_tuning.published import published_fine_tuning
from core.intrinsic_dimension.fine_tuning_tables import (
    full_table,
    gap_table,
    lambda_table,
    lines_table,
    searches_table,
    trainings_table,
)
from core.intrinsic_dimension.objective_numbers import INTERVALS, baseline_interval, in_words, percent, whole
from core.intrinsic_dimension.objective_report import FEW_ROWS, SCALINGS

if TYPE_CHECKING:
    from core.intrinsic_dimension.fine_tuning_params import FineTuningParams

PRETRAININGS = {
    "shuffled classes": (
        "half of the rows of each of the {classes} classes",
        "the new task has the other half of the rows, every class under the name of the next",
    ),
    "other classes": ("the first {classes} classes", "the new task is the other classes"),
    "masked words": (
        "guessing a hidden word, one of {classes:,}, in half of the texts",
        "the new task is to tell the classes of the other half",
    ),
}
NAMES = {("pretrained", "DID"): "d90_did", ("pretrained", "SAID"): "d90_said"}


def fine_tuning_result(
    params: FineTuningParams, facts: FineTuningFacts, pretraining: Pretraining | None, searches: Sequence[Search]
) -> Result:
    """Everything that a reader, a figure or a script needs of a fine-tuning."""
    summary = _summary(params, facts, pretraining, searches)
    said = [
        search for search in searches if search.method == "SAID" and search.start == "pretrained" and search.lambdas
    ]
    tables = {
        "searches": searches_table(searches, facts.full_dimension),
        "trainings": trainings_table(searches),
        "full": full_table(searches),
        "lines": lines_table(searches),
        "generalisation": gap_table(searches),
        **({"lambda": lambda_table(said[0], facts)} if said else {}),
        "published": published_fine_tuning(),
    }
    return Result(
        answer=_answer(params, facts, searches, summary),
        summary=summary,
        tables=tables,
        notes=(
            *_verdicts(searches),
            *_recipe(params, facts, pretraining, searches),
            *_how_sure(params, facts, searches),
            "What d90 does not mean: it is an upper bound that belongs to this recipe and this start, not a property of the "
            "task alone; it does not say which weights matter, nor that a smaller network would do.",
        ),
    )


def _summary(
    params: FineTuningParams, facts: FineTuningFacts, pretraining: Pretraining | None, searches: Sequence[Search]
) -> dict[str, Scalar]:
    summary = {}
    for search in searches:
        name = NAMES.get((search.start, search.method), "d90_scratch")
        summary[name] = _dimension(search, f"d90, {title(search.start, search.method)}")
    first = searches[0]
    did = whole(first.findings.aims[0])
    summary["full_dimension"] = Scalar(facts.full_dimension, "Parameters of the network", "parameters")
    summary["ratio"] = Scalar(
        round(facts.full_dimension / did, 2) if did else None,
        "Parameters for each that is needed",
        description=f"Parameters of the network over d90 of {first.method}.",
    )
    summary["baseline"] = _baseline(first.findings, "Full fine-tuning")
    summary["threshold"] = Scalar(
        first.findings.threshold,
        "Threshold",
        "accuracy",
        description=f"{percent(first.findings.aims[0])} of full fine-tuning.",
    )
    scratch = [search for search in searches if search.start == "scratch"]
    if scratch:
        summary["baseline_scratch"] = _baseline(scratch[0].findings, "Full training from scratch")
        summary["pretraining_factor"] = _factor(first, scratch[0])
    summary["untouched"] = Scalar(
        facts.untouched,
        "Before fine-tuning",
        "accuracy",
        description="Mean over a few new heads." if facts.new_head else "Of the network as it was brought.",
    )
    summary["chance"] = Scalar(facts.chance, "Chance level", "accuracy", description="Share of the largest class.")
    if pretraining:
        summary["pretraining"] = Scalar(
            pretraining.accuracy,
            "Pretraining",
            "accuracy",
            description=f"On rows of its own task that it did not learn from; chance is {pretraining.chance:.3f}.",
        )
    summary["layers"] = Scalar(len(facts.layers), "Layers of SAID", "layers", description="Each has one lambda.")
    full = {search.start: search for search in searches}
    inside = sum(one.subspace_dimension is not None for search in searches for one in search.findings.trainings)
    direct = sum(one.subspace_dimension is None for search in full.values() for one in search.findings.trainings)
    summary["trainings"] = Scalar(inside + direct, "Trainings", "trainings", description="Of all searches.")
    return summary


def _dimension(search: Search, name: str) -> Scalar:
    aim = search.findings.aims[0]
    goal = f"{percent(aim)} of {'full fine-tuning' if search.start == 'pretrained' else 'full training from scratch'}"
    crossing = aim.crossing
    if crossing is None:
        return Scalar(None, name, "parameters", description=f"No answer: {goal} is not above chance.")
    low, high = floor(crossing.low), ceil(crossing.high) if crossing.high is not None else None
    if crossing.how == "not reached":
        return Scalar(
            None, name, "parameters", low=low, description=f"No subspace up to {low:,} dimensions reaches {goal}."
        )
    words = f"Trained numbers that reach {goal}; {INTERVALS[crossing.how]}."
    return Scalar(whole(aim), name, "parameters", low=low, high=high, description=words)


def _baseline(findings: Findings, name: str) -> Scalar:
    low, high = baseline_interval(findings)
    return Scalar(
        float(findings.baseline.mean()),
        name,
        "accuracy",
        low=low,
        high=high,
        description=f"Mean validation accuracy of {len(findings.baseline)} trainings of all parameters; 95 % interval.",
    )


def _factor(pretrained: Search, scratch: Search) -> Scalar:
    """How many times more dimensions the same method needs from scratch, each against its own baseline."""
    ours, theirs = whole(pretrained.findings.aims[0]), whole(scratch.findings.aims[0])
    return Scalar(
        round(theirs / ours, 2) if ours and theirs else None,
        "From scratch over pretrained",
        description="Ratio of the two d90 of one method, each at its own threshold; above 1 where pretraining saves dimensions.",
    )


def _answer(
    params: FineTuningParams, facts: FineTuningFacts, searches: Sequence[Search], summary: dict[str, Scalar]
) -> str:
    first = searches[0]
    aim, baseline = first.findings.aims[0], float(first.findings.baseline.mean())
    goal = f"{percent(aim)} of full fine-tuning ({baseline:.3f} validation accuracy)"
    if aim.crossing is None:
        return (
            f"No answer: {goal} is not above chance ({facts.chance:.3f}), so every subspace would pass; full fine-tuning does "
            "not learn this task: give more epochs, other learning rates, or a network that was pretrained on something nearer."
        )
    ours = [
        f"{in_words(summary[NAMES[search.start, search.method]])} ({search.method}{_interval(search)})"
        for search in searches
        if search.start == "pretrained"
    ]
    answer = f"{' or '.join(ours)} of {facts.full_dimension:,} parameters reach {goal}"
    scratch = [search for search in searches if search.start == "scratch"]
    if scratch:
        answer += (
            f"; from scratch the same network needs {in_words(summary['d90_scratch'])} "
            f"({scratch[0].method}{_interval(scratch[0])}) for {percent(aim)} of its own {scratch[0].findings.baseline.mean():.3f}"
        )
    return f"{answer[:1].upper()}{answer[1:]}."


def _interval(search: Search) -> str:
    crossing = search.findings.crossing
    if crossing is None or crossing.dimension is None or crossing.high is None:
        return ""
    kind = "95 % interval" if crossing.how == "line" else "bracket"
    return f", {kind} {floor(crossing.low):,} to {ceil(crossing.high):,}"


def _verdicts(searches: Sequence[Search]) -> tuple[str, ...]:
    """What the intervals allow to say of the two claims: pretraining lowers d90, and so do lambdas."""
    by_name = {(search.start, search.method): search for search in searches}
    first = searches[0]
    pairs = []
    scratch = by_name.get(("scratch", first.method))
    if scratch:
        pairs.append((first, scratch, "Pretraining", f"{first.method} from scratch"))
    if ("pretrained", "DID") in by_name and ("pretrained", "SAID") in by_name:
        pairs.append((by_name["pretrained", "SAID"], by_name["pretrained", "DID"], "A lambda for each layer", "DID"))
    return tuple(_compared(*pair) for pair in pairs)


def _compared(ours: Search, other: Search, what: str, against: str) -> str:
    low, high = _ends(ours), _ends(other)
    if low is None or high is None:
        return f"{what}: no comparison with {against}, as one of the two has no d90."
    if low[1] < high[0]:
        return f"{what} lowers d90: the intervals of {title(ours.start, ours.method)} and {against} do not overlap."
    if high[1] < low[0]:
        return (
            f"{what} raises d90 here: the intervals of {title(ours.start, ours.method)} and {against} do not overlap."
        )
    return f"{what} makes no difference to d90 that these trainings can show: the interval overlaps that of {against}."


def _ends(search: Search) -> tuple[float, float] | None:
    """The interval of d90; where it was not reached, from the largest d that was tried upwards."""
    crossing = search.findings.crossing
    if crossing is None:
        return None
    return crossing.low, crossing.high if crossing.high is not None else float("inf")


def _recipe(
    params: FineTuningParams, facts: FineTuningFacts, pretraining: Pretraining | None, searches: Sequence[Search]
) -> list[str]:
    if pretraining:
        learned, then = PRETRAININGS[params.pretraining]
        source = (
            f"Pretrained here on {learned.format(classes=pretraining.classes)}, {pretraining.rows:,} rows of which none is in the "
            f"new task, to an accuracy of {pretraining.accuracy:.3f} (chance {pretraining.chance:.3f}); {then}."
        )
    else:
        source = f"Pretrained weights: {facts.source}."
    first = searches[0].findings
    return [
        f"{source} Of the head: {facts.head}.",
        f"Recipe: {facts.network}; projection {params.projection}; Adam, {params.epochs} epochs of batches of "
        f"{min(params.batch_size, facts.training_rows)}, learning rate {first.direct_rate:g} for all parameters and "
        f"{first.subspace_rate:g} sqrt({first.guess:,} / d) in d dimensions ({searches[0].method}), falling to 0 along half a "
        f"cosine; {_samples(params, facts)}; {facts.training_rows:,} rows to learn from and {facts.validation_rows:,} to measure "
        "on. Head, projection and data order are drawn anew for each training, the pretrained weights stay; the head is in the "
        "subspace with everything else.",
    ]


def _samples(params: FineTuningParams, facts: FineTuningFacts) -> str:
    return f"the first {params.words} words of a text" if facts.scaling == "words" else SCALINGS[facts.scaling]


def _how_sure(params: FineTuningParams, facts: FineTuningFacts, searches: Sequence[Search]) -> list[str]:
    notes = []
    missing = [title(*search) for search in params.searches if search not in {(s.start, s.method) for s in searches}]
    if missing:
        notes.append(f"{', '.join(missing)}: every training diverged; give smaller learning rates for the subspace.")
    for search in searches:
        crossing, name = search.findings.crossing, title(search.start, search.method)
        if crossing is None:
            continue
        if crossing.how == "line" and crossing.standard_error > params.standard_error:
            notes.append(
                f"{name}: the search ended after {len(search.findings.trainings)} trainings with a relative standard error of "
                f"{100 * crossing.standard_error:.1f} % ({100 * params.standard_error:g} % was asked for)."
            )
        if crossing.how in ("bracket", "bisection"):
            notes.append(f"{name}: no line could be fitted; the interval is only a bracket. Allow more trainings.")
        if crossing.how == "not reached" and crossing.low >= facts.full_dimension:
            notes.append(
                f"{name}: even as many dimensions as parameters did not do, which full fine-tuning shows to be enough: give "
                "more epochs or other learning rates for the subspace."
            )
    diverged = sum(not np.isfinite(one.performance) for search in searches for one in search.findings.trainings)
    if diverged:
        notes.append(f"{diverged} trainings met a loss that is not finite; in the searches they count as chance.")
    if facts.validation_rows < FEW_ROWS:
        notes.append(
            f"Only {facts.validation_rows} rows to measure on: one row changes an accuracy by {1 / facts.validation_rows:.3f}."
        )
    if facts.training_mode:
        notes.append(
            "The model was exported in training mode: its dropout, if any, stays on while accuracy is measured, which "
            "lowers it; export it in evaluation mode to avoid that."
        )
    return notes
