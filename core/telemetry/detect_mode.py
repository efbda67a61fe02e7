"""Mode `detect`: where does the telemetry misbehave, what moved first, and what explains it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.analysis import Compute, Estimate, Inputs, Source, Step
from core.telemetry.detect_params import DetectParams
from core.telemetry.detect_steps import Read, covariates_step, parameters_step, read_step, scores_step

BATCH, FEW = 16, 64  # parameters of a step where there are more than a few


def compute_detect(params: DetectParams, inputs: Inputs) -> Compute:
    """Reads the file, judges the parameters side by side, then scores the whole where the truth is known."""
    source, memory = inputs["telemetry"], estimate_detect(params, inputs).memory
    recipe, read = params.recipe(), Read(source, params.ingest(), params.amplitude, params.seed)
    (facts,) = yield [
        Step(read_step, {"read": read, "recipe": recipe}, label="Reading the telemetry", share=0.05, memory=memory)
    ]
    responders = responders_of(params.responders, source, facts["covariates"])
    batches = _batches(facts["targets"])
    steps = [
        Step(
            parameters_step,
            {
                "read": _part(read, facts, batch) if len(batches) < len(facts["targets"]) else read,
                "recipe": recipe,
                "parameters": batch,
                "responders": responders,
                "interactions": params.interactions,
            },
            device=params.device,
            label=batch[0] if len(batch) == 1 else f"{batch[0]} and {len(batch) - 1} more",
            share=0.75 / len(batches),
            memory=memory,
        )
        for batch in batches
    ]
    judged: list[Any] = yield steps
    from core.telemetry.detect_report import assemble, detect_result
    from core.telemetry.truth import truth_of

    found = assemble(params, facts, judged)
    truth = truth_of(source, params.seed, params.amplitude, facts)
    labels = facts["labels"] if truth is None else truth.labels
    last = [Step(covariates_step, {"read": read}, label="Covariates", share=0.02, memory=memory)]
    if labels is not None:
        last.append(
            Step(
                scores_step,
                {
                    "read": read,
                    "labels": labels,
                    "score": found.score,
                    "alarms": found.alarms,
                    "nominal": found.nominal,
                    "first": facts["end"],
                    "window": params.window,
                    "resamples": params.resamples,
                    "seed": params.seed,
                },
                label="Scores beside other detectors",
                share=0.18,
                memory=memory,
            )
        )
    covariates, *scores = yield last
    return detect_result(params, facts, found, covariates, labels, scores[0] if scores else None, truth)


def responders_of(chosen: Sequence[str], source: Source, covariates: Sequence[str]) -> list[str]:
    """Covariates that are taken as responders: those that a person marked, else those that a built-in knows."""
    return list(chosen) or [name for name in source.details.get("responders") or () if name in covariates]


def _batches(targets: Sequence[str]) -> list[list[str]]:
    size = 1 if len(targets) <= FEW else BATCH
    return [list(targets[start : start + size]) for start in range(0, len(targets), size)]


def _part(read: Read, facts: Mapping[str, Any], batch: Sequence[str]) -> Read:
    """Of a file of many parameters, a step reads its own and the covariates alone."""
    ingest = {**read.ingest, "targets": list(batch), "covariates": facts["covariates"]}
    return Read(read.source, ingest, read.amplitude, read.seed)


def estimate_detect(params: DetectParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the numbers of rows and columns alone."""
    details = inputs["telemetry"].details
    file_rows, columns = int(details.get("rows") or 20_000), int(details.get("column_count") or 20)
    rows = min(file_rows, 50_000)
    by_role = [str(column.get("role")) for column in details.get("columns") or ()]
    targets = len(params.targets) or max(1, by_role.count("target"))
    covariates = len(params.covariates) or by_role.count("covariate") + by_role.count("state")
    reading = 0.5 + file_rows * columns * 5e-8
    each = 0.3 + rows * 1.5e-5 + (0.4 + 0.045 * covariates + params.top * (0.1 + 0.012 * covariates)) * (covariates > 0)
    if params.interactions:
        each += params.top * 0.1 * covariates
    known = details.get("labels") or details.get("synthetic")
    scoring = (1 + rows * targets * 6e-6 + params.resamples * rows * 8e-7) if known or params.labels else 0.0
    memory = 450e6 + 24.0 * file_rows + 8.0 * rows * min(columns, 2000) * 3
    return Estimate(
        seconds=reading + targets * each + scoring, memory=int(memory), steps=2 + targets + (1 if scoring else 0)
    )
