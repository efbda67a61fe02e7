"""The steps of mode `chaos`: one flow each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from core.analysis import report

if TYPE_CHECKING:
    import pandas as pd

    from core.telemetry.chaos.baselines import NextValue
    from core.telemetry.chaos.first_model import FirstModel
    from core.telemetry.detection.lags import Preset
    from core.telemetry.injection.shapes import Kind

HORIZONS = 24  # at which skill is given
TEST_SHARE = 0.25  # of the training length
SHOWN_ROWS = 200  # of one forecast, for the picture
PAIRS, FOLLOWED = 48, 40.0  # neighbours, and periods for which they are followed


def flow_step(
    name: str,
    preset: Preset,
    horizon: float,
    exponent: str,
    periods: int,
    rows_per_period: int,
    noise: float,
    event: Kind,
    sizes: Sequence[float],
    events: int,
    starts: int,
    resamples: int,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Everything about one flow.

    Returns:
        Tables: `flows` (one row: exponents, dimension, sampling), `skill` (flow, model, horizon_lyapunov,
        horizon_periods, horizon_s, nrmse, correlation, low, high, starts), `valid` (flow, model, valid_lyapunov, low, high:
        median and quartiles over the starts), `detection` (flow, method, size, metric, definition, value, base_rate)
        and `example` (flow, model, horizon_lyapunov, value: one forecast, and what came as model "truth").
    """
    import pandas as pd

    from core.telemetry.chaos.baselines import ORDER, autoregression, mean, persistence
    from core.telemetry.chaos.first_model import fit_first_model
    from core.telemetry.synthetic.flows import flow, trajectory
    from core.telemetry.synthetic.lyapunov import largest_exponent

    one = flow(name)
    rng = np.random.default_rng([seed, 1])
    report(0.02, f"{one.title}: how fast neighbours part")
    measured = largest_exponent(one, PAIRS, FOLLOWED, seed)
    per_row = (measured.value if exponent == "measured" else one.exponent) * one.period / rows_per_period
    ahead = max(1, round(horizon / per_row))
    training = periods * rows_per_period
    rows = training + max(round(TEST_SHARE * training), ahead + starts // 4 + ORDER)
    report(0.2, f"{one.title}: integrating")
    true = trajectory(one, rows, rows_per_period, seed)[:, 0]
    true = (true - true[:training].mean()) / true[:training].std()
    series = true + noise * rng.standard_normal(rows)
    report(0.5, f"{one.title}: training")
    known = series[:training]
    first = fit_first_model(known, preset, seed)
    models: dict[str, NextValue] = {
        "xgboost": first.next_value,
        "linear_ar": autoregression(known),
        "persistence": persistence(),
        "mean": mean(known),
    }
    report(0.6, f"{one.title}: forecasting")
    places = np.linspace(training + ORDER, rows - ahead, starts).astype(int)
    tables = _skill(one.title, models, series, places, ahead, per_row, rows_per_period, resamples, rng)
    report(0.8, f"{one.title}: finding faults")
    tables["detection"] = _detection(
        one.title, first, models, series, training, event, sizes, events, rows_per_period, rng
    )
    tables["flows"] = pd.DataFrame(
        {
            "flow": [one.title],
            "exponent": [per_row * rows_per_period / one.period],
            "exponent_dysts": [one.exponent],
            "exponent_measured": [measured.value],
            "exponent_low": [measured.value - 1.96 * measured.error],
            "exponent_high": [measured.value + 1.96 * measured.error],
            "kaplan_yorke": [one.dimension],
            "period": [one.period],
            "row": [one.period / rows_per_period],
            "growth_per_row": [float(np.exp(per_row))],
            "rows": [rows],
            "training_rows": [training],
            "reference": [one.reference],
        }
    )
    return tables


flow_step.version = 2  # type: ignore[attr-defined]  # 2: integrated by odeint


def _skill(
    title: str,
    models: Mapping[str, NextValue],
    series: np.ndarray,
    starts: np.ndarray,
    ahead: int,
    per_row: float,
    rows_per_period: int,
    resamples: int,
    rng: np.random.Generator,
) -> dict[str, pd.DataFrame]:
    import pandas as pd

    from core.telemetry.chaos.baselines import ORDER
    from core.telemetry.chaos.first_model import ROW_SECONDS
    from core.telemetry.chaos.skill import forecast, skill_at, valid_rows

    horizons = np.unique(np.geomspace(1, ahead, HORIZONS).round().astype(int))
    middle_start = len(starts) // 2
    shown = np.arange(min(ahead, SHOWN_ROWS))
    lines, valid = [], []
    example = {"truth": series[starts[middle_start] + shown]}
    for name, next_value in models.items():
        found = forecast(next_value, series, starts, ahead, ORDER)
        for rows in horizons:
            skill = skill_at(found, int(rows), resamples, rng)
            lines.append(
                {
                    "flow": title,
                    "model": name,
                    "horizon_lyapunov": rows * per_row,
                    "horizon_periods": rows / rows_per_period,
                    "horizon_s": rows * ROW_SECONDS,
                    "nrmse": skill.nrmse,
                    "correlation": skill.correlation,
                    "low": skill.low,
                    "high": skill.high,
                    "starts": len(starts),
                }
            )
        low, middle, high = np.quantile(valid_rows(found) * per_row, [0.25, 0.5, 0.75])
        valid.append({"flow": title, "model": name, "valid_lyapunov": middle, "low": low, "high": high})
        example[name] = found.predicted[middle_start, shown]
    return {
        "skill": pd.DataFrame(lines),
        "valid": pd.DataFrame(valid),
        "example": pd.concat(
            pd.DataFrame({"flow": title, "model": name, "horizon_lyapunov": (shown + 1) * per_row, "value": values})
            for name, values in example.items()
        ),
    }


def _detection(
    title: str,
    first: FirstModel,
    models: Mapping[str, NextValue],
    series: np.ndarray,
    training: int,
    event: Kind,
    sizes: Sequence[float],
    events: int,
    rows_per_period: int,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """VUS and areas of each forecaster's residual as a detector, beside those of |z| and of chance."""
    import pandas as pd

    from core.telemetry.chaos.baselines import ORDER
    from core.telemetry.chaos.detector import baseline_scores
    from core.telemetry.chaos.planted import plant_faults
    from core.telemetry.metrics.auc import auc_pr, auc_roc
    from core.telemetry.metrics.vus import vus

    test = series[training:]
    lines = []
    for size in sizes:
        shown, labels = plant_faults(test, event, size, events, rows_per_period, rng)
        scores = {
            "xgboost": np.abs(first.detector.score(shown).signed),
            "absolute_z": np.abs(shown),
            "random": rng.random(len(shown)),
        }
        for name in ("linear_ar", "persistence"):  # the residual of the mean is the value itself, which |z| has
            scores[name] = baseline_scores(models[name], shown, series[:training], ORDER)
        for method, found in scores.items():
            volume = vus(labels, found, window=rows_per_period)
            for metric, definition, value in (
                ("vus_pr", "tsb_ad", volume.pr),
                ("vus_roc", "tsb_ad", volume.roc),
                ("auc_pr", "", auc_pr(labels, found)),
                ("auc_roc", "", auc_roc(labels, found)),
            ):
                lines.append(
                    {
                        "flow": title,
                        "method": method,
                        "size": float(size),
                        "metric": metric,
                        "definition": definition,
                        "value": value,
                        "base_rate": float(labels.mean()),
                    }
                )
    return pd.DataFrame(lines)
