"""Mode `objective`: the smallest random subspace in which a network still learns the task."""

from __future__ import annotations

from math import ceil, prod
from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.analysis import Compute, Estimate, Inputs, Params, Step, parameter
from core.intrinsic_dimension.checks import check_problem, class_count
from core.intrinsic_dimension.study import LEAST_SEARCH, Study, runs_per_step
from core.intrinsic_dimension.trainings import Facts, Problem, inspect_problem

# Measured on one core; they serve for the estimate alone.
STEP_SECONDS, GRAPH_STEP_SECONDS = 3e-4, 7e-4  # of a gradient, whatever its size; of graphs from a file
RUNS_TOGETHER = 3.5  # trainings a step on average, where steps hold several
MULTIPLICATIONS_A_SECOND = 6e10
PROJECTION_SECONDS = 1e-8  # a parameter, of projecting and updating
READING_SECONDS = 4e-8  # a value
MEASURING = 1 / 3  # of an epoch: the forward pass over all rows at the end

Rate = Annotated[float, Field(gt=0, le=1000)]
Units = Annotated[int, Field(ge=1, le=100_000)]


class ObjectiveParams(Params):
    """How many parameters a network needs for a task: it is trained in random subspaces of its parameters, and the
    smallest number of dimensions that reaches 90 % of the accuracy of ordinary training comes out, with an interval."""

    mode: Literal["objective"] = "objective"
    target: str = parameter(
        "",
        title="Label column",
        description="Column of a table that holds the classes; empty: the one called y, label, target or class.",
        main=True,
        max_length=300,
    )
    hidden: tuple[Units, ...] = parameter(
        (32,),
        title="Hidden layers",
        description="Units of each hidden layer of the network (linear layers with ReLU) where no model is chosen.",
        unit="units",
        main=True,
        max_length=16,
    )
    epochs: int = parameter(
        40,
        title="Epochs",
        description="Passes over the training rows, of every training; the rate falls to zero along half a cosine.",
        main=True,
        minimum=1,
        maximum=1000,
    )
    device: Literal["cpu", "gpu"] = parameter(
        "cpu", title="Device", description="Where the trainings run; gpu waits for a worker that has one.", main=True
    )
    batch_size: int = parameter(
        64, title="Batch size", description="Rows of one gradient.", unit="rows", minimum=1, maximum=100_000
    )
    fraction: float = parameter(
        0.9,
        title="Fraction of the baseline",
        description="How much of the baseline's performance counts as solved: 0.9 for d_int90, 1 for d_int100.",
        minimum=0.05,
        maximum=1.0,
    )
    global_baseline: float = parameter(
        1.0,
        title="Global baseline",
        description="A fixed accuracy to compare networks on one data set with, beside the network's own baseline.",
        minimum=0.01,
        maximum=1.0,
    )
    max_trainings: int = parameter(
        20,
        title="Most trainings",
        description="Subspace and direct trainings together; the search stops there, with the interval it has then.",
        unit="trainings",
        minimum=8,
        maximum=1000,
    )
    standard_error: float = parameter(
        0.03,
        title="Precision",
        description="Relative standard error of d_int90 at which the search stops early.",
        minimum=0.005,
        maximum=0.5,
    )
    first_guess: int = parameter(
        64,
        title="First guess",
        description="Subspace dimension at which the learning rate is chosen and the search begins.",
        minimum=1,
        maximum=10_000_000,
    )
    max_subspace: int | None = parameter(
        None,
        title="Largest subspace",
        description="The search goes no higher; none: the number of parameters of the network.",
        minimum=1,
        maximum=1_000_000_000,
    )
    baseline_trainings: int = parameter(
        3,
        title="Baseline trainings",
        description="Direct trainings at the chosen learning rate whose mean is the network's own baseline.",
        unit="trainings",
        minimum=3,
        maximum=50,
    )
    direct_learning_rates: tuple[Rate, ...] = parameter(
        (0.001, 0.005, 0.02),
        title="Learning rates, direct",
        description="Rates of Adam that direct training is tried with, once each; the best is kept.",
        max_length=10,
    )
    subspace_learning_rates: tuple[Rate, ...] = parameter(
        (0.1, 0.3, 1.0),
        title="Learning rates, subspace",
        description="Rates of Adam in the subspace, tried once each at the first guess; the best is kept.",
        max_length=10,
    )
    scaling: Literal["automatic", "columns", "common", "none"] = parameter(
        "automatic",
        title="Scaling",
        description="columns: each to mean 0 and variance 1; common: one mean and variance for all, as pixels need it; "
        "automatic: common for images, else columns.",
    )
    validation_fraction: float = parameter(
        0.2,
        title="Validation share",
        description="Share of the rows that performance is measured on; it is never learned from.",
        minimum=0.05,
        maximum=0.5,
    )
    most_rows: int = parameter(
        60_000,
        title="Most rows",
        description="A larger data set is reduced to this many rows, drawn at random.",
        unit="rows",
        minimum=20,
        maximum=10_000_000,
    )
    seed: int = parameter(
        0,
        title="Seed",
        description="Draws the split; every training has a seed of its own that follows from it.",
        minimum=0,
        maximum=2**31 - 1,
    )

    @model_validator(mode="after")
    def _affords_a_search(self) -> ObjectiveParams:
        if not self.direct_learning_rates or not self.subspace_learning_rates:
            raise ValueError("Learning rates: an empty list is not accepted; expected at least one rate, such as 0.1")
        if self.max_trainings < self.trainings_before_search + LEAST_SEARCH:
            raise ValueError(
                f"Most trainings: {self.max_trainings} is not accepted; baseline and learning rates take "
                f"{self.trainings_before_search} and a search at least {LEAST_SEARCH}: "
                f"expected at least {self.trainings_before_search + LEAST_SEARCH}"
            )
        return self

    @property
    def trainings_before_search(self) -> int:
        """Trainings that choose the learning rates and measure the baseline."""
        return len(self.direct_learning_rates) + self.baseline_trainings - 1 + len(self.subspace_learning_rates)


