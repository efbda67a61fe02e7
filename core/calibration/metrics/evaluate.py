"""Every metric with its interval, its noise floor and its p-value."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

import numpy as np
import pandas as pd

from core.analysis import report
from core.calibration.conventions import Convention, Rules
from core.calibration.metrics.arrays import Array, Value, as_numpy
from core.calibration.metrics.aurc import aurc
from core.calibration.metrics.batch import BATCH_VALUES, MOST_TOGETHER
from core.calibration.metrics.battery import (
    CONFIDENCE_METRICS,
    STUDY_BINS,
    WIDTH_METRICS,
    battery,
    checked_bins,
    rules_of,
    width_errors,
)
from core.calibration.metrics.brier import brier_of, squared_norms
from core.calibration.metrics.classwise_draws import classwise_draws
from core.calibration.metrics.cuts import equal_mass_cuts, equal_width_cuts
from core.calibration.metrics.debiased import debiased_l1, debiased_l2
from core.calibration.metrics.ece import ece
from core.calibration.metrics.kuiper import kuiper
from core.calibration.metrics.nll import log_partition, nll_of
from core.calibration.metrics.pairs import Pairs, top_label
from core.calibration.metrics.resampling import bootstrap_counts, calibrated_labels
from core.calibration.metrics.sweep import ece_sweep
from core.calibration.metrics.top_label import top_label_draws, top_label_ece
from core.calibration.metrics.uncertainty import consistency_p_value, error_interval, percentile_interval
from core.calibration.metrics.undefined import Undefined
from core.calibration.predictions import Predictions
from core.errors import BadInput

RESAMPLES = 200
LEVEL = 0.9

Key = tuple[str, int | None]
Binned = Callable[[Pairs, Array], Value]

MASS_METRICS: dict[str, Binned] = {"ece_em": ece, "debiased_l1": debiased_l1, "debiased_l2": debiased_l2}
WHOLE_METRICS: dict[str, Callable[[Pairs], Value]] = {
    **CONFIDENCE_METRICS,
    "kuiper": kuiper,
    "ece_sweep": ece_sweep,
    "aurc": aurc,
    "accuracy": lambda pairs: pairs.outcomes.mean(-1),
    "mean_confidence": lambda pairs: pairs.scores.mean(-1),
}
CLASSWISE = ("cwce", "cwce_em")
METRICS = (*WIDTH_METRICS, *MASS_METRICS, *WHOLE_METRICS, *CLASSWISE, "top_label_ece", "nll", "brier")
# Scores, ranks and signed estimates; all others are errors: never below zero, and zero for a calibrated model with
# endless data.
NO_ERRORS = frozenset({"debiased_l1", "debiased_l2", "auroc", "aurc", "accuracy", "mean_confidence", "nll", "brier"})


def evaluate(
    predictions: Predictions,
    *,
    convention: Convention = "study",
    bins: Sequence[int] = STUDY_BINS,
    metrics: Collection[str] = METRICS,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
    seed: int = 0,
    device: str | None = None,
) -> pd.DataFrame:
    """The battery and its relatives, each with what tells how far to trust it.

    Beside the names of `battery`: `rmsce`, `ace`, `debiased_l1`, `debiased_l2` (equal mass) and `top_label_ece` at each bin
    count, `kuiper`, `ece_sweep`, `aurc`, `accuracy` and `mean_confidence`.

    The interval comes from a bootstrap over rows: percentiles for scores, ranks and signed estimates; for
    calibration errors its spread around the value, less the noise floor (`error_interval`). `floor` is the mean value under a
    perfectly calibrated model with the same probabilities, and `p_value` the share of its values that are as large
    (`consistency_p_value`). Classwise and top-label bins are those of the sample, not redrawn.

    Args:
        predictions: [n, K].
        convention: Whose definition to follow.
        bins: Numbers of bins.
        metrics: Names out of `METRICS`.
        resamples: Number R of bootstrap samples, and of labellings by the calibrated model.
        level: Share that the interval covers.
        seed: Of the resampling.
        device: Of torch ("cuda", "cpu"), where all resamples then are measured at once; None: numpy, one by one. The
            random numbers are the same.

    Returns:
        Columns `metric`, `bins`, `value`, `low`, `high`, `floor`, `p_value`; `attrs["reasons"]` as in `battery`.

    Raises:
        BadInput: As `battery`; an unknown metric, fewer than 20 resamples, or a level outside (0, 1).
    """
    if unknown := sorted(set(metrics) - set(METRICS)):
        raise BadInput(f"metrics: {', '.join(unknown)} is unknown; choose from {', '.join(METRICS)}.")
    if resamples < 20:
        raise BadInput(f"resamples: {resamples} was found; at least 20 are needed for an interval.")
    if not 0 < level < 1:
        raise BadInput(f"level: {level} was found; a share between 0 and 1 is expected, such as 0.9.")
    rules, counts, wanted = rules_of(convention), checked_bins(bins), frozenset(metrics)
    table = battery(predictions, convention=convention, bins=counts)
    pairs = top_label(predictions)
    values = confidence_values(pairs, counts, rules, wanted)
    for b in counts:
        of_width = width_errors(predictions, pairs, b, rules)
        values |= {(name, b): value for name, value in of_width.items() if name in wanted}
    rest = table[table.metric.isin(wanted & {*CLASSWISE, "nll", "brier"})]
    for name, b, value in zip(rest.metric.tolist(), rest.bins.tolist(), rest.value.tolist(), strict=True):
        values[name, None if pd.isna(b) else int(b)] = value
    if "top_label_ece" in wanted:
        of_bins = top_label_ece(predictions, counts, rules)
        values |= {("top_label_ece", b): float(value) for b, value in zip(counts, of_bins, strict=True)}

    rng = np.random.default_rng(seed)
    drawn, calibrated = draws(predictions, values, counts, rules, resamples, rng, device)
    rows = [
        (*key, value, *_verdict(key[0], value, drawn[key], calibrated[key], level, rng))
        for key, value in values.items()
    ]
    result = pd.DataFrame(rows, columns=["metric", "bins", "value", "low", "high", "floor", "p_value"])
    result = result.astype({"bins": "Int64"})
    result.attrs["reasons"] = {name: why for name, why in table.attrs["reasons"].items() if name in wanted}
    return result


def _verdict(
    name: str, value: float, drawn: np.ndarray, calibrated: np.ndarray, level: float, rng: np.random.Generator
) -> tuple[float, float, float, float]:
    """Low, high, floor and p-value, NaN where they don't exist."""
    drawn, calibrated = drawn[np.isfinite(drawn)], calibrated[np.isfinite(calibrated)]
    floor = float(calibrated.mean()) if calibrated.size else np.nan
    if not np.isfinite(value) or drawn.size == 0 or calibrated.size == 0:
        return np.nan, np.nan, floor, np.nan
    interval = (
        percentile_interval(drawn, level) if name in NO_ERRORS else error_interval(value, drawn, calibrated, level)
    )
    p_value = np.nan if name == "mean_confidence" else consistency_p_value(value, calibrated, rng)
    return *interval, floor, p_value


