"""Mode `detect`: where does the telemetry misbehave, what moved first, and what explains it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.analysis import Compute, Estimate, Inputs, Source, Step, Stored
from core.telemetry.detect_assemble import assemble_step
from core.telemetry.detect_params import DetectParams
from core.telemetry.detect_steps import (
    COMPARED,
    FEW,
    Read,
    covariates_step,
    parameters_step,
    read_step,
    scores_step,
)

BATCH = 16  # parameters of a step where there are more than a few


def compute_detect(params: DetectParams, inputs: Inputs) -> Compute:
    """Reads the file, judges the parameters side by side, puts them together, and scores the whole where the truth is
    known. The series go from step to step; the analysis itself sees those that are kept for pictures."""
    source, memory = inputs["telemetry"], estimate_detect(params, inputs).memory
    recipe, read = params.recipe(), Read(source, params.ingest(), params.amplitude, params.seed)
    (facts,) = yield [
        Step(read_step, {"read": read, "recipe": recipe}, label="Reading the telemetry", share=0.05, memory=memory)
    ]
    responders = responders_of(params.responders, source, facts["covariates"])
    batches, few = _batches(facts["targets"]), len(facts["targets"]) <= FEW
    steps = [
        Step(
            parameters_step,
            {
                "read": read if few else _part(read, facts, batch),
                "recipe": recipe,
                "parameters": batch,
                "responders": responders,
                "interactions": params.interactions,
            },
            device=params.device,
            label=batch[0] if len(batch) == 1 else f"{batch[0]} and {len(batch) - 1} more",
            share=0.75 / len(batches),
            memory=memory,
            stored=True,
        )
        for batch in batches
    ]
    judged: list[Stored] = yield steps
    (together,) = yield [
        Step(
            assemble_step,
            {
                "parts": judged,
                "name": facts["name"],
                "rows": len(facts["times"]),
                "step": facts["step"],
                "join": facts["join"],
                "smoothing": params.smoothing,
                "combine": params.combine,
                "causal": params.causal,
            },
            label="Putting the parameters together",
            share=0.02,
            memory=memory,
        )
    ]
    from core.telemetry.detect_report import Found, detect_result
    from core.telemetry.truth import truth_of

    found = Found(**together)
    truth = truth_of(source, params.seed, params.amplitude, facts)
    labels = facts["labels"] if truth is None else truth.labels
    own = read if few else _part(read, facts, facts["targets"][:1])
    last = [Step(covariates_step, {"read": own}, label="Covariates", share=0.02, memory=memory)]
    compared = len(facts["targets"]) <= COMPARED
    if labels is not None:
        last.append(
            Step(
                scores_step,
                {
                    "read": read if compared else None,
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
                share=0.16,
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
    """Of a file of many parameters, a step reads its own, the covariates and the labels alone."""
    covariates = facts["covariates"]
    return read.part([*batch, *covariates, *facts["label_columns"]], batch, covariates)


def estimate_detect(params: DetectParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the numbers of rows and columns alone."""
    from core.telemetry.inspection import expected_size

    source = inputs["telemetry"]
    size, details = expected_size(source, params), source.details
    file_rows, columns = int(details.get("rows") or size.rows), size.targets + size.covariates
    reading = 0.5 + file_rows * columns * 5e-8
    marked = params.nominal_rows is not None or bool(params.nominal_until) or source.builtin is not None
    each = 0.3 + size.rows * (1.5e-5 if marked else 6e-5)
    if size.covariates:
        each += 0.4 + 0.045 * size.covariates + params.top * (0.1 + 0.012 * size.covariates)
        each += params.top * 0.1 * size.covariates if params.interactions else 0
    scored = bool(params.labels or details.get("labels") or details.get("synthetic"))
    scoring = 1 + size.rows * size.targets * 6e-6 + params.resamples * size.rows * 8e-7 if scored else 0.0
    together = size.targets if size.targets <= FEW or (scored and size.targets <= COMPARED) else BATCH
    memory = 450e6 + 24.0 * file_rows + 8.0 * size.rows * (together + size.covariates) * 3
    batches = size.targets if size.targets <= FEW else -(-size.targets // BATCH)
    return Estimate(
        seconds=reading + size.targets * each + scoring, memory=int(memory), steps=3 + batches + int(scored)
    )
