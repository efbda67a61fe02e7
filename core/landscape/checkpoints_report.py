"""What mode `checkpoints` answers, out of what its steps found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Inputs, Result, Scalar
from core.landscape.averaging_report import (
    ALL,
    averaging_advice,
    averaging_answer,
    averaging_notes,
    averaging_summary,
    averaging_table,
    phase_gains,
)
from core.landscape.map_report import MapWords, map_result
from core.landscape.similarity.flavours import PAPER

if TYPE_CHECKING:
    from core.landscape.checkpoints_params import CheckpointsParams

METRIC = "training error"


def checkpoints_result(
    params: CheckpointsParams,
    inputs: Inputs,
    look: Mapping[str, Any],
    spectra: Sequence[Mapping[str, Any]],
    pairs: Sequence[Mapping[str, Any]],
    surface: Mapping[str, np.ndarray],
    averaged: Sequence[Mapping[str, Any]],
) -> Result:
    """The result of checkpoints that were brought.

    Args:
        params: of the run.
        inputs: of the run.
        look: of `look_step`.
        spectra: of `curvature_step`, one a checkpoint.
        pairs: of `pair_step`.
        surface: of `surface_step`.
        averaged: of `average_step`, one a family, then of `fine_tuning_step`, one a fine-tuned checkpoint; may be empty.
    """
    names = look["names"]
    tables = {
        "curvature": _curvature(names, spectra),
        "connectivity": _connectivity(names, pairs),
        "similarity": _similarity(names, pairs),
        "curves": _curves(names, pairs),
        "layers": _layers(names, spectra),
    }
    own = Result(
        answer=_answer(inputs, look, spectra, pairs),
        summary=_summary(look, spectra, pairs),
        tables=tables,
        arrays=_arrays(spectra, surface),
        notes=_notes(params, look, pairs, surface),
    )
    if look["knobs"] is None:
        return _with_averages(own, inputs, look, averaged)
    mapped = map_result(_words(inputs), _rows(look, spectra, pairs), classes=look["classes"], seed=params.seed)
    both = replace(
        own,
        answer=f"{mapped.answer} {own.answer}",
        summary={**mapped.summary, **own.summary},
        tables={**mapped.tables, **own.tables},
        notes=(*own.notes, *mapped.notes),
    )
    return _with_averages(both, inputs, look, averaged)


def _with_averages(
    result: Result, inputs: Inputs, look: Mapping[str, Any], averaged: Sequence[Mapping[str, Any]]
) -> Result:
    """The result with what averages gain, and the advice that follows."""
    if not averaged:
        return result
    names, phases = look["names"], result.tables.get("phases")
    families = averaged[: len(look["families"])]
    lines = averaged[len(look["families"]) :]
    rows = [
        {**row, "load": family["load"], "temperature": family["temperature"], "members": len(family["members"])}
        | {"family": _family(family)}
        for family, found in zip(look["families"], families, strict=True)
        for row in found["rows"]
    ]
    tuned = [place for place in range(len(names)) if place != look["pretrained"]]
    for place, found in zip(tuned if lines else [], lines, strict=True):
        knobs = {"load": None, "temperature": None} if look["knobs"] is None else dict(look["knobs"].iloc[place])
        shared = {"load": knobs["load"], "temperature": knobs["temperature"], "members": 2, "family": names[place]}
        rows += [{**row, **shared} for row in found["rows"]]
    table = averaging_table(rows, phases)
    advice = averaging_advice(table)
    tables = {**result.tables, "averaging": table}
    if phases is not None:
        tables["averaging_phases"] = phase_gains(table)
        tables["advice"] = pd.concat([result.tables["advice"], advice[advice.load.notna()]], ignore_index=True)
    if lines:
        tables["fine_tuning"] = pd.DataFrame(
            [
                {"checkpoint": names[place], **row}
                for place, found in zip(tuned, lines, strict=True)
                for row in found["curve"]
            ]
        )
    held_out = inputs.get("held_out")
    said = [
        f"Read off the map ({one.reference}), {one.evidence}: {one.advice}"
        for one in advice[advice.load.isna()].itertuples()
    ]
    unaligned = (
        []
        if table.aligned.any() or not families
        else ["Units of this architecture are not known, so nothing was aligned."]
    )
    return replace(
        result,
        answer=f"{result.answer} {averaging_answer(table)}".strip(),
        summary={**result.summary, **averaging_summary(table)},
        tables=tables,
        notes=(
            *result.notes,
            *averaging_notes(
                table,
                f"{averaged[0]['reported']:,} rows of {(held_out or inputs['dataset']).name}",
                seen=held_out is None,
            ),
            *said,
            *unaligned,
        ),
    )


def _family(family: Mapping[str, Any]) -> str:
    if family["load"] is None:
        return ALL
    return f"load {family['load']:.4g}, temperature {family['temperature']:.4g}"


def _curvature(names: Sequence[str], spectra: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A row a quantity: eigenvalues from the largest (index from 1; the smallest have indices below 0), trace and loss."""
    rows = []
    for name, found in zip(names, spectra, strict=True):
        shared = {"checkpoint": name, "products": found["products"], "mode": found["mode"]}
        for index, (value, error) in enumerate(zip(found["eigenvalues"], found["eigenvalue_errors"], strict=True)):
            rows.append(
                {**shared, "quantity": "eigenvalue", "index": index + 1, "value": value, "standard_error": error}
            )
        for index, (value, error) in enumerate(zip(found["bottom"], found["bottom_errors"], strict=True)):
            rows.append(
                {**shared, "quantity": "eigenvalue", "index": -index - 1, "value": value, "standard_error": error}
            )
        rows.append(
            {
                **shared,
                "quantity": "trace",
                "index": 0,
                "value": found["trace"],
                "standard_error": found["trace_standard_error"],
            }
        )
        rows.append({**shared, "quantity": "loss", "index": 0, "value": found["loss"], "standard_error": 0.0})
    order = ["checkpoint", "quantity", "index", "value", "standard_error", "products", "mode"]
    return pd.DataFrame(rows)[order]


