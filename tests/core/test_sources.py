"""From text to sources: built-ins, files, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core.errors import BadInput
from core.keys import digest_of_file
from core.models.architectures import Mlp
from core.models.networks import build
from core.settings import settings
from core.sources import builtin_sources, inspect_file, open_source

CONFIG = {"architecture": "mlp", "inputs": 4, "hidden": [3], "classes": 2}


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A home folder and a working folder of its own."""
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def weights() -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in build(Mlp(**CONFIG)).state_dict().items()}


def test_a_built_in_has_two_names():
    """`digits` and `builtin:digits` are the same source, with the details that estimates need."""
    source = open_source("dataset", "digits")
    assert source == open_source("dataset", "builtin:digits")
    assert (source.kind, source.location, source.details["rows"]) == ("dataset", "builtin:digits", 1797)
    assert open_source("model", "mlp").location == "builtin:mlp"
    assert builtin_sources("table") == ()


def test_every_built_in_opens_and_has_a_digest_of_its_own():
    """All built-ins of all kinds differ in digest."""
    sources = [*builtin_sources("dataset"), *builtin_sources("model")]
    assert [open_source(source.kind, source.location) for source in sources] == sources
    assert len({source.digest for source in sources}) == len(sources)


def test_a_file_is_read_and_named_by_its_content(tmp_path: Path):
    """A file's digest is that of its bytes, its location is absolute, its details are the inspection's."""
    np.savez(tmp_path / "points.npz", X=np.eye(6, dtype=np.float32), y=np.arange(6) % 2)
    source = open_source("dataset", "points.npz")
    assert source.digest == digest_of_file(tmp_path / "points.npz")
    assert (source.name, source.location) == ("points.npz", str(tmp_path / "points.npz"))
    assert (source.details["rows"], source.details["classes"]) == (6, 2)


def test_a_file_called_like_a_built_in_is_reached_with_a_path(tmp_path: Path):
    """The bare name is the built-in, `./name` is the file."""
    (tmp_path / "digits").write_text("a\n1\n")
    assert open_source("dataset", "digits").location == "builtin:digits"
    with pytest.raises(BadInput, match="digits does not end in a data format"):
        open_source("dataset", "./digits")


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        (
            "dataset",
            "none.csv",
            "none.csv is neither a file nor a built-in dataset; built in are digits, breast_cancer, ",
        ),
        ("dataset", "builtin:none", "There is no built-in dataset 'none'; built in are digits, "),
        ("model", "none", "none is neither a file nor a built-in model; built in are mlp, "),
        ("table", "none", "none is neither a file nor a built-in table; name a file that exists."),
        ("dataset", ".", ". is a folder; name a file."),
    ],
)
def test_what_is_neither_is_refused_with_the_built_ins(kind, text: str, sentence: str):
    """A text that is neither file nor built-in is refused, and the sentence lists the built-ins."""
    with pytest.raises(BadInput) as refusal:
        open_source(kind, text)
    assert str(refusal.value).startswith(sentence)


def test_a_bad_file_is_refused_by_its_reader(tmp_path: Path):
    """The reader's own sentence comes through."""
    (tmp_path / "empty.csv").touch()
    with pytest.raises(BadInput, match=r"empty\.csv is empty"):
        open_source("dataset", "empty.csv")


@pytest.mark.parametrize("filename", ["net.safetensors", "net.pt"])
def test_weights_take_the_architecture_beside_them(tmp_path: Path, weights: dict[str, torch.Tensor], filename: str):
    """Weights with NAME.json beside them become one self-describing model; the digest covers both files."""
    save_file(weights, filename) if filename.endswith("s") else torch.save(weights, filename)
    with pytest.raises(BadInput, match=r"holds weights alone; put their architecture beside them as net\.json"):
        open_source("model", filename)
    (tmp_path / "net.json").write_text(json.dumps(CONFIG))
    source = open_source("model", filename)
    assert (source.name, source.details["kind"], source.details["trained"]) == (filename, "model", True)
    assert source.digest == digest_of_file(Path(source.location)) == open_source("model", filename).digest
    assert Path(source.location).is_relative_to(tmp_path / "home")
    weights["0.bias" if "0.bias" in weights else next(iter(weights))] += 1.0
    save_file(weights, filename) if filename.endswith("s") else torch.save(weights, filename)
    assert open_source("model", filename).digest != source.digest


def test_an_architecture_alone_is_a_model(tmp_path: Path):
    """A configuration as JSON is a model without trained weights."""
    (tmp_path / "net.json").write_text(json.dumps(CONFIG))
    source = open_source("model", "net.json")
    assert source.digest == digest_of_file(tmp_path / "net.json")
    assert source.details["architecture"]["hidden"] == [3] and source.details["trained"] is False


def test_an_architecture_that_does_not_fit_is_refused(tmp_path: Path, weights: dict[str, torch.Tensor]):
    """Weights of other shapes than the configuration says are refused, and nothing is kept."""
    save_file(weights, "net.safetensors")
    (tmp_path / "net.json").write_text(json.dumps({**CONFIG, "hidden": [5]}))
    with pytest.raises(BadInput, match=r"net\.safetensors does not fit the architecture"):
        open_source("model", "net.safetensors")
    assert not list((tmp_path / "home").rglob("*.safetensors"))


def test_the_ending_tells_models_from_data(tmp_path: Path, weights: dict[str, torch.Tensor]):
    """Without a hint the file's name decides; a hint decides over the name."""
    save_file(weights, "net.safetensors")
    np.save(tmp_path / "points.npy", np.eye(3))
    assert inspect_file(tmp_path / "net.safetensors", "net.safetensors")[0] == "weights"
    assert inspect_file(tmp_path / "points.npy", "points.npy")[0] == "dataset"
    with pytest.raises(BadInput, match=r"points\.npy"):
        inspect_file(tmp_path / "points.npy", "points.npy", "model")


@pytest.mark.parametrize("text", ["x" * 300, "a\0b"])
def test_a_text_that_no_file_can_have_as_its_name_is_refused(text: str):
    """Names that the file system does not take are refused like those of missing files."""
    with pytest.raises(BadInput, match="neither a file nor a built-in"):
        open_source("dataset", text)


def test_a_single_column_of_labels_goes_beside_data_only(tmp_path: Path) -> None:
    """It is a table, and no data set: a slot for data says what it lacks."""
    path = tmp_path / "labels.csv"
    path.write_text("y\ncat\ndog\n")
    assert inspect_file(path, path.name)[0] == "table"
    assert open_source("table", str(path)).details["labels"] == "y"
    with pytest.raises(BadInput, match=r"labels\.csv holds a single column, 'y', that is no feature"):
        open_source("dataset", str(path))
