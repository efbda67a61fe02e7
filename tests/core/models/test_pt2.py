from __future__ import annotations

from pathlib import Path

import pytest
import torch
from pt2_files import CONSTANTS, PROGRAM, WEIGHTS, changed, export, members, write
from torch import Tensor, nn
from torch.func import functional_call, grad

from core.errors import BadInput
from core.models.architectures import LeNet5, Mlp, ResNet
from core.models.networks import build
from core.models.pt2 import load_program
from core.training.ensemble import batchable
from core.training.networks import copies_of
from core.training.parameters import layout_of


class Encoder(nn.Module):
    """A small transformer encoder over 5 tokens of 8 values."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, dim_feedforward=16, batch_first=True, dropout=0.0)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.encoder(x).mean(1))


def mlp() -> nn.Module:
    return nn.Sequential(nn.Linear(6, 8), nn.GELU(), nn.LayerNorm(8), nn.Linear(8, 3))


def cnn() -> nn.Module:
    network = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 3)
    )
    network(torch.randn(32, 1, 8, 8))  # moves the running statistics
    return network


CASES = {"mlp": (mlp, (6,)), "cnn": (cnn, (1, 8, 8)), "transformer": (Encoder, (5, 8))}


@pytest.fixture(params=CASES)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[nn.Module, nn.Module, Tensor]:
    """A network, what its exported file is loaded to, and a batch."""
    torch.manual_seed(1)
    build, shape = CASES[request.param]
    network = build().eval()
    path = export(network, shape, tmp_path / "model.pt2")
    return network, load_program(path, "model.pt2"), torch.randn(9, *shape)


def test_outputs_are_exact(pair: tuple[nn.Module, nn.Module, Tensor]) -> None:
    """A screened program gives the same bits as the network that it was exported from."""
    network, program, x = pair
    assert torch.equal(program(x), network(x))


def test_parameters_keep_names_and_values(pair: tuple[nn.Module, nn.Module, Tensor]) -> None:
    """Parameters and buffers come back under their names."""
    network, program, _ = pair
    loaded = {name.removeprefix("program."): value for name, value in program.state_dict().items()}
    assert {name: value.tolist() for name, value in network.state_dict().items()} == {
        name: value.tolist() for name, value in loaded.items()
    }


def test_gradients_through_functional_call_are_exact(pair: tuple[nn.Module, nn.Module, Tensor]) -> None:
    """The program is differentiable in its parameters: gradients equal the network's own."""
    network, program, x = pair

    def gradients(module: nn.Module) -> dict[str, Tensor]:
        parameters = {name: value.detach() for name, value in module.named_parameters()}
        return grad(lambda values: functional_call(module, values, (x,)).square().sum())(parameters)

    expected, found = gradients(network), gradients(program)
    for name, value in expected.items():
        torch.testing.assert_close(found[f"program.{name}"], value)


def test_a_program_is_a_function_of_its_weights(pair: tuple[nn.Module, nn.Module, Tensor]) -> None:
    """Trainings pass other weights in, one set at a time, and get what the network gives with these."""
    network, program, x = pair
    other = {name: 1.1 * value.detach() for name, value in program.named_parameters()}
    copies = copies_of(program, 1)
    found = copies.logits(layout_of(program).join(other).unsqueeze(0), x.unsqueeze(0))[0]
    with torch.no_grad():
        for value in network.parameters():
            value.mul_(1.1)
    torch.testing.assert_close(found, network(x))
    assert not batchable(program)


def test_signature_is_read_from_the_file(tmp_path: Path) -> None:
    """Shapes, type and largest batch are known without running the program."""
    signature = load_program(export(cnn().eval(), (1, 8, 8), tmp_path / "model.pt2"), "model.pt2").signature
    assert (signature.sample_shape, signature.output_shape, signature.dtype) == ((1, 8, 8), (3,), "float32")
    assert (signature.most_rows, signature.training_mode) == (4096, False)


