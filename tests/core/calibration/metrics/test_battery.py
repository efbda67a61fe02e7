"""The battery: all values of one model at once."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from core.calibration.metrics.battery import STUDY_BINS, battery
from core.calibration.metrics.cuts import equal_mass_cuts, equal_width_cuts
from core.calibration.metrics.ece import ece
from core.calibration.metrics.pairs import top_label
from core.calibration.predictions import from_logits, from_probabilities
from core.errors import BadInput
from tests.core.calibration.metrics.cases import calibrated, overconfident

BINNED = {"ece", "ece_em", "mce", "cwce", "cwce_em"}
WHOLE = {"ks", "kde_ece", "mmce", "smece", "nll", "brier", "auroc"}


def test_names_and_bins() -> None:
    """The table has five binned errors at the study's nine bin counts and seven values without bins."""
    table = battery(overconfident(n=300))
    assert table.columns.tolist() == ["metric", "bins", "value"]
    binned, whole = table[table.bins.notna()], table[table.bins.isna()]
    assert {(m, b) for m, b in zip(binned.metric, binned.bins, strict=True)} == {
        (m, b) for m in BINNED for b in STUDY_BINS
    }
    assert len(binned) == 45
    assert set(whole.metric) == WHOLE and len(whole) == 7
    assert table.value.notna().all()


def test_values_are_those_of_the_single_metrics() -> None:
    """A value of the battery is the value of the metric computed alone."""
    predictions = overconfident(n=300)
    table = battery(predictions, bins=[15]).set_index("metric").value
    pairs = top_label(predictions)
    assert table["ece"] == ece(pairs, equal_width_cuts(pairs, 15))
    assert table["ece_em"] == ece(pairs, equal_mass_cuts(pairs, 15))


def test_undefined_is_missing_with_its_reason() -> None:
    """A metric that isn't defined is NaN with the reason, never zero."""
    table = battery(from_probabilities([[0.9, 0.1]] * 4, [0, 0, 0, 0]), bins=[5])
    values = table.set_index("metric").value
    assert math.isnan(values["auroc"]) and math.isnan(values["kde_ece"])
    assert "every answer is right" in table.attrs["reasons"]["auroc"]
    assert "no bandwidth" in table.attrs["reasons"]["kde_ece"]


def test_infinite_loss_is_flagged() -> None:
    """An infinite NLL stays infinite and is flagged with how many rows cause it and the first of them."""
    table = battery(from_probabilities([[0.6, 0.4], [1.0, 0.0], [0.3, 0.7]], [0, 1, 1]), bins=[5])
    assert table.set_index("metric").value["nll"] == math.inf
    assert "1 of 3 rows" in table.attrs["reasons"]["nll"] and "row 1" in table.attrs["reasons"]["nll"]


def test_more_bins_than_samples() -> None:
    """With more bins than samples every value exists, and equal mass means one sample a bin."""
    predictions = overconfident(n=20)
    table = battery(predictions).set_index(["metric", "bins"]).value
    alone = np.abs(predictions.confidence - predictions.correct).mean()
    assert table["ece_em", 500] == pytest.approx(alone)
    assert table.notna().all()


def test_one_sample() -> None:
    """One sample has binned errors; what needs two is missing."""
    values = battery(from_logits([[0.0, 2.0]], [1]), bins=[5]).set_index("metric").value
    gap = 1 - 1 / (1 + math.exp(-2))
    assert values["ece"] == pytest.approx(gap) and values["ks"] == pytest.approx(gap)
    assert pd.isna(values["auroc"])


def test_one_class_missing() -> None:
    """A class that no sample has takes part in the classwise errors with all its probability."""
    predictions = from_probabilities([[0.5, 0.3, 0.2], [0.6, 0.2, 0.2]], [0, 1])
    values = battery(predictions, bins=[1]).set_index("metric").value
    assert values["cwce"] == pytest.approx((abs(1.1 - 1) + abs(0.5 - 1) + 0.4) / 6)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"bins": []}, r"whole numbers from 1 to 10,000"),
        ({"bins": [0]}, r"\[0\] was found"),
        ({"bins": [2.5]}, r"\[2.5\] was found"),
        ({"convention": "guo"}, r"'guo' is unknown; choose one of study, netcal, torchmetrics, sklearn"),
    ],
)
def test_refused(change: dict, sentence: str) -> None:
    """A wrong convention or number of bins is refused with what is accepted."""
    with pytest.raises(BadInput, match=sentence):
        battery(calibrated(n=20), **change)


def test_precision_of_the_logits() -> None:
    """float32 logits give the values of the same numbers in float64 to 1e-12."""
    single = overconfident(n=500).logits.astype(np.float32)
    labels = overconfident(n=500).labels
    small, large = battery(from_logits(single, labels)), battery(from_logits(single.astype(np.float64), labels))
    np.testing.assert_allclose(small.value, large.value, rtol=1e-12)


def test_logits_and_labels_are_predictions_too() -> None:
    """`battery(logits, labels)` is `battery(from_logits(logits, labels))`; logits alone are refused."""
    logits, labels = np.random.default_rng(0).standard_normal((50, 3)), np.arange(50) % 3
    pd.testing.assert_frame_equal(battery(logits, labels), battery(from_logits(logits, labels)))
    with pytest.raises(BadInput, match="logits without labels"):
        battery(logits)
