"""The steps of mode `fine_tuning` after pretraining: look, fine-tune all parameters, fine-tune in random subspaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import BadInput
from core.intrinsic_dimension.fine_tuning.prepared import Pretrained, Ready, Weights, ready_of
from core.intrinsic_dimension.fine_tuning.problem import FineTuning, Start

if TYPE_CHECKING:
    import torch

    from core.training.ensemble import Trained
    from core.training.maps import Map

UNTOUCHED_HEADS = 4  # new heads whose mean accuracy is that of no fine-tuning


def inspect_fine_tuning(problem: FineTuning, weights: Weights | None) -> dict[str, Any]:
    """`FineTuningFacts` as a mapping. What can be refused is refused here, before the first training.

    Args:
        problem: what is fine-tuned to what.
        weights: pretrained here; None: those that the model brings.

    Raises:
        BadInput: no or unsuitable labels, a model that does not fit them, or one that gives no finite numbers.
    """
    import torch

    from core.training.ensemble import measure
    from core.training.networks import copies_of

    ready = ready_of(problem, Pretrained(weights))
    sample = ready.training.features[:2]
    ready.network.module.eval()
    with torch.no_grad():
        logits = ready.network.module(sample)
    if logits.shape != (len(sample), ready.facts.classes):
        raise BadInput(
            f"The network gives outputs of shape {tuple(logits.shape)} for {len(sample)} rows; the task has "
            f"{ready.facts.classes} classes, so {(len(sample), ready.facts.classes)} is expected: bring a model that fits."
        )
    if not bool(logits.isfinite().all()):
        raise BadInput(
            "The pretrained network gives values that are not finite on these rows; bring weights and data of one scale "
            "(see Scaling)."
        )
    heads = UNTOUCHED_HEADS if ready.network.new_head else 1
    untouched = [
        float(measure(copies_of(ready.network.module, 1), _starts(ready, "pretrained", [seed]), ready.validation)[0, 0])
        for seed in range(heads)
    ]
    return asdict(ready.facts) | {"untouched": float(np.mean(untouched))}


def fine_tune_directly(
    problem: FineTuning, weights: Weights | None, start: Start, learning_rates: list[float], seeds: list[int]
) -> dict[str, np.ndarray]:
    """Fine-tunes all D parameters, once a seed: what d90 is measured against.

    Args:
        problem: what is fine-tuned to what.
        weights: pretrained here; None: those that the model brings.
        start: from these weights, or from fresh ones (the same network without pretraining).
        learning_rates: one a run.
        seeds: one a run: data order, and what of theta0 is drawn anew.

    Returns:
        performance (validation accuracy, NaN where it diverged), training_accuracy, loss (of the last epoch): [R].
    """
    from core.training.maps import Identity

    ready = ready_of(problem, Pretrained(weights))
    return _measures(_train(problem, ready, _starts(ready, start, seeds), Identity(), learning_rates, seeds))


fine_tune_directly.version = 2  # type: ignore[attr-defined]  # 2: the small CNN's backward pass is written out


def fine_tune_did(
    problem: FineTuning,
    weights: Weights | None,
    start: Start,
    subspace_dimensions: list[int],
    learning_rates: list[float],
    seeds: list[int],
) -> dict[str, np.ndarray]:
    """Fine-tunes d numbers, theta = theta0 + P theta_d: Aghajanyan et al. 2020 (arXiv:2012.13255), section 3.1, DID.

    Args:
        problem: what is fine-tuned to what.
        weights: pretrained here; None: those that the model brings.
        start: from these weights, or from fresh ones.
        subspace_dimensions: d of each run.
        learning_rates: one a run, of theta_d.
        seeds: one a run: projection, data order, and what of theta0 is drawn anew.

    Returns:
        As `fine_tune_directly`.
    """
    import torch

    from core.intrinsic_dimension.projections.kinds import projections_of_runs
    from core.training.maps import Affine

    ready = ready_of(problem, Pretrained(weights))
    theta0 = _starts(ready, start, seeds)
    drawn = [_seeds(seed)[1] for seed in seeds]
    linear = projections_of_runs(problem.projection, ready.facts.full_dimension, subspace_dimensions, drawn)
    zero = torch.zeros(len(seeds), linear.subspace_dimension, device=theta0.device)
    return _measures(_train(problem, ready, zero, Affine(theta0, linear.to(theta0.device)), learning_rates, seeds))


fine_tune_did.version = 3  # type: ignore[attr-defined]  # 3: other gains of Fastfood


def fine_tune_said(
    problem: FineTuning,
    weights: Weights | None,
    start: Start,
    subspace_dimensions: list[int],
    learning_rates: list[float],
    seeds: list[int],
) -> dict[str, np.ndarray]:
    """Fine-tunes d numbers of which m scale the m layers: SAID, see `core.intrinsic_dimension.fine_tuning.said`.

    Args:
        problem: what is fine-tuned to what.
        weights: pretrained here; None: those that the model brings.
        start: from these weights, or from fresh ones.
        subspace_dimensions: d of each run, the lambdas among them.
        learning_rates: one a run, of all d numbers.
        seeds: one a run: projection, data order, and what of theta0 is drawn anew.

    Returns:
        As `fine_tune_directly`; besides lambdas, [R, m], where they ended.

    Raises:
        BadInput: no more dimensions than layers.
    """
    from core.intrinsic_dimension.fine_tuning.said import Said, inner_dimensions, layers_of, said_origin
    from core.intrinsic_dimension.projections.kinds import projections_of_runs
    from core.training.parameters import layout_of

    ready = ready_of(problem, Pretrained(weights))
    theta0 = _starts(ready, start, seeds)
    layers = layers_of(layout_of(ready.network.module))
    inner = inner_dimensions(subspace_dimensions, layers)
    drawn = [_seeds(seed)[1] for seed in seeds]
    linear = projections_of_runs(problem.projection, ready.facts.full_dimension, inner, drawn)
    first = said_origin(len(seeds), layers, linear.subspace_dimension, theta0.device)
    trained = _train(problem, ready, first, Said(theta0, linear.to(theta0.device), layers), learning_rates, seeds)
    return _measures(trained) | {"lambdas": trained.coordinates[:, : layers.count].cpu().numpy()}


fine_tune_said.version = 3  # type: ignore[attr-defined]  # 3: other gains of Fastfood


def _train(
    problem: FineTuning,
    ready: Ready,
    start: torch.Tensor,
    weights: Map,
    learning_rates: Sequence[float],
    seeds: list[int],
) -> Trained:
    from core.training.ensemble import Recipe, train

    orders = [_seeds(seed)[2] for seed in seeds]
    recipe = Recipe(problem.epochs, problem.batch_size)
    return train(ready.network.module, start, weights, learning_rates, orders, ready.training, ready.validation, recipe)


def _measures(trained: Trained) -> dict[str, np.ndarray]:
    return {
        "performance": trained.validation_accuracy,
        "training_accuracy": trained.training_accuracy,
        "loss": trained.losses[-1],
    }


def _seeds(seed: int) -> tuple[int, int, int]:
    """Seeds of what is drawn anew of theta0, of the projection, and of the data order of one run."""
    first, second, third = np.random.SeedSequence(seed).generate_state(3)
    return int(first), int(second), int(third)


def _starts(ready: Ready, start: Start, seeds: Sequence[int]) -> torch.Tensor:
    """theta0 of each run, [R, D]: the pretrained weights, with a new head where there is one, or all of it fresh."""
    from core.models.initialise import fresh_parameters_of_runs
    from core.training.parameters import layout_of

    module = ready.network.module
    own = {name: value.detach() for name, value in module.named_parameters() if value.requires_grad}
    pretrained = {name: value.expand(len(seeds), *value.shape) for name, value in own.items()}
    if start == "pretrained" and not ready.network.new_head:
        return layout_of(module).join(pretrained)
    device = next(module.parameters()).device
    drawn = fresh_parameters_of_runs(module, [_seeds(seed)[0] for seed in seeds])
    kept = (
        {} if start == "scratch" else {name: own for name, own in pretrained.items() if name not in ready.network.head}
    )
    return layout_of(module).join({name: value.to(device) for name, value in drawn.items()} | kept)
