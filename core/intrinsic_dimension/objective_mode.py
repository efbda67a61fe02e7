"""Mode `objective`: the smallest random subspace in which a network still learns the task."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, prod

from core.analysis import Compute, Estimate, Inputs, Step
from core.data.columns import class_count
from core.intrinsic_dimension.checks import check_problem
from core.intrinsic_dimension.dimension_search import DimensionSearch, objective_trainer, runs_per_step
from core.intrinsic_dimension.objective_params import ObjectiveParams
from core.intrinsic_dimension.plan import Metric, Strategy, most_trainings
from core.intrinsic_dimension.projections.memory import stored_bytes
from core.intrinsic_dimension.trainings import Facts, Problem, inspect_problem

# Measured on one core; they serve for the estimate alone.
STEP_SECONDS, GRAPH_STEP_SECONDS = 3e-4, 7e-4  # of a gradient, whatever its size; of graphs from a file
RUNS_TOGETHER = 3.5  # trainings a step on average, where steps hold several
MULTIPLICATIONS_A_SECOND = 6e10
PROJECTION_SECONDS = 1e-8  # a parameter, of projecting and updating
READING_SECONDS = 4e-8  # a value
COMPRESSED, COMPRESSING = 2, 0.08  # trainings that are repeated to compress them, and their share of the whole run
MEASURING = 1 / 3  # of an epoch: the forward pass over all rows at the end


def compute_objective(params: ObjectiveParams, inputs: Inputs) -> Compute:
    """Looks at the problem, chooses the learning rates, measures the baseline, then searches."""
    from core.intrinsic_dimension.compression.certified import certified
    from core.intrinsic_dimension.objective_report import objective_result

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
    known = Facts(**facts)
    search = DimensionSearch(
        params,
        objective_trainer(problem),
        known,
        estimate.memory,
        share=0.98 - COMPRESSING,
        strategy=strategy_of(params, known),
    )
    findings = yield from search.conduct()
    result = objective_result(params, problem, known, search.metric, findings)
    return (yield from certified(result, problem, known, findings, estimate.memory, COMPRESSING))


def strategy_of(params: ObjectiveParams, facts: Facts | None = None) -> Strategy:
    """What is sought and how.

    Args:
        params: of the mode.
        facts: None before anything has been read; then the metric is left out.
    """
    metric = None
    if params.metric == "training" and facts is not None:
        metric = Metric("training_accuracy", facts.training_chance, facts.training_rows)
    return Strategy(
        baseline=params.baseline,
        global_baseline=params.global_baseline,
        whole=params.d_int100,
        grid=params.grid if params.search == "grid" else (),
        replicates=params.replicates,
        sweep=params.learning_rate_sweep,
        metric=metric,
    )


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
        projection=params.projection,
        shuffled_labels=params.shuffled_labels,
        shuffled_pixels=params.shuffled_pixels,
    )


def estimate_objective(params: ObjectiveParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the number of rows, features and parameters alone.

    Raises:
        BadInput: the details already say that this can't be learned (see `check_problem`).
    """
    details = inputs["dataset"].details
    rows, features = int(details.get("rows") or params.most_rows), int(details.get("features") or 100)
    used = min(rows, params.most_rows)
    parameters, reuse, batchable = network_size(inputs, params.target, params.hidden)
    check_problem(params, inputs, parameters)
    trainings = most_trainings(params, strategy_of(params))
    largest = max(params.grid) if params.search == "grid" else min(parameters, params.max_subspace or parameters)
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
        seconds=3 + READING_SECONDS * rows * features + (trainings + COMPRESSED) * gradients * one_gradient,
        memory=int(
            5e8
            + 16.0 * rows * features
            + 60.0 * width * parameters
            + 16.0 * width * batch * features * reuse
            + (320.0 * min(used, 1024) * features if reuse > 1 else 0.0)  # activations while accuracy is measured
            + 2.0 * width * stored_bytes(params.projection, parameters, largest)
        ),
        steps=3 + COMPRESSED + ceil(trainings / width),
    )


def network_size(inputs: Inputs, target: str, hidden: Sequence[int]) -> tuple[int, float, bool]:
    """Number of parameters, how often one sample uses each (times the slowness of the operation), whether it batches."""
    from core.models.architectures import Mlp
    from core.models.builtin import builtin_architecture

    details = inputs["dataset"].details
    shape = tuple(details.get("shape") or (details.get("features") or 100,))
    classes = max(2, class_count(inputs["dataset"], target) or 10)
    reuse = {"mlp": 1.0, "lenet5": 28.0, "cnn": prod(shape[-2:]) / 2.0, "resnet": prod(shape[-2:]) / 4.5}
    model = inputs.get("model")
    if model is None:
        return Mlp(inputs=prod(shape), hidden=tuple(hidden), classes=classes).parameters, reuse["mlp"], True
    if model.builtin:
        config = builtin_architecture(model.builtin, shape, classes)
        return config.parameters, reuse[config.architecture], True
    parameters = int(model.details.get("trainable") or model.details.get("parameters") or 100_000)
    described = model.details.get("architecture")
    if described:
        return parameters, reuse[described["architecture"]], True
    convolves = any(len(tensor["shape"]) == 4 for tensor in model.details.get("tensors") or ())
    return parameters, reuse["lenet5"] if convolves else reuse["mlp"], False
