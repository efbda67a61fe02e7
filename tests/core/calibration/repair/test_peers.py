from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.calibration.repair.methods import method_named
from core.calibration.repair.temperature import fit_temperature
from tests.core.calibration.repair.peer_model import FIT_ROWS, generated

STORED = json.loads((Path(__file__).parent / "peers.json").read_text())


@pytest.mark.parametrize(("peer", "tolerance"), [("netcal", 1e-7), ("probmetrics", 1e-7)])
def test_temperature(peer, tolerance):
    """T is that of netcal's L-BFGS and of probmetrics' bisection in float32, to their own accuracy."""
    logits, labels = generated()
    ours = fit_temperature(logits[:FIT_ROWS], labels[:FIT_ROWS])
    assert ours == pytest.approx(STORED["temperature"][peer], rel=tolerance)


@pytest.mark.parametrize(
    ("method", "tolerance"), [("histogram", 1e-12), ("isotonic", 1e-12), ("venn_abers", 1e-12), ("beta", 1e-4)]
)
def test_probabilities_after_repair(method, tolerance):
    """On new rows: netcal's histograms and isotonic regression, venn-abers' predictors and betacal's maps, each one
    against the rest and renormalised (betacal fits with scikit-learn's default tolerance)."""
    logits, labels = generated()
    fitted = method_named(method).fit(logits[:FIT_ROWS], labels[:FIT_ROWS])
    expected = np.array(STORED["probabilities"][method])
    assert fitted.apply(logits[FIT_ROWS:]) == pytest.approx(expected, abs=tolerance)
