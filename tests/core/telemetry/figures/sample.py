"""A small result of the detect mode in the layout that figures and pages read, computed by plain means.

Three temperatures follow four covariates; the forecast is persistence, the second model a linear one. So every number
in the result is what its column says, and the Shapley values are exact: weight times distance from the mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar
from core.telemetry.metrics.score_table import score_table

TARGETS = ("PANEL", "MIRROR", "DETECTOR")
COVARIATES = ("heater", "sun_angle", "mode", "fan")
STEP = 600  # seconds
ROWS = 2_000
BEGIN = 1_710_000_000_000  # 2024-03-09 16:00 UTC
NOMINAL = 800
THRESHOLD = 6.0
GAP = slice(1_200, 1_230)
SENSOR_ONLY = 1_750  # a step of the detector that nothing explains


@dataclass(frozen=True)
class _Target:
    values: np.ndarray
    predicted: np.ndarray
    sigma: np.ndarray  # signed smoothed robust residual
    scale: float


def detect_result(rows: int = ROWS, scored: bool = True) -> Result:
    """The result; `scored` adds labels and the tables that need them."""
    rng = np.random.default_rng(0)
    times = BEGIN + 1000 * STEP * np.arange(rows, dtype=np.int64)
    covariates = _covariates(rng, rows)
    targets = [_target(rng, covariates, name) for name in TARGETS]
    events = pd.concat([_events(times, name, one) for name, one in zip(TARGETS, targets, strict=True)])
    explained = [_explain(times, events, covariates, name, one) for name, one in zip(TARGETS, targets, strict=True)]
    events = _with_incidents(
        events.reset_index(drop=True), {k: v for one in explained for k, v in one["share"].items()}
    )
    tables = {
        "events": events,
        "attributions": pd.concat([one["attributions"] for one in explained], ignore_index=True),
        "attribution_features": pd.concat([one["features"] for one in explained], ignore_index=True),
        "waterfall": pd.concat([one["waterfall"] for one in explained], ignore_index=True),
        "incidents": _incidents(events),
        "parameters": _parameters(targets),
        "columns": _columns(covariates, targets),
        "gaps": _gaps(times),
        "previous": _previous(events),
    }
    sigma = np.stack([one.sigma for one in targets], axis=1)
    arrays = {
        "time": times,
        "score": np.nanmean(np.abs(np.nan_to_num(sigma)), axis=1),
        "values": _stack(one.values for one in targets),
        "predicted": _stack(one.predicted for one in targets),
        "residual": sigma.astype(np.float32),
        "covariates": covariates.astype(np.float32),
        "nominal": np.arange(rows) < NOMINAL,
        "shap": np.stack([one["shap"] for one in explained]).astype(np.float32),
        "shap_values": explained[0]["values"].astype(np.float32),
        "shap_rows": explained[0]["rows"],
        "target_names": np.array(TARGETS),
        "covariate_names": np.array(COVARIATES),
    }
    if scored:
        arrays["label"] = _labels(rows)
        tables["scores"] = _scores(arrays["label"], arrays["score"], sigma)
    return _worded(events, tables, arrays)


def _covariates(rng: np.random.Generator, rows: int) -> np.ndarray:
    day = 2 * np.pi * np.arange(rows) * STEP / 86_400
    heater = 30 + 4 * np.sin(day) + rng.normal(0, 1, rows)
    heater[1_000:1_018] = heater[1_500:1_515] = heater[600:610] = 95.0
    fan = 10 - 0.02 * heater + rng.normal(0, 0.1, rows)  # follows the heater: a responder
    return np.stack([heater, 96 + 8 * np.sin(day / 9), (np.arange(rows) // 36 % 3).astype(float), fan], axis=1)


def _target(rng: np.random.Generator, covariates: np.ndarray, name: str) -> _Target:
    rows = len(covariates)
    response = {"PANEL": 0.010, "MIRROR": 0.006, "DETECTOR": 0.008}[name]
    lag = {"PANEL": 0, "MIRROR": 3, "DETECTOR": 1}[name]
    drive = np.roll(covariates[:, 0] - 30, lag) * response
    values = np.empty(rows)
    values[0] = 128.0
    for row in range(1, rows):
        values[row] = 128 + 0.97 * (values[row - 1] - 128) + 0.15 * drive[row]
    values += rng.normal(0, 0.004, rows)
    if name == "DETECTOR":
        values[SENSOR_ONLY : SENSOR_ONLY + 20] += 0.8
    values[GAP] = np.nan
    predicted = np.r_[np.nan, values[:-1]]
    residual = values - predicted
    scale = 1.4826 * float(np.nanmedian(np.abs(residual[:NOMINAL] - np.nanmedian(residual[:NOMINAL]))))
    smooth = pd.Series(residual / scale).rolling(3, center=True, min_periods=3).mean().to_numpy()
    again = 1.4826 * float(np.nanmedian(np.abs(smooth[:NOMINAL])))
    return _Target(values, predicted, smooth / again, scale * again)


def _events(times: np.ndarray, name: str, target: _Target, top: int = 4) -> pd.DataFrame:
    """The four largest |sigma|, half a day blanked around each."""
    left, found = np.nan_to_num(np.abs(target.sigma)), []
    for rank in range(1, top + 1):
        peak = int(left.argmax())
        start = end = peak
        while left[start - 1] >= THRESHOLD / 2:
            start -= 1
        while end + 1 < len(left) and left[end + 1] >= THRESHOLD / 2:
            end += 1
        deviation = float(target.sigma[peak] * target.scale)
        found.append(
            {
                "parameter": name,
                "rank": rank,
                "start": times[start],
                "peak": times[peak],
                "end": times[end],
                "peak_sigma": float(target.sigma[peak]),
                "peak_value": deviation,
                "unit": "K",
                "measured": float(target.values[peak]),
                "predicted": float(target.predicted[peak]),
                "threshold": THRESHOLD,
                "over": bool(left[peak] >= THRESHOLD),
                "start_row": start,
                "peak_row": peak,
                "end_row": end,
                "area": float(left[start : end + 1].sum()),
            }
        )
        left[max(peak - 72, 0) : peak + 72] = 0
    table = pd.DataFrame(found)
    for column in ("start", "peak", "end"):
        table[column] = _utc(table[column])
    return table


def _explain(times: np.ndarray, events: pd.DataFrame, covariates: np.ndarray, name: str, target: _Target) -> dict:
    names, owner, features = _features(covariates)
    known = np.isfinite(target.sigma) & np.isfinite(features).all(axis=1)
    mean = features[known].mean(axis=0)
    weights, base = _fit(features[known], target.sigma[known], mean)
    crossed = _cross_fitted(features, target.sigma, known)
    found: dict = {"share": {}, "attributions": [], "features": [], "waterfall": []}
    for event in events[events.parameter == name].itertuples():
        row = event.peak_row
        phi = weights * (np.nan_to_num(features[row] - mean))
        grouped = np.array([phi[owner == index].sum() for index in range(len(COVARIATES))])
        window = slice(max(row - 6, 0), row + 7)
        t, p = target.sigma[window], crossed[window]
        share = 1 - float(np.nansum((t - p) ** 2) / np.nansum(t**2))
        found["share"][name, event.rank] = share
        key = {"parameter": name, "rank": event.rank}
        order = np.abs(grouped).argsort()[::-1]
        others = [index for index in order if COVARIATES[index] != "fan"]
        for place, index in enumerate(order, start=1):
            responder = COVARIATES[index] == "fan"
            found["attributions"].append(
                {
                    **key,
                    "covariate": COVARIATES[index],
                    "shap": grouped[index],
                    "order": place,
                    "responder": responder,
                    "order_without_responders": np.nan if responder else others.index(index) + 1,
                }
            )
        found["features"] += [
            {**key, "covariate": COVARIATES[at], "feature": feature, "value": features[row, place], "shap": phi[place]}
            for place, (feature, at) in enumerate(zip(names, owner, strict=True))
        ]
        prediction = base + grouped.sum()
        found["waterfall"].append(
            {
                **key,
                "base": base,
                "prediction": prediction,
                "target": target.sigma[row],
                "unexplained": target.sigma[row] - prediction,
            }
        )
    rows = np.sort(np.random.default_rng(1).choice(np.flatnonzero(known), 300, replace=False))
    phi = weights * (features[rows] - mean)
    return {
        "share": found["share"],
        **{table: pd.DataFrame(found[table]) for table in ("attributions", "features", "waterfall")},
        "shap": np.stack([phi[:, owner == index].sum(axis=1) for index in range(len(COVARIATES))], axis=1),
        "values": covariates[rows],
        "rows": rows,
    }


def _features(covariates: np.ndarray) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Value now and differences over three rows: names, the covariate of each, and the columns."""
    moved = covariates - np.vstack([np.full((3, covariates.shape[1]), np.nan), covariates[:-3]])
    names = [*COVARIATES, *(f"{name}, change over 30 min" for name in COVARIATES)]
    return names, np.tile(np.arange(len(COVARIATES)), 2), np.hstack([covariates, moved])