def _layers(names: Sequence[str], spectra: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"checkpoint": name, "layer": layer, "trace": trace, "standard_error": error}
            for name, found in zip(names, spectra, strict=True)
            for layer, trace, error in found["layers"]
        ]
    )


def _connectivity(names: Sequence[str], pairs: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    columns = ["first", "second", "path", "aligned", "metric", "mode_connectivity", "barrier"]
    rows = [
        {
            "first": names[pair["first"]],
            "second": names[pair["second"]],
            "path": line["path"],
            "aligned": line["aligned"],
            "metric": METRIC,
            "mode_connectivity": line["mode_connectivity"],
            "barrier": line["barrier"],
        }
        for pair in pairs
        for line in pair["paths"]
    ]
    return pd.DataFrame(rows, columns=columns)


def _curves(names: Sequence[str], pairs: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    columns = ["first", "second", "path", "aligned", "place", "error", "loss"]
    rows = [
        (names[pair["first"]], names[pair["second"]], line["path"], line["aligned"], place, error, loss)
        for pair in pairs
        for line in pair["paths"]
        for place, error, loss in zip(line["places"], line["error"], line["loss"], strict=True)
    ]
    return pd.DataFrame(rows, columns=columns)


def _similarity(names: Sequence[str], pairs: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    rows = [
        (names[pair["first"]], names[pair["second"]], flavour, value)
        for pair in pairs
        for flavour, value in [
            *((f"CKA: {name}", value) for name, value in pair["flavours"]),
            ("L2 distance", pair["distance"]),
        ]
    ]
    return pd.DataFrame(rows, columns=["first", "second", "flavour", "value"])


def _rows(
    look: Mapping[str, Any], spectra: Sequence[Mapping[str, Any]], pairs: Sequence[Mapping[str, Any]]
) -> pd.DataFrame:
    """A row a checkpoint and a row a pair of one cell, as the phases take them."""
    knobs: pd.DataFrame = look["knobs"]
    cells = knobs[["load", "temperature"]].astype(float)
    own = cells.assign(
        train_loss=[found["loss"] for found in spectra],
        train_error=[found["error"] for found in spectra],
        trace=[found["trace"] for found in spectra],
        trace_standard_error=[found["trace_standard_error"] for found in spectra],
        mode_connectivity=np.nan,
        cka=np.nan,
    )
    if "test_error" in knobs:
        own["test_error"] = knobs["test_error"].to_numpy(dtype=float)
    counted: dict[tuple[float, float], list[int]] = {}
    for place, cell in enumerate(cells.itertuples(index=False, name=None)):
        counted.setdefault(cell, []).append(place)
    extra = []
    for pair in pairs:
        first, second = (tuple(cells.iloc[pair[end]]) for end in ("first", "second"))
        if first != second:
            continue
        values = {
            "mode_connectivity": pair["paths"][0]["mode_connectivity"],
            "cka": dict(pair["flavours"])[PAPER.name],
        }
        free = counted[first]
        if free:
            own.loc[free.pop(0), list(values)] = list(values.values())
        else:
            extra.append({"load": first[0], "temperature": first[1], **values})
    own = own[cells.load.notna()]  # the pretrained one is in no cell
    return pd.concat([own, pd.DataFrame(extra)], ignore_index=True) if extra else own


def _words(inputs: Inputs) -> MapWords:
    return MapWords(inputs["checkpoints"].name, "load", "temperature", cold_if_large=False)


def _answer(
    inputs: Inputs, look: Mapping[str, Any], spectra: Sequence[Mapping[str, Any]], pairs: Sequence[Mapping[str, Any]]
) -> str:
    names = look["names"]
    count = len(names)
    traces = np.array([found["trace"] for found in spectra])
    flattest, sharpest = names[int(traces.argmin())], names[int(traces.argmax())]
    said = (
        f"{inputs['checkpoints'].name}: {count} {'checkpoint' if count == 1 else 'checkpoints'}, {look['description']}."
    )
    if count == 1:
        return f"{said} Its Hessian has the trace {traces[0]:.4g} and the largest eigenvalue {spectra[0]['eigenvalues'][0]:.4g}."
    said += f" The flattest is {flattest} (trace {traces.min():.4g}), the sharpest {sharpest} ({traces.max():.4g})."
    if not pairs:
        return said
    values = np.array([pair["paths"][0]["mode_connectivity"] for pair in pairs])
    worst = int(np.nanargmin(values)) if np.isfinite(values).any() else None
    if worst is None:
        return said
    pair = pairs[worst]
    return (
        f"{said} The highest barrier on a curve, {-min(values[worst], 0):.2f} points of error, stands between {names[pair['first']]} "
        f"and {names[pair['second']]}."
    )


def _summary(
    look: Mapping[str, Any], spectra: Sequence[Mapping[str, Any]], pairs: Sequence[Mapping[str, Any]]
) -> dict[str, Scalar]:
    first = spectra[0]
    summary = {
        "trace": Scalar(
            float(first["trace"]),
            "Trace of the Hessian",
            low=float(first["trace"] - 2 * first["trace_standard_error"]),
            high=float(first["trace"] + 2 * first["trace_standard_error"]),
            description=f"Of {look['names'][0]}; two standard errors on either side.",
        ),
        "top_eigenvalue": Scalar(
            float(first["eigenvalues"][0]), "Largest eigenvalue", description=f"Of {look['names'][0]}."
        ),
        "train_loss": Scalar(float(first["loss"]), "Training loss", "nats", description=f"Of {look['names'][0]}."),
        "checkpoints": Scalar(len(spectra), "Checkpoints"),
        "pairs": Scalar(len(pairs), "Pairs", description=f"Of {look['all_pairs']:,} that there are."),
    }
    return summary | pair_summary(pairs)


def pair_summary(pairs: Sequence[Mapping[str, Any]]) -> dict[str, Scalar]:
    """Means over pairs, of `pair_step`; nothing where there are none."""
    if not pairs:
        return {}
    values = [value for pair in pairs if not np.isnan(value := dict(pair["flavours"])[PAPER.name])]
    return {
        "mode_connectivity": Scalar(
            float(np.mean([pair["paths"][0]["mode_connectivity"] for pair in pairs])),
            "Mode connectivity",
            "points",
            description="Mean over the pairs, of curves; below 0: barriers.",
        ),
        "cka": Scalar(
            float(np.mean(values)) if values else "undefined",
            "CKA",
            description=f"Mean over the pairs where it is defined; {PAPER.name}.",
        ),
    }


def pair_notes(names: Sequence[str], pairs: Sequence[Mapping[str, Any]]) -> list[str]:
    """What must be known of the pairs: of which similarity is undefined."""
    undefined = [pair for pair in pairs if any(np.isnan(value) for _, value in pair["flavours"])]
    if not undefined:
        return []
    first = " and ".join(names[undefined[0][end]] for end in ("first", "second"))
    return [
        f"CKA is undefined for {first}{f' and {len(undefined) - 1:,} more pairs' if len(undefined) > 1 else ''}: one of the two "
        "gives the same outputs whatever it is shown, and what does not vary is like nothing."
    ]


def _arrays(spectra: Sequence[Mapping[str, Any]], surface: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    longest = max(len(found["density_nodes"]) for found in spectra)
    arrays = {}
    for name in ("density_nodes", "density_weights"):
        values = np.full((len(spectra), longest), np.nan)
        for row, found in zip(values, spectra, strict=True):
            row[: len(found[name])] = found[name]
        arrays[name] = values
    return {
        **arrays,
        "surface": surface["surface"],
        "surface_places": surface["places"],
        "trajectory": surface["trajectory"],
    }


def _notes(
    params: CheckpointsParams,
    look: Mapping[str, Any],
    pairs: Sequence[Mapping[str, Any]],
    surface: Mapping[str, np.ndarray],
) -> tuple[str, ...]:
    notes = [
        f"All {look['rows']:,} rows count as training rows, scaled as said ({params.scaling}). Curvature of the plain loss over at "
        f"most {params.curvature_rows:,} of them, batch normalisation in mode {params.statistics}, dropout off."
    ]
    if len(pairs) < look["all_pairs"]:
        notes.append(f"{len(pairs):,} of {look['all_pairs']:,} pairs were connected; raise Most pairs for more.")
    if pairs and len(pairs[0]["paths"]) < 3:
        notes.append(
            "Lines are measured as they are: which units of this architecture belong together is not known here."
        )
    notes += pair_notes(look["names"], pairs)
    if len(look["names"]) == 1:
        notes.append("One checkpoint has no pair: connectivity and similarity are not measured.")
    inside = surface["trajectory"][1:, 2]
    if bool(surface["principal"]):
        share = 100 * float(inside.min())
        least = "all" if share >= 99.5 else f"at least {share:.0f} %"
        notes.append(
            f"The plane is the principal one of the other checkpoints about the first; {least} of each one's squared distance lies "
            "in it."
        )
    elif len(inside):
        notes.append(
            "The plane has random directions, in which other checkpoints lie almost nowhere: their places are projections."
        )
    return tuple(notes)
