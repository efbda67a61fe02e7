from __future__ import annotations

import gzip
import io
import json
import pickle
import resource
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pt2_files import Payload
from safetensors.torch import load_file, save, save_file
from torch import nn

from core.errors import BadInput
from core.models.architectures import LeNet5, Mlp
from core.models.inspection import inspect_model
from core.models.networks import build
from core.models.weights import attach_architecture, read_weights

CONFIG = Mlp(inputs=6, hidden=(5,), classes=3)


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(0)
    return build(CONFIG)


def refusal_of(path: Path, filename: str) -> str:
    with pytest.raises(BadInput) as refusal:
        inspect_model(path, filename)
    return str(refusal.value)


def test_state_dict_is_inspected(network: nn.Module, tmp_path: Path) -> None:
    """A weights-only state dict is accepted as weights that need an architecture."""
    path = tmp_path / "a1b2"  # stored files have no ending
    torch.save(network.state_dict(), path)
    details = inspect_model(path, "net.pt")
    assert (details["format"], details["kind"], details["architecture"]) == ("torch", "weights", None)
    assert (details["parameters"], details["tensor_count"], details["dtype"]) == (53, 4, "float32")
    assert details["tensors"][0] == {"name": "layers.0.weight", "shape": [5, 6]}
    assert json.loads(json.dumps(details)) == details


@pytest.mark.parametrize("save_as", ["pt", "safetensors"])
def test_attached_architecture_makes_a_self_describing_model(save_as: str, network: nn.Module, tmp_path: Path) -> None:
    """Weights and an architecture become one file that is a model by itself, with the same values."""
    weights, out = tmp_path / "weights", tmp_path / "model"
    if save_as == "pt":
        torch.save(network.state_dict(), weights)
    else:
        save_file(network.state_dict(), weights)
    attach_architecture(weights, CONFIG, out)
    details = inspect_model(out, "net.safetensors")
    assert (details["format"], details["kind"], details["trained"]) == ("safetensors", "model", True)
    assert details["architecture"] == {"architecture": "mlp", "inputs": 6, "hidden": [5], "classes": 3}
    assert (details["parameters"], details["trainable"]) == (53, 53)
    assert (details["input_shape"], details["output_shape"]) == ([6], [3])
    assert all(torch.equal(load_file(out)[name], value) for name, value in network.state_dict().items())


def test_same_content_gives_the_same_bytes(network: nn.Module, tmp_path: Path) -> None:
    """The file is named by its content, so the order and format of what was brought do not matter."""
    state = network.state_dict()
    torch.save(state, tmp_path / "one")
    save_file(dict(reversed(state.items())), tmp_path / "two", metadata={"note": "other"})
    for name in ("one", "two"):
        attach_architecture(tmp_path / name, CONFIG, tmp_path / f"{name}.out")
    assert (tmp_path / "one.out").read_bytes() == (tmp_path / "two.out").read_bytes()


def test_architecture_alone_is_an_untrained_model(tmp_path: Path) -> None:
    """A configuration without weights is a model with fresh parameters."""
    path = tmp_path / "net"
    path.write_text(LeNet5(channels=1, height=28, width=28, classes=10).model_dump_json())
    details = inspect_model(path, "lenet.json")
    assert (details["format"], details["kind"], details["trained"]) == ("architecture", "model", False)
    assert (details["parameters"], details["input_shape"]) == (44_426, [1, 28, 28])


def test_large_architecture_is_described_without_its_memory(tmp_path: Path) -> None:
    """A configuration of 900 million parameters is inspected from shapes alone."""
    path = tmp_path / "net"
    path.write_text('{"architecture": "mlp", "inputs": 30000, "hidden": [29000], "classes": 1000}')
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert inspect_model(path, "large.json")["parameters"] == 899_030_000
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 500_000  # KiB; the weights alone are 3.5 million


def test_program_is_inspected(honest: Path) -> None:
    """An exported program is a model with known inputs and outputs."""
    details = inspect_model(honest, "net.pt2")
    assert (details["format"], details["kind"], details["trained"]) == ("pt2", "model", True)
    assert (details["input_shape"], details["output_shape"], details["input_dtype"]) == ([6], [3], "float32")
    assert (details["parameters"], details["training_mode"], details["kept"]) == (53, False, [])
    assert details["tensors"][0] == {"name": "0.weight", "shape": [5, 6]}
    assert json.loads(json.dumps(details)) == details


