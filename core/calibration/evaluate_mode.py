"""Mode `evaluate`: can the probabilities of one model be trusted, and can the numbers that say so?"""

from __future__ import annotations

from typing import Any

from core.analysis import Compute, Estimate, Inputs, Step
from core.calibration.device import memory_on
from core.calibration.evaluate_params import EvaluateParams
from core.calibration.evaluate_steps import (
    conventions_step,
    describe_step,
    diagrams_step,
    metrics_step,
    parts_step,
    regression_step,
)

CANONICAL_ROWS = 2_000  # at most, of the canonical KDE-ECE, whose cost is their square


def compute_evaluate(params: EvaluateParams, inputs: Inputs) -> Compute:
    """Reads the file, then measures metrics, diagrams, decompositions and conventions side by side."""
    source = inputs["predictions"]
    memory = _host_memory(params, inputs)
    (facts,) = yield [
        Step(
            describe_step,
            {"source": source, "scores": params.scores},
            label="Reading the predictions",
            share=0.02,
            memory=memory,
        )
    ]
    resampling = {"resamples": params.resamples, "level": params.level, "seed": params.seed}
    if facts["task"] == "regression":
        from core.calibration.regression_report import regression_result

        (found,) = yield [
            Step(
                regression_step,
                {"source": source, **resampling},
                label="Metrics of the intervals",
                share=0.98,
                memory=memory,
            )
        ]
        return regression_result(params, facts, found)
    read = {"source": source, "scores": params.scores}
    measured = {**read, "convention": params.convention, **resampling}
    stages = ("pre", "post") if facts["fit_rows"] else ("pre",)
    steps = [
        Step(
            metrics_step,
            {**measured, "stage": stage, "device": params.device},
            device=params.device,
            label="Metrics, floors and p-values" + (" after temperature scaling" if stage == "post" else ""),
            share=0.7 / len(stages),
            memory=estimate_evaluate(params, inputs).memory,
        )
        for stage in stages
    ]
    steps.append(
        Step(
            diagrams_step,
            {**measured, "bins": params.diagram_bins},
            label="Reliability diagrams",
            share=0.15,
            memory=memory,
        )
    )
    steps.append(Step(parts_step, measured, label="Decompositions", share=0.08, memory=memory))
    steps.append(Step(conventions_step, read, label="Conventions", share=0.05, memory=memory))
    results: list[Any] = yield steps
    from core.calibration.evaluate_report import evaluate_result

    return evaluate_result(params, facts, dict(zip(stages, results, strict=False)), *results[len(stages) :])


def resampling_seconds(resamples: int, rows: int, cells: float) -> float:
    """What intervals, floors and p-values of one stage take, measured on one core."""
    return resamples * (3e-3 + rows * 5e-7 + cells * 1e-8)


def _shape(inputs: Inputs) -> tuple[int, int]:
    details = inputs["predictions"].details
    return int(details.get("rows") or 10_000), int(details.get("classes") or 10)


def _host_memory(params: EvaluateParams, inputs: Inputs) -> int:
    rows, classes = _shape(inputs)
    if inputs["predictions"].details.get("task") == "regression":
        return int(300e6 + 800.0 * rows)
    return int(300e6 + 40.0 * rows * classes + 16.0 * rows * params.resamples)


def estimate_evaluate(params: EvaluateParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the number of rows and classes alone; the memory is that of the device."""
    details = inputs["predictions"].details
    (rows, classes), host = _shape(inputs), _host_memory(params, inputs)
    if details.get("task") == "regression":
        return Estimate(seconds=1 + params.resamples * rows * 4e-7, memory=host, steps=2)
    stages = 2 if details.get("fit_rows") else 1
    cells, neighbours = float(rows) * classes, min(rows, CANONICAL_ROWS)
    seconds = 1.5 + 6e-7 * neighbours**2 + stages * resampling_seconds(params.resamples, rows, cells) + cells * 2e-6
    return Estimate(seconds=seconds, memory=memory_on(params.device, host, cells), steps=1 + stages + 3)
