"""The table of a population: names of the study, joins by id, refusals."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from core.calibration.metrics.battery import STUDY_BINS
from core.calibration.population.schema import (
    ATTACKS,
    BINNED,
    CORRUPTIONS,
    STAGES,
    UNBINNED,
    bin_counts,
    is_metric,
    is_robustness,
    metric_column,
)
from core.calibration.population.table import (
    Given,
    at_least,
    export,
    join_stages,
    missing_metrics,
    population,
    resonance_note,
)
from core.errors import BadInput


def test_the_hundred_published_columns():
    """90 binned and 10 other metric columns, in the names of the published tables."""
    names = [metric_column(stage, m, b) for m in BINNED for b in STUDY_BINS for stage in STAGES]
    names += [metric_column(stage, m) for m in UNBINNED for stage in STAGES]
    assert len(set(names)) == 100
    assert {"pre_ECE_15", "post_cwCE_em_200", "pre_ECE_em_5", "post_MCE_500", "pre_KSCE", "post_Brier"} < set(names)
    assert all(is_metric(name) for name in names)
    assert bin_counts(names) == STUDY_BINS
    assert not any(is_metric(name) for name in ("acc", "pre_auc_svhn", "ECE_15", "pre_ECE", "width"))


def test_robustness_columns_are_known_by_their_published_names():
    """Attacks with norm and epsilon, corruptions, out-of-distribution AUROC, and anything called robust_."""
    published = [
        "fgsm_Linf_acc0_1",
        "aa_apgd_ce_Linf_acc8_0",
        "aa_square_Linf_acc1_0",
        "pgd_Linf_acc3_0",
        "pre_auc_svhn",
    ]
    assert all(is_robustness(name) for name in (*published, *CORRUPTIONS, "robust_rotation"))
    assert not any(is_robustness(name) for name in (*ATTACKS, "acc", "width", "noise"))


def test_columns_find_their_role(metrics, models):
    """Metrics, robustness and attributes are told apart by name; an attribute that never varies is none."""
    found = population(metrics, models)
    assert found.attributes == ("width", "family")
    assert found.robustness == ("gaussian_noise",)
    assert (found.bins, found.datasets, len(found.metrics)) == ((5, 15, 100), ("",), 9)


def test_models_are_joined_by_id_and_never_by_position(metrics, models):
    """Shuffling the model table changes nothing; 7 and 7.0 are one id."""
    shuffled = models.sample(frac=1, random_state=1).assign(id=lambda table: table["id"].astype(float))
    first, second = (population(metrics, table).table for table in (models, shuffled))
    pd.testing.assert_frame_equal(first, second)
    assert (first.set_index("model")["width"] == first["model"].astype(int).map(models["width"]).to_numpy()).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda t: pd.concat([t, t.head(1)]),
            r"The metrics table: model '\d+' appears 2 times, in row 0 \(counted from 0\) and row 60 \(counted from 0\)",
        ),
        (lambda t: t.rename(columns={"config": "number"}), "no column that names the models"),
        (lambda t: t.assign(config=[None, *t["config"][1:]]), r"row 0 \(counted from 0\) has no config"),
        (lambda t: t[["config", "acc"]], "no metric column"),
        (lambda t: t.drop(columns="acc"), "no column acc"),
        (lambda t: t.assign(acc=[np.nan, *t["acc"][1:]]), r"column 'acc' is empty in row 0 \(counted from 0\)"),
        (
            lambda t: t.assign(pre_KSCE=["failed", *t["pre_KSCE"][1:]]),
            r"column 'pre_KSCE' holds 'failed' in row 0 \(counted from 0\)",
        ),
        (
            lambda t: t.assign(acc=-t["acc"]),
            r"column 'acc' holds -0\.\d+ in row 0 \(counted from 0\); an accuracy from 0 to 1",
        ),
        (lambda t: t.assign(acc=[150.0, *t["acc"][1:]]), r"column 'acc' holds 150 in row 0 \(counted from 0\)"),
        (lambda t: t.head(2), "2 models"),
    ],
)
def test_table_that_can_not_be_used_is_refused(metrics, change, words):
    """Each refusal says what was found and what is expected."""
    with pytest.raises(BadInput, match=words):
        population(change(metrics.copy()))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t[t["id"] != 3], "no row for model '3'"),
        (lambda t: pd.concat([t, t.tail(1)]), "model '59' appears 2 times"),
        (lambda t: t.assign(acc=1.0), "The model table has a column 'acc', which the metrics table has too"),
    ],
)
def test_model_table_that_does_not_fit_is_refused(metrics, models, change, words):
    """No model is dropped or doubled in silence."""
    with pytest.raises(BadInput, match=words):
        population(metrics, change(models))


def test_rows_of_a_file_are_named_as_it_shows_them(metrics, models):
    """A table that came from a file is called by its name, and its rows as a person counts them there."""
    files = {"metrics": Given(metrics, "m.csv", place), "models": Given(models, "t.csv", place)}
    for name, changed, words in (
        ("metrics", metrics.assign(acc=[np.nan, *metrics["acc"][1:]]), "m.csv: column 'acc' is empty in line 2"),
        (
            "metrics",
            metrics.assign(pre_NLL=["?", *metrics["pre_NLL"][1:]]),
            "m.csv: column 'pre_NLL' holds '?' in line 2",
        ),
        ("models", models.assign(fog=[0.1, "?", *[0.2] * 58]), "t.csv: column 'fog' holds '?' in line 3"),
        ("models", models.assign(id=[None, *models["id"][1:]]), "t.csv: line 2 has no id"),
        ("models", pd.concat([models, models.head(1)]), "t.csv: model '0' appears 2 times, in line 2 and line 62"),
        ("models", models.assign(acc=1.0), "t.csv has a column 'acc', which m.csv has too"),
    ):
        with pytest.raises(BadInput, match=re.escape(words)):
            population(*(Given(changed, files[key].name, place) if key == name else files[key] for key in files))


def place(row: int) -> str:
    return f"line {row + 2}"


def test_models_of_little_accuracy_are_left_out_where_asked(metrics):
    """Only the models from that accuracy on stay, in the halves too, and how many went is said; too few are refused."""
    halves = metrics.rename(columns={"config": "model"}).assign(
        model=metrics["config"].astype(str), dataset="", split=0
    )
    found = population(metrics, None, halves, halves)
    assert at_least(found, 0.5) is found
    kept = at_least(found, 0.9)
    count = int((metrics["acc"] >= 0.9).sum())
    assert kept.table["acc"].min() >= 0.9 and len(kept.table) == count
    assert set(kept.first_halves.model) == set(kept.second_halves.model) == set(kept.table.model)
    assert kept.notes[-1].startswith(f"{60 - count} models with an accuracy below 0.9 are left out")
    with pytest.raises(BadInput, match=r"Least accuracy: 0\.98 leaves 1 models; .* go from 0\.5 to 0\.98"):
        at_least(found, 0.98)


def test_zeros_of_failed_metrics_are_missing(metrics):
    """An exact zero of KSCE, KDECE or MMCE is a failure of the study's code; an ECE of zero is an ECE."""
    metrics.loc[[0, 1], "pre_KSCE"] = 0.0
    metrics.loc[2, "pre_ECE_15"] = 0.0
    found = population(metrics)
    assert found.table["pre_KSCE"].isna().sum() == 2
    assert found.table["pre_ECE_15"].isna().sum() == 0
    assert any("2 values of KSCE" in note for note in found.notes)
    assert missing_metrics(found.table) == ["pre_KSCE: missing for 2 of 60 models."]