def confidence_values(
    pairs: Pairs, bins: Sequence[int], rules: Rules, wanted: Collection[str] = METRICS
) -> dict[Key, Value]:
    """The wanted metrics of the confidence alone, NaN where one isn't defined."""
    values: dict[Key, Value] = {}
    for table, cut in ((WIDTH_METRICS, equal_width_cuts), (MASS_METRICS, equal_mass_cuts)):
        chosen = [(name, metric) for name, metric in table.items() if name in wanted]
        for b in bins if chosen else ():
            cuts = cut(pairs, b, rules)
            values |= {(name, b): metric(pairs, cuts) for name, metric in chosen}
    for name, whole in WHOLE_METRICS.items():
        if name in wanted:
            try:
                values[name, None] = whole(pairs)
            except Undefined:
                values[name, None] = np.nan
    return values


def draws(
    predictions: Predictions,
    keys: Collection[Key],
    bins: Sequence[int],
    rules: Rules,
    resamples: int,
    rng: np.random.Generator,
    device: str | None = None,
) -> tuple[dict[Key, np.ndarray], dict[Key, np.ndarray]]:
    """Bootstrap values and values under a perfectly calibrated model, [resamples] for each key."""
    wanted = {name for name, _ in keys}
    counts = bootstrap_counts(predictions.n, resamples, rng)
    labels = calibrated_labels(predictions, resamples, rng)
    drawn = {key: np.full(resamples, np.nan) for key in keys}
    calibrated = {key: np.full(resamples, np.nan) for key in keys}

    for part, again, ideal in _resampled(predictions, counts, labels, device):
        for store, pairs in ((drawn, again), (calibrated, ideal)):
            for key, value in confidence_values(pairs, bins, rules, wanted).items():
                store[key][part] = as_numpy(value)
        report(0.5 * part.stop / resamples, "resampling the confidence")

    if wanted & set(CLASSWISE):
        boot, null = classwise_draws(predictions, bins, counts, labels, device)
        for j, key in enumerate((name, b) for name in CLASSWISE for b in bins):
            drawn[key], calibrated[key] = boot[j], null[j]
    if "top_label_ece" in wanted:
        boot, null = top_label_draws(predictions, bins, counts, labels, rules, device)
        for j, b in enumerate(bins):
            drawn["top_label_ece", b], calibrated["top_label_ece", b] = boot[j], null[j]
    divisor = predictions.classes if rules.brier == "mean" else 1
    for name, terms, of_rows, scale in (
        ("nll", nll_of, log_partition, 1),
        ("brier", brier_of, squared_norms, divisor),
    ):
        if name in wanted:
            known = of_rows(predictions)
            own = terms(predictions, predictions.labels, known)
            drawn[name, None] = _weighted_means(own, counts) / scale
            calibrated[name, None] = np.array([terms(predictions, y, known).mean() for y in labels]) / scale
    return {key: drawn[key] for key in keys}, {key: calibrated[key] for key in keys}


