"""Mode `population`: which findings on calibration hold across models, and which are noise?"""

from __future__ import annotations

from typing import Any

from core.analysis import Compute, Estimate, Inputs, Step, Stored
from core.calibration.device import memory_on
from core.calibration.population_params import PopulationParams
from core.calibration.population_steps import (
    census_step,
    details_step,
    gather_step,
    measure_step,
    question_step,
    train_step,
)

QUESTION_NAMES = ("i", "ii", "iii", "iv", "v", "vi", "vii")
NUMBERS_A_MODEL = 115  # measured on all rows, and on each half
COPIES = 3  # of them, while tables are made
VALUES_A_STEP = 20_000_000  # of predictions: a step takes some seconds, and a crash loses no more


def compute_population(params: PopulationParams, inputs: Inputs) -> Compute:
    """Takes the census, measures the models in parts (or trains them), then asks the seven questions side by side.

    What is measured goes from step to step: the parts to the one that puts them together, and its tables to the
    questions. The analysis itself sees no model.
    """
    source, models = inputs["population"], inputs.get("model_table")
    memory = _host_memory(params, inputs)
    how = {
        "convention": params.convention,
        "temperature": params.temperature,
        "fit_share": params.fit_share,
        "splits": params.splits,
        "seed": params.seed,
    }
    (census,) = yield [
        Step(census_step, {"source": source, "seed": params.seed}, label="Taking the census", share=0.02)
    ]
    measured: Stored | None = None
    if census["form"] != "metrics":
        parts: list[Stored] = yield _batches(params, census, how, inputs, memory)
        (measured,) = yield [
            Step(
                gather_step,
                {"parts": parts},
                label="Putting the parts together",
                share=0.01,
                memory=memory,
                stored=True,
            )
        ]
    asked = {
        "source": source,
        "model_table": models,
        "measured": measured,
        "least_accuracy": params.least_accuracy,
        "bins": params.bins,
        "resamples": params.resamples,
        "level": params.level,
        "seed": params.seed,
        "accurate": params.accurate,
    }
    left = 0.37 if census["form"] != "metrics" else 0.98
    answers = yield [
        *(
            Step(
                question_step,
                {**asked, "question": name},
                label=f"Question {name}",
                share=left / (len(QUESTION_NAMES) + 1),
                memory=memory,
            )
            for name in QUESTION_NAMES
        ),
        Step(
            details_step,
            {**asked, "beta": params.beta, "samples": params.samples},
            label="Bins, attributes and the hybrid score",
            share=left / (len(QUESTION_NAMES) + 1),
            memory=memory,
        ),
    ]
    from core.calibration.population_report import population_result

    return population_result(params, census, answers[:-1], answers[-1])


def _batches(
    params: PopulationParams, census: dict[str, Any], how: dict[str, Any], inputs: Inputs, memory: int
) -> list[Step]:
    """The steps that measure all models; a built-in population is trained in the same steps."""
    source = inputs["population"]
    if census["form"] == "trained":
        share = 0.6 / len(census["groups"])
        return [
            Step(
                train_step,
                {"group": group, **how},
                label=f"Training {group['models'][0].rpartition('-')[0]}",
                share=share,
                memory=memory,
                stored=True,
            )
            for group in census["groups"]
        ]
    count = census["models"]
    steps = []
    for dataset in census["datasets"]:
        size = max(1, census["rows"][dataset] * census["classes"][dataset])
        chunk = int(min(count, max(1, VALUES_A_STEP // size)))
        for start in range(0, count, chunk):
            stop = min(count, start + chunk)
            part = {"start": start, "stop": stop, "dataset": dataset}
            steps.append((part, f"Models {start + 1:,} to {stop:,} of {count:,}" + (f", {dataset}" if dataset else "")))
    return [
        Step(
            measure_step,
            {"source": source, "scores": params.scores, **part, **how, "device": params.device},
            device=params.device,
            label=label,
            share=0.6 / len(steps),
            memory=estimate_population(params, inputs).memory,
            stored=True,
        )
        for part, label in steps
    ]


def _host_memory(params: PopulationParams, inputs: Inputs) -> int:
    """Bytes of the largest step on the processor: one that reads a model, or one that has what was measured of all."""
    details = inputs["population"].details
    models, cells = _models(inputs), _cells(inputs)
    if details.get("form") == "metrics":
        return int(300e6 + 4000 * models)
    if details.get("form") == "trained":
        return 600_000_000
    whole = 16 * models * cells if details.get("format") in ("csv", "parquet") else 0.0  # a table is read whole
    datasets = max(1, len(details.get("datasets") or ()))
    together = COPIES * 8 * NUMBERS_A_MODEL * (1 + 2 * params.splits) * models * datasets
    return int(300e6 + max(60 * cells + whole, together))


def estimate_population(params: PopulationParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the number of models, rows and classes alone; the memory is that of the device."""
    details = inputs["population"].details
    models, cells, form = _models(inputs), _cells(inputs), details.get("form")
    datasets = max(1, len(details.get("datasets") or ()))
    study = 2 + models * params.resamples * 3e-4 + (models**2) * 2e-6
    host = _host_memory(params, inputs)
    if form == "metrics":
        return Estimate(seconds=study, memory=host, steps=9)
    each = 0.03 + cells * 1.2e-6 * (1 + params.splits)
    if form == "trained":
        return Estimate(seconds=25 + models * each + study, memory=host, steps=27)
    chunk = max(1, min(models, int(VALUES_A_STEP // max(1.0, cells))))
    return Estimate(
        seconds=datasets * models * each + study,
        memory=memory_on(params.device, host, cells),
        steps=9 + datasets * -(-models // chunk),
    )


def _models(inputs: Inputs) -> int:
    return int(inputs["population"].details.get("models") or 100)


def _cells(inputs: Inputs) -> float:
    """Rows times classes of one model."""
    details = inputs["population"].details
    return float(details.get("rows") or 0) * float(details.get("classes") or 0)
