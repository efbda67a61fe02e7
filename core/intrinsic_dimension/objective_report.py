"""The result of a search in words, numbers and tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.analysis import Result, Scalar
from core.intrinsic_dimension.findings import Aim, Findings
from core.intrinsic_dimension.objective_numbers import decimal, in_words, objective_summary, percent
from core.intrinsic_dimension.objective_tables import baselines_table, curve_table, dimensions_table, fit_table
from core.intrinsic_dimension.plan import Metric
from core.intrinsic_dimension.published import published_table
from core.intrinsic_dimension.trainings import Facts, Problem

if TYPE_CHECKING:
    from core.intrinsic_dimension.objective_params import ObjectiveParams

FEW_ROWS = 200  # rows that are measured on, below which the resolution of an accuracy is worth a word
SCALINGS = {
    "columns": "each feature to mean 0 and variance 1",
    "common": "one mean and one variance for all features",
    "none": "features as they were brought",
}


def objective_result(
    params: ObjectiveParams, problem: Problem, facts: Facts, metric: Metric, findings: Findings
) -> Result:
    """Everything that a reader, a figure or a script needs of a search."""
    summary = objective_summary(params, facts, metric, findings)
    return Result(
        answer=_answer(params, facts, metric, findings, summary),
        summary=summary,
        tables={
            "dimensions": dimensions_table(findings, facts.full_dimension),
            "curve": curve_table(findings),
            "baselines": baselines_table(findings),
            "fit": fit_table(findings),
            "published": published_table(),
        },
        notes=(
            *_recipe(params, problem, facts, findings),
            *_what_was_changed(params, facts),
            *_how_sure(params, facts, metric, findings),
            *_about_the_network(facts),
        ),
    )


def _answer(
    params: ObjectiveParams, facts: Facts, metric: Metric, findings: Findings, summary: dict[str, Scalar]
) -> str:
    aim, crossing = findings.aims[0], findings.crossing
    goal, found = _goal(aim, params, findings), summary["d_int90"]
    if crossing is None:
        remedy = (
            "the network does not learn this task with these settings: give more epochs, other learning rates, or a "
            "larger network"
            if aim.baseline == "own"
            else "set a higher global baseline"
        )
        return f"No answer: {goal} is not above chance ({metric.chance:.3f}), so every subspace would pass; {remedy}."
    other = findings.aim("global" if aim.baseline == "own" else "own", params.fraction)
    compared = ""
    if other.crossing is not None:
        takes = in_words(summary[f"d_int90_{other.baseline}"])
        compared = f"; {_goal(other, params, findings)} takes {takes}"
    if crossing.how == "not reached":
        return (
            f"More than {found.low:,} parameters are needed: no subspace up to that dimension reaches {goal}; "
            f"the network has {facts.full_dimension:,}{compared}."
        )
    if crossing.how == "at once":
        return f"One parameter of {facts.full_dimension:,} already reaches {goal}{compared}."
    interval = {"line": "95 % interval", "grid": "bootstrap interval"}.get(crossing.how, "bracket")
    about = "" if crossing.how == "grid" else "About "
    upper = f"{found.high:,}" if found.high is not None else "beyond the grid"
    return (
        f"{about}{found.value:,} of {facts.full_dimension:,} parameters ({interval} {found.low:,} to {upper}) "
        f"reach {goal}{compared}."
    )


def _goal(aim: Aim, params: ObjectiveParams, findings: Findings) -> str:
    if aim.baseline == "own":
        own = float(findings.baseline.mean())
        return f"{percent(aim)} of the network's own baseline ({own:.3f} {params.metric} accuracy)"
    return f"an accuracy of {decimal(aim.threshold)} ({percent(aim)} of the global baseline {decimal(params.global_baseline)})"


def _recipe(params: ObjectiveParams, problem: Problem, facts: Facts, findings: Findings) -> list[str]:
    inside = (
        "in the subspaces the best of "
        + ", ".join(f"{rate:g}" for rate in params.subspace_learning_rates)
        + f" times sqrt({findings.guess:,} / d), chosen at each d,"
        if params.learning_rate_sweep
        else f"{findings.subspace_rate:g} sqrt({findings.guess:,} / d) in d dimensions,"
    )
    return [
        f"Recipe: {facts.network}; projection {problem.projection}; Adam, {params.epochs} epochs of batches of "
        f"{min(params.batch_size, facts.training_rows)}, learning rate {findings.direct_rate:g} directly and {inside} "
        f"falling to 0 along half a cosine; {SCALINGS[facts.scaling]}; {facts.training_rows:,} rows to learn from and "
        f"{facts.validation_rows:,} to measure on. Initialisation, projection and data order are drawn anew for each training.",
        "The number belongs to this recipe: another optimiser, longer training or another data split moves it. "
        "It does not say which parameters matter, nor that a smaller network would do.",
    ]


def _what_was_changed(params: ObjectiveParams, facts: Facts) -> list[str]:
    notes = []
    if params.metric == "training":
        notes.append(
            "Accuracy counts on the rows that are learned from: the number says what memorising them takes, not what "
            "the task takes."
        )
    if params.shuffled_labels > 0:
        notes.append(
            f"{100 * params.shuffled_labels:g} % of the training rows exchanged their labels at random "
            f"({100 * facts.labels_changed:.1f} % have another one than their own); the labels that are measured on for "
            "validation are true."
        )
    if params.shuffled_pixels:
        notes.append(
            "The pixels or columns of every sample stand in one and the same random order: the task is the same for a "
            "fully connected network, and has lost its neighbourhoods for a convolution."
        )
    if facts.rows_given > params.most_rows:
        notes.append(f"{params.most_rows:,} of {facts.rows_given:,} rows were used, drawn at random.")
    return notes


def _how_sure(params: ObjectiveParams, facts: Facts, metric: Metric, findings: Findings) -> list[str]:
    crossing, notes = findings.crossing, []
    own = float(findings.baseline.mean())
    if 0 < own - metric.chance < 2 * (metric.chance * (1 - metric.chance) / metric.rows) ** 0.5:
        notes.append(
            f"The own baseline ({own:.3f}) can hardly be told from chance ({metric.chance:.3f}) on {metric.rows:,} rows: give "
            "more epochs, other learning rates or more rows before relying on any of these numbers."
        )
    if crossing and crossing.how == "not reached" and findings.threshold > own:
        notes.append(
            f"Direct training of all parameters reaches {own:.3f} itself, less than the threshold {findings.threshold:.3f}: "
            "the global baseline asks for more than this recipe gives."
        )
    elif crossing and crossing.how == "not reached" and crossing.low == facts.full_dimension:
        notes.append(
            "Even as many dimensions as parameters did not do, which ordinary training shows to be enough: the fault lies "
            "with the recipe, so give more epochs or other learning rates for the subspace."
        )
    if crossing and crossing.how == "line" and crossing.standard_error > params.standard_error:
        notes.append(
            f"The search ended after {len(findings.trainings)} trainings with a relative standard error of "
            f"{100 * crossing.standard_error:.1f} % ({100 * params.standard_error:g} % was asked for): "
            "allow more trainings for a narrower interval."
        )
    if crossing and crossing.how == "bisection":
        notes.append(
            "The curve is too flat near the threshold for a line; means of three trainings were bisected instead, and "
            "the interval is the last bracket."
        )
    if crossing and crossing.how == "bracket":
        notes.append(
            "The trainings ran out before the crossing was located: the interval is only the bracket that single "
            "trainings gave; allow more trainings."
        )
    if params.search == "grid" and crossing:
        notes.append(_by_the_rule(params, findings))
    elif crossing and not params.d_int100 and params.fraction < 1:
        notes.append(
            "The trainings were placed for d_int90 of the "
            f"{params.baseline} baseline; what is said of other thresholds is read off them, as '>' where they do not reach it."
        )
    diverged = sum(not np.isfinite(one.performance) for one in findings.trainings)
    if diverged:
        notes.append(f"{diverged} of {len(findings.trainings)} trainings diverged; in the search they count as chance.")
    if metric.rows < FEW_ROWS:
        notes.append(f"Only {metric.rows} rows to measure on: one row changes an accuracy by {1 / metric.rows:.3f}.")
    return notes


def _by_the_rule(params: ObjectiveParams, findings: Findings) -> str:
    crossing = findings.crossing
    spread = ""
    if crossing and crossing.dimension and np.isfinite(crossing.resampled):
        spread = (
            f" In the notation of the paper {crossing.resampled:,.0f} ± {crossing.dimension * crossing.standard_error:,.0f}: "
            "mean and standard deviation over 100 curves with one replicate drawn for each dimension."
        )
    return (
        f"Rule of the paper: the first of {len(set(params.grid))} dimensions whose mean over {params.replicates} trainings is "
        f"above the threshold; no answer is finer than the grid.{spread}"
    )


def _about_the_network(facts: Facts) -> list[str]:
    notes = []
    if facts.brought:
        notes.append("The weights that came with the model were not used: every training starts from fresh ones.")
    if facts.training_mode:
        notes.append(
            "The model was exported in training mode: its dropout, if any, stays on while accuracy is measured, which "
            "lowers it; export it in evaluation mode to avoid that."
        )
    if facts.kept:
        notes.append(
            f"These parameters could not be drawn anew and start as they were brought: {', '.join(facts.kept[:5])}."
        )
    return notes
