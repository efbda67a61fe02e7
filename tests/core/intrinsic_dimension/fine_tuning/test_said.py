"""SAID: theta = theta0 + lambda_layer (P theta_{d-m}), as a map for trainings of many runs."""

import numpy as np
import pytest
import torch

from core.errors import BadInput
from core.intrinsic_dimension.fine_tuning.said import Layers, Said, inner_dimensions, layers_of, said_origin
from core.intrinsic_dimension.projections.kinds import projections_of_runs
from core.models.architectures import LeNet5, Mlp, ResNet
from core.models.networks import build
from core.training.maps import Affine
from core.training.parameters import Layout, layout_of

LAYERS = Layers(("embedding", "block.0", "head"), (12, 5, 7, 3, 9), (0, 1, 1, 2, 0))  # the first layer has two parts
FULL = sum(LAYERS.sizes)
RUNS, INNER = 3, 6


def _said(seed: int = 0) -> tuple[Said, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(RUNS, FULL, generator=generator, dtype=torch.float64)
    linear = projections_of_runs("fastfood", FULL, [INNER, 4, INNER], [1, 2, 3])
    coordinates = torch.randn(RUNS, LAYERS.count + INNER, generator=generator, dtype=torch.float64)
    return Said(start, linear, LAYERS), coordinates


def _naive(said: Said, coordinates: torch.Tensor) -> torch.Tensor:
    """The definition, weight by weight."""
    layer_of_weight = [layer for size, layer in zip(LAYERS.sizes, LAYERS.layer_of, strict=True) for _ in range(size)]
    moved = said.linear.forward(coordinates[:, LAYERS.count :])
    return torch.stack(
        [said.start[:, i] + coordinates[:, layer] * moved[:, i] for i, layer in enumerate(layer_of_weight)], 1
    )


def test_forward_is_the_definition() -> None:
    """Each weight moves by lambda of its layer times its entry of P theta."""
    said, coordinates = _said()
    torch.testing.assert_close(said.forward(coordinates), _naive(said, coordinates), rtol=1e-12, atol=1e-12)


def test_adjoint_is_the_gradient_of_forward() -> None:
    """The adjoint agrees with autograd through the definition, in lambdas and in theta, for each run by itself."""
    said, coordinates = _said(1)
    gradient = torch.randn(RUNS, FULL, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    said.forward(coordinates)
    leaf = coordinates.clone().requires_grad_()
    (expected,) = torch.autograd.grad(_naive(said, leaf), leaf, gradient)
    torch.testing.assert_close(said.adjoint(gradient), expected, rtol=1e-10, atol=1e-10)


def test_lambdas_of_one_are_did() -> None:
    """With every lambda at 1 the weights and the gradient along theta are those of theta0 + P theta."""
    said, coordinates = _said(2)
    coordinates[:, : LAYERS.count] = 1
    did = Affine(said.start, said.linear)
    gradient = torch.randn(RUNS, FULL, dtype=torch.float64, generator=torch.Generator().manual_seed(6))
    torch.testing.assert_close(said.forward(coordinates), did.forward(coordinates[:, LAYERS.count :]))
    torch.testing.assert_close(said.adjoint(gradient)[:, LAYERS.count :], did.adjoint(gradient))


def test_it_starts_at_theta0() -> None:
    """At the origin every lambda is 1 and the weights are the pretrained ones exactly."""
    said, _ = _said()
    origin = said_origin(RUNS, LAYERS, INNER, "cpu").double()
    assert torch.equal(origin[:, : LAYERS.count], torch.ones(RUNS, LAYERS.count, dtype=torch.float64))
    assert torch.equal(said.forward(origin), said.start)


def test_some_of_the_runs_go_on() -> None:
    """After `keep` the remaining runs have the weights and gradients that they had among the others."""
    said, coordinates = _said(3)
    gradient = torch.randn(RUNS, FULL, dtype=torch.float64, generator=torch.Generator().manual_seed(7))
    weights, along = said.forward(coordinates), said.adjoint(gradient)
    kept = torch.tensor([2, 0])
    part = said.keep(kept)
    torch.testing.assert_close(part.forward(coordinates[kept]), weights[kept])
    torch.testing.assert_close(part.adjoint(gradient[kept]), along[kept])


def test_d_counts_the_lambdas() -> None:
    """Of d numbers m are lambdas and d - m go through P; d of m or less is refused with the least that is needed."""
    assert inner_dimensions([4, 10], LAYERS) == [1, 7]
    with pytest.raises(BadInput, match=r"3 layers and each takes one dimension.*at least 4 are needed"):
        inner_dimensions([10, 3], LAYERS)


def test_k_directions_need_k_numbers() -> None:
    """A task that fixes k linear functions of the weights is met exactly from d = k on with DID; SAID needs one more,
    as a common factor of its lambdas and theta cancels."""
    k, generator = 8, torch.Generator().manual_seed(9)
    task = torch.randn(k, FULL, generator=generator, dtype=torch.float64)

    def met(d: int, method: str) -> int:
        linear = projections_of_runs("dense", FULL, [d - (LAYERS.count if method == "SAID" else 0)], [4])
        start = torch.zeros(1, FULL, dtype=torch.float64)
        mapping = Said(start, linear, LAYERS) if method == "SAID" else Affine(start, linear)
        point = torch.randn(1, d, generator=generator, dtype=torch.float64)
        mapping.forward(point)
        jacobian = torch.stack([mapping.adjoint(row.unsqueeze(0))[0] for row in task])  # [k, d]
        return int(np.linalg.matrix_rank(jacobian.numpy(), tol=1e-6))

    assert [met(d, "DID") for d in (k - 1, k, k + 1)] == [k - 1, k, k]
    assert [met(d, "SAID") for d in (k - 1, k, k + 1)] == [k - 2, k - 1, k]


def test_layers_are_those_of_the_names() -> None:
    """A linear map with its bias is a layer of a chain; a block is one of a deep network; every weight is in one."""
    mlp = layers_of(layout_of(build(Mlp(inputs=4, hidden=(3, 2), classes=5))))
    assert (mlp.names, mlp.parameters) == (("layers.0", "layers.1", "layers.2"), (15, 8, 15))
    lenet = layers_of(layout_of(build(LeNet5(channels=1, height=16, width=16, classes=3))))
    assert lenet.names == ("conv1", "conv2", "fc1", "fc2", "fc3")
    resnet = layers_of(layout_of(build(ResNet(channels=1, depth=8, width=2, classes=3))))
    assert resnet.names == ("conv1", "bn1", "blocks.0", "blocks.1", "blocks.2", "linear")
    bert = layers_of(
        Layout(
            ("embeddings.word.weight", "encoder.layer.0.attention.query.bias", "encoder.layer.0.output.bias", "scale"),
            ((2, 2), (2,), (2,), ()),
        )
    )
    assert bert.names == ("embeddings", "encoder.layer.0", "scale")
    assert sum(resnet.parameters) == sum(resnet.sizes)
