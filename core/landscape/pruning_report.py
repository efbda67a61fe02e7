"""What mode `pruning` answers, out of what its steps found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar, Source
from core.errors import BadInput
from core.landscape.advice import advise
from core.landscape.phase_map.labels import COLLAPSED
from core.landscape.pruning.confirmation import with_confirmation
from core.landscape.pruning.regimes import pruning_regimes
from core.landscape.pruning_studies import choice_study, classes_of, direction_study, tuning_study
from core.landscape.sweep.measure_step import pairs_of
from core.landscape.sweep_report import COLD_IF_LARGE, KNOBS

if TYPE_CHECKING:
    from core.landscape.pruning_params import PruningParams

SURE = 0.9
REGIMES = ("I", "II-A", "II-B")


def pruning_result(
    params: PruningParams, dataset: Source, dense: Sequence[Mapping[str, Any]], pruned: Sequence[Mapping[str, Any]]
) -> Result:
    """The result of a pruning study.

    Args:
        params: of the run.
        dataset: that was learned.
        dense: of each width, as `train_cells` returns it.
        pruned: of each width and density, as `retrain_pruned` returns it.

    Raises:
        BadInput: all networks diverged, and the study compares some.
    """
    twins, models = _twins(params, pruned), _dense(params, dense)
    if params.study != "map" and twins.test_error.isna().all():
        raise BadInput(
            f"Study {params.study}: all networks diverged, so that nothing can be compared; lower the learning rate "
            f"({params.learning_rate:g}), the temperatures or the retraining rate ({params.retraining_rate:g})."
        )
    if params.study == "choice":
        study = choice_study(params, dataset, twins, models)
        return Result(study.answer, study.summary, study.tables, notes=_recipe(params))
    found = pruning_regimes(twins, classes=classes_of(dataset), seed=params.seed).cells
    cells = with_confirmation(
        found, twins.drop_duplicates(["density", "temperature", "seed"]), cold_if_large=_cold_if_large(params)
    )
    tables = {
        "regimes": cells,
        "pruning_advice": _advice(cells),
        "dense": models.drop(columns="width"),
        "twins": twins.drop(columns="width"),
        "pruning_axes": pd.DataFrame(
            {
                "axis": ["load", "temperature"],
                "name": ["density", KNOBS[params.temperature]],
                "cold_if_large": [False, _cold_if_large(params)],
            }
        ),
    }
    summary, notes = _summary(cells, models), (*_recipe(params), *_notes(cells))
    if params.study == "map":
        return Result(_answer(params, dataset, cells), summary, tables, notes=notes)
    ask = direction_study if params.study == "direction" else tuning_study
    study = ask(params, dataset, twins, models, cells)
    return Result(study.answer, {**study.summary, **summary}, {**study.tables, **tables}, notes=notes)


def _cold_if_large(params: PruningParams) -> bool:
    return params.temperature in COLD_IF_LARGE


def _twins(params: PruningParams, pruned: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A row a pair of twins."""
    pairs, temperatures = pairs_of(params.twins), np.array(params.temperature_values())
    cells = [(width, density) for width in params.width_values() for density in params.density_values()]
    each = len(temperatures), params.seeds, len(pairs)
    parts = []
    for (width, density), found in zip(cells, pruned, strict=True):
        parts.append(
            pd.DataFrame(
                {
                    "width": width,
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


def _dense(params: PruningParams, dense: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A row a dense network."""
    temperatures = np.array(params.temperature_values())
    names = ("train_loss", "train_error", "test_loss", "test_error", "diverged")
    parts = [
        pd.DataFrame(
            {
                "width": width,
                "temperature": np.repeat(temperatures, params.seeds),
                "seed": np.tile(np.arange(params.seeds), len(temperatures)),
                **{name: np.asarray(found[name]).reshape(-1) for name in names},
            }
        )
        for width, found in zip(params.width_values(), dense, strict=True)
    ]
    return pd.concat(parts, ignore_index=True)


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


def _verdicts(cells: pd.DataFrame, column: str = "confirmed") -> tuple[int, int, int]:
    """How often the advice was confirmed, how often not, and how often the difference is within its standard error."""
    yes, no, undecided = (int((cells[column] == verdict).sum()) for verdict in ("yes", "no", "undecided"))
    return yes, no, undecided


def _answer(params: PruningParams, dataset: Source, cells: pd.DataFrame) -> str:
    counts = cells.regime.value_counts()
    named = ", ".join(f"{int(counts.get(name, 0)):,} in {name}" for name in REGIMES)
    yes, no, undecided = _verdicts(cells)
    said = f"{dataset.name}, {params.architecture} of width {params.width}: of {len(cells):,} cells {named}."
    if not yes + no + undecided:
        return f"{said} Nowhere does the rule ask for a change that could be checked here."
    if not yes + no:
        return f"{said} Where the rule asks for another temperature, no difference exceeds its standard error."
    left = f" in {undecided:,} more the difference is within its standard error" if undecided else ""
    return (
        f"{said} Where the rule asks for another temperature, networks retrained in that direction are better in {yes:,} of the "
        f"{yes + no:,} cells that are decided{';' if left else ''}{left}."
    )


def _summary(cells: pd.DataFrame, models: pd.DataFrame) -> dict[str, Scalar]:
    yes, no, undecided = _verdicts(cells)
    summary: dict[str, Scalar] = {}
    if yes + no:
        summary["confirmed"] = Scalar(
            100 * yes / (yes + no),
            "Advice confirmed",
            "%",
            description=f"By the retrained test error: {yes} of {yes + no} cells whose difference exceeds its standard error.",
        )
        other, against, _ = _verdicts(cells, "opposite")
        if other + against:
            summary["opposite"] = Scalar(
                100 * other / (other + against),
                "Opposite advice confirmed",
                "%",
                description=f"For comparison, of the same cells in the other direction: {other} of {other + against} decided ones.",
            )
        summary["median_gain"] = Scalar(
            float(cells.gain.median()),
            "Median gain of the advice",
            "points",
            description="Of test error, at the value in its direction that is best for the other dense networks.",
        )
    summary["undecided"] = Scalar(
        undecided, "Undecided cells", description="Whose gain does not exceed its standard error."
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


def _recipe(params: PruningParams) -> tuple[str, ...]:
    sharpness = f", SAM with rho {params.sam_rho:g}" if params.sam_rho and params.temperature != "sam_rho" else ""
    return (
        f"Dense training: SGD with momentum {params.momentum:g}, batches of {params.batch_size}, {params.epochs} epochs at "
        f"{params.learning_rate:g}{sharpness}, where the temperature is not one of these. Pruning: by magnitude, the same share of "
        f"every layer, biases kept. Retraining: {params.twins} twins of each of {params.seeds} dense networks, "
        f"{params.retraining_epochs} epochs at {params.retraining_rate:g} with batches of {params.retraining_batch_size}, the mask "
        "kept. Twins share start and mask and differ in the order of the data.",
    )


def _notes(cells: pd.DataFrame) -> tuple[str, ...]:
    notes = [
        "The rule is the paper's. Whether it holds is checked here: a dense network's gain is that of the value, in the advised "
        "direction, that was best for the other dense networks, on rows that no network has learned from; a cell counts where the "
        "mean gain exceeds its standard error.",
    ]
    missing = int((cells.regime == "not measured").sum())
    if missing:
        notes.append(f"In {_cells(missing)} the networks diverged, so that no regime is known.")
    lost = int((cells.regime == COLLAPSED).sum())
    if lost:
        notes.append(
            f"In {_cells(lost)} the retrained networks learned nothing; they are set aside, however alike they look."
        )
    return tuple(notes)


def _cells(count: int) -> str:
    return f"{count:,} cell{'s' * (count != 1)}"
