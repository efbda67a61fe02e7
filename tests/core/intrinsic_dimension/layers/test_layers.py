"""What the layers of a network make of a data set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from core.analysis import Result, Source, parse_params
from core.data.builtin import builtin_dataset_source
from core.errors import BadInput
from core.intrinsic_dimension.analysis import ANALYSIS
from core.intrinsic_dimension.layers.measure import measure_layers
from core.intrinsic_dimension.layers.representations import layer_names, representation
from core.models.architectures import LeNet5, Mlp
from core.models.builtin import builtin_model_source
from core.models.networks import build
from core.models.pt2 import load_program
from core.serial import serially
from tests.core.intrinsic_dimension.data_dimension.manifolds import plane
from tests.core.models.pt2_files import export

WINE, SWISS_ROLL = builtin_dataset_source("wine"), builtin_dataset_source("swiss_roll")


@pytest.fixture(scope="module")
def perceptron() -> nn.Module:
    torch.manual_seed(0)
    return build(Mlp(architecture="mlp", inputs=3, hidden=[20, 7], classes=2)).eval()


@pytest.fixture(scope="module")
def exported(perceptron: nn.Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a program that takes up to 64 rows."""
    return export(perceptron, (3,), tmp_path_factory.mktemp("programs") / "perceptron.pt2", most=64)


def test_representations_are_what_the_next_layer_receives(perceptron: nn.Module) -> None:
    """Input, rectified hidden layers and logits, as computed by hand."""
    rows = torch.randn(600, 3)
    assert layer_names(perceptron, rows[:2]) == ["input", "layers.0", "layers.1", "output"]
    first = perceptron.layers[0](rows).relu()
    second = perceptron.layers[1](first).relu()
    for place, expected in enumerate((rows, first, second, perceptron.layers[2](second))):
        torch.testing.assert_close(representation(perceptron, rows, place), expected)


def test_images_are_flattened_after_pooling() -> None:
    """LeNet's maps are taken after activation and pooling: 6 x 12 x 12, 16 x 4 x 4, 120, 84."""
    network = build(LeNet5(architecture="lenet5", channels=1, height=28, width=28, classes=10)).eval()
    rows = torch.randn(3, 28, 28)
    names = layer_names(network, rows)
    assert names == ["input", "conv1", "conv2", "fc1", "fc2", "output"]
    widths = [representation(network, rows, place).shape[1] for place in range(len(names))]
    assert widths == [784, 864, 256, 120, 84, 10]


def test_an_exported_program_shows_the_same(perceptron: nn.Module, exported: Path) -> None:
    """The representations of a network do not depend on the form in which it was brought."""
    program, rows = load_program(exported, exported.name), torch.randn(100, 3)
    assert len(layer_names(program, rows[:2])) == 4
    for place in range(4):
        torch.testing.assert_close(representation(program, rows, place), representation(perceptron, rows, place))


def test_a_network_that_changes_no_distances_changes_no_dimension() -> None:
    """Rotations leave a plane a plane: 2 at every depth, with the input's value."""
    torch.manual_seed(0)
    rotations = [nn.Linear(12, 12, bias=False) for _ in range(3)]
    for layer in rotations:
        nn.init.orthogonal_(layer.weight)
    found = measure_layers(nn.Sequential(*rotations).eval(), torch.from_numpy(plane(800, 0)).float())
    assert [layer.units for layer in found] == [12] * 4
    for layer in found:
        assert layer.dimension == pytest.approx(found[0].dimension, rel=1e-3)
        assert layer.participation_ratio == pytest.approx(found[0].participation_ratio, rel=1e-3)
    assert abs(found[-1].dimension - 2) < 0.2


def test_a_bottleneck_bounds_the_dimension() -> None:
    """What has passed through one linear unit lies on a line; what a dead layer gives is one point."""
    torch.manual_seed(0)
    narrow, dead = nn.Linear(12, 1), nn.Linear(12, 5)
    nn.init.zeros_(dead.weight)
    found = measure_layers(nn.Sequential(narrow, nn.Linear(1, 12), dead).eval(), torch.randn(600, 12))
    assert abs(found[1].dimension - 1) < 0.15 and abs(found[2].dimension - 1) < 0.15
    assert found[3].points == 1 and np.isnan(found[3].dimension)


def run(dataset: Source, model: Source, **values: object) -> Result:
    params = parse_params(ANALYSIS.params, {"mode": "data", **values})
    ANALYSIS.estimate(params, {"dataset": dataset, "model": model})
    return serially(ANALYSIS, params, {"dataset": dataset, "model": model})


def test_mode_data_with_a_network() -> None:
    """A built-in network is trained first and shown beside its untrained self; answer, numbers and figure tell of it."""
    result = run(WINE, builtin_model_source("mlp"))
    table, values = result.tables["layers"], result.values()
    assert list(table.network.unique()) == ["trained here", "before training"]
    after = table[table.network == "trained here"].set_index("layer")
    assert list(after.index) == ["input", "layers.0", "layers.1", "output"]
    assert after.dimension["output"] < after.dimension["input"]
    assert values["last_hidden_dimension"] == pytest.approx(after.dimension["layers.1"])
    assert values["network_accuracy"] > 0.8
    assert "in the last hidden layer" in result.answer
    figure = ANALYSIS.figures(result)["dimension_by_layer"]
    assert all((figure.reading, figure.caption, figure.alt, figure.reference)) and len(figure.plot.data) == 3


def test_a_network_with_weights_needs_no_labels(exported: Path) -> None:
    """An exported program looks at points without classes as it is; nothing is trained."""
    brought = Source("model", exported.name, "digest", str(exported), {"output_shape": [2], "parameters": 243})
    result = run(SWISS_ROLL, brought, network_points=300, max_points=300)
    assert list(result.tables["layers"].network.unique()) == ["as brought"]
    assert result.values()["network_accuracy"] is None


def test_a_network_to_train_needs_labels() -> None:
    """Without labels a built-in network can't be trained: a sentence says what to do."""
    with pytest.raises(BadInput, match="has no labels, so Small MLP, 64-32 can't be trained on it"):
        run(SWISS_ROLL, builtin_model_source("mlp"))
