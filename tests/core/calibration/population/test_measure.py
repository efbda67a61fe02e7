"""Measuring models one after the other, and the built-in population."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.calibration.metrics.battery import battery
from core.calibration.population import mlps
from core.calibration.population.measure import Measurement, gathered, measure_models, model_row
from core.calibration.population.schema import PUBLISHED_NAMES, metric_column
from core.calibration.population.table import population
from core.calibration.predictions import from_logits, from_probabilities
from core.calibration.repair.temperature import fit_temperature
from core.errors import BadInput

QUICK = Measurement(bins=(5, 15), splits=2)


def model(temperature=1.0, n=2000, seed=0):
    """Logits of three classes that are too large by a factor."""
    generator = np.random.default_rng(seed)
    true = 2 * generator.normal(size=(n, 3))
    labels = (true + generator.gumbel(size=true.shape)).argmax(axis=1)
    return from_logits(temperature * true, labels)


def test_row_is_the_battery_before_and_after():
    """The columns hold exactly what `battery` gives on the reported rows, and after division by the temperature."""
    report, fit = model(2.0, seed=1), model(2.0, seed=2)
    measured = model_row(report, fit, QUICK).row
    assert measured["temperature"] == fit_temperature(fit.logits, fit.labels) == pytest.approx(2, abs=0.2)
    for stage, scale in (("pre", 1.0), ("post", measured["temperature"])):
        table = battery(from_logits(report.logits / scale, report.labels), bins=QUICK.bins)
        for metric, bins, value in zip(table["metric"], table["bins"], table["value"], strict=True):
            column = metric_column(stage, metric, None if pd.isna(bins) else bins)
            assert measured[column] == pytest.approx(value, abs=1e-12)
        assert set(table["metric"]) == set(PUBLISHED_NAMES)
    assert measured["acc"] == report.correct.mean()
    assert measured["samples"] == 2000


def test_rows_to_fit_on_are_taken_from_the_reported_ones_when_there_are_no_others():
    """A fifth is fitted on and not reported on; before and after are measured on the same rest."""
    measured = model_row(model(2.0), None, QUICK).row
    assert measured["samples"] == 1600
    assert measured["post_NLL"] < measured["pre_NLL"]


def test_probabilities_are_scaled_by_their_logarithm():
    """The same model as probabilities gets the same temperature and the same metrics."""
    as_logits, as_probabilities = (
        model_row(one, None, QUICK).row
        for one in (model(2.0), from_probabilities(model(2.0).probabilities, model(2.0).labels))
    )
    assert as_probabilities["temperature"] == pytest.approx(as_logits["temperature"], rel=1e-6)
    assert as_probabilities["post_ECE_15"] == pytest.approx(as_logits["post_ECE_15"], abs=1e-6)


def test_studys_temperature_is_of_the_grid():
    """The study's own rule gives a multiple of 0.1."""
    temperature = model_row(model(2.0), None, Measurement(bins=(15,), temperature="study")).row["temperature"]
    assert temperature * 10 == pytest.approx(round(temperature * 10))


def test_floor_is_what_a_calibrated_model_shows():
    """For perfectly calibrated models the mean ECE over draws is the floor, within a few per cent."""
    rows = [model_row(model(seed=seed), model(seed=99), Measurement(bins=(15,))).row for seed in range(30)]
    seen = np.mean([row["pre_ECE_15"] for row in rows])
    assert np.mean([row["pre_floor_15"] for row in rows]) == pytest.approx(seen, rel=0.08)


def test_halves_are_disjoint_and_the_same_for_all_models():
    """Both halves together have the accuracy of the whole, and two models are cut alike."""
    tables = measure_models(((str(seed), model(seed=seed), model(seed=9)) for seed in range(3)), "d", QUICK)
    first, second, whole = (tables[name] for name in ("first_halves", "second_halves", "metrics"))
    assert list(first["split"]) == [0, 1] * 3
    together = (first["acc"] + second["acc"]).to_numpy().reshape(3, 2) / 2
    np.testing.assert_allclose(together, np.repeat(whole["acc"].to_numpy()[:, None], 2, axis=1), atol=2e-3)
    assert (first["model"] == second["model"]).all() and set(whole["dataset"]) == {"d"}


