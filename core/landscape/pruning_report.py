"""What mode `pruning` answers, out of what its steps found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar, Source
from core.landscape.advice import advise
from core.landscape.pruning.regimes import pruning_regimes
from core.landscape.sweep.measure_step import pairs_of
from core.landscape.sweep_report import COLD_IF_LARGE, KNOBS

if TYPE_CHECKING:
    from core.landscape.pruning_params import PruningParams

SURE = 0.9
REGIMES = ("I", "II-A", "II-B")


def pruning_result(
    params: PruningParams, dataset: Source, dense: Mapping[str, Any], pruned: Sequence[Mapping[str, Any]]
) -> Result:
    """The result of a pruning study.

    Args:
        params: of the run.
        dataset: that was learned.
        dense: as `train_cells` returns it.
        pruned: of each density, as `retrain_pruned` returns it.
    """
    twins = _twins(params, pruned)
    found = pruning_regimes(twins, seed=params.seed)
    cells = checked(found.cells, cold_if_large=params.temperature in COLD_IF_LARGE)
    models = _dense(params, dense)
    return Result(
        answer=_answer(params, dataset, cells),
        summary=_summary(params, cells, models),
        tables={
            "regimes": cells,
            "pruning_advice": _advice(cells),
            "dense": models,
            "twins": twins,
            "pruning_axes": pd.DataFrame(
                {
                    "axis": ["load", "temperature"],
                    "name": ["density", KNOBS[params.temperature]],
                    "cold_if_large": [False, params.temperature in COLD_IF_LARGE],
                }
            ),
        },
        notes=_notes(params, cells),
    )


def checked(cells: pd.DataFrame, *, cold_if_large: bool) -> pd.DataFrame:
    """The cells with what the retrained networks say of the advice.

    In regime I the advice is to raise the temperature, in II-A to lower it; it is confirmed where the best test error of
    the same density in that direction is smaller than the cell's own. II-B asks for nothing.

    Args:
        cells: of a regime map, with `density`, `temperature`, `regime`, `test_error`.
        cold_if_large: whether large values of the temperature's knob are cold.

    Returns:
        The same with `advised` ("raise", "lower" or ""), `gain` (points of test error that the best cell in that
        direction has less; NaN where there is none) and `confirmed` ("yes", "no" or "").
    """
    heat = -cells.temperature if cold_if_large else cells.temperature
    advised = cells.regime.map({"I": "raise", "II-A": "lower"}).fillna("")
    gains = []
    for (_, cell), own, turn in zip(cells.iterrows(), heat, advised, strict=True):
        beyond = heat > own if turn == "raise" else heat < own
        others = cells.test_error[(cells.density == cell.density) & beyond].dropna()
        gains.append(float(cell.test_error - others.min()) if turn and len(others) else np.nan)
    gain = np.array(gains)
    confirmed = np.where(np.isnan(gain), "", np.where(gain > 0, "yes", "no"))
    return cells.assign(advised=advised, gain=gain, confirmed=confirmed)


def _twins(params: PruningParams, pruned: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A row a pair of twins."""
    pairs, temperatures = pairs_of(params.twins), np.array(params.temperature_values())
    parts = []
    for density, found in zip(params.density_values(), pruned, strict=True):
        each = len(temperatures), params.seeds, len(pairs)
        parts.append(
            pd.DataFrame(
                {
                    "density": density,
                    "temperature": np.repeat(temperatures, params.seeds * len(pairs)),
                    "seed": np.tile(np.repeat(np.arange(params.seeds), len(pairs)), len(temperatures)),
                    "first": np.tile([first for first, _ in pairs], len(temperatures) * params.seeds),
                    "second": np.tile([second for _, second in pairs], len(temperatures) * params.seeds),
                    "lmc": found["lmc"].reshape(-1),
                    "cka": found["cka"].reshape(-1),
                    "train_error": np.broadcast_to(found["train_error"][:, :, None], each).reshape(-1),
                    "test_error": np.broadcast_to(found["test_error"][:, :, None], each).reshape(-1),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _dense(params: PruningParams, dense: Mapping[str, Any]) -> pd.DataFrame:
    temperatures = np.array(params.temperature_values())
    names = ("train_loss", "train_error", "test_loss", "test_error", "diverged")
    return pd.DataFrame(
        {
            "temperature": np.repeat(temperatures, params.seeds),
            "seed": np.tile(np.arange(params.seeds), len(temperatures)),
            **{name: np.asarray(dense[name]).reshape(-1) for name in names},
        }
    )


def _advice(cells: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {
            "density": cell["density"],
            "temperature": cell["temperature"],
            "regime": cell["regime"],
            "advice": advised.advice.sentence,
            "turn": advised.advice.turn,
            "whose": "the paper's" if advised.advice.origin == "paper" else "read off the map",
            "reference": advised.advice.reference,
            "evidence": "; ".join(
                f"{one.title} {one.value:.3g}{' ' + one.unit if one.unit else ''}" for one in advised.evidence
            ),
        }
        for position, (_, cell) in enumerate(cells.iterrows())
        for advised in advise(cells, position, label="regime")
    ]
    return pd.DataFrame(rows)


def _share_confirmed(cells: pd.DataFrame) -> tuple[int, int]:
    """How often the advice was confirmed, and how often it could be checked."""
    return int((cells.confirmed == "yes").sum()), int((cells.confirmed != "").sum())


def _answer(params: PruningParams, dataset: Source, cells: pd.DataFrame) -> str:
    counts = cells.regime.value_counts()
    named = ", ".join(f"{int(counts.get(name, 0)):,} in {name}" for name in REGIMES)
    confirmed, of = _share_confirmed(cells)
    said = f"{dataset.name}, {params.architecture} of width {params.width}: of {len(cells):,} cells {named}."
    if not of:
        return f"{said} Nowhere does the rule ask for a change that could be checked here."
    return (
        f"{said} Where the rule asks for another temperature, a retrained network in that direction is better in {confirmed:,} of "
        f"{of:,} cells."
    )


def _summary(params: PruningParams, cells: pd.DataFrame, models: pd.DataFrame) -> dict[str, Scalar]:
    confirmed, of = _share_confirmed(cells)
    summary: dict[str, Scalar] = {}
    if of:
        summary["confirmed"] = Scalar(
            100 * confirmed / of,
            "Advice confirmed",
            "%",
            description=f"By the retrained test error, in {confirmed} of {of} cells where the advice is not to leave it as it is.",
        )
        summary["median_gain"] = Scalar(
            float(cells.gain.median()),
            "Median gain of the advice",
            "points",
            description="Of test error, best cell in its direction.",
        )
    known = cells.dropna(subset=["test_error"])
    smallest = known[known.test_error <= known.test_error.min() + 1.0].density.min() if len(known) else None
    if smallest is not None:
        summary["smallest_density"] = Scalar(
            float(smallest), "Smallest density within a point", description="Of the best retrained test error."
        )
    summary["dense_test_error"] = Scalar(
        float(models.groupby("temperature").test_error.mean().min()), "Best dense test error", "%"
    )
    for name in REGIMES:
        summary[f"cells_{name}"] = Scalar(int((cells.regime == name).sum()), f"Cells in {name}")
    summary["sure"] = Scalar(
        int((cells.confidence >= SURE).sum()),
        "Sure cells",
        description=f"Whose label {100 * SURE:.0f} % of the resamples keep.",
    )
    return summary


def _notes(params: PruningParams, cells: pd.DataFrame) -> tuple[str, ...]:
    notes = [
        f"Dense training: SGD with momentum {params.momentum:g}, batches of {params.batch_size}, {params.epochs} epochs at "
        f"{params.learning_rate:g} where the temperature is not one of these. Pruning: by magnitude, the same share of every "
        f"layer, biases kept. Retraining: {params.twins} twins of each of {params.seeds} dense networks, {params.retraining_epochs} "
        f"epochs at {params.retraining_rate:g}, the mask kept. Twins share start and mask and differ in the order of the data.",
        "The rule is the paper's; that a gain lies in its direction was measured here, on rows that no network has learned from.",
    ]
    missing = int((cells.regime == "not measured").sum())
    if missing:
        notes.append(f"In {missing:,} cells the networks diverged, so that no regime is known.")
    return tuple(notes)