def test_large_batches_are_split_and_samples_reshaped(tmp_path: Path) -> None:
    """A batch beyond the exported range, with flat samples, gives the outputs of the network."""
    torch.manual_seed(2)
    network = cnn().eval()
    program = load_program(export(network, (1, 8, 8), tmp_path / "model.pt2", most=10), "model.pt2")
    x = torch.randn(25, 64)
    torch.testing.assert_close(program(x), network(x.reshape(25, 1, 8, 8)))


def test_mode_is_fixed(honest: Path) -> None:
    """train() and eval() are accepted and change nothing."""
    program = load_program(honest, "model.pt2")
    x = torch.randn(3, 6)
    assert torch.equal(program.train()(x), program.eval()(x))


def test_export_in_training_mode_moves_its_buffers(tmp_path: Path) -> None:
    """A train-mode export is accepted, known as such, and updates its running statistics."""
    program = load_program(export(cnn().train(), (1, 8, 8), tmp_path / "model.pt2"), "model.pt2")
    before = program.state_dict()["program.1.running_mean"].clone()
    program(torch.randn(16, 1, 8, 8) + 3)
    assert program.signature.training_mode
    assert not torch.equal(before, program.state_dict()["program.1.running_mean"])


def test_symbols_other_than_the_batch_are_arithmetic(tmp_path: Path) -> None:
    """A program that multiplies the batch size by a constant inside passes the screen."""

    class Tokens(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            rows = x.shape[0]
            return self.linear(x.reshape(rows * 5, 4)).reshape(rows, 5, 3).mean(1)

    torch.manual_seed(3)
    network = Tokens()
    program = load_program(export(network, (5, 4), tmp_path / "model.pt2"), "model.pt2")
    x = torch.randn(6, 5, 4)
    assert torch.equal(program(x), network(x))


class Block(nn.Module):
    """Layers on a feature map, then a linear head."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x).flatten(1)


class Recurrent(nn.Module):
    def __init__(self, cell: nn.Module) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, x: Tensor) -> Tensor:
        return self.cell(x)[0][:, -1]


class Einsum(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 3))

    def forward(self, x: Tensor) -> Tensor:
        positions = torch.arange(x.shape[1]).unsqueeze(0)
        return torch.einsum("bij,jk->bik", x + positions.unsqueeze(-1), self.weight).mean(1)


IMAGE = (4, 8, 8)
LAYERS: list[tuple[nn.Module, tuple[int, ...]]] = [
    (Block(nn.Sequential(nn.GroupNorm(2, 4), nn.SiLU(), nn.AdaptiveAvgPool2d(2))), IMAGE),
    (Block(nn.Sequential(nn.InstanceNorm2d(4, affine=True), nn.ReLU(inplace=True), nn.AvgPool2d(2))), IMAGE),
    (Block(nn.Sequential(nn.ConvTranspose2d(4, 2, 2, stride=2), nn.PReLU(), nn.MaxPool2d(4))), IMAGE),
    (Block(nn.Sequential(nn.Conv2d(4, 4, 3, padding="same", groups=2), nn.Hardswish(), nn.Mish())), IMAGE),
    (Block(nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), nn.LeakyReLU(), nn.ELU())), IMAGE),
    (Block(nn.Sequential(nn.PixelShuffle(2), nn.ReLU6(inplace=True), nn.Unfold(4), nn.Tanh())), IMAGE),
    (Block(nn.Sequential(nn.ZeroPad2d(1), nn.ReflectionPad2d(1), nn.Dropout2d(0.3), nn.Sigmoid())), IMAGE),
    (Block(nn.Sequential(nn.Flatten(), nn.Linear(256, 6), nn.GLU(), nn.LogSoftmax(1))), IMAGE),
    (Block(nn.Sequential(nn.Conv1d(8, 4, 3), nn.BatchNorm1d(4), nn.Softplus(), nn.AdaptiveMaxPool1d(1))), (8, 9)),
    (Block(nn.Sequential(nn.LayerNorm(4), nn.RMSNorm(4), nn.CELU(), nn.SELU(), nn.Softmax(-1))), (3, 4)),
    (Recurrent(nn.LSTM(4, 5, 2, batch_first=True)), (3, 4)),
    (Recurrent(nn.GRU(4, 5, batch_first=True)), (3, 4)),
    (Einsum(), (5, 4)),
    (build(LeNet5(channels=1, height=16, width=16, classes=3)), (16, 16)),
    (build(ResNet(channels=1, depth=8, width=2, classes=3)), (8, 8)),
    (build(Mlp(inputs=9, hidden=(4,), classes=3)), (3, 3)),
]


@pytest.mark.parametrize(("network", "shape"), LAYERS, ids=lambda value: str(value)[:40])
def test_usual_layers_pass(network: nn.Module, shape: tuple[int, ...], tmp_path: Path) -> None:
    """Networks of the usual layers come back through the screen with exact outputs."""
    network.eval()
    program = load_program(export(network, shape, tmp_path / "model.pt2"), "model.pt2")
    x = torch.randn(5, *shape)
    assert torch.equal(program(x), network(x))


def test_fixed_batch_is_refused_with_the_line_that_opens_it(tmp_path: Path) -> None:
    """A program for one batch size only is refused, and the remedy is a line to copy."""
    path = export(mlp(), (6,), tmp_path / "model.pt2", most=None)
    with pytest.raises(BadInput, match=r"batches of 4 rows only; .*dynamic_shapes=\(\{0: Dim"):
        load_program(path, "model.pt2")


class TwoInputs(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x + y


class TwoOutputs(nn.Module):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x, x + 1


@pytest.mark.parametrize(
    ("module", "inputs", "message"),
    [(TwoInputs(), 2, "takes 2 inputs"), (TwoOutputs(), 1, "gives 2 outputs")],
)
def test_other_signatures_are_refused(module: nn.Module, inputs: int, message: str, tmp_path: Path) -> None:
    """A classifier has one input and one output; anything else is named."""
    path = tmp_path / "model.pt2"
    torch.export.save(torch.export.export(module, (torch.randn(4, 3),) * inputs), path)
    with pytest.raises(BadInput, match=message):
        load_program(path, "model.pt2")


def test_another_schema_is_refused_with_both_versions(honest: Path, tmp_path: Path) -> None:
    """A file of an incompatible PyTorch is refused with the version that wrote it."""

    def change(program: dict) -> None:
        program["schema_version"] = {"major": 999, "minor": 0}
        program["torch_version"] = "9.9.0"

    path = write(tmp_path / "model.pt2", changed(honest, PROGRAM, change))
    with pytest.raises(BadInput, match=r"written by PyTorch 9\.9\.0"):
        load_program(path, "model.pt2")


@pytest.mark.parametrize("member", [PROGRAM, WEIGHTS, CONSTANTS])
def test_missing_member_is_refused(member: str, honest: Path, tmp_path: Path) -> None:
    """An archive without one of its parts is refused in a sentence."""
    contents = {name: content for name, content in members(honest).items() if name != member}
    with pytest.raises(BadInput, match="holds no program with its weights"):
        load_program(write(tmp_path / "model.pt2", contents), "model.pt2")


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"[]",
        b"",
        b"\xff",
        b'{"graph_module": 3}',
        b'{"graph_module": {"graph": {}, "signature": {}}}',
        b'{"opset_version": {"aten": ' + b"9" * 5000 + b"}}",
        b"[" * 100_000,
        b'{"a": ' * 100 + b"1" + b"}" * 100,
    ],
    ids=lambda text: str(text[:30]),
)
def test_other_json_is_refused(text: bytes, honest: Path, tmp_path: Path) -> None:
    """A program of another layout is refused in a sentence, never with a KeyError."""
    with pytest.raises(BadInput, match=r"model\.pt2"):
        load_program(write(tmp_path / "model.pt2", {**members(honest), PROGRAM: text}), "model.pt2")