def _resampled(
    predictions: Predictions, counts: np.ndarray, labels: np.ndarray, device: str | None
) -> Iterator[tuple[slice, Pairs, Pairs]]:
    """Parts of the resamples, one at a time or as many as a device takes: the confidence with rows drawn again, and
    with labels of the calibrated model."""
    order = np.argsort(predictions.confidence, kind="stable")
    scores = predictions.confidence[order]
    outcomes = predictions.correct[order].astype(np.float64)
    guesses = predictions.predicted[order]
    if device is None:
        for i, (times, answers) in enumerate(zip(counts, labels, strict=True)):
            rows = np.repeat(np.arange(order.size), times[order])
            hits = (answers[order] == guesses).astype(np.float64)
            yield slice(i, i + 1), Pairs(scores[rows], outcomes[rows]), Pairs(scores, hits)
        return
    import torch

    sorted_scores, sorted_outcomes = (torch.as_tensor(values, device=device) for values in (scores, outcomes))
    step = max(1, min(MOST_TOGETHER, BATCH_VALUES // order.size))
    for start in range(0, len(counts), step):
        part = slice(start, min(start + step, len(counts)))
        rows = np.stack([np.repeat(np.arange(order.size), times[order]) for times in counts[part]])
        again = torch.as_tensor(rows, device=device)
        ideal = torch.as_tensor(labels[part][:, order] == guesses, device=device).double()
        yield (
            part,
            Pairs(sorted_scores[again], sorted_outcomes[again]),
            Pairs(sorted_scores.expand(ideal.shape), ideal),
        )


def _weighted_means(terms: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """[R] means of terms [n] under counts [R, n]; a row that isn't drawn adds nothing, even if its term is infinite."""
    endless = np.isinf(terms)
    means = counts @ np.where(endless, 0.0, terms) / terms.size
    means[counts[:, endless].any(axis=1)] = np.inf
    return means
