"""A compressed network there and back, and by the lines that are handed out with it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.analysis import Source
from core.data import builtin_dataset_source, load_dataset, scaled, split
from core.errors import BadInput
from core.intrinsic_dimension.compression import standalone
from core.intrinsic_dimension.compression.compressed_file import read_compressed
from core.intrinsic_dimension.compression.feature_scale import FeatureScale, feature_scale
from core.intrinsic_dimension.compression.quantise import WIDTHS
from core.intrinsic_dimension.compression.step import compress_run
from core.intrinsic_dimension.projections.kinds import KINDS
from core.intrinsic_dimension.trainings import Problem, prepared
from core.training.parameters import layout_of

DIGITS, WINE = builtin_dataset_source("digits"), builtin_dataset_source("wine")


def problem_of(dataset: Source, **values: Any) -> Problem:
    plain = Problem(
        dataset=dataset,
        model=None,
        target="",
        hidden=(16,),
        scaling="automatic",
        most_rows=600,
        validation_fraction=0.2,
        seed=3,
        epochs=3,
        batch_size=64,
        device="cpu",
    )
    return replace(plain, **values)


def opened(text: str, folder: Path) -> Any:
    """By the lines as they are handed out, executed from their text."""
    (folder / "network.json").write_text(text)
    lines: dict[str, Any] = {}
    exec(Path(standalone.__file__).read_text(), lines)
    return lines["Network"](str(folder / "network.json"))


@pytest.mark.parametrize("kind", KINDS)
def test_the_lines_make_the_same_network(kind: str, tmp_path: Path) -> None:
    """Numpy and torch alone give the same weights, and class for class the accuracy that was measured."""
    problem = problem_of(DIGITS, projection=kind)
    found = compress_run(problem, 40, 0.1, seed=7)
    text = found["files"][WIDTHS.index(4)]
    network = opened(text, tmp_path)
    joined = torch.cat([tensor.flatten() for tensor in network.parameters.values()])
    torch.testing.assert_close(joined, read_compressed(text).weights(), rtol=0, atol=2e-6)
    raw = split(load_dataset(DIGITS), problem.seed, problem.validation_fraction)
    right = network.predict(raw.X_validation[:120]).argmax(1).numpy() == raw.y_validation[:120]
    assert right.mean() == pytest.approx(found["measured"][WIDTHS.index(4), 1], abs=1e-6)


def test_predictions_are_those_of_the_decoded_file(tmp_path: Path) -> None:
    """Encoded, decoded and encoded again it is the same text, with the same weights and logits bit for bit."""
    problem = problem_of(WINE)
    text = compress_run(problem, 10, 0.1, seed=1)["files"][0]
    first, again = read_compressed(text), read_compressed(read_compressed(text).to_json())
    assert again.to_json() == text
    assert torch.equal(first.weights(), again.weights())
    ready = prepared(problem)
    logits = [
        torch.func.functional_call(
            ready.module, layout_of(ready.module).views(network.weights()), (ready.validation.features,)
        )
        for network in (first, again)
    ]
    assert torch.equal(*logits)


@pytest.mark.parametrize("dataset", [DIGITS, WINE], ids=["common", "columns"])
def test_features_are_scaled_digit_for_digit(dataset: Source, tmp_path: Path) -> None:
    """File and lines scale raw features exactly as the training did."""
    parts = split(load_dataset(dataset), 0)
    kind, wanted = scaled(parts, "automatic")
    scale = feature_scale(parts.X_train, kind)
    again = FeatureScale.from_json(json.loads(json.dumps(scale.to_json())))
    np.testing.assert_array_equal(again.apply(parts.X_validation), wanted.X_validation)
    text = compress_run(problem_of(dataset, seed=0, most_rows=60_000, epochs=1), 2, 0.1, seed=1)["files"][0]
    np.testing.assert_array_equal(opened(text, tmp_path).scaled(parts.X_validation).numpy(), wanted.X_validation)


def test_shuffled_pixels_and_convolutions(tmp_path: Path) -> None:
    """Of a convolutional network the lines give weights by name and features in the order that it learned from."""
    (tmp_path / "cnn.json").write_text('{"architecture": "cnn", "channels": 1, "width": 4, "classes": 10}')
    model = Source("model", "cnn.json", "cnn", str(tmp_path / "cnn.json"))
    problem = problem_of(DIGITS, model=model, shuffled_pixels=True, epochs=1, most_rows=200)
    found = compress_run(problem, 8, 0.1, seed=2)
    network, ready = opened(found["files"][-1], tmp_path), prepared(problem)
    raw = split(load_dataset(DIGITS), problem.seed, problem.validation_fraction).X_validation[:40]
    assert torch.equal(network.scaled(raw), ready.validation.features)
    assert {name: tuple(tensor.shape) for name, tensor in network.parameters.items()} == {
        name: tuple(tensor.shape) for name, tensor in ready.module.named_parameters()
    }
    logits = torch.func.functional_call(ready.module, network.parameters, (network.scaled(raw),))
    right = (logits.argmax(1) == ready.validation.labels).float().mean()
    assert float(right) == pytest.approx(found["measured"][-1, 1], abs=1e-6)


def test_file_is_small_and_plain() -> None:
    """The text holds the codes, a seed and a few names: about 4 / 3 d b / 8 bytes and 200 more."""
    text = compress_run(problem_of(DIGITS, epochs=1), 40, 0.1, seed=7)["files"][WIDTHS.index(4)]
    assert len(text) <= 4 / 3 * 40 * 4 / 8 + 220
    assert json.loads(text)["widths"] == [64, 16, 10]


def test_divergence_is_said() -> None:
    """A run that diverges has nothing to compress."""
    assert compress_run(problem_of(WINE, scaling="none", epochs=5), 5, 1e30, seed=1) == {"diverged": True}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "this is not JSON"),
        ("[]", "the field format is not assay-subspace-network-2"),
        ('{"format":"assay-subspace-network-2"}', "a field is missing.*projection"),
        (
            '{"format":"assay-subspace-network-2","widths":[2,2],"seed":1,"projection":["tied",3],"bits":4,"clip":1,'
            '"codes":"AA==","scaling":["none"]}',
            "1 bytes of codes; 2 are expected",
        ),
    ],
)
def test_other_files_are_refused(text: str, words: str) -> None:
    """The sentence says what is wrong."""
    with pytest.raises(BadInput, match=words):
        read_compressed(text)
