"""The steps of mode `inject`: where events can be put, then one step a size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import report
from core.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd

    from core.telemetry.detect_steps import Read
    from core.telemetry.ingest.telemetry import Telemetry
    from core.telemetry.injection.pipeline import Pipeline
    from core.telemetry.injection.trial import Planned

SHOWN_NAMES = 20


def places_step(
    read: Read, recipe: Mapping[str, Any], plan: Mapping[str, Any], responders: Sequence[str]
) -> dict[str, Any]:
    """Where events can be put, and how large they are.

    Args:
        read: the telemetry.
        recipe: of the detection.
        plan: the fields of `InjectParams` that are its own.
        responders: covariates that answer the target.

    Returns:
        target, unit, sigma (in the unit), sizes (in the unit), starts [places] rows, signs [places], cause_value and notes.

    Raises:
        BadInput: names that do not fit the telemetry, or nowhere to put an event.
    """
    from core.telemetry.injection.power import size_ladder

    telemetry = read.telemetry()
    pipeline = _pipeline(telemetry, recipe, plan, responders)
    cause_value = _cause_value(telemetry, plan)
    starts, notes = _places(telemetry, pipeline, plan, _planned(telemetry, plan, cause_value))
    rng = np.random.default_rng([int(recipe["seed"]), 1])
    drawn = rng.choice([-1.0, 1.0], len(starts))
    ladder = size_ladder(plan["smallest"], plan["largest"], plan["sizes"])
    return {
        "target": pipeline.target,
        "unit": telemetry.grid.units.get(pipeline.target, ""),
        "sigma": pipeline.sigma,
        "sizes": (ladder * pipeline.sigma if plan["size_unit"] == "sigma" else ladder).tolist(),
        "starts": starts,
        "signs": {"either": drawn, "up": np.abs(drawn), "down": -np.abs(drawn)}[plan["direction"]],
        "cause_value": cause_value,
        "notes": [*telemetry.notes, *notes],
    }


def size_step(
    read: Read,
    recipe: Mapping[str, Any],
    plan: Mapping[str, Any],
    responders: Sequence[str],
    cause_value: float,
    starts: np.ndarray,
    signs: np.ndarray,
    size: float,
) -> pd.DataFrame:
    """Events of one size, one at a time at each place; the first model is fitted once, the second for each that is found.

    Returns:
        One row an injection: parameter, unit, kind, cause, size and size_sigma (without sign), place (1, 2, ...), start and
        end (UTC), sign, detected, listed, delay_minutes, peak_sigma, explained, named, cause_place, explained_share,
        verdict.
    """
    import pandas as pd

    from core.telemetry.injection.trial import try_event

    telemetry = read.telemetry()
    grid = telemetry.grid
    pipeline = _pipeline(telemetry, recipe, plan, responders)
    event = _planned(telemetry, plan, cause_value)
    lines = []
    for place, (start, sign) in enumerate(zip(starts, signs, strict=True)):
        rng = np.random.default_rng([int(recipe["seed"]), 2, place])
        outcome = try_event(pipeline, event, int(start), float(sign) * size, rng)
        lines.append(
            {
                "parameter": pipeline.target,
                "unit": grid.units.get(pipeline.target, ""),
                "kind": event.kind,
                "cause": event.cause,
                "size": size,
                "size_sigma": size / pipeline.sigma,
                "place": place + 1,
                "start": int(grid.times[start]),
                "end": int(grid.times[start + event.rows - 1]),
                "sign": int(sign),
                "detected": outcome.detected,
                "listed": outcome.listed,
                "delay_minutes": outcome.delay_rows * grid.step / 60,
                "peak_sigma": outcome.peak_sigma,
                "explained": outcome.explained,
                "named": outcome.named,
                "cause_place": outcome.place,
                "explained_share": outcome.explained_share,
                "verdict": outcome.verdict,
            }
        )
        report((place + 1) / len(starts), f"Place {place + 1} of {len(starts)}")
    table = pd.DataFrame(lines)
    return table.assign(**{name: pd.to_datetime(table[name], unit="ms", utc=True) for name in ("start", "end")})


def _pipeline(
    telemetry: Telemetry, recipe: Mapping[str, Any], plan: Mapping[str, Any], responders: Sequence[str]
) -> Pipeline:
    """The run of mode `detect` for the target, up to what an event can change.

    Raises:
        BadInput: the target or the cause is none of the columns that it may be, or there is too little to learn from.
    """
    from core.telemetry.detection.detector import find_nominal, fit_detector
    from core.telemetry.detection.recipe import Recipe
    from core.telemetry.explanation.explainer import ExplainerSettings
    from core.telemetry.injection.pipeline import AlarmSettings, Pipeline

    chosen, grid = Recipe(**recipe), telemetry.grid
    target = plan["target"] or telemetry.targets[0]
    _check_name("Parameter", target, telemetry.targets, "targets")
    if plan["cause"]:
        _check_name("Cause", plan["cause"], telemetry.covariates, "covariates")
    marked, settings = chosen.nominal(telemetry), chosen.detector(grid.step)
    values = grid.column(target)
    nominal = find_nominal(values, settings) if marked.rows is None else marked.rows
    return Pipeline(
        grid,
        target,
        telemetry.covariates,
        tuple(responders),
        nominal,
        marked.end,
        fit_detector(values, nominal, settings),
        AlarmSettings(
            chosen.threshold, chosen.sigma, chosen.quantile, settings.smoothing, chosen.events(telemetry, marked)
        ),
        ExplainerSettings(seed=chosen.seed),
    )


def _check_name(title: str, name: str, known: Sequence[str], kind: str) -> None:
    if name not in known:
        listed = ", ".join(known[:SHOWN_NAMES]) or "none"
        raise BadInput(f"{title}: {name!r} is none of the {kind}, which are {listed}.")


def _planned(telemetry: Telemetry, plan: Mapping[str, Any], cause_value: float) -> Planned:
    from core.telemetry.injection.shapes import SPIKE_SECONDS
    from core.telemetry.injection.trial import Planned

    grid = telemetry.grid
    return Planned(
        kind=plan["kind"],
        cause=plan["cause"],
        cause_value=cause_value,
        rows=grid.rows_in(60 * plan["duration"]),
        spike_rows=grid.rows_in(min(SPIKE_SECONDS, 60 * plan["duration"])),
        constant=60 * plan["answer"] / grid.step,
    )


def _cause_value(telemetry: Telemetry, plan: Mapping[str, Any]) -> float:
    """What the cause is set to; 0 where there is none.

    Raises:
        BadInput: the covariate has no value at all.
    """
    if not plan["cause"]:
        return 0.0
    if plan["cause_value"] is not None:
        return float(plan["cause_value"])
    _check_name("Cause", plan["cause"], telemetry.covariates, "covariates")
    values = telemetry.grid.column(plan["cause"])
    known = values[~np.isnan(values)]
    if not len(known):
        raise BadInput(f"Cause: {plan['cause']!r} has no value at all; name another covariate.")
    low, middle, high = float(known.min()), float(np.median(known)), float(known.max())
    return high if high - middle >= middle - low else low


def _places(
    telemetry: Telemetry, pipeline: Pipeline, plan: Mapping[str, Any], event: Planned
) -> tuple[np.ndarray, list[str]]:
    """[places] first rows, away from gaps, alarms, labelled rows and the marked nominal part; and what is to be said.

    Raises:
        BadInput: there is no such place.
    """
    from core.telemetry.injection.places import admissible_starts, draw_places, widened
    from core.telemetry.injection.trial import MARGIN

    grid, usual = telemetry.grid, pipeline.usual()
    smoothing = pipeline.detector.settings.smoothing
    busy = np.zeros(grid.rows, dtype=bool) if grid.labels is None else grid.labels.copy()
    for first, last in zip(usual.stretches.starts, usual.stretches.ends, strict=True):
        busy[first : last + 1] = True
    usable = ~np.isnan(usual.signed) & ~widened(busy, smoothing)
    usable[: pipeline.first] = False
    starts = admissible_starts(usable, event.felt_rows, grid.rows_in(MARGIN) + smoothing)
    if not len(starts):
        hours = event.felt_rows * grid.step / 3600
        raise BadInput(
            f"{telemetry.name} has no stretch of {hours:.3g} hours with an hour on either side behind the nominal part that is "
            "free of gaps and alarms; choose a shorter duration or answer, or mark a shorter nominal part."
        )
    rng = np.random.default_rng([int(plan["seed"]), 0])
    places = draw_places(starts, plan["repeats"], rng)
    notes = []
    if len(places) < plan["repeats"]:
        notes.append(f"There is room for {len(places)} places only; {plan['repeats']} were asked for.")
    if not pipeline.first:
        notes.append(
            "No nominal part was marked by time or rows: events were also put into rows that the first model learned from, where "
            "it is a little too sure of itself."
        )
    if not pipeline.covariates:
        notes.append(
            "There are no covariates, so that nothing could be explained: the shares say what was found alone."
        )
    return places, notes