def _fit(features: np.ndarray, target: np.ndarray, mean: np.ndarray) -> tuple[np.ndarray, float]:
    base = float(target.mean())
    return np.linalg.lstsq(features - mean, target - base, rcond=None)[0], base


def _cross_fitted(features: np.ndarray, target: np.ndarray, known: np.ndarray, blocks: int = 8) -> np.ndarray:
    found = np.full(len(target), np.nan)
    for block in np.array_split(np.arange(len(target)), blocks):
        others = known.copy()
        others[block] = False
        mean = features[others].mean(axis=0)
        weights, base = _fit(features[others], target[others], mean)
        found[block] = base + (features[block] - mean) @ weights
    return found


def _with_incidents(events: pd.DataFrame, share: dict) -> pd.DataFrame:
    events["explained_share"] = [share[event.parameter, event.rank] for event in events.itertuples()]
    events["verdict"] = np.where(events.explained_share < 0.1, "no covariate explains this", "explained")
    ordered, incident, last = events[events.over].sort_values("start"), 0, None
    numbers = {}
    for event in ordered.itertuples():
        if last is None or event.start > last + pd.Timedelta("30min"):
            incident += 1
        numbers[event.Index], last = incident, event.end if last is None else max(last, event.end)
    events["incident"] = pd.Series(numbers).reindex(events.index).astype("Int64")
    return events


