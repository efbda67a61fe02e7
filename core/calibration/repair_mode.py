"""Mode `repair`: which recalibrator helps this model, by a proper score and on rows that it was not fitted on?"""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from core.analysis import Compute, Estimate, Inputs, Params, Step, parameter
from core.calibration.evaluate_mode import SCORES_HELP, resampling_seconds
from core.calibration.repair.methods import METHODS, available_methods
from core.calibration.repair_steps import method_step, parts_of_file_step, stage_step, temperature_curve_step

COMPARED = ("none", "temperature", "tempnet_nll", "tempnet_robust", "entropy_temperature")  # their entropies are shown
METRIC_RESAMPLES = 100


class RepairParams(Params):
    """Which recalibrator lowers the NLL most on rows that it was not fitted on; each can be taken away as JSON."""

    mode: Literal["repair"] = "repair"
    methods: tuple[str, ...] = parameter(
        (),
        title="Methods",
        description="Names of recalibrators, separated by commas; empty: all that are built in.",
        main=True,
        max_length=50,
    )
    conformal_score: Literal["lac", "aps", "raps"] = parameter(
        "lac",
        title="Conformal score",
        description="Whose coverage and set size stand on the board; all three are in a table of their own.",
        main=True,
    )
    conformal_level: float = parameter(
        0.9,
        title="Conformal level",
        description="Coverage that the sets of classes ask for.",
        main=True,
        minimum=0.5,
        maximum=0.999,
    )
    scores: Literal["auto", "logits", "probabilities"] = parameter(
        "auto", title="Scores", description=SCORES_HELP, main=True
    )
    fit_share: float = parameter(
        0.5,
        title="Fit share",
        description="Where the file has no validation part: share of the rows, drawn class by class, that repairs are "
        "fitted on; all reports are on the others.",
        minimum=0.05,
        maximum=0.95,
    )
    seed: int = parameter(
        0,
        title="Seed",
        description="Of the split, of networks, of randomised conformal scores and of the resampling.",
        minimum=0,
        maximum=2**31 - 1,
    )

    @field_validator("methods")
    @classmethod
    def _are_known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        known = {method.name for method in available_methods()}
        for name in names:
            if name not in known:
                raise ValueError(f"{name!r} is not among them")
        return tuple(dict.fromkeys(names))

    @property
    def chosen(self) -> tuple[str, ...]:
        """The methods that are compared."""
        return self.methods or tuple(method.name for method in METHODS)


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