def test_infinite_values_are_kept_and_said(metrics):
    """An infinite NLL is a value: it ranks last and is named."""
    metrics.loc[0, "pre_NLL"] = np.inf
    found = population(metrics)
    assert np.isinf(found.table["pre_NLL"]).sum() == 1
    assert found.notes == ("pre_NLL: infinite for some models; they rank last.",)


def test_percent_is_read_as_percent(metrics):
    """Accuracies up to 100 become shares, with a note."""
    found = population(metrics.assign(acc=metrics["acc"] * 100))
    assert found.table["acc"].max() == pytest.approx(0.98)
    assert "read as percent" in found.notes[0]


def test_misaligned_stages_are_refused(metrics):
    """A temperature changes no prediction: accuracies that disagree in rank before and after come from a wrong join."""
    wrong = metrics.assign(pre_acc=metrics["acc"], post_acc=metrics["acc"].to_numpy()[::-1])
    with pytest.raises(BadInput, match="misaligned"):
        population(wrong)
    other_samples = metrics.assign(pre_acc=metrics["acc"], post_acc=metrics["acc"] + 0.003)
    assert "different samples" in population(other_samples).notes[0]
    assert population(metrics.assign(pre_acc=metrics["acc"], post_acc=metrics["acc"])).notes == ()


def test_stages_are_joined_by_id(metrics):
    """Two tables in different orders give one, as long as they hold the same models."""
    pre = metrics[[c for c in metrics if not c.startswith("post")]]
    post = metrics[["config", "acc", *(c for c in metrics if c.startswith("post"))]].sample(frac=1, random_state=0)
    joined = join_stages(pre, post).set_index("model")
    wanted = metrics.assign(model=metrics["config"].astype(str)).set_index("model")["post_ECE_15"]
    assert (joined["post_ECE_15"] == wanted.loc[joined.index]).all()
    with pytest.raises(BadInput, match="one of the tables"):
        join_stages(pre, post.iloc[1:])


def test_export_has_the_published_names_and_loads_again(metrics, models):
    """config first, then their columns in their order; what is exported is what was loaded."""
    found = population(metrics, models)
    table = export(found.table)
    assert list(table)[:4] == ["config", "acc", "arch", "pre_ECE_5"]
    pd.testing.assert_frame_equal(
        population(table).table[sorted(found.table)], found.table[sorted(found.table)], check_like=True
    )


def test_resonance_is_said():
    """Bins below K or no multiple of K are named; matching ones and unknown classes are not."""
    note = resonance_note((5, 10, 15, 20), 10)
    assert "5 < 10" in note and "(15)" in note
    assert resonance_note((10, 20, 100), 10) == "" == resonance_note((5,), 0)