def test_undefined_metric_is_missing():
    """A model that is always right has no AUROC of confidence: missing, not zero; its temperature is at the bound."""
    sure = from_logits(np.eye(3)[[0, 1, 2] * 40] * 5.0 + 0.1, np.array([0, 1, 2] * 40))
    measured = model_row(sure, sure, QUICK)
    assert np.isnan(measured.row["pre_AUROC"]) and np.isnan(measured.row["incorrect_confidence"])
    assert "T = 0" in measured.notes[0]


def test_models_are_taken_one_at_a_time():
    """The next model is asked for only after the last was measured and let go."""
    import gc
    import weakref

    alive, most = weakref.WeakSet(), 0

    def stream():
        nonlocal most
        for seed in range(4):
            one = model(n=200, seed=seed)
            alive.add(one)
            yield str(seed), one, None
            del one
            gc.collect()
            most = max(most, len(alive))

    measure_models(stream(), how=QUICK)
    assert most <= 1  # the loop still holds the last one when the generator goes on


def test_steps_come_together():
    """Chunks of models give the same tables as all at once."""
    stream = [(str(seed), model(n=300, seed=seed), None) for seed in range(4)]
    whole = measure_models(stream, "d", QUICK)
    parts = gathered([measure_models(stream[:2], "d", QUICK), measure_models(stream[2:], "d", QUICK)])
    for name, table in whole.items():
        pd.testing.assert_frame_equal(parts[name], table)
    assert len(population(parts["metrics"], None, parts["first_halves"], parts["second_halves"]).table) == 4


def test_parts_that_do_not_fit_are_refused():
    """Rows to fit on with other classes, and too few rows to cut."""
    with pytest.raises(BadInput, match="2 classes and the reported ones 3"):
        model_row(model(), from_logits([[0.0, 3.0]] * 9, [1] * 9), QUICK)
    with pytest.raises(BadInput, match=r"rows can't be|can't be split"):
        model_row(from_logits([[0.0, 3.0, 1.0]], [1]), None, QUICK)


def test_builtin_models_are_named_once_and_grouped():
    """54 models in 18 groups that share an architecture and a length; the names are distinct."""
    table = mlps.model_table()
    groups = mlps.groups(table)
    assert (len(table), table["model"].nunique(), len(groups)) == (54, 54, 18)
    assert [name for group in groups for name in group["models"]] == list(table["model"])


def test_builtin_rows_are_disjoint():
    """Rows to learn from, to fit on and to report on part the samples, each with every class."""
    labels = np.arange(400) % 10
    parts = mlps.parts(labels, 0)
    assert sorted(np.concatenate(parts)) == list(range(400))
    assert [len(part) for part in parts] == [140, 60, 200]
    assert all(len(np.unique(labels[part])) == 10 for part in parts)


def test_builtin_networks_learn_and_decay_tells():
    """Two networks on digits are far better than chance, repeat to the bit, and the decayed one is less confident."""
    arguments = {
        "width": 32,
        "depth": 1,
        "epochs": 4,
        "weight_decays": [0.0, 0.03],
        "seeds": [0, 0],
        "models": ["a", "b"],
    }
    first, second = (mlps.train_mlps(**arguments) for _ in range(2))
    np.testing.assert_array_equal(first["logits"], second["logits"])
    assert first["logits"].shape == (2, len(first["labels"]), 10) and first["logits"].dtype == np.float32
    free, decayed = (from_logits(one, first["labels"]) for one in first["logits"])
    assert free.correct.mean() > 0.75
    assert decayed.confidence.mean() < free.confidence.mean() - 0.02
    table = mlps.attributes(pd.DataFrame({"model": ["b", "a"]}), [first])
    assert list(table["gaussian_noise"]) == list(first["robustness"]["gaussian_noise"][::-1])
    assert (table[list(mlps.DISTURBANCES)].to_numpy() > 0.3).all()


def test_builtin_refuses_lists_that_do_not_fit():
    """As many seeds and decays as models."""
    with pytest.raises(BadInput, match="2 models, 1 seeds"):
        mlps.train_mlps(8, 1, 1, [0.0, 0.1], [0], ["a", "b"])
