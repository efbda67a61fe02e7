"""Exported programs as checkpoints: they measure as the same networks brought as weights do."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import torch
from torch import nn

from core.errors import BadInput
from core.landscape.curvature.module_loss import module_loss
from core.models.architectures import ResNet
from core.models.checkpoints import TrainedNetworks, inspect_checkpoints, read_networks
from core.models.networks import build
from core.sources import inspect_file
from core.training.networks import copies_of
from core.training.parameters import flatten
from core.training.statistics import recompute_statistics
from tests.core.models.pt2_files import Payload, changed, export, write

CONFIG = ResNet(channels=1, width=1, classes=3, depth=8)
SHAPE = (8, 8)


class Small(nn.Module):
    """A layer, an activation, a layer."""

    def __init__(self, activation: str = "tanh", hidden: int = 4) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(2, hidden), nn.Linear(hidden, 3)
        self.activation = activation

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits."""
        return self.last(getattr(torch, self.activation)(self.first(x)))


def residual(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    network = build(CONFIG)
    network(torch.randn(20, *SHAPE))  # running statistics that are not those of a fresh layer
    return network.eval()


def packed(folder: Path, files: dict[str, Path]) -> Path:
    path = folder / "runs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, file in files.items():
            archive.write(file, name)
    return path


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TrainedNetworks]:
    folder = tmp_path_factory.mktemp("programs")
    files = {f"run{seed}.pt2": export(residual(seed), SHAPE, folder / f"{seed}.pt2") for seed in (10, 9)}
    path = packed(folder, files)
    return path, read_networks(path, "runs.zip")


def test_a_zip_of_programs_holds_the_networks_that_were_exported(programs: tuple[Path, TrainedNetworks]) -> None:
    """In natural order of names, with equal outputs; an inspection says what they take and give."""
    path, found = programs
    assert [one.name for one in found.checkpoints] == ["run9.pt2", "run10.pt2"]
    x = torch.randn(5, *SHAPE)
    for seed, checkpoint in zip((9, 10), found.checkpoints, strict=True):
        found.module.load_state_dict(checkpoint.tensors)
        torch.testing.assert_close(found.module(x), residual(seed)(x))
    found.module.load_state_dict(found.checkpoints[0].tensors)
    assert inspect_file(path, "runs.zip")[0] == "checkpoints"
    details = inspect_checkpoints(path, "runs.zip")
    assert (details["checkpoints"], details["input_shape"], details["output_shape"]) == (2, [8, 8], [3])
    assert details["parameters"] == sum(value.numel() for value in residual(9).parameters())


def test_statistics_of_a_program_are_measured_anew_as_those_of_layers(programs: tuple[Path, TrainedNetworks]) -> None:
    """Many copies at once, their running statistics recomputed, agree with the network that was exported."""
    module, own = programs[1].module, residual(9)
    rows = torch.randn(30, *SHAPE)
    outputs, buffers = [], []
    for network in (module, own):
        weights = torch.stack([flatten(network), 0.5 * flatten(network)])
        copies = copies_of(network, 2)
        recompute_statistics(network, copies, weights, rows)
        outputs.append(copies.logits(weights, rows.expand(2, *rows.shape)))
        buffers.append({name.removeprefix("program."): value for name, value in copies.buffers.items()})
    torch.testing.assert_close(outputs[0], outputs[1])
    assert buffers[0].keys() == buffers[1].keys()
    torch.testing.assert_close(buffers[0]["bn1.running_var"], buffers[1]["bn1.running_var"])


@pytest.mark.parametrize("mode", ["eval", "batch statistics"])
def test_curvature_of_a_program_is_that_of_the_network(programs: tuple[Path, TrainedNetworks], mode: str) -> None:
    """A Hessian-vector product agrees in both modes of batch normalisation."""
    torch.manual_seed(0)
    batch = (torch.randn(30, *SHAPE), torch.randint(0, 3, (30,)))
    found = []
    for network in (programs[1].module, residual(9)):
        loss, parameters = module_loss(network, mode=mode)  # type: ignore[arg-type]
        own = [value.requires_grad_() for value in parameters.values()]
        gradient = torch.autograd.grad(loss(parameters, batch), own, create_graph=True)
        product = torch.autograd.grad(sum((one.sum() for one in gradient), torch.zeros(())), own)
        found.append(dict(zip((name.removeprefix("program.") for name in parameters), product, strict=True)))
    torch.testing.assert_close(found[0], found[1])


def test_a_single_program_is_one_checkpoint(tmp_path: Path) -> None:
    """A .pt2 by itself, which is a zip with a .pt inside, is neither taken for weights nor for a zip of checkpoints."""
    path = export(Small(), (2,), tmp_path / "one.pt2")
    assert [one.name for one in read_networks(path, "one.pt2").checkpoints] == ["one.pt2"]
    assert inspect_checkpoints(path, "one.pt2")["format"] == "pt2"
    with pytest.raises(BadInput, match="exported programs, which are their own architecture; leave Architecture empty"):
        read_networks(path, "one.pt2", CONFIG.model_dump_json())


def test_programs_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    """Other tensors, another activation with the same tensors, weights among programs, and training mode are told apart."""
    first = export(Small(), (2,), tmp_path / "a.pt2")
    wide = export(Small(hidden=5), (2,), tmp_path / "wide.pt2")
    with pytest.raises(BadInput, match=r"b.pt2 is of another architecture than a.pt2: .* tensor program.first.weight"):
        read_networks(packed(tmp_path, {"a.pt2": first, "b.pt2": wide}), "runs.zip")
    relu = export(Small("relu"), (2,), tmp_path / "relu.pt2")
    with pytest.raises(BadInput, match=r"b.pt2 computes something else than a.pt2: 'relu = .* instead of 'tanh = "):
        read_networks(packed(tmp_path, {"a.pt2": first, "b.pt2": relu}), "runs.zip")
    torch.save(Small().state_dict(), tmp_path / "b.pt")
    with pytest.raises(
        BadInput, match=r"holds exported programs \(a.pt2\) and weights \(b.pt\); bring checkpoints of one"
    ):
        read_networks(packed(tmp_path, {"a.pt2": first, "b.pt": tmp_path / "b.pt"}), "runs.zip")
    dropping = nn.Sequential(nn.Linear(2, 3), nn.Dropout())
    with pytest.raises(BadInput, match=r"runs.zip: a.pt2 was exported in training mode"):
        read_networks(packed(tmp_path, {"a.pt2": export(dropping, (2,), tmp_path / "t.pt2")}), "runs.zip")


def test_a_program_in_a_zip_is_screened_before_it_is_loaded(tmp_path: Path) -> None:
    """A call that is no arithmetic is refused by name, and nothing of the file runs."""
    honest = export(Small(), (2,), tmp_path / "a.pt2")

    def call_os(document: dict[str, object]) -> None:
        document["graph_module"]["graph"]["nodes"][0]["target"] = "os.system"  # type: ignore[index]

    forged = write(tmp_path / "forged.pt2", changed(honest, "models/model.json", call_os))
    with pytest.raises(BadInput, match=r"runs.zip: a.pt2 is not loaded: the program holds .*os.system"):
        read_networks(packed(tmp_path, {"a.pt2": forged}), "runs.zip")
    marker = tmp_path / "ran"
    torch.save(Payload(marker), tmp_path / "b.pt")
    with pytest.raises(BadInput, match=r"runs.zip: b.pt holds Python objects"):
        read_networks(packed(tmp_path, {"b.pt": tmp_path / "b.pt"}), "runs.zip")
    assert not marker.exists()
