from __future__ import annotations

import json
import subprocess
import sys

import pytest
import torch

from core.errors import BadInput
from core.keys import content_key
from core.models.architectures import Architecture, Cnn, LeNet5, Mlp, ResNet, parse_architecture
from core.models.builtin import BUILTIN_MODELS, builtin_architecture, builtin_model_source
from core.models.networks import build

PUBLISHED = [  # Li et al. (2018), table S1 and section 3; He et al. (2016), table 6: 0.27 M
    (Mlp(inputs=784, hidden=(200, 200), classes=10), 199_210),
    (Mlp(inputs=64, hidden=(32,), classes=10), 2_410),
    (Mlp(inputs=30, classes=2), 62),
    (LeNet5(channels=1, height=28, width=28, classes=10), 44_426),
    (LeNet5(channels=3, height=32, width=32, classes=10), 62_006),
    (ResNet(channels=3, depth=20, classes=10), 269_722),
]


@pytest.mark.parametrize(("config", "parameters"), PUBLISHED, ids=lambda value: str(value))
def test_number_of_parameters_is_the_published_one(config: Architecture, parameters: int) -> None:
    """D of each architecture is the paper's, as counted in the network and as computed without one."""
    assert sum(value.numel() for value in build(config).parameters()) == parameters
    assert config.parameters == parameters


@pytest.mark.parametrize(
    "config",
    [
        LeNet5(channels=2, height=16, width=33, classes=3),
        Cnn(channels=3, width=5, classes=4),
        ResNet(channels=1, depth=8, width=3, classes=4),
        ResNet(channels=4, depth=14, width=8, classes=2),
        Mlp(inputs=7, hidden=(5, 4, 3), classes=2),
    ],
    ids=str,
)
def test_computed_parameters_equal_the_counted_ones(config: Architecture) -> None:
    """The number of parameters that estimates use is that of the network, for other sizes too."""
    assert sum(value.numel() for value in build(config).parameters()) == config.parameters


@pytest.mark.parametrize(
    ("name", "shape"),
    [("mlp", (8, 8)), ("mlp_200_200", (30,)), ("lenet5", (28, 28)), ("lenet5", (3, 32, 32)), ("resnet20", (1, 8, 8))],
)
def test_builtin_adapts_to_the_data(name: str, shape: tuple[int, ...]) -> None:
    """A built-in network takes samples of the data set's shape and gives one logit a class."""
    network = build(builtin_architecture(name, shape, 7))
    assert network(torch.randn(5, *shape)).shape == (5, 7)


def test_resnet_shortcut_pads_with_zeros() -> None:
    """With its convolutions at zero, a block that widens passes the subsampled input on, padded evenly with zeros."""
    block = build(ResNet(channels=1, depth=8, width=2, classes=2)).blocks[1].eval()
    torch.nn.init.zeros_(block.conv2.weight)
    x = torch.rand(3, 2, 8, 8)
    y = block(x)
    assert torch.equal(y[:, 1:3], x[:, :, ::2, ::2])
    assert not y[:, 0].any() and not y[:, 3].any()


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("lenet5", (30,), "lenet5 takes images; the data set has samples of shape 30: choose the model mlp"),
        ("lenet5", (8, 8), "lenet5 needs images of at least 16 x 16 pixels; the data set has 8 x 8: choose"),
        ("resnet20", (32, 32, 3), "looks like channels last: save it as X.transpose"),
        ("resnet20", (4, 1), "resnet20 needs images of at least 8 x 8 pixels; the data set has 4 x 1"),
        ("vgg", (8, 8), "There is no built-in model 'vgg'; there are mlp, mlp_200_200, lenet5, resnet20"),
    ],
)
def test_builtin_that_does_not_fit_is_refused(name: str, shape: tuple[int, ...], message: str) -> None:
    """A shape that a network can't take is refused with found, expected and what to do."""
    with pytest.raises(BadInput) as refusal:
        builtin_architecture(name, shape, 3)
    assert message in str(refusal.value)


@pytest.mark.parametrize("config", [config for config, _ in PUBLISHED], ids=str)
def test_configuration_survives_json(config: Architecture) -> None:
    """A configuration written as JSON is read back as the same."""
    assert parse_architecture(config.model_dump_json()) == config
    assert parse_architecture(json.loads(config.model_dump_json())) == config


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "Architecture: this is not valid JSON (line 1, column 2); expected an object."),
        ("[1]", 'Architecture: found a list; expected an object such as {"architecture": "mlp", ...}.'),
        ({"inputs": 3}, 'the field "architecture" is missing; expected one of mlp, lenet5, cnn, resnet.'),
        (
            {"architecture": "vgg"},
            "the field \"architecture\" 'vgg' is not known; expected one of mlp, lenet5, cnn, resnet.",
        ),
        (
            {"architecture": "mlp", "classes": 3},
            "mlp, field inputs: it is missing; expected: Number of values of a sample.",
        ),
        ({"architecture": "mlp", "inputs": 0, "classes": 3}, "mlp, field inputs: 0 is not accepted; input should be"),
        ({"architecture": "mlp", "inputs": 3, "classes": 1}, "mlp, field classes: 1 is not accepted"),
        (
            {"architecture": "mlp", "inputs": 3, "classes": 3, "hidden": [4, -1]},
            "mlp, field hidden.1: -1 is not accepted",
        ),
        ({"architecture": "mlp", "inputs": 3, "classes": 3, "layers": 2}, "no such field; it has architecture, inputs"),
        ({"architecture": "resnet", "channels": 3, "classes": 3, "depth": 21}, "21 is not accepted; expected 6n + 2"),
        (
            {"architecture": "mlp", "inputs": 10**6, "classes": 10**5},
            "100,000,100,000 parameters; at most 1,000,000,000",
        ),
        ("[" * 100_000, "Architecture: this is not valid JSON"),
    ],
)
def test_bad_configuration_is_refused(config: object, message: str) -> None:
    """A configuration that can't be built is refused in one sentence that names the field."""
    with pytest.raises(BadInput) as refusal:
        parse_architecture(config)  # type: ignore[arg-type]
    assert message in str(refusal.value)


def test_builtin_source_names_its_content() -> None:
    """A built-in is an input like any other: its digest depends on its name and version alone."""
    source = builtin_model_source("lenet5")
    assert (source.kind, source.location) == ("model", "builtin:lenet5")
    assert source.digest == content_key("builtin-model", "lenet5", 1)
    assert len({builtin_model_source(model.name).digest for model in BUILTIN_MODELS}) == len(BUILTIN_MODELS)


def test_table_of_builtins_brings_in_no_torch() -> None:
    """The page server lists models and reads configurations without torch."""
    code = (
        "import sys; from core.models.builtin import builtin_model_source as s, builtin_architecture as a;"
        "from core.models import formats; s('mlp'); a('lenet5', (28, 28), 10).parameters; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
