"""Surfaces of losses that are known in closed form."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.func import functional_call

from core.errors import BadInput
from core.landscape.surfaces.directions import coordinates, filter_normalised, principal_directions
from core.landscape.surfaces.network_surface import network_surface
from core.landscape.surfaces.surface import loss_line, loss_surface, steps
from core.models.architectures import Mlp
from core.models.initialise import fresh_parameters
from core.models.networks import build
from core.training.ensemble import Examples
from core.training.parameters import layout_of

GENERATOR = torch.Generator().manual_seed(0)
PARAMETERS = {
    "weight": torch.randn(4, 3, 2, generator=GENERATOR, dtype=torch.float64),
    "bias": torch.randn(4, generator=GENERATOR, dtype=torch.float64),
}
CURVATURE = torch.rand(4, 3, 2, generator=GENERATOR, dtype=torch.float64)


def quadratic(parameters: dict[str, torch.Tensor], batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """Mean over the rows x of x times the quadratic of the weights, and the squared bias."""
    return batch[0].mean() * (CURVATURE * parameters["weight"] ** 2).sum() + parameters["bias"].pow(2).sum()


BATCHES = [(torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64),), (torch.tensor([10.0], dtype=torch.float64),)]


def test_filters_of_a_direction_are_as_long_as_the_models() -> None:
    """|d_f| = |w_f| for each output filter, and biases do not move."""
    direction = filter_normalised(PARAMETERS, torch.Generator().manual_seed(1))
    torch.testing.assert_close(direction["weight"].flatten(1).norm(dim=1), PARAMETERS["weight"].flatten(1).norm(dim=1))
    assert not direction["bias"].any()
    again = filter_normalised(PARAMETERS, torch.Generator().manual_seed(1))
    assert torch.equal(direction["weight"], again["weight"])


def test_a_quadratic_is_reproduced() -> None:
    """On the plane of two directions the loss is the quadratic in a and b, to 1e-8, the batches weighted by their rows."""
    first, second = (filter_normalised(PARAMETERS, torch.Generator().manual_seed(seed)) for seed in (1, 2))
    places = steps(11, 1.5)
    grid = loss_surface(quadratic, PARAMETERS, BATCHES, first, second, places)
    w, d, e = PARAMETERS["weight"], first["weight"], second["weight"]
    mean = 16 / 4
    a, b = places[:, None], places[None, :]

    def inner(x: torch.Tensor, y: torch.Tensor) -> float:
        return float((CURVATURE * x * y).sum())

    expected = mean * (
        inner(w, w)
        + 2 * a * inner(w, d)
        + 2 * b * inner(w, e)
        + a**2 * inner(d, d)
        + 2 * a * b * inner(d, e)
        + b**2 * inner(e, e)
    ) + float(PARAMETERS["bias"].pow(2).sum())
    np.testing.assert_allclose(grid, expected, atol=1e-8)
    line = loss_line(quadratic, PARAMETERS, BATCHES, first, places)
    np.testing.assert_allclose(line, grid[:, 5], atol=1e-12)


def test_the_model_is_the_centre() -> None:
    """The middle value is the model's own loss to the last bit, in float32 too."""
    parameters = {name: value.float() for name, value in PARAMETERS.items()}
    batches = [(torch.tensor([1.0, 2.0]),)]

    def loss(values: dict[str, torch.Tensor], batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        return (CURVATURE.float() * values["weight"] ** 2).sum() * batch[0].mean() / 3

    first, second = (filter_normalised(parameters, torch.Generator().manual_seed(seed)) for seed in (1, 2))
    grid = loss_surface(loss, parameters, batches, first, second, steps(5, 0.3))
    assert grid[2, 2] == float(loss(parameters, batches[0]))
    with pytest.raises(BadInput, match="10 points on an axis: an odd number from 3 to 501"):
        steps(10, 1.0)


def test_a_trajectory_lies_where_it_was_put() -> None:
    """Checkpoints model + a d + b e have the coordinates a, b and lie in the plane; one beside it does not."""
    d, e = (filter_normalised(PARAMETERS, torch.Generator().manual_seed(seed)) for seed in (1, 2))
    beside = {name: value + torch.ones_like(value) for name, value in PARAMETERS.items()}
    inside = {name: PARAMETERS[name] + 0.5 * d[name] - 2 * e[name] for name in PARAMETERS}
    found = coordinates([inside, PARAMETERS, beside], PARAMETERS, d, e)
    torch.testing.assert_close(found[0], torch.tensor([0.5, -2.0, 1.0], dtype=torch.float64))
    torch.testing.assert_close(found[1], torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64))
    assert found[2, 2] < 0.5


def test_principal_directions_span_the_trajectory() -> None:
    """Checkpoints of a plane lie wholly in the plane that is found; directions are orthogonal; a line is refused."""
    d, e = (filter_normalised(PARAMETERS, torch.Generator().manual_seed(seed)) for seed in (1, 2))
    path = [
        {name: PARAMETERS[name] + a * d[name] + b * e[name] for name in PARAMETERS}
        for a, b in ((1.0, 0.2), (0.5, 0.3), (-0.2, 1.0))
    ]
    first, second = principal_directions(path, PARAMETERS)
    found = coordinates(path, PARAMETERS, first, second)
    torch.testing.assert_close(found[:, 2], torch.ones(3, dtype=torch.float64))
    assert found[:, :2].abs().amax(dim=0).tolist() == pytest.approx([1, 1])
    assert abs(sum(float((first[name] * second[name]).sum()) for name in PARAMETERS)) < 1e-9
    with pytest.raises(BadInput, match="two checkpoints that do not lie on one line"):
        principal_directions(path[:1] * 2, PARAMETERS)


def test_the_plane_of_a_network_is_that_of_the_general_function() -> None:
    """Points that share a forward pass have the losses that one after the other gives; the centre is the network's own."""
    module = build(Mlp(inputs=5, hidden=(4,), classes=3))
    weights = layout_of(module).join(fresh_parameters(module, torch.Generator().manual_seed(3)))
    generator = torch.Generator().manual_seed(0)
    data = Examples(torch.randn(30, 5, generator=generator), torch.randint(0, 3, (30,), generator=generator))
    places, grid = network_surface(module, weights, {}, data, points=5, span=0.8, seed=2)

    def loss(parameters: dict[str, torch.Tensor], batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        return nn.functional.cross_entropy(functional_call(module, parameters, (batch[0],)), batch[1])

    own = layout_of(module).views(weights)
    drawn = torch.Generator().manual_seed(2)
    first, second = filter_normalised(own, drawn), filter_normalised(own, drawn)
    expected = loss_surface(loss, own, [(data.features, data.labels)], first, second, places)
    np.testing.assert_allclose(grid, expected, rtol=1e-5)
    assert grid[2, 2] == pytest.approx(float(loss(own, (data.features, data.labels))), rel=1e-6)
