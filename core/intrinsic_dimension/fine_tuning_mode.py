"""Mode `fine_tuning`: the smallest random subspace around pretrained weights in which a new task is still learned."""

from __future__ import annotations

from collections.abc import Generator
from math import ceil
from typing import Any

from core.analysis import Compute, Estimate, Inputs, Step
from core.data.columns import check_classes, check_columns, class_count
from core.data.texts import text_column
from core.errors import BadInput, StepFailed
from core.intrinsic_dimension.checks import LEAST_ROWS
from core.intrinsic_dimension.dimension_search import DimensionSearch, runs_per_step
from core.intrinsic_dimension.findings import Findings
from core.intrinsic_dimension.fine_tuning.outcome import Lambdas, Pretraining, Search, title
from core.intrinsic_dimension.fine_tuning.pretraining import PRETRAINING_RATES, pretrain
from core.intrinsic_dimension.fine_tuning.problem import FineTuning, FineTuningFacts, Method, Start, text_parameters
from core.intrinsic_dimension.fine_tuning.tasks import LEAST_CLASSES
from core.intrinsic_dimension.fine_tuning.trainings import (
    fine_tune_did,
    fine_tune_directly,
    fine_tune_said,
    inspect_fine_tuning,
)
from core.intrinsic_dimension.fine_tuning_params import FineTuningParams
from core.intrinsic_dimension.objective_mode import (
    GRAPH_STEP_SECONDS,
    MEASURING,
    MULTIPLICATIONS_A_SECOND,
    PROJECTION_SECONDS,
    READING_SECONDS,
    RUNS_TOGETHER,
    STEP_SECONDS,
    network_size,
)
from core.intrinsic_dimension.plan import Trainer, trainings_before_search
from core.intrinsic_dimension.projections.memory import stored_bytes
from core.intrinsic_dimension.side_by_side import Failed, side_by_side
from core.models.optional import MINILM_PARAMETERS, MISSING, has_minilm

_STEPS = {"DID": fine_tune_did, "SAID": fine_tune_said}


def compute_fine_tuning(params: FineTuningParams, inputs: Inputs) -> Compute:
    """Pretrains where no weights are brought, looks at the problem, then searches with each method."""
    from core.intrinsic_dimension.fine_tuning_report import fine_tuning_result

    problem, memory = problem_of(params, inputs), estimate_fine_tuning(params, inputs).memory
    pretraining, weights = None, None
    if not brings_weights(params, inputs):
        (made,) = yield [Step(pretrain, {"problem": problem}, problem.device, "Pretraining", 0.08, memory)]
        weights = made["weights"]
        pretraining = Pretraining(made["accuracy"], made["chance"], made["rows"], made["classes"])
    start = {"problem": problem, "weights": weights}
    (facts,) = yield [Step(inspect_fine_tuning, start, problem.device, "Looking at the network", 0.02, memory)]
    known = FineTuningFacts(**facts)
    _check_layers(params, known)
    searches = yield from _searches(params, start, known, memory)
    return fine_tuning_result(params, known, pretraining, searches)


def _searches(
    params: FineTuningParams, start: dict[str, Any], facts: FineTuningFacts, memory: int
) -> Generator[list[Step], list[Any], tuple[Search, ...]]:
    """The first method and the one from scratch take turns; the second method then takes over the baseline."""
    first, *others = (search for search in params.searches if search[0] == "pretrained")
    scratch = tuple(search for search in params.searches if search[0] == "scratch")
    together = (first, *scratch)
    part = 0.9 / len(params.searches)
    ends = yield from side_by_side(
        {
            title(*search): _search(params, start, facts, memory, *search, None, part * len(together))
            for search in together
        }
    )
    found = {search: ends[title(*search)] for search in together}
    baseline = found[first]
    if isinstance(baseline, Failed):
        raise StepFailed(baseline.reason)
    for search in others:
        alone = {title(*search): _search(params, start, facts, memory, *search, baseline.findings, part)}
        found[search] = (yield from side_by_side(alone))[title(*search)]
    kept = (found[search] for search in params.searches)
    return tuple(one for one in kept if not isinstance(one, Failed))


def _search(
    params: FineTuningParams,
    arguments: dict[str, Any],
    facts: FineTuningFacts,
    memory: int,
    start: Start,
    method: Method,
    known: Findings | None,
    share: float,
) -> Generator[list[Step], list[Any], Search]:
    """One search; the lambdas of its trainings are kept as they pass by."""
    smallest = len(facts.layers) + 1 if method == "SAID" else 1
    trainer = Trainer(
        fine_tune_directly, _STEPS[method], {**arguments, "start": start}, params.device, smallest=smallest
    )
    conducted = DimensionSearch(params, trainer, facts, memory, share).conduct(known)
    lambdas: list[Lambdas] = []
    try:
        steps = next(conducted)
        while True:
            results = yield steps
            for step, result in zip(steps, results, strict=True):
                if "lambdas" in result:
                    runs = zip(
                        step.arguments["subspace_dimensions"], step.arguments["seeds"], result["lambdas"], strict=True
                    )
                    lambdas += [Lambdas(*run) for run in runs]
            steps = conducted.send(results)
    except StopIteration as stop:
        return Search(start, method, stop.value, tuple(lambdas))


def problem_of(params: FineTuningParams, inputs: Inputs) -> FineTuning:
    """What is fine-tuned to what, out of parameters and inputs."""
    return FineTuning(
        dataset=inputs["dataset"],
        model=inputs.get("model"),
        target=params.target,
        hidden=params.hidden,
        pretraining=params.pretraining,
        pretraining_epochs=params.pretraining_epochs,
        text=_text(params, inputs),
        text_network=params.text_network,
        words=params.words,
        vocabulary=params.vocabulary,
        scaling=params.scaling,
        most_rows=params.most_rows,
        validation_fraction=params.validation_fraction,
        seed=params.seed,
        projection=params.projection,
        epochs=params.epochs,
        batch_size=params.batch_size,
        device=params.device,
    )


