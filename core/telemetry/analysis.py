"""Telemetry, as an entry of the catalog."""

from __future__ import annotations

from core.analysis import Analysis, Figure, Input, Reference, Result, by_mode
from core.telemetry.chaos_mode import compute_chaos, estimate_chaos
from core.telemetry.chaos_params import ChaosParams
from core.telemetry.detect_mode import compute_detect, estimate_detect
from core.telemetry.detect_params import DetectParams
from core.telemetry.explain_model_mode import compute_explain_model, estimate_explain_model
from core.telemetry.explain_model_params import ExplainModelParams
from core.telemetry.inject_mode import compute_inject, estimate_inject
from core.telemetry.inject_params import InjectParams

compute = by_mode(
    detect=compute_detect,
    explain_model=compute_explain_model,
    inject=compute_inject,
    chaos=compute_chaos,
)
estimate = by_mode(
    detect=estimate_detect,
    explain_model=estimate_explain_model,
    inject=estimate_inject,
    chaos=estimate_chaos,
)


def figures(result: Result) -> dict[str, Figure]:
    """The figures of a result; plotly is imported here at the earliest."""
    from core.telemetry.figures import figures as drawn

    return drawn(result)


ANALYSIS = Analysis(
    slug="telemetry",
    title="Telemetry",
    question="Where does this telemetry misbehave, and which parameters explain it?",
    params=(DetectParams, ExplainModelParams, InjectParams, ChaosParams),
    inputs=(
        Input(
            "telemetry",
            "telemetry",
            "Telemetry",
            "csv, parquet or a zipped csv with a column of times and one column a parameter.",
            modes=("detect", "inject"),
        ),
        Input(
            "telemetry",
            "telemetry",
            "Rows",
            "csv, parquet or a zipped csv with the columns that the model was trained on; times are not needed.",
            modes=("explain_model",),
        ),
        Input(
            "model",
            "booster",
            "XGBoost model",
            "A model of trees as XGBoost saves it, json or ubj.",
            modes=("explain_model",),
        ),
    ),
    compute=compute,
    figures=figures,
    estimate=estimate,
    version=3,
    references=(
        Reference(
            "Gomez, Vavrek, Buenadicha, Hoar, Kruk and Reerink",
            2024,
            "Machine learning-driven Anomaly Detection and Forecasting for Euclid Space Telescope Operations",
            "arXiv:2411.05596",
        ),
        Reference("Chen and Guestrin", 2016, "XGBoost: A Scalable Tree Boosting System", "arXiv:1603.02754"),
        Reference(
            "Lundberg, Erion and others",
            2020,
            "From local explanations to global understanding with explainable AI for trees",
            "Nature Machine Intelligence 2, 56-67; TreeSHAP: arXiv:1802.03888, algorithm 2",
        ),
        Reference(
            "Paparrizos, Boniol, Palpanas, Tsay, Elmore and Franklin",
            2022,
            "Volume Under the Surface: A New Accuracy Evaluation Measure for Time-Series Anomaly Detection",
            "PVLDB 15(11), 2774-2787",
        ),
        Reference(
            "Liu and Paparrizos",
            2024,
            "The Elephant in the Room: Towards A Reliable Time-Series Anomaly Detection Benchmark",
            "NeurIPS 2024, TSB-AD",
        ),
        Reference(
            "Hundman, Constantinou, Laporte, Colwell and Soderstrom",
            2018,
            "Detecting Spacecraft Anomalies Using LSTMs and Nonparametric Dynamic Thresholding",
            "arXiv:1802.04431, section 3.2",
        ),
        Reference(
            "Kotowski, Haskamp, Andrzejewski and others",
            2024,
            "European Space Agency Benchmark for Anomaly Detection in Satellite Telemetry",
            "arXiv:2406.17826",
        ),
    ),
)