def test_half_precision_is_computed_in_float32(network: nn.Module, tmp_path: Path) -> None:
    """Weights kept in 16 bits are widened when they are put into their network."""
    save_file({name: value.half() for name, value in network.state_dict().items()}, tmp_path / "half")
    assert inspect_model(tmp_path / "half", "half.safetensors")["dtype"] == "float16"
    attach_architecture(tmp_path / "half", CONFIG, tmp_path / "out")
    assert {value.dtype for value in load_file(tmp_path / "out").values()} == {torch.float32}


def test_wrong_keys_are_named_and_counted(tmp_path: Path) -> None:
    """Missing, extra and misshapen tensors are told apart; the first few of each are named."""
    tensors = {f"old.{index}": torch.zeros(1) for index in range(7)} | {"layers.0.weight": torch.zeros(6, 5)}
    save_file(tensors, tmp_path / "w")
    with pytest.raises(BadInput) as refusal:
        attach_architecture(tmp_path / "w", CONFIG, tmp_path / "out", "net.safetensors")
    message = str(refusal.value)
    assert "3 missing: layers.0.bias, layers.1.weight, layers.1.bias" in message
    assert "7 not in it: old.0, old.1, old.2, old.3, old.4 and 2 more" in message
    assert "1 of another shape: layers.0.weight (6 x 5 instead of 5 x 6)" in message
    assert not (tmp_path / "out").exists()


def test_not_finite_weights_are_refused(network: nn.Module, tmp_path: Path) -> None:
    """A diverged network is refused and the tensor is named."""
    state = network.state_dict()
    state["layers.1.bias"][0] = float("nan")
    save_file(state, tmp_path / "w")
    assert "tensor layers.1.bias holds NaN or infinite values" in refusal_of(tmp_path / "w", "net.safetensors")


def _torch_bytes(value: Any, **options: Any) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream, **options)
    return stream.getvalue()


def _script() -> bytes:
    stream = io.BytesIO()
    torch.jit.save(torch.jit.script(nn.Linear(3, 2)), stream)
    return stream.getvalue()


def _zip(name: str, content: bytes = b"x", compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        archive.writestr(name, content)
    return stream.getvalue()


def _npz() -> bytes:
    stream = io.BytesIO()
    np.savez(stream, X=np.zeros(3))
    return stream.getvalue()


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty.pt": (lambda: b"", "empty.pt is empty"),
    "model.pkl": (lambda: pickle.dumps({"a": 1}), "is a pickle (as pickle and joblib write)"),
    "model.joblib": (lambda: gzip.compress(pickle.dumps({"a": 1})), "is a compressed file (joblib and pickle"),
    "old.pt": (lambda: _torch_bytes({}, _use_new_zipfile_serialization=False), "format before 1.6, a bare pickle"),
    "whole.pt": (lambda: _torch_bytes(nn.Linear(3, 2)), "holds Python objects (a whole model or a checkpoint)"),
    "script.pt": (_script, "is a TorchScript program, which can read files of this machine"),
    "model.h5": (lambda: b"\x89HDF\r\n\x1a\n" + bytes(20), "is an HDF5 file (Keras .h5)"),
    "model.keras": (lambda: _zip("model.weights.h5"), "is a Keras file"),
    "model.onnx": (lambda: b"\x08\x07\x12\x07pytorch", "is an ONNX file"),
    "data.npz": (_npz, "it is a data set, not a model; bring it as a data set"),
    "some.zip": (lambda: _zip("readme.txt"), "is a zip archive that holds no model; accepted are .safetensors"),
    "notes.txt": (lambda: b"hello there, this is no model", "is of no known model format; accepted are .safetensors"),
    "bomb.pt": (lambda: _zip("a/data.pkl", bytes(10**7), zipfile.ZIP_DEFLATED), "10,000,000 bytes unpacked"),
    "list.pt": (lambda: _torch_bytes([torch.zeros(2)]), "holds list, not a state dict"),
    "none.pt": (lambda: _torch_bytes({}), "holds no tensors"),
    "checkpoint.pt": (
        lambda: _torch_bytes({"state_dict": {"a": torch.zeros(2)}, "epoch": 3}),
        'torch.save(torch.load(...)["state_dict"], "weights.pt")',
    ),
    "expanded.pt": (lambda: _torch_bytes({"a": torch.zeros(1).expand(10**6, 10**6)}), "claims more values"),
    "sparse.pt": (lambda: _torch_bytes({"a": torch.eye(3).to_sparse()}), "sparse, quantised, complex or empty"),
    "header.safetensors": (
        lambda: struct.pack("<Q", 10**15) + b"{}" + bytes(90),
        "header claims 1,000,000,000,000,000",
    ),
    "cut.safetensors": (lambda: save({"a": torch.zeros(99)})[:-50], "cut.safetensors is damaged or was cut off"),
    "cut_header.safetensors": (lambda: save({"a": torch.zeros(99)})[:30], "is damaged or was cut off: its header"),
    "xgboost.json": (lambda: b'{"learner": {}}', 'xgboost.json: Architecture: the field "architecture" is missing'),
    "cut.pt": (lambda: _torch_bytes({"a": torch.zeros(99)})[:-40], "cut.pt is damaged or was cut off"),
}


