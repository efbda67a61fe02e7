"""The tables of a fine-tuning: every search, every training, the lambdas, the generalisation gap."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

import numpy as np
import pandas as pd

from core.intrinsic_dimension.findings import Aim
from core.intrinsic_dimension.fine_tuning.outcome import Lambdas, Search, title
from core.intrinsic_dimension.fine_tuning.problem import FineTuningFacts
from core.intrinsic_dimension.objective_numbers import baseline_interval, whole
from core.intrinsic_dimension.objective_tables import baselines_table, curve_table, fit_table

NEIGHBOURS = 1.5  # factor around d90 within which SAID trainings count for the lambdas
LEAST_LAMBDAS = 3  # trainings; where fewer are that near, those nearest to d90


def searches_table(searches: Sequence[Search], full_dimension: int) -> pd.DataFrame:
    """One row a search and fraction.

    Columns:
        search: in words; start: "pretrained" or "scratch"; method: "DID" or "SAID".
        fraction: of the baseline; baseline, baseline_low, baseline_high: mean of full fine-tuning and its 95 % interval.
        threshold: accuracy to be reached.
        relation: "=", ">" where it was not reached up to `low`, "" where it is not above chance.
        d: missing where it was not reached; low, high: its interval.
        ratio: parameters of the network for each that is needed.
        how: as `core.intrinsic_dimension.search.Crossing.how`.
        trainings: of the search, full fine-tuning included.
        learning_rate: in the subspace of the first guess; learning_rate_full: of full fine-tuning.
    """
    rows = []
    for search in searches:
        findings = search.findings
        low, high = baseline_interval(findings)
        for aim in findings.aims:
            crossing, value = aim.crossing, whole(aim)
            rows.append(
                {
                    "search": title(search.start, search.method),
                    "start": search.start,
                    "method": search.method,
                    "fraction": aim.fraction,
                    "baseline": float(findings.baseline.mean()),
                    "baseline_low": low,
                    "baseline_high": high,
                    "threshold": aim.threshold,
                    "relation": "" if crossing is None else ("=" if value else ">"),
                    "d": value,
                    "low": floor(crossing.low) if crossing else None,
                    "high": ceil(crossing.high) if crossing and crossing.high is not None else None,
                    "ratio": full_dimension / value if value else None,
                    "how": crossing.how if crossing else "not above chance",
                    "trainings": len(findings.trainings),
                    "learning_rate": findings.subspace_rate,
                    "learning_rate_full": findings.direct_rate,
                }
            )
    return pd.DataFrame(rows).astype({"d": "Int64", "low": "Int64", "high": "Int64", "ratio": "float64"})


def trainings_table(searches: Sequence[Search]) -> pd.DataFrame:
    """Every training in a subspace, with the search that it belongs to and its generalisation gap."""
    parts = [_named(curve_table(search.findings), search) for search in searches]
    return _with_gap(pd.concat(parts, ignore_index=True))


def full_table(searches: Sequence[Search]) -> pd.DataFrame:
    """Every full fine-tuning, once for each start, and whether it counts for the baseline."""
    first = {search.start: search for search in reversed(searches)}
    parts = [_named(baselines_table(search.findings), search) for search in reversed(first.values())]
    return _with_gap(pd.concat(parts, ignore_index=True)).drop(columns=["search", "method"])


def lines_table(searches: Sequence[Search]) -> pd.DataFrame:
    """The fitted line of each search with its 95 % band."""
    return pd.concat([_named(fit_table(search.findings), search) for search in searches], ignore_index=True)


def gap_table(searches: Sequence[Search]) -> pd.DataFrame:
    """Mean generalisation gap by dimension: training minus validation accuracy.

    Columns:
        search; subspace_dimension; gap and its standard error (NaN of one training); training_accuracy;
        validation_accuracy; trainings.
    """
    trained = trainings_table(searches)
    trained = trained[(trained.role == "search") & np.isfinite(trained.gap)]
    grouped = trained.groupby(["search", "subspace_dimension"], sort=False)
    table = grouped.agg(
        gap=("gap", "mean"),
        spread=("gap", "std"),
        training_accuracy=("training_accuracy", "mean"),
        validation_accuracy=("validation_accuracy", "mean"),
        trainings=("gap", "size"),
    ).reset_index()
    table["standard_error"] = table.spread / np.sqrt(table.trainings)
    return table.drop(columns="spread").sort_values(["search", "subspace_dimension"], ignore_index=True)


def lambda_table(search: Search, facts: FineTuningFacts) -> pd.DataFrame:
    """Where the lambdas ended, mean over the trainings near d90.

    Columns:
        layer; value; low and high (95 % interval of the mean, by Student's t); parameters of the layer; trainings.
    """
    from scipy.stats import t

    near = _near(search.findings.aims[0], search.lambdas)
    values = np.array([one.values for one in near], dtype=float)
    values = values[np.isfinite(values).all(1)]
    count = len(values)
    mean = values.mean(0) if count else np.full(len(facts.layers), np.nan)
    reach = t.ppf(0.975, count - 1) * values.std(0, ddof=1) / count**0.5 if count > 1 else np.full(len(mean), np.nan)
    return pd.DataFrame(
        {
            "layer": list(facts.layers),
            "value": mean,
            "low": mean - reach,
            "high": mean + reach,
            "parameters": np.array(facts.layer_sizes, dtype=np.int64),
            "trainings": np.full(len(facts.layers), count, dtype=np.int64),
        }
    )


def _near(aim: Aim, lambdas: Sequence[Lambdas]) -> list[Lambdas]:
    found = whole(aim)
    centre = found if found else max(one.subspace_dimension for one in lambdas)
    by_distance = sorted(lambdas, key=lambda one: abs(np.log(one.subspace_dimension / centre)))
    near = [one for one in by_distance if abs(np.log(one.subspace_dimension / centre)) <= np.log(NEIGHBOURS)]
    return near if len(near) >= LEAST_LAMBDAS else by_distance[:LEAST_LAMBDAS]


def _named(table: pd.DataFrame, search: Search) -> pd.DataFrame:
    return table.assign(search=title(search.start, search.method), start=search.start, method=search.method)


def _with_gap(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(gap=table.training_accuracy - table.validation_accuracy)
