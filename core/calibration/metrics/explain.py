"""The same metrics under each convention, with the reason of every difference on the data at hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.calibration.conventions import CONVENTIONS, RULES, Convention, Rules
from core.calibration.metrics.battery import WIDTH_METRICS, battery, width_errors
from core.calibration.metrics.cuts import equal_mass_cuts, equal_width_cuts
from core.calibration.metrics.nll import precision
from core.calibration.metrics.pairs import Pairs, top_label
from core.calibration.predictions import Predictions

# What each library computes itself; the study's definition stands in for the rest.
OFFERED: dict[Convention, frozenset[str]] = {
    "study": frozenset({"ece", "ece_em", "mce", "cwce", "cwce_em", "ks", "kde_ece", "mmce", "nll", "brier"}),
    "netcal": frozenset({"ece", "ece_em", "mce", "mmce"}),
    "torchmetrics": frozenset({"ece", "mce", "auroc"}),
    "sklearn": frozenset({"ece", "ece_em", "mce", "nll", "brier", "auroc"}),
}


def explain_conventions(predictions: Predictions, bins: int = 15) -> pd.DataFrame:
    """Each metric under each convention on these predictions.

    Args:
        predictions: [n, K].
        bins: Number of bins.

    Returns:
        Columns `metric`, `convention`, `value`, `difference` (from the study's convention) and `reason`: why the
        value differs, or why it doesn't here.
    """
    pairs = top_label(predictions)
    values = {
        name: battery(predictions, convention=name, bins=[bins]).set_index("metric").value for name in CONVENTIONS
    }
    rows = []
    for metric, usual in zip(values["study"].index.tolist(), values["study"].tolist(), strict=True):
        for name in CONVENTIONS:
            value = float(values[name].loc[metric])
            difference = 0.0 if value == usual else value - usual
            rows.append((metric, name, value, difference, reason(metric, name, predictions, pairs, bins)))
    return pd.DataFrame(rows, columns=["metric", "convention", "value", "difference", "reason"])


def reason(metric: str, convention: Convention, predictions: Predictions, pairs: Pairs, bins: int) -> str:
    """One sentence on how this convention defines the metric and what that does to these predictions."""
    if metric not in OFFERED[convention]:
        stands_in = "the usual definition" if convention == "study" else "the study's definition is shown"
        return f"{'the study' if convention == 'study' else convention} doesn't offer it; {stands_in}."
    rules = RULES[convention]
    if metric in ("ece", "mce"):
        return _width_reason(metric, rules, predictions, pairs, bins)
    if metric == "ece_em":
        return _mass_reason(convention, rules, pairs, bins)
    if metric == "brier":
        return _brier_reason(rules, predictions.classes)
    if metric == "nll":
        return _nll_reason(rules, predictions)
    return "the same definition everywhere."


def _width_reason(metric: str, rules: Rules, predictions: Predictions, pairs: Pairs, bins: int) -> str:
    cuts = equal_width_cuts(pairs, bins, rules)
    moved = moved_rows(equal_width_cuts(pairs, bins), cuts[: bins + 1])
    ones = int(cuts[-1] - cuts[-2]) if rules.one_apart else 0
    bounds = "(low, high]" if rules.closed == "right" else "[low, high)"
    if rules is RULES["study"]:
        on_edge = int(np.isin(pairs.scores, np.arange(1, bins) / bins).sum())
        return f"bins are {bounds}, with edges i/{bins}; {_rows(on_edge, 'lies', 'lie')} on an edge."
    parts = [f"{_rows(moved, 'is', 'are')} in another bin than in the study"] if moved else []
    if ones:
        parts.append(f"{_rows(ones, 'has', 'have')} a confidence of exactly 1, which gets a bin of its own")
    if rules.single:
        sums = width_errors(predictions, pairs, bins, rules)[metric] - WIDTH_METRICS[metric](pairs, cuts)
        parts.append(f"adding up in float32, in the order of the rows, moves the value by {sums:.2g}")
    what = "; ".join(parts) if parts else "no row changes its bin here"
    apart = ", with 1 apart, after rounding to float32" if rules.one_apart else ""
    return f"bins are {bounds}{apart}; {what}."


def _mass_reason(convention: Convention, rules: Rules, pairs: Pairs, bins: int) -> str:
    cuts = equal_mass_cuts(pairs, bins)
    ties = pairs.n - (pairs.tie_cuts.size - 1)
    if rules.mass_edges == "midpoints":
        return (
            f"edges lie midway between neighbours, so ties stay together; {_rows(ties, 'repeats', 'repeat')} a value."
        )
    moved = moved_rows(cuts, equal_mass_cuts(pairs, bins, rules))
    text = f"edges are quantiles of the values; {_rows(moved, 'is', 'are')} in another bin than in the study"
    quantiles = np.quantile(pairs.scores, np.linspace(0, 1, bins + 1)[1:-1])
    if convention == "netcal" and (np.diff([0.0, *quantiles, 1.0]) == 0).any():
        text += "; netcal itself stops with an error here, because ties make edges coincide"
    return text + "."


def _brier_reason(rules: Rules, classes: int) -> str:
    if rules.brier == "mean":
        return f"the mean over samples and classes, which is the sum over classes divided by {classes}."
    return f"the sum over classes, {classes} times the study's mean."


def _nll_reason(rules: Rules, predictions: Predictions) -> str:
    if not rules.clips_nll:
        return "from the logits where they are known, never clipped."
    eps = precision(predictions)
    own = predictions.probabilities[np.arange(predictions.n), predictions.labels]
    return f"probabilities are clipped at {eps:.2g}; {_rows(int((own < eps).sum()), 'lies', 'lie')} below."


def moved_rows(cuts: np.ndarray, others: np.ndarray) -> int:
    """How many samples lie in another bin under the second of two binnings of the same sorted samples."""
    n = int(cuts[-1])
    index = np.arange(n)
    bin_of = np.searchsorted(cuts[1:-1], index, side="right")
    other_of = np.searchsorted(others[1 : cuts.size - 1], index, side="right")
    return int((bin_of != other_of).sum())


def _rows(count: int, one: str, many: str) -> str:
    return f"{count:,} row {one}" if count == 1 else f"{count:,} rows {many}"
