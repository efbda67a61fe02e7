"""The step of mode `detect` that puts all parameters together: it goes through the parts and holds one of them at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import report
from core.errors import BadInput
from core.telemetry.detect_steps import FEW

if TYPE_CHECKING:
    import pandas as pd

    from core.analysis import Stored
    from core.telemetry.detection.combined import Combination, Sizes

DRAWN_VALUES = 20_000_000  # of each array of series: of very long ones fewer are kept
SERIES = ("values", "predicted", "residual")
TABLES = ("parameters", "previous", "attributions", "attribution_features", "waterfall", "interactions", "shares")
NO_COVARIATES = "no covariates to explain it"


def assemble_step(
    parts: list[Stored],
    name: str,
    rows: int,
    step: float,
    join: int,
    smoothing: float | None,
    combine: Combination,
    causal: bool,
) -> dict[str, Any]:
    """Joins what `parameters_step` found of all parameters.

    The parts are read twice: for the combined score and the events, which say whose series are kept, and for those.
    Sums over parameters are taken in their order, so that they do not depend on how the parameters were dealt out.

    Args:
        parts: as the parameters follow each other.
        name: of the file, for the refusal.
        rows: of the grid.
        step: seconds between two rows.
        join: rows within which stretches are one event.
        smoothing: seconds that scores are averaged over; None: automatic.
        combine: how the combined score is made.
        causal: whether averages use the past only.

    Returns:
        The fields of `core.telemetry.detect_report.Found`.

    Raises:
        BadInput: no parameter could be judged; the sentence says why the first could not.
    """
    import pandas as pd

    from core.telemetry.detection.incidents import find_incidents
    from core.telemetry.detection.lags import choose_smoothing

    names: list[str] = []
    notes: list[str] = []
    sizes: Sizes | None = None
    nominal = np.zeros(rows, dtype=np.int64)
    events: list[pd.DataFrame] = []
    collected: dict[str, list[pd.DataFrame]] = {}
    for place, part in enumerate(parts):
        own = part.load()
        notes += own["notes"]
        if own["names"]:
            names += own["names"]
            sizes = _with(sizes, own["sizes"])
            nominal += own["nominal"].sum(axis=1)
            events.append(own["events"])
            for table in TABLES:
                if table in own:
                    collected.setdefault(table, []).append(own[table])
        report(0.7 * (place + 1) / len(parts))
    if sizes is None:
        raise BadInput(f"{name}: no parameter can be judged. {notes[0]}")
    tables = {table: pd.concat(collected[table], ignore_index=True) for table in TABLES if table in collected}
    together = pd.concat(events, ignore_index=True)
    incidents = find_incidents(together[together.over], join, step)
    together = _completed(together, tables, incidents)
    drawn = _drawn(names, together, rows)
    alarms = np.zeros(rows, dtype=bool)
    for first, last in zip(together.start_row[together.over], together.end_row[together.over], strict=True):
        alarms[first : last + 1] = True
    return {
        "names": names,
        "drawn": drawn,
        "score": sizes.combined(combine, choose_smoothing(step, smoothing), causal),
        "alarms": alarms,
        "nominal": nominal / len(names) >= 0.5,
        "events": together,
        "incidents": incidents,
        "tables": {
            table: frame
            for table, frame in tables.items()
            if table != "shares" and (table != "interactions" or len(frame))
        },
        **_series(parts, set(drawn)),
        "notes": list(dict.fromkeys(notes)),
    }


def _with(sizes: Sizes | None, more: Mapping[str, np.ndarray]) -> Sizes:
    from core.telemetry.detection.combined import Sizes

    return Sizes(**more) if sizes is None else sizes.plus(Sizes(**more))


def _completed(events: pd.DataFrame, tables: Mapping[str, pd.DataFrame], incidents: pd.DataFrame) -> pd.DataFrame:
    """Events with unit, threshold, explained share, verdict and incident."""
    about = tables["parameters"].set_index("parameter")
    events = events.assign(unit=events.parameter.map(about.unit), threshold=events.parameter.map(about.threshold))
    keys = ["parameter", "rank"]
    if "shares" in tables:
        events = events.merge(tables["shares"][[*keys, "explained_share", "verdict"]], on=keys, how="left")
    else:
        events = events.assign(explained_share=np.nan, verdict=NO_COVARIATES)
    numbered = incidents[[*keys, "incident"]].astype({"incident": "Int64"})
    return events.merge(numbered, on=keys, how="left")


def _drawn(names: Sequence[str], events: pd.DataFrame, rows: int) -> list[str]:
    """The parameters whose series are kept: all, or those with the largest events."""
    most = min(FEW, max(DRAWN_VALUES // rows, 1))
    if len(names) <= most:
        return list(names)
    largest = events.assign(size=events.peak_sigma.abs()).groupby("parameter")["size"].max()
    kept = set(largest.sort_values(ascending=False).index[:most])
    return [name for name in names if name in kept]


def _series(parts: Sequence[Stored], drawn: set[str]) -> dict[str, dict[str, np.ndarray]]:
    """`arrays` and `shap` of the parameters whose series are kept."""
    series: dict[str, list[np.ndarray]] = {array: [] for array in SERIES}
    shap: list[np.ndarray] = []
    shared: dict[str, np.ndarray] = {}
    for place, part in enumerate(parts):
        own = part.load()
        chosen = [column for column, name in enumerate(own["names"]) if name in drawn]
        if "shap" in own:
            shared = shared or {"shap_values": own["shap_values"], "shap_rows": own["shap_rows"]}
            shap.append(own["shap"][chosen])
        for array in SERIES if chosen else ():
            series[array].append(own[array][:, chosen])
        report(0.7 + 0.3 * (place + 1) / len(parts))
    return {
        "arrays": {array: np.hstack(kept).astype(np.float32) for array, kept in series.items()},
        "shap": {"shap": np.concatenate(shap), **shared} if shap else {},
    }
