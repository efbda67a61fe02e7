"""Calibration, as an entry of the catalog."""

from __future__ import annotations

from core.analysis import Analysis, Figure, Input, Reference, Result, by_mode
from core.calibration.evaluate_mode import compute_evaluate, estimate_evaluate
from core.calibration.evaluate_params import EvaluateParams
from core.calibration.holdout_mode import compute_holdout, estimate_holdout
from core.calibration.holdout_params import HoldoutParams
from core.calibration.population_mode import compute_population, estimate_population
from core.calibration.population_params import PopulationParams
from core.calibration.repair_mode import compute_repair, estimate_repair
from core.calibration.repair_params import RepairParams

compute = by_mode(
    evaluate=compute_evaluate,
    repair=compute_repair,
    population=compute_population,
    holdout=compute_holdout,
)
estimate = by_mode(
    evaluate=estimate_evaluate,
    repair=estimate_repair,
    population=estimate_population,
    holdout=estimate_holdout,
)


def figures(result: Result) -> dict[str, Figure]:
    """The figures of a result; plotly is imported here at the earliest."""
    from core.calibration.figures import figures as drawn

    return drawn(result)


ANALYSIS = Analysis(
    slug="calibration",
    title="Calibration",
    question="Can these probabilities be trusted, what repairs them, and how sure are the numbers that say so?",
    params=(EvaluateParams, RepairParams, PopulationParams, HoldoutParams),
    inputs=(
        Input(
            "predictions",
            "predictions",
            "Predictions",
            "npz with logits or probs [rows, classes] and labels, val_logits and val_labels for repairs; or csv or "
            "parquet with label and p_0, p_1, ...; or mean, std and target for predictions of numbers.",
            modes=("evaluate", "repair"),
        ),
        Input(
            "predictions",
            "predictions",
            "Predictions",
            "A model whose accuracy, Brier score and NLL are asked of Thresholdout at many temperatures; without one only "
            "the demonstration runs.",
            required=False,
            modes=("holdout",),
        ),
        Input(
            "population",
            "population",
            "Population",
            "npz with logits or probs [models, rows, classes], labels and models (names); or a table with model, label, "
            "p_0, p_1, ...; or a table of metrics in the study's column names.",
            modes=("population",),
        ),
        Input(
            "model_table",
            "table",
            "Model table",
            "csv or parquet with one row a model: its name (model, config, id or name), attributes such as width or "
            "family, and robustness columns.",
            required=False,
            modes=("population",),
        ),
    ),
    compute=compute,
    figures=figures,
    estimate=estimate,
    version=1,
    references=(
        Reference(
            "Tao, Zhu, Guo, Dong and Xu", 2024, "A Benchmark Study on Calibration", "arXiv:2308.11838, section 3"
        ),
        Reference(
            "Guo, Pleiss, Sun and Weinberger", 2017, "On Calibration of Modern Neural Networks", "arXiv:1706.04599"
        ),
        Reference(
            "Blasiok and Nakkiran",
            2023,
            "Smooth ECE: Principled Reliability Diagrams via Kernel Smoothing",
            "arXiv:2309.12236, definition 7",
        ),
        Reference(
            "Dimitriadis, Gneiting and Jordan",
            2021,
            "Stable reliability diagrams for probabilistic classifiers",
            "arXiv:2008.03033, equation 4",
        ),
        Reference(
            "Qiu, Guo, Zhu and others",
            2024,
            "To Cool or not to Cool? Temperature Network Meets Large Foundation Models via DRO",
            "arXiv:2404.04575",
        ),
        Reference(
            "Dwork, Feldman, Hardt, Pitassi, Reingold and Roth",
            2015,
            "Preserving Statistical Validity in Adaptive Data Analysis",
            "arXiv:1411.2664",
        ),
        Reference(
            "Biroli and Mezard",
            2024,
            "Kernel Density Estimators in Large Dimensions",
            "arXiv:2408.05807",
        ),
    ),
)
