"""The certificate of mode `objective`, from its search to its tables."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.analysis import Result, parse_params
from core.data import builtin_dataset_source, load_dataset, split
from core.intrinsic_dimension import occam_bound
from core.intrinsic_dimension.analysis import ANALYSIS
from core.intrinsic_dimension.compression.certified import runs_to_compress
from core.intrinsic_dimension.compression.quantise import WIDTHS
from core.intrinsic_dimension.findings import Aim, Findings, Training
from core.intrinsic_dimension.search import Crossing
from core.intrinsic_dimension.trainings import Facts
from core.models.builtin import builtin_model_source
from core.serial import serially

WINE = builtin_dataset_source("wine")
FACTS = Facts(
    full_dimension=1000,
    network="mlp",
    batchable=True,
    classes=2,
    chance=0.5,
    training_chance=0.5,
    labels_changed=0.0,
    rows_given=1000,
    training_rows=800,
    validation_rows=200,
    scaling="common",
    kept=(),
    brought=False,
    training_mode=False,
    running_statistics=False,
)


def run(values: dict[str, Any], **inputs: Any) -> Result:
    quick = {"mode": "objective", "epochs": 4, "max_trainings": 13, "first_guess": 8, **values}
    return serially(ANALYSIS, parse_params(ANALYSIS.params, quick), {"dataset": WINE, **inputs})


@pytest.fixture(scope="module")
def wine() -> Result:
    return run({"projection": "sparse"})


def test_certificate_is_the_lowest_bound_of_the_table(wine: Result) -> None:
    """Each row's bound follows from its training error and its bits; the summary has the lowest and its file."""
    table, values = wine.tables["compression"], wine.values()
    for certificate, accuracy, bits in zip(
        table.certificate, table.training_accuracy, table.description_bits, strict=True
    ):
        assert certificate == pytest.approx(occam_bound(1 - accuracy, bits, 142))
    best = table.iloc[int(table.certificate.argmin())]
    assert values["certificate"] == best.certificate
    assert values["compressed_bytes"] == best.bytes
    assert values["certificate_bits"] == best.description_bits == wine.tables["description"].bits.sum()
    assert set(table.bits) == set(WIDTHS)
    assert best.certificate > 1  # 142 rows are too few
    assert any(f"its bound is {best.certificate:.2f}, and 1 or more says nothing" in note for note in wine.notes)


def test_offered_files_give_the_accuracy_of_the_table(wine: Result, tmp_path: Path) -> None:
    """The first file is that of the certificate; the lines beside it, executed, predict with the accuracy measured."""
    files, values = wine.tables["compressed_networks"], wine.values()
    assert files.label.is_unique
    text = files.json[0]
    assert len(text) == values["compressed_bytes"]
    assert json.loads(text)["projection"] == ["sparse", values["certificate_dimension"]]
    (tmp_path / "network.json").write_text(text)
    lines: dict[str, Any] = {}
    exec(files.snippet[0], lines)
    parts = split(load_dataset(WINE), 0)
    logits = lines["Network"](str(tmp_path / "network.json")).predict(parts.X_train)
    right = (logits.argmax(1).numpy() == parts.y_train).mean()
    assert 1 - right == pytest.approx(values["certificate_train_error"], abs=1e-6)


def test_figures_of_the_certificate(wine: Result) -> None:
    """Accuracy and bound over bits have their pictures, with words."""
    figures = ANALYSIS.figures(wine)
    assert {"compression", "certificate"} <= set(figures)
    for name in ("compression", "certificate"):
        assert all((figures[name].reading, figures[name].caption, figures[name].alt, figures[name].reference))
    assert f"{wine.values()['certificate']:.3f}" in figures["certificate"].alt


def test_networks_with_running_statistics_have_no_certificate() -> None:
    """Batch normalisation keeps numbers that theta_d does not describe: no certificate, and a note that says so."""
    values = {"epochs": 1, "most_rows": 60, "max_trainings": 12, "subspace_learning_rates": [0.1]}
    values |= {"direct_learning_rates": [0.01], "max_subspace": 4, "first_guess": 2}
    result = serially(
        ANALYSIS,
        parse_params(ANALYSIS.params, {"mode": "objective", **values}),
        {"dataset": builtin_dataset_source("digits"), "model": builtin_model_source("resnet20")},
    )
    assert "certificate" not in result.summary
    assert any("No compressed network and no certificate" in note for note in result.notes)


def trained(dimension: int | None, performance: float, training_accuracy: float) -> Training:
    return Training("search", dimension, 0, 0.1, performance, performance, training_accuracy)


def test_which_runs_are_compressed() -> None:
    """The run nearest to d_int90 in log d, the better of equal ones, and the one with the lowest bound expected."""
    runs = (
        trained(None, 1.0, 1.0),
        trained(10, 0.7, 0.70),
        trained(20, 0.8, 0.95),
        trained(100, 0.9, 0.96),
        trained(100, 0.92, 0.97),
        trained(400, np.nan, 1.0),
    )

    def findings(crossing: Crossing | None) -> Findings:
        return Findings(runs, 0.1, 0.1, 20, np.array([1.0]), (Aim("own", 0.9, 0.9, crossing),))

    found = runs_to_compress(findings(Crossing("line", 90.0, 80.0, 100.0, 0.03, None)), FACTS)
    assert found == {runs[4]: "near d_int90", runs[2]: "lowest bound expected"}
    both = runs_to_compress(findings(Crossing("line", 22.0, 20.0, 25.0, 0.03, None)), FACTS)
    assert both == {runs[2]: "near d_int90, lowest bound expected"}
    assert runs_to_compress(findings(None), FACTS) == {runs[2]: "lowest bound expected"}