def _incidents(events: pd.DataFrame) -> pd.DataFrame:
    found = []
    for incident, members in events.groupby("incident"):
        ordered = members.sort_values("start")
        for order, event in enumerate(ordered.itertuples(), start=1):
            lag = (event.start - ordered.start.iloc[0]).total_seconds() / 60
            found.append((incident, event.parameter, event.rank, event.start, event.end, order, lag, event.peak_sigma))
    names = ["incident", "parameter", "rank", "onset", "end", "order", "lag_minutes", "peak_sigma"]
    return pd.DataFrame(found, columns=names)


def _parameters(targets: list[_Target]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "parameter": TARGETS,
            "unit": "K",
            "scale": [one.scale for one in targets],
            "threshold": THRESHOLD,
            "threshold_rule": "manual",
            "nominal_rows": NOMINAL,
        }
    )


def _columns(covariates: np.ndarray, targets: list[_Target]) -> pd.DataFrame:
    rows = [
        {"column": name, "role": "target", "unit": "K", "missing_share": float(np.isnan(one.values).mean())}
        for name, one in zip(TARGETS, targets, strict=True)
    ]
    rows += [
        {
            "column": name,
            "role": "state" if name == "mode" else "covariate",
            "unit": "",
            "missing_share": float(np.isnan(values).mean()),
        }
        for name, values in zip(COVARIATES, covariates.T, strict=True)
    ]
    return pd.DataFrame(rows)


def _gaps(times: np.ndarray) -> pd.DataFrame:
    start, end = times[GAP.start], times[GAP.stop]
    return pd.DataFrame({"start": _utc([start]), "end": _utc([end]), "minutes": [(end - start) / 60_000]})


def _previous(events: pd.DataFrame) -> pd.DataFrame:
    """The nearest earlier event of the same parameter, where there is one."""
    found = []
    for event in events.itertuples():
        earlier = events[(events.parameter == event.parameter) & (events.end < event.start)].sort_values("peak")
        if len(earlier):
            last = earlier.iloc[-1]
            sizes = sorted((abs(event.peak_sigma), abs(last.peak_sigma)))
            found.append((event.parameter, event.rank, last.start, last.peak, last.peak_sigma, sizes[0] / sizes[1]))
    names = ["parameter", "rank", "previous_start", "previous_peak", "previous_sigma", "similarity"]
    return pd.DataFrame(found, columns=names)


def _labels(rows: int) -> np.ndarray:
    label = np.zeros(rows, bool)
    for start in (1_000, 1_500, SENSOR_ONLY):
        label[start : start + 20] = True
    return label


def _scores(label: np.ndarray, score: np.ndarray, residual: np.ndarray) -> pd.DataFrame:
    """The metrics of the mean residual, with the largest one as a plainer method, alarms over the threshold."""
    largest = np.nan_to_num(np.abs(residual)).max(axis=1)
    scores = {"assay": score, "absolute_z": largest}
    return score_table(label, scores, {"assay": largest > THRESHOLD}, window=20, resamples=20)


def _worded(events: pd.DataFrame, tables: dict[str, pd.DataFrame], arrays: dict[str, np.ndarray]) -> Result:
    strongest = events.loc[events.peak_sigma.abs().idxmax()]
    over = events[events.over]
    summary = {
        "events": Scalar(len(over), "Events"),
        "strongest": Scalar(float(abs(strongest.peak_sigma)), "Strongest event", "σ"),
        "incidents": Scalar(int(over.incident.nunique()), "Incidents"),
        "explained": Scalar(float((over.explained_share >= 0.1).mean()), "Events explained"),
    }
    answer = f"{strongest.parameter} misbehaves most, at {strongest.peak:%Y-%m-%d %H:%M} UTC."
    return Result(answer, summary, tables, arrays)


def _stack(columns) -> np.ndarray:
    return np.stack(list(columns), axis=1).astype(np.float32)


def _utc(milliseconds) -> pd.Series:
    return pd.to_datetime(pd.Series(milliseconds), unit="ms", utc=True).astype("datetime64[ms, UTC]")
