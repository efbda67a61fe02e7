"""The case studies of Zhou et al. 2023 (arXiv:2305.18383): what twins advise, beside the dense optimum and the best there is.

The paper's baseline is to take what makes the dense network best. The best of all is known afterwards alone: it is chosen by
the test error that it is then judged by, so that no rule can be expected to reach it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.analysis import Scalar, Source
from core.landscape.phase_map.collapse import collapsed_rows
from core.landscape.phase_map.labels import COLLAPSED
from core.landscape.phase_map.rule import barriers
from core.landscape.pruning.confirmation import TURNS
from core.landscape.pruning.selection import best_by_twins, followed
from core.landscape.sweep_report import COLD_IF_LARGE, KNOBS

if TYPE_CHECKING:
    from core.landscape.pruning_params import PruningParams

PRESENT, ADVISED, TWINS, DENSE, BEST, PLAIN = "present", "advised", "twins", "dense optimum", "best", "plain SGD"


@dataclass(frozen=True)
class Study:
    """What a case study adds to a result."""

    answer: str
    summary: Mapping[str, Scalar]
    tables: Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Mean:
    """A mean over dense networks with its standard error, NaN for a single one."""

    value: float
    standard_error: float

    @staticmethod
    def of(values: np.ndarray) -> Mean:
        """Of what is known among the values."""
        known = values[np.isfinite(values)]
        if not len(known):
            return Mean(float("nan"), float("nan"))
        error = known.std(ddof=1) / np.sqrt(len(known)) if len(known) > 1 else float("nan")
        return Mean(float(known.mean()), float(error))

    def __str__(self) -> str:
        return f"{self.value:.2f}" + ("" if np.isnan(self.standard_error) else f" ± {self.standard_error:.2f}")


def direction_study(
    params: PruningParams, dataset: Source, twins: pd.DataFrame, models: pd.DataFrame, cells: pd.DataFrame
) -> Study:
    """Should the present temperature be raised or lowered for the density goal, and what comes of it?

    Args:
        params: of the run.
        dataset: that was learned.
        twins: a row a pair of twins: `density`, `temperature`, `seed`, `test_error`.
        models: a row a dense network: `temperature`, `test_error`.
        cells: of the regime map.
    """
    line = cells[cells.density == params.density].set_index("temperature")
    values = sorted(params.temperature_values(), reverse=params.temperature in COLD_IF_LARGE)
    errors = _errors(twins, params.density).reindex(values)
    start = values.index(params.present) if params.present is not None else 0
    path = followed(line.regime.reindex(values).tolist(), start)
    chosen = {
        PRESENT: values[start],
        ADVISED: values[path[-1]],
        DENSE: _coordinate(models.groupby("temperature").test_error.mean()),
        BEST: _coordinate(errors.mean(axis=1)),
    }
    rows = [
        {
            "role": role,
            "density": params.density,
            "temperature": value,
            **_measured(line, value),
            **_numbers("test_error", "standard_error", Mean.of(errors.loc[value].to_numpy())),
            **_numbers(
                "gain",
                "gain_standard_error",
                Mean.of((errors.loc[chosen[PRESENT]] - errors.loc[value]).to_numpy()),
            ),
        }
        for role, value in chosen.items()
    ]
    tried = [
        {"step": step, "temperature": values[place], **_measured(line, values[place])}
        for step, place in enumerate(path)
    ]
    table = pd.DataFrame(rows)
    return Study(
        _direction_answer(params, dataset, table.set_index("role")),
        {
            "present_error": _error(table, PRESENT, "At the present value"),
            "advised_error": _error(table, ADVISED, "Where the advice leads"),
            "dense_optimum_error": _error(table, DENSE, "At the dense optimum"),
            "best_error": _error(table, BEST, "Best of all values, known afterwards"),
        },
        {"pruning_study": table, "pruning_path": pd.DataFrame(tried)},
    )


def tuning_study(
    params: PruningParams, dataset: Source, twins: pd.DataFrame, models: pd.DataFrame, cells: pd.DataFrame
) -> Study:
    """Which temperature is right for each density: the one whose twins are connected and most alike?

    Arguments as of `direction_study`.
    """
    dense_optimum = _coordinate(models.groupby("temperature").test_error.mean())
    rows = []
    for density in params.density_values():
        line = cells[cells.density == density].set_index("temperature")
        errors = _errors(twins, density)
        best = _by_twins(line.where(line.regime != COLLAPSED))
        chosen = {
            TWINS: None if best is None else float(line.index.to_numpy(float)[best]),
            DENSE: dense_optimum,
            BEST: _coordinate(errors.mean(axis=1)),
        }
        if params.temperature == "sam_rho" and 0.0 in line.index:
            chosen[PLAIN] = 0.0
        rows += [
            {
                "role": role,
                "density": density,
                "temperature": value,
                **_measured(line, value),
                **_numbers("test_error", "standard_error", Mean.of(errors.loc[value].to_numpy())),
            }
            for role, value in chosen.items()
            if value is not None
        ]
    table = pd.DataFrame(rows)
    means = {str(role): float(part.test_error.mean()) for role, part in table.groupby("role")}
    knob = KNOBS[params.temperature]
    plain = f", plain SGD {means[PLAIN]:.2f} %" if PLAIN in means else ""
    return Study(
        f"{dataset.name}, {params.architecture} of width {params.width}: with the {knob} that twins choose for each of "
        f"{len(params.density_values())} densities the retrained test error is {means.get(TWINS, np.nan):.2f} % on average, with the "
        f"dense optimum {means[DENSE]:.2f} %{plain}; the best for each would give {means[BEST]:.2f} %.",
        _mean_errors(means),
        {"pruning_study": table},
    )


def choice_study(params: PruningParams, dataset: Source, twins: pd.DataFrame, models: pd.DataFrame) -> Study:
    """Which dense network of a family should be pruned? Each dense seed is a family of its own.

    Args:
        params: of the run.
        dataset: that was learned.
        twins: a row a pair of twins: `width`, `temperature`, `seed`, `lmc`, `cka`, `train_error`, `test_error`.
        models: a row a dense network: `width`, `temperature`, `seed`, `test_error`.
    """
    keys = ["width", "temperature"]
    each = twins.groupby(["seed", *keys])[["lmc", "cka", "train_error", "test_error"]].mean().reset_index()
    spread = twins.groupby(["seed", *keys]).lmc.sem().to_numpy()
    each["barrier"] = barriers(spread)
    known = each.train_error.notna()
    each["collapsed"] = known & collapsed_rows(np.zeros(len(each)), each.train_error.to_numpy(), classes_of(dataset))
    dense = models[["seed", *keys, "test_error"]].rename(columns={"test_error": "dense_test_error"})
    each = each.merge(dense, on=["seed", *keys])
    rows = []
    for seed, family in each.groupby("seed"):
        best = _by_twins(family.where(~family.collapsed))
        chosen = {
            TWINS: None if best is None else family.iloc[best],
            DENSE: _lowest(family, "dense_test_error"),
            BEST: _lowest(family, "test_error"),
        }
        rows += [
            {
                "role": role,
                "seed": seed,
                "density": params.density,
                **one.drop(["seed", "barrier", "collapsed"]).to_dict(),
            }
            for role, one in chosen.items()
            if one is not None
        ]
    table = pd.DataFrame(rows).astype({"width": int})
    lines = {str(role): part.set_index("seed").test_error for role, part in table.groupby("role")}
    lost = {role: Mean.of((lines[role] - lines[BEST]).to_numpy()) for role in (TWINS, DENSE) if role in lines}
    means = {role: float(line.mean()) for role, line in lines.items()}
    count = len(each) // max(1, each.seed.nunique())
    said = " and ".join(
        f"the one chosen by {'its twins' if role == TWINS else 'dense accuracy'} has {gap} points more"
        for role, gap in lost.items()
    )
    summary = _mean_errors(means)
    if TWINS in lines:
        gap = lines[DENSE] - lines[TWINS]
        better, worse = int((gap > 0).sum()), int((gap < 0).sum())
        said += f"; twins choose better in {better} and worse in {worse} of {len(gap)} families"
        summary["better_families"] = Scalar(better, "Families where twins choose better")
        summary["worse_families"] = Scalar(worse, "Families where twins choose worse")
    candidates = (
        each.groupby(keys)[["dense_test_error", "lmc", "cka", "train_error", "test_error"]].mean().reset_index()
    )
    return Study(
        f"{dataset.name}, {params.architecture}, {count} dense networks of {len(params.width_values())} widths and "
        f"{len(params.temperature_values())} temperatures, pruned to density {params.density:g}: against the best of its family, "
        f"{means[BEST]:.2f} %, {said}.",
        summary,
        {"pruning_study": table, "candidates": candidates},
    )


def _by_twins(candidates: pd.DataFrame) -> int | None:
    return best_by_twins(*(candidates[name].to_numpy(float) for name in ("lmc", "cka", "barrier")))


def classes_of(dataset: Source) -> int | None:
    """Of the data set, where its inspection found them."""
    classes = dataset.details.get("classes")
    return int(classes) if classes else None


def _errors(twins: pd.DataFrame, density: float) -> pd.DataFrame:
    """Retrained test error at a density, temperatures x dense seeds."""
    rows = twins[twins.density == density].drop_duplicates(["temperature", "seed"])
    return rows.pivot(index="temperature", columns="seed", values="test_error")


def _measured(line: pd.DataFrame, temperature: float) -> dict[str, object]:
    """What twins say at a temperature."""
    return {name: line[name].loc[temperature] for name in ("regime", "lmc", "cka")}


def _coordinate(errors: pd.Series) -> float:
    """The temperature with the smallest error."""
    return float(errors.index.to_numpy(float)[int(np.nanargmin(errors.to_numpy(float)))])


def _numbers(name: str, error: str, mean: Mean) -> dict[str, float]:
    return {name: mean.value, error: mean.standard_error}


def _lowest(family: pd.DataFrame, column: str) -> pd.Series | None:
    values = family[column].to_numpy(float)
    return family.iloc[int(np.nanargmin(values))] if np.isfinite(values).any() else None


def _error(table: pd.DataFrame, role: str, title: str) -> Scalar:
    row = table.set_index("role").loc[role].to_dict()
    return Scalar(row["test_error"], title, "%", description=f"Test error after retraining, at {row['temperature']:g}.")


def _mean_errors(means: Mapping[str, float]) -> dict[str, Scalar]:
    titles = {
        TWINS: "Chosen by twins",
        DENSE: "Chosen by dense accuracy",
        BEST: "Best of all, known afterwards",
        PLAIN: "Plain SGD",
    }
    return {
        f"{role.replace(' ', '_').lower()}_error": Scalar(
            means[role], title, "%", description="Mean test error after retraining."
        )
        for role, title in titles.items()
        if role in means
    }


def _direction_answer(params: PruningParams, dataset: Source, table: pd.DataFrame) -> str:
    present, advised, dense = (table.loc[role].to_dict() for role in (PRESENT, ADVISED, DENSE))
    now, turn = present["regime"], TURNS.get(present["regime"])
    lies = {COLLAPSED: "leaves networks that learn nothing", "not measured": "has no regime, as networks diverged"}
    said = (
        f"{dataset.name}, {params.architecture} of width {params.width}, density {params.density:g}: {KNOBS[params.temperature]} "
        f"{present['temperature']:g} {lies.get(now, f'lies in regime {now}')}"
    )
    beside = f"the dense optimum, {dense['temperature']:g}, gives {dense['test_error']:.2f} %"
    if turn is None or advised["temperature"] == present["temperature"]:
        asks = (
            f"the rule asks to {turn} the temperature, and there is no such value"
            if turn
            else "the rule asks for no change"
        )
        return f"{said}: {asks}. The retrained test error is {present['test_error']:.2f} %; {beside}."
    gain = Mean(advised["gain"], advised["gain_standard_error"])
    return (
        f"{said}, so {turn} the temperature: at {advised['temperature']:g}, where the advice leads, the retrained test error is "
        f"{advised['test_error']:.2f} % instead of {present['test_error']:.2f} %, a gain of {gain} points; {beside}."
    )
