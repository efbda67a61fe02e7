"""Where the definition is the same, the value is the same as that of other libraries."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.calibration.conventions import RULES
from core.calibration.metrics.ace import ace
from core.calibration.metrics.battery import battery
from core.calibration.metrics.brier import brier
from core.calibration.metrics.corp import corp
from core.calibration.metrics.cuts import equal_mass_cuts, equal_width_cuts
from core.calibration.metrics.debiased import debiased_l2
from core.calibration.metrics.ece import ece
from core.calibration.metrics.evaluate import evaluate
from core.calibration.metrics.ks import ks
from core.calibration.metrics.kuiper import kuiper
from core.calibration.metrics.nll import nll
from core.calibration.metrics.pairs import top_label
from core.calibration.metrics.regression import coverage, crps, gaussian_nll, sharpness
from core.calibration.metrics.rmsce import rmsce
from core.calibration.metrics.single_precision import single_precision_errors
from core.calibration.predictions import from_intervals
from tests.core.calibration.metrics.cases import CASES, confident

PEERS = json.loads((Path(__file__).parent / "peers.json").read_text())
BINS = (5, 10, 15, 20, 50)
CONVENTION = {"uc": "study", "kdepy": "study", "relplot": "study"}  # the others are their own


def _ours(case: str) -> dict[str, float]:
    predictions = CASES[case]()
    tables = {name: battery(predictions, convention=name, bins=BINS) for name in RULES}
    found = {}
    for name, table in tables.items():
        for metric, bins, value in table.itertuples(index=False):
            found[f"{name} {metric}" + ("" if pd.isna(bins) else f" {bins}")] = value
    pairs = top_label(predictions)
    for b in BINS:
        mass = equal_mass_cuts(pairs, b)
        found[f"study rmsce_em {b}"] = rmsce(pairs, mass)
        found[f"netcal ace {b}"] = ace(pairs, equal_width_cuts(pairs, b, RULES["netcal"]))
        found[f"study debiased_l2 {b}"] = max(0.0, debiased_l2(pairs, mass))  # the peer cuts the sign
    for metric, value in (
        ("nll", nll(predictions)),
        ("brier", brier(predictions)),
        ("ks", ks(pairs)),
        ("kuiper", kuiper(pairs)),
    ):
        found[f"probmetrics {metric}"] = value
    parts = corp(pairs)
    for part in ("miscalibration", "discrimination", "uncertainty"):
        found[f"model-diagnostics {part}"] = getattr(parts, part)
    return found


@pytest.mark.parametrize("case", CASES)
def test_same_definition_same_value(case: str) -> None:
    """netcal, uncertainty-calibration, scikit-learn, probmetrics, KDEpy and model-diagnostics agree to 1e-9."""
    ours = _ours(case)
    for name, theirs in PEERS["values"][case].items():
        library, metric = name.split(" ", 1)
        if library in ("torchmetrics", "relplot") or name in ("probmetrics ks", "probmetrics kuiper"):
            continue  # float32 or another definition, below
        if name == "probmetrics nll" and np.isinf(ours[name]):
            continue  # a label of probability zero, which probmetrics clips
        assert ours[f"{CONVENTION.get(library, library)} {metric}"] == pytest.approx(theirs, abs=1e-9), name


@pytest.mark.parametrize("case", CASES)
def test_torchmetrics_up_to_its_precision(case: str) -> None:
    """torchmetrics, which sums in float32, agrees to 1e-7."""
    ours = _ours(case)
    names = [name for name in PEERS["values"][case] if name.startswith("torchmetrics")]
    assert len(names) == 2 * len(BINS)
    for name in names:
        assert ours[name] == pytest.approx(PEERS["values"][case][name], abs=1e-7), name


@pytest.mark.parametrize("bins", BINS)
def test_torchmetrics_of_ten_thousand_confident_rows(bins: int) -> None:
    """Where float32 sums of long bins are off by millionths, the convention is off by the same to 1e-7."""
    predictions = confident()
    theirs = {name: PEERS["torchmetrics of a confident model"][f"{name} {bins}"] for name in ("ece", "mce", "rmsce")}
    ours = single_precision_errors(predictions, bins)
    assert {name: ours[name] for name in theirs} == pytest.approx(theirs, abs=1e-7)
    table = evaluate(predictions, convention="torchmetrics", bins=[bins], metrics=list(theirs), resamples=20)
    assert table.set_index("metric").value.to_dict() == pytest.approx(theirs, abs=1e-7)
    exact = ece(pairs := top_label(predictions), equal_width_cuts(pairs, bins, RULES["torchmetrics"]))
    assert abs(exact - theirs["ece"]) > 1e-6


@pytest.mark.parametrize("case", ["overconfident", "calibrated", "binary"])
@pytest.mark.parametrize("metric", ["ks", "kuiper"])
def test_paths_of_probmetrics(case: str, metric: str) -> None:
    """KS and Kuiper of probmetrics, in float32, agree to 1e-6 where no confidences tie."""
    name = f"probmetrics {metric}"
    assert _ours(case)[name] == pytest.approx(PEERS["values"][case][name], abs=1e-6)


@pytest.mark.parametrize("case", ["overconfident", "calibrated", "binary"])
def test_smece_of_relplot(case: str) -> None:
    """relplot's smECE agrees to 1 % where no confidences pile up in its last cell."""
    assert _ours(case)["study smece"] == pytest.approx(PEERS["values"][case]["relplot smece"], rel=0.01)


def test_conventions_disagree_on_edges() -> None:
    """On values that lie on edges the conventions give different numbers, each that of its library."""
    ours = _ours("hundredths")
    values = {round(ours[f"{name} ece 20"], 6) for name in RULES}
    assert len(values) >= 3


def test_regression_of_uncertainty_toolbox() -> None:
    """Coverage, CRPS, NLL and sharpness of Gaussian predictions agree with uncertainty-toolbox."""
    rng = np.random.default_rng(5)
    mean, deviation = rng.normal(size=400), rng.uniform(0.3, 2.0, size=400)
    predictions = from_intervals(mean, deviation, mean + 1.4 * deviation * rng.normal(size=400))
    peer = PEERS["regression"]
    inner = slice(1, -1)  # their level 1 is an endless interval
    np.testing.assert_allclose(
        coverage(predictions, np.array(peer["levels"][inner])), peer["coverage"][inner], atol=1e-12
    )
    assert crps(predictions) == pytest.approx(peer["crps"], abs=1e-9)
    assert gaussian_nll(predictions) == pytest.approx(peer["nll"], abs=1e-9)
    assert sharpness(predictions) == pytest.approx(peer["sharpness"], abs=1e-9)