def compute_objective(params: ObjectiveParams, inputs: Inputs) -> Compute:
    """Looks at the problem, chooses the learning rates, measures the baseline, then searches."""
    problem = problem_of(params, inputs)
    estimate = estimate_objective(params, inputs)
    (facts,) = yield [
        Step(
            inspect_problem,
            {"problem": problem},
            device=problem.device,
            label="Reading the data",
            share=0.02,
            memory=estimate.memory,
        )
    ]
    study = Study(params, problem, Facts(**facts), estimate.memory)
    return (yield from study.conduct())


def problem_of(params: ObjectiveParams, inputs: Inputs) -> Problem:
    """What is learned by what, out of parameters and inputs."""
    return Problem(
        dataset=inputs["dataset"],
        model=inputs.get("model"),
        target=params.target,
        hidden=params.hidden,
        scaling=params.scaling,
        most_rows=params.most_rows,
        validation_fraction=params.validation_fraction,
        seed=params.seed,
        epochs=params.epochs,
        batch_size=params.batch_size,
        device=params.device,
    )


def estimate_objective(params: ObjectiveParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the number of rows, features and parameters alone.

    Raises:
        BadInput: the details already say that this can't be learned (see `check_problem`).
    """
    details = inputs["dataset"].details
    rows, features = int(details.get("rows") or params.most_rows), int(details.get("features") or 100)
    used = min(rows, params.most_rows)
    parameters, reuse, batchable = _network_size(params, inputs)
    check_problem(params, inputs, parameters)
    width = runs_per_step(parameters, batchable=batchable, device="cpu")
    batch = min(params.batch_size, used)
    gradients = (params.epochs + MEASURING) * max(1, used * (1 - params.validation_fraction) / batch)
    shared = STEP_SECONDS if batchable else GRAPH_STEP_SECONDS
    one_gradient = (
        shared / min(width, RUNS_TOGETHER)
        + 6.0 * batch * parameters * reuse / MULTIPLICATIONS_A_SECOND
        + PROJECTION_SECONDS * parameters
    )
    return Estimate(
        seconds=3 + READING_SECONDS * rows * features + params.max_trainings * gradients * one_gradient,
        memory=int(
            5e8
            + 16.0 * rows * features
            + 60.0 * width * parameters
            + 16.0 * width * batch * features * reuse
            + (320.0 * min(used, 1024) * features if reuse > 1 else 0.0)  # activations while accuracy is measured
        ),
        steps=3 + ceil(params.max_trainings / width),
    )


def _network_size(params: ObjectiveParams, inputs: Inputs) -> tuple[int, float, bool]:
    """Number of parameters, how often one sample uses each (times the slowness of the operation), whether it batches."""
    from core.models.architectures import Mlp
    from core.models.builtin import builtin_architecture

    details = inputs["dataset"].details
    shape = tuple(details.get("shape") or (details.get("features") or 100,))
    classes = max(2, class_count(inputs["dataset"], params.target) or 10)
    reuse = {"mlp": 1.0, "lenet5": 28.0, "resnet": prod(shape[-2:]) / 4.5}
    model = inputs.get("model")
    if model is None:
        return Mlp(inputs=prod(shape), hidden=params.hidden, classes=classes).parameters, reuse["mlp"], True
    if model.location.startswith("builtin:"):
        config = builtin_architecture(model.location.removeprefix("builtin:"), shape, classes)
        return config.parameters, reuse[config.architecture], True
    parameters = int(model.details.get("trainable") or model.details.get("parameters") or 100_000)
    described = model.details.get("architecture")
    if described:
        return parameters, reuse[described["architecture"]], True
    convolves = any(len(tensor["shape"]) == 4 for tensor in model.details.get("tensors") or ())
    return parameters, reuse["lenet5"] if convolves else reuse["mlp"], False
