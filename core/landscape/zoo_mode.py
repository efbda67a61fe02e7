"""Mode `zoo`: the phases of a model zoo from the metrics that it stores."""

from __future__ import annotations

from core.analysis import Compute, Estimate, Inputs, Step
from core.landscape.zoo.read_step import zoo_step
from core.landscape.zoo_params import ZooParams

LINE_SECONDS = 3e-4  # of one epoch of one model, measured
MODEL_SECONDS = 2e-3  # in all resamples
CHOSEN = ("load", "temperature", "train_loss", "trace", "mode_connectivity", "cka", "test_error")


def compute_zoo(params: ZooParams, inputs: Inputs) -> Compute:
    """Reads the zoo, then names the phases."""
    (read,) = yield [
        Step(
            zoo_step,
            {
                "zoo": inputs["checkpoints"],
                "chosen": {name: getattr(params, name) for name in CHOSEN},
                "epoch": params.epoch,
            },
            label="Reading the zoo",
            share=0.6,
            memory=estimate_zoo(params, inputs).memory,
        )
    ]
    from core.landscape.zoo_report import zoo_result

    return zoo_result(params, inputs["checkpoints"], read)


def estimate_zoo(params: ZooParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the numbers of models and epochs alone."""
    details = inputs["checkpoints"].details
    models, lines = int(details.get("models") or 100), int(details.get("epoch_rows") or 10_000)
    seconds = 2 + LINE_SECONDS * lines + MODEL_SECONDS * models
    return Estimate(seconds=seconds, memory=400_000_000 + 6_000 * lines, steps=1)
