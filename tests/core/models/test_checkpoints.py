"""Checkpoints of one architecture, as people pack them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from core.errors import BadInput
from core.models.architectures import Cnn, Mlp
from core.models.checkpoints import inspect_checkpoints, read_checkpoints
from core.models.formats import holds_checkpoints
from core.models.networks import build
from core.sources import inspect_file, open_source

MLP = Mlp(inputs=4, hidden=(3,), classes=2)


def state(config: Mlp | Cnn, seed: int) -> dict[str, torch.Tensor]:
    torch.manual_seed(seed)
    return build(config).state_dict()


def pt(tensors: dict[str, torch.Tensor]) -> bytes:
    stream = io.BytesIO()
    torch.save(tensors, stream)
    return stream.getvalue()


def packed(folder: Path, members: dict[str, bytes]) -> Path:
    path = folder / "runs.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_zip_of_weights_is_read_in_natural_order(tmp_path: Path) -> None:
    """epoch2 comes before epoch10, safetensors and state dicts mix, and an MLP is known by its matrices."""
    states = {name: state(MLP, seed) for seed, name in enumerate(("epoch10.pt", "epoch2.safetensors", "epoch1.pth"))}
    members = {name: save(one) if name.endswith("safetensors") else pt(one) for name, one in states.items()}
    path = packed(tmp_path, {**members, "notes.txt": b"mine"})
    found = read_checkpoints(path, "runs.zip")
    assert [checkpoint.name for checkpoint in found.checkpoints] == ["epoch1.pth", "epoch2.safetensors", "epoch10.pt"]
    assert found.architecture == MLP
    for checkpoint in found.checkpoints:
        network = checkpoint.network(found.architecture)
        assert torch.equal(network.layers[0].weight, states[checkpoint.name]["layers.0.weight"])


def test_a_single_file_is_one_checkpoint(tmp_path: Path) -> None:
    """A state dict by itself, which is a zip too, is not taken for a zip of checkpoints."""
    path = tmp_path / "model.pt"
    path.write_bytes(pt(state(MLP, 0)))
    assert not holds_checkpoints(path)
    assert [one.name for one in read_checkpoints(path, "model.pt").checkpoints] == ["model.pt"]


def test_the_prefix_of_data_parallel_is_taken_off(tmp_path: Path) -> None:
    """module.layers.0.weight is layers.0.weight."""
    wrapped = {f"module.{name}": tensor for name, tensor in state(MLP, 0).items()}
    assert read_checkpoints(packed(tmp_path, {"a.pt": pt(wrapped)}), "runs.zip").architecture == MLP


def test_the_architecture_is_given_or_lies_beside_the_weights(tmp_path: Path) -> None:
    """A convolutional network can't be told by its tensors: its configuration is in the zip, or is given."""
    config = Cnn(channels=1, width=2, classes=3)
    weights = {"a.pt": pt(state(config, 0)), "b.pt": pt(state(config, 1))}
    beside = read_checkpoints(
        packed(tmp_path, {**weights, "architecture.json": config.model_dump_json().encode()}), "runs.zip"
    )
    given = read_checkpoints(packed(tmp_path, weights), "runs.zip", config.model_dump_json())
    assert beside.architecture == given.architecture == config


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (
            {"a.pt": pt(state(MLP, 0)), "b.pt": pt(state(Mlp(inputs=4, hidden=(5,), classes=2), 1))},
            r"b.pt is of another architecture than a.pt: in a.pt it is 3 x 4, in b.pt it is 5 x 4, tensor layers.0.weight",
        ),
        (
            {"a.pt": pt(state(MLP, 0)), "b.pt": pt({**state(MLP, 0), "extra": torch.ones(2)})},
            r"in a.pt it is missing, in b.pt it is 2, tensor extra",
        ),
        ({"a.pt": pt(state(Cnn(channels=1, width=2, classes=3), 0))}, "a.pt does not say its architecture"),
        ({"a.pt": b"PK not a zip"}, r"runs.zip: a.pt"),
        ({"a.pt": pt({"layers.0.weight": torch.full((2, 4), torch.nan)})}, "holds NaN or infinite values"),
    ],
)
def test_weights_that_do_not_belong_together_are_refused(tmp_path: Path, members: dict[str, bytes], said: str) -> None:
    """The file and the first tensor that differs are named."""
    with pytest.raises(BadInput, match=said):
        read_checkpoints(packed(tmp_path, members), "runs.zip")


def test_of_a_model_zoo_the_last_checkpoint_of_each_model_is_read(tmp_path: Path) -> None:
    """Files called checkpoints in checkpoint_000010 and the like are weights; the folder of the model is their name."""
    members = {
        f"zoo/run_{run}/checkpoint_{epoch:06d}/checkpoints": pt(
            {f"module.{k}": v for k, v in state(MLP, epoch).items()}
        )
        for run in (2, 10)
        for epoch in (9, 10)
    }
    path = packed(tmp_path, {**members, "zoo/run_2/params.json": b"{}", "zoo/run_2/checkpoint_000010/optimizer": b"?"})
    found = read_checkpoints(path, "runs.zip")
    assert [one.name for one in found.checkpoints] == ["run_2", "run_10"]
    assert torch.equal(found.checkpoints[0].tensors["layers.0.weight"], state(MLP, 10)["layers.0.weight"])
    assert inspect_checkpoints(path, "runs.zip")["checkpoints"] == 2
    with pytest.raises(BadInput, match=r"holds no weights; bring .safetensors files"):
        read_checkpoints(packed(tmp_path, {"a/result.json": b"{}"}), "runs.zip")


def test_an_inspection_says_what_there_is(tmp_path: Path) -> None:
    """Number, names, architecture and parameters; an architecture that the files do not say is None, and no refusal."""
    found = inspect_checkpoints(packed(tmp_path, {"a.pt": pt(state(MLP, 0)), "b.pt": pt(state(MLP, 1))}), "runs.zip")
    assert (found["checkpoints"], found["names"], found["parameters"]) == (2, ["a.pt", "b.pt"], MLP.parameters)
    assert found["architecture"] == {"architecture": "mlp", "inputs": 4, "hidden": [3], "classes": 2}
    config = Cnn(channels=1, width=2, classes=3)
    assert inspect_checkpoints(packed(tmp_path, {"a.pt": pt(state(config, 0))}), "runs.zip")["architecture"] is None
    path = packed(tmp_path, {"a.pt": pt(state(MLP, 0))})
    assert inspect_file(path, "runs.zip")[0] == "checkpoints"
    assert open_source("checkpoints", str(path)).details["checkpoints"] == 1
