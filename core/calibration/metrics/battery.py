"""All metrics of one model at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from core.calibration.conventions import CONVENTIONS, RULES, Convention, Rules
from core.calibration.metrics.ace import ace
from core.calibration.metrics.arrays import Array, Value
from core.calibration.metrics.auroc import auroc
from core.calibration.metrics.brier import brier
from core.calibration.metrics.cuts import equal_mass_cuts, equal_width_cuts
from core.calibration.metrics.cwce import cwce
from core.calibration.metrics.cwce_em import cwce_em
from core.calibration.metrics.ece import ece
from core.calibration.metrics.kde_ece import kde_ece
from core.calibration.metrics.ks import ks
from core.calibration.metrics.mce import mce
from core.calibration.metrics.mmce import mmce
from core.calibration.metrics.nll import clipped_nll, nll
from core.calibration.metrics.pairs import Answers, Pairs, top_label
from core.calibration.metrics.rmsce import rmsce
from core.calibration.metrics.single_precision import single_precision_errors
from core.calibration.metrics.smece import smece
from core.calibration.metrics.undefined import Undefined
from core.calibration.predictions import Predictions, from_logits
from core.errors import BadInput

STUDY_BINS = (5, 10, 15, 20, 25, 50, 100, 200, 500)
MOST_BINS = 10_000
WIDTH_METRICS: dict[str, Callable[[Pairs, Array], Value]] = {"ece": ece, "mce": mce, "rmsce": rmsce, "ace": ace}
CONFIDENCE_METRICS: dict[str, Callable[[Pairs], Value]] = {
    "ks": ks,
    "kde_ece": kde_ece,
    "mmce": mmce,
    "smece": smece,
    "auroc": auroc,
}


def battery(
    predictions: Predictions | ArrayLike,
    labels: ArrayLike | None = None,
    *,
    convention: Convention = "study",
    bins: Sequence[int] = STUDY_BINS,
) -> pd.DataFrame:
    """The metrics of the study, from one sort and its cumulative sums.

    `ece`, `ece_em`, `mce`, `cwce` and `cwce_em` at each bin count; `ks`, `kde_ece`, `mmce`, `smece`, `nll`, `brier`
    and `auroc` once (A Benchmark Study on Calibration, arXiv 2308.11838, section 3, and smECE). Classwise errors
    follow the study under every convention, since the other libraries have none.

    Args:
        predictions: [n, K]; or logits of that shape, with `labels`.
        labels: [n], for logits only; Predictions have their own.
        convention: Whose definition to follow, see `core.calibration.conventions.RULES`.
        bins: Numbers of bins.

    Returns:
        A table with columns `metric`, `bins` (missing where the metric has none) and `value`. A metric that isn't
        defined is missing (NaN); `attrs["reasons"]` says why, and flags an infinite value, under its name.

    Raises:
        BadInput: An unknown convention, a number of bins that is no whole number from 1 to 10,000, or as `from_logits`.

    Example:
        >>> from core.calibration.predictions import from_probabilities
        >>> table = battery(from_probabilities([[0.6, 0.4], [0.1, 0.9]], [0, 1]), bins=[10])
        >>> float(round(table.set_index("metric").value["ece"], 12))  # (0.4 + 0.1) / 2
        0.25
    """
    rules = rules_of(convention)
    counts = checked_bins(bins)
    predictions = _predictions(predictions, labels)
    rows: list[tuple[str, int | None, float]] = []
    reasons: dict[str, str] = {}
    pairs = top_label(predictions)
    rows += binned_rows(predictions, pairs, counts, rules)
    for name, values in (("cwce", cwce(predictions, counts)), ("cwce_em", cwce_em(predictions, counts))):
        rows += [(name, b, float(value)) for b, value in zip(counts, values, strict=True)]
    for name, metric in CONFIDENCE_METRICS.items():
        try:
            rows.append((name, None, metric(pairs)))
        except Undefined as reason:
            rows.append((name, None, np.nan))
            reasons[name] = str(reason)
    loss = clipped_nll(predictions) if rules.clips_nll else nll(predictions)
    if np.isinf(loss):
        reasons["nll"] = infinite_reason(predictions)
    rows += [("nll", None, loss), ("brier", None, brier(predictions, rules.brier))]
    table = pd.DataFrame(rows, columns=["metric", "bins", "value"]).astype({"bins": "Int64"})
    table.attrs["reasons"] = reasons
    return table


def _predictions(given: Predictions | ArrayLike, labels: ArrayLike | None) -> Predictions:
    if isinstance(given, Predictions):
        return given
    if labels is None:
        raise BadInput("battery: logits without labels were found; hand in both, or what from_probabilities returns.")
    return from_logits(given, labels)


def binned_rows(
    predictions: Answers, pairs: Pairs, bins: Sequence[int], rules: Rules
) -> Iterator[tuple[str, int, Value]]:
    """Name, bins and value of the errors of the confidence over bins."""
    for b in bins:
        width = width_errors(predictions, pairs, b, rules)
        yield "ece", b, width["ece"]
        yield "ece_em", b, ece(pairs, equal_mass_cuts(pairs, b, rules))
        yield "mce", b, width["mce"]


def width_errors(predictions: Answers, pairs: Pairs, bins: int, rules: Rules) -> dict[str, Value]:
    """`ece`, `mce`, `rmsce` and `ace` over bins of equal width, added up as the convention does."""
    if rules.single:
        return single_precision_errors(predictions, bins)
    cuts = equal_width_cuts(pairs, bins, rules)
    return {name: metric(pairs, cuts) for name, metric in WIDTH_METRICS.items()}


def rules_of(convention: str) -> Rules:
    """The rules of a convention by its name; raises BadInput for another name."""
    for name in CONVENTIONS:
        if name == convention:
            return RULES[name]
    raise BadInput(f"convention: {convention!r} is unknown; choose one of {', '.join(CONVENTIONS)}.")


def checked_bins(bins: Sequence[int]) -> tuple[int, ...]:
    """The numbers of bins as ints; raises BadInput for an empty list or a number out of range."""
    counts = tuple(int(b) for b in bins)
    if not counts or any(not 1 <= b <= MOST_BINS for b in counts) or counts != tuple(bins):
        raise BadInput(f"bins: {list(bins)} was found; whole numbers from 1 to {MOST_BINS:,} are expected.")
    return counts


def infinite_reason(predictions: Predictions) -> str:
    """Why the NLL is infinite, in one sentence."""
    own = predictions.probabilities[np.arange(predictions.n), predictions.labels]
    zero = np.flatnonzero(own == 0)
    return (
        f"infinite: {zero.size:,} of {predictions.n:,} rows give their label probability zero (the first is "
        f"{predictions.place(int(zero[0]))})"
        if zero.size
        else "infinite: a label has probability zero"
    )