@pytest.mark.parametrize("filename", REFUSED)
def test_file_that_is_not_loaded_is_refused(filename: str, tmp_path: Path) -> None:
    """Each format that could run code or holds no model is refused: what was found, why, and what to write instead."""
    content, message = REFUSED[filename]
    path = tmp_path / "upload"
    brought = content()
    path.write_bytes(brought)
    assert message in refusal_of(path, filename)
    assert path.read_bytes() == brought


@pytest.mark.parametrize("filename", ["model.pkl", "model.joblib", "old.pt", "whole.pt"])
def test_refusal_of_weights_has_the_converting_line(filename: str, tmp_path: Path) -> None:
    """Whoever has the model in Python is told the one line that saves it as accepted."""
    path = tmp_path / "upload"
    path.write_bytes(REFUSED[filename][0]())
    assert 'safetensors.torch.save_file(model.state_dict(), "model.safetensors")' in refusal_of(path, filename)


def test_converting_line_of_torchscript_is_accepted_here(tmp_path: Path) -> None:
    """The line that the refusal of TorchScript tells works as it stands, and what it writes is accepted."""
    path = tmp_path / "upload"
    path.write_bytes(_script())
    line = refusal_of(path, "script.pt").partition("Convert it where you trained it: ")[2]
    line = line.replace('"model.pt2"', repr(str(tmp_path / "model.pt2")))
    names = {"torch": torch, "Dim": torch.export.Dim, "model": nn.Linear(3, 2), "x": torch.zeros(4, 3)}
    exec(line, names)
    assert inspect_model(tmp_path / "model.pt2", "model.pt2")["parameters"] == 8


@pytest.mark.parametrize("options", [{}, {"_use_new_zipfile_serialization": False}, {"pickle_protocol": 4}])
@pytest.mark.parametrize("wrap", [lambda payload: payload, lambda payload: {"a": payload}, lambda payload: [payload]])
def test_pickled_payload_never_runs(options: dict[str, Any], wrap: Callable[[Any], Any], tmp_path: Path) -> None:
    """A state dict with code in it is refused, and the code does not run."""
    marker, path = tmp_path / "ran", tmp_path / "upload"
    torch.save(wrap(Payload(marker)), path, **options)
    with pytest.raises(BadInput, match="run code"):
        read_weights(path, "net.pt")
    assert not marker.exists()


class Overlong:
    """Pickled, it is a tensor of 10^12 values over a storage of four."""

    def __reduce__(self) -> tuple[Any, ...]:
        storage = torch.ones(4).untyped_storage()
        typed = torch.storage.TypedStorage(wrap_storage=storage, dtype=torch.float32, _internal=True)
        return torch._utils._rebuild_tensor_v2, (typed, 0, (10**12,), (1,), False, {})


def test_tensor_beyond_its_storage_is_refused(tmp_path: Path) -> None:
    """A state dict whose index claims more than its storage holds allocates nothing."""
    torch.save({"a": Overlong()}, tmp_path / "upload")
    assert "long.pt is damaged" in refusal_of(tmp_path / "upload", "long.pt")


def test_no_unsafe_loading_in_the_code() -> None:
    """Nothing here asks torch to unpickle objects, and the readers of models do not unpickle at all."""
    core = Path(__file__).parents[3] / "core"
    assert not [module for module in core.rglob("*.py") if "weights_only=False" in module.read_text()]
    assert not [module for module in (core / "models").rglob("*.py") if "import pickle" in module.read_text()]
    calls = "".join(module.read_text() for module in (core / "models").rglob("*.py"))
    assert (
        calls.count("torch.load(path,") == calls.count('torch.load(path, map_location="cpu", weights_only=True)') == 1
    )
