"""Mode `repair`: which recalibrator helps this model, by a proper score and on rows that it was not fitted on?"""

from __future__ import annotations

from core.analysis import Compute, Estimate, Inputs, Step
from core.calibration.evaluate_mode import resampling_seconds
from core.calibration.repair.methods import available_methods
from core.calibration.repair_params import RepairParams
from core.calibration.repair_steps import method_step, parts_of_file_step, stage_step, temperature_curve_step

COMPARED = ("none", "temperature", "tempnet_nll", "tempnet_robust", "entropy_temperature")  # their entropies are shown
METRIC_RESAMPLES = 100


def compute_repair(params: RepairParams, inputs: Inputs) -> Compute:
    """Reads the file, then fits and measures each method in a step of its own."""
    source = inputs["predictions"]
    memory = estimate_repair(params, inputs).memory
    read = {"source": source, "scores": params.scores, "fit_share": params.fit_share, "seed": params.seed}
    (facts,) = yield [
        Step(parts_of_file_step, read, label="Reading the predictions", share=0.02, memory=memory),
    ]
    conformal = {"conformal_score": params.conformal_score, "conformal_level": params.conformal_level}
    titles = {method.name: method.title for method in available_methods()}
    chosen = params.chosen
    steps = [
        Step(
            method_step,
            {**read, **conformal, "method": name},
            label=f"Fit {titles.get(name, 'nothing')}" if name != "none" else "The model as it came",
            share=0.7 / (len(chosen) + 1),
            memory=memory,
        )
        for name in ("none", *chosen)
    ]
    steps.append(Step(temperature_curve_step, read, label="Loss by temperature", share=0.04, memory=memory))
    steps += [
        Step(
            stage_step,
            {**read, "stage": stage, "resamples": METRIC_RESAMPLES},
            label=f"Metrics {words} temperature scaling",
            share=0.12,
            memory=memory,
        )
        for stage, words in (("pre", "before"), ("post", "after"))
    ]
    found = yield steps
    from core.calibration.repair_report import repair_result

    return repair_result(params, facts, found[: len(chosen) + 1], *found[len(chosen) + 1 :])


def estimate_repair(params: RepairParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the number of rows and classes alone."""
    details = inputs["predictions"].details
    rows, classes = int(details.get("rows") or 10_000), int(details.get("classes") or 10)
    cells = float(rows + int(details.get("fit_rows") or 0)) * classes
    count = len(params.chosen)
    fits = count * (cells / classes) * (8e-6 + 2.7e-8 * classes**2)
    seconds = 4 + fits + 2 * resampling_seconds(METRIC_RESAMPLES, rows, cells)
    return Estimate(seconds=seconds, memory=int(400e6 + 80 * cells + 16.0 * rows * METRIC_RESAMPLES), steps=count + 5)