def brings_weights(params: FineTuningParams, inputs: Inputs) -> bool:
    """Whether the network comes pretrained; otherwise it, or an MLP, is pretrained here."""
    if _text(params, inputs):
        return params.text_network == "MiniLM"
    model = inputs.get("model")
    return model is not None and not model.builtin and bool(model.details.get("trained", True))


def _text(params: FineTuningParams, inputs: Inputs) -> str:
    """The column of texts; empty where samples are numbers."""
    return text_column(inputs["dataset"], params.text, params.target)


def estimate_fine_tuning(params: FineTuningParams, inputs: Inputs) -> Estimate:
    """The cost on one core, from the number of rows, features and parameters alone.

    Raises:
        BadInput: the details already say that this can't be learned.
    """
    dataset = inputs["dataset"]
    text = _text(params, inputs)
    rows, features = int(dataset.details.get("rows") or params.most_rows), int(dataset.details.get("features") or 100)
    if text:
        _check_text(params, inputs)
        classes = class_count(dataset, params.target) or 10
        known = params.text_network == "MiniLM"
        parameters = MINILM_PARAMETERS if known else text_parameters(params.vocabulary, params.words, classes)
        reuse, batchable = float(params.words), not known
    else:
        check_columns(dataset, params.target)
        parameters, reuse, batchable = network_size(inputs, params.target, params.hidden)
    _check(params, inputs, parameters)
    halved = 1 if brings_weights(params, inputs) else 2
    used = min(rows // halved, params.most_rows)
    width = runs_per_step(parameters, batchable=batchable, device="cpu")
    batch = min(params.batch_size, used)
    steps_an_epoch = max(1, used * (1 - params.validation_fraction) / batch)
    shared = STEP_SECONDS if batchable else GRAPH_STEP_SECONDS
    arithmetic = 6.0 * batch * parameters * reuse / MULTIPLICATIONS_A_SECOND + PROJECTION_SECONDS * parameters
    one_gradient = shared / min(width, RUNS_TOGETHER) + arithmetic
    again = trainings_before_search(params) - len(
        params.subspace_learning_rates
    )  # a second method takes over the baseline
    searches = len(params.searches)
    trainings = searches * params.max_trainings - (again if params.methods == "DID and SAID" else 0)
    pretraining = (
        0
        if brings_weights(params, inputs)
        else len(PRETRAINING_RATES) * params.pretraining_epochs * steps_an_epoch * (shared + arithmetic)
    )
    gradients = trainings * (params.epochs + MEASURING) * steps_an_epoch
    largest = min(parameters, params.max_subspace or parameters)
    return Estimate(
        seconds=3 + READING_SECONDS * rows * features + pretraining + gradients * one_gradient,
        memory=int(
            5e8
            + 16.0 * rows * features
            + 80.0 * width * parameters
            + 16.0 * width * batch * features * reuse
            + (320.0 * min(used, 1024) * features if reuse > 1 else 0.0)  # activations while accuracy is measured
            + 2.0 * width * stored_bytes(params.projection, parameters, largest)
        ),
        steps=3 + ceil(trainings / width),
    )


def _check(params: FineTuningParams, inputs: Inputs, full_dimension: int) -> None:
    """What the details already tell."""
    dataset = inputs["dataset"]
    rows, classes = dataset.details.get("rows"), dataset.details.get("classes")
    if rows is not None and rows < LEAST_ROWS:
        raise BadInput(
            f"{dataset.name} has {rows} rows; at least {LEAST_ROWS} are needed to learn from some and measure on others."
        )
    check_classes(dataset, params.target)
    guessed = params.target in ("", dataset.details.get("labels"))
    here = not brings_weights(params, inputs) and params.pretraining == "other classes"
    if here and guessed and classes and classes < LEAST_CLASSES:
        raise BadInput(
            f"{dataset.name} has {classes} classes; pretraining on other classes needs at least {LEAST_CLASSES}, two for "
            "each task: pretrain on shuffled classes, or bring a pretrained model."
        )
    texts = _text(params, inputs)
    if params.pretraining == "masked words" and not texts:
        raise BadInput(
            f"{dataset.name} holds no texts, so no words can be masked: pretrain on shuffled or other classes, or choose a table "
            "with a column of texts."
        )
    if params.max_subspace is not None and params.max_subspace > full_dimension:
        raise BadInput(
            f"Largest subspace: {params.max_subspace:,} is more than the {full_dimension:,} parameters of the network; "
            f"expected at most {full_dimension:,}, or none."
        )


def _check_text(params: FineTuningParams, inputs: Inputs) -> None:
    """Texts are read by networks of their own."""
    model = inputs.get("model")
    if params.text_network == "MiniLM" and not has_minilm():
        raise BadInput(MISSING)
    if model is not None:
        raise BadInput(
            f"{inputs['dataset'].name} holds texts, and {model.name} takes numbers: choose no model; texts are read by the "
            "network that Text network names."
        )


def _check_layers(params: FineTuningParams, facts: FineTuningFacts) -> None:
    """SAID spends a dimension on each layer."""
    layers = len(facts.layers)
    largest = min(facts.full_dimension, params.max_subspace or facts.full_dimension)
    if "SAID" in params.methods and largest <= layers:
        raise BadInput(
            f"Largest subspace: {largest:,} is too few for SAID, which spends one dimension on the lambda of each of the "
            f"{layers} layers; expected at least {layers + 1}, or choose DID alone."
        )
