from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from core.calibration.predictions import from_logits, from_probabilities, softmax64
from core.calibration.repair import tempnet
from core.calibration.repair.forms import FORMS
from core.calibration.repair.methods import METHODS, method_named
from core.calibration.repair.recalibrator import Recalibrator, apply_snippet, from_json, repaired, to_json
from core.calibration.repair.scores import scores_of
from core.errors import BadInput

ROWS = 240


@pytest.fixture(scope="module", autouse=True)
def short_training():
    """What is tested here holds for a TempNet at any stage of its training."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempnet, "STEPS", 60)
        yield


@pytest.fixture(scope="module")
def model():
    """Three classes, overconfident; the last rows are new to every fit."""
    generator = np.random.default_rng(0)
    truth = generator.normal(size=(2 * ROWS, 3))
    labels = (softmax64(truth).cumsum(axis=1) > generator.random(2 * ROWS)[:, None]).argmax(axis=1)
    return 3 * truth, labels


@pytest.fixture(scope="module")
def fitted(model, short_training):
    logits, labels = model
    return {method.name: method.fit(logits[:ROWS], labels[:ROWS], seed=1) for method in METHODS}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_every_method_gives_probabilities(fitted, model, method):
    """After any repair, rows are non-negative, finite and sum to one, on rows that the fit never saw."""
    p = fitted[method.name].apply(model[0][ROWS:])
    assert fitted[method.name].name == method.name
    assert np.isfinite(p).all() and (p >= 0).all()
    assert p.sum(axis=1) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_every_method_lowers_the_brier_score_of_an_overconfident_model(fitted, model, method):
    """On new rows of an overconfident model, every repair has a lower Brier score than no repair."""
    logits, onehot = model[0][ROWS:], np.eye(3)[model[1][ROWS:]]
    before = ((softmax64(logits) - onehot) ** 2).sum(axis=1).mean()
    assert ((fitted[method.name].apply(logits) - onehot) ** 2).sum(axis=1).mean() < before


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_the_downloaded_json_gives_identical_probabilities(fitted, model, method):
    """JSON out and in again changes no bit of the probabilities, and the parameters are plain JSON values."""
    text = to_json(fitted[method.name])
    again = from_json(text)
    assert again.notes == fitted[method.name].notes
    assert np.array_equal(again.apply(model[0]), fitted[method.name].apply(model[0]))
    assert json.loads(text)["parameters"] == fitted[method.name].parameters


def test_the_snippet_applies_the_downloaded_json(fitted, model, tmp_path):
    """The lines that come with the download, run by a fresh Python without this project, give the same
    probabilities for every method, on rows with a class that is ruled out as well."""
    logits = np.vstack([model[0][ROWS:], [[2.0, 1.0, -np.inf], [0.0, 0.0, 0.0]]])
    with_peer_form = {
        **fitted,
        "mixed": Recalibrator(
            "mixed",
            "dirichlet",
            3,
            {"temperature": 2.0, "uniform": 0.01, "weights": np.eye(3).tolist(), "bias": [0.1, 0.0, -0.1]},
        ),
    }
    script = []
    for name, repair in with_peer_form.items():
        folder = tmp_path / name
        folder.mkdir()
        (folder / "repair.json").write_text(to_json(repair))
        np.save(folder / "logits.npy", logits)
        (folder / "apply.py").write_text(apply_snippet(repair) + 'np.save("p.npy", p)\n')
        script.append(f"import os, runpy; os.chdir({str(folder)!r}); runpy.run_path('apply.py')")
    subprocess.run([sys.executable, "-I", "-W", "ignore", "-c", "\n".join(script)], check=True, timeout=120)
    for name, repair in with_peer_form.items():
        assert np.load(tmp_path / name / "p.npy") == pytest.approx(repair.apply(logits), abs=1e-12), name


def test_snippets_are_short():
    """A snippet has at most nine lines and needs numpy and scipy alone."""
    for form in FORMS.values():
        assert form.snippet.count("\n") <= 9
        assert "import torch" not in form.snippet


@pytest.mark.parametrize(
    "name", ["temperature", "study_temperature", "entropy_temperature", "tempnet_nll", "tempnet_robust"]
)
def test_a_temperature_never_changes_the_predicted_class(fitted, model, name):
    """One temperature for all classes of a row keeps their order."""
    assert np.array_equal(np.argsort(fitted[name].apply(model[0])), np.argsort(model[0]))


@pytest.mark.parametrize("method", [m for m in METHODS if not m.uses_logits and not m.seeded], ids=lambda m: m.name)
def test_log_probabilities_do_as_well_as_logits(fitted, model, method):
    """A method that doesn't use the offset of the logits is the same when fitted on log-probabilities."""
    logits, labels = model
    predictions = from_probabilities(softmax64(logits[:ROWS]), labels[:ROWS])
    again = method.fit(scores_of(predictions), labels[:ROWS])
    assert again.apply(logits[ROWS:]) == pytest.approx(fitted[method.name].apply(logits[ROWS:]), abs=1e-4)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_two_classes(method):
    """Every method takes two classes."""
    generator = np.random.default_rng(3)
    logits = generator.normal(size=(80, 2)) * 3
    labels = (generator.random(80) < softmax64(logits / 3)[:, 1]).astype(int)
    p = method.fit(logits, labels).apply(logits)
    assert p.shape == (80, 2) and np.isfinite(p).all()


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_probabilities_of_zero(method):
    """Rows where a class has probability zero give finite probabilities in every method."""
    generator = np.random.default_rng(4)
    p = softmax64(generator.normal(size=(90, 3)) * 2)
    labels = (p.cumsum(axis=1) > generator.random(90)[:, None]).argmax(axis=1)
    rows = np.arange(0, 90, 9)
    p[rows, (labels[rows] + 1) % 3] = 0.0
    scores = scores_of(from_probabilities(p / p.sum(axis=1, keepdims=True), labels))
    assert np.isfinite(method.fit(scores, labels).apply(scores)).all()


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_an_empty_fit_part_is_refused(method):
    """No method is fitted on no rows."""
    with pytest.raises(BadInput, match="Fit part: no rows"):
        method.fit(np.zeros((0, 3)), np.zeros(0, int))


def test_other_columns_than_in_the_fit_are_refused(fitted):
    """A repair of three classes refuses four columns."""
    with pytest.raises(BadInput, match=r"Repair vector: an array of shape \(5, 4\) was found, \[samples, 3\]"):
        fitted["vector"].apply(np.zeros((5, 4)))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: "{", "line 1 is no JSON"),
        (lambda c: json.dumps([1]), "format"),
        (lambda c: json.dumps({**c, "format": "other"}), "format"),
        (lambda c: json.dumps({**c, "form": "magic"}), "form 'magic' is not known"),
        (lambda c: json.dumps({**c, "parameters": {"temp": 1}}), "form temperature has the parameters temperature"),
        (lambda c: json.dumps({**c, "parameters": {"temperature": "2"}}), "don't fit form temperature"),
        (lambda c: json.dumps({**c, "parameters": {"temperature": 0}}), "don't fit form temperature"),
        (lambda c: json.dumps({**c, "classes": 1}), "classes is 1"),
        (lambda c: json.dumps({**c, "notes": None}), "notes must be a list"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_json_that_is_no_repair_is_refused(fitted, change, words):
    """A file that isn't a repair as downloaded is refused with what is wrong."""
    with pytest.raises(BadInput, match=words):
        from_json(change(json.loads(to_json(fitted["temperature"]))))


def test_unknown_method():
    """A name that doesn't exist is answered with those that do."""
    with pytest.raises(BadInput, match="'magic' does not exist; one of temperature, "):
        method_named("magic")


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_constant_predictor(method):
    """A model that says the same of every row is repaired to finite probabilities, the same for every row."""
    labels = np.arange(60) % 3
    p = method.fit(np.tile([1.0, 0.0, -1.0], (60, 1)), labels).apply(np.tile([1.0, 0.0, -1.0], (5, 1)))
    assert np.isfinite(p).all() and p == pytest.approx(np.tile(p[0], (5, 1)))


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_model_that_is_always_right(method):
    """Where every fit row is right the optimum may lie at infinity; the answer is still a right and finite one."""
    logits = 3 * np.random.default_rng(6).normal(size=(90, 3))
    fitted = method.fit(logits, logits.argmax(axis=1))
    p = fitted.apply(logits)
    assert np.isfinite(p).all()
    assert (p.argmax(axis=1) == logits.argmax(axis=1)).mean() > 0.95


def test_repaired_predictions_keep_rows_labels_and_groups(fitted, model):
    """The repaired predictions are of the same rows, with log-probabilities in place of the logits."""
    before = from_logits(model[0], model[1], groups=np.arange(2 * ROWS) % 2)
    after = repaired(fitted["temperature"], before)
    assert after.labels is before.labels and after.groups is before.groups
    assert after.probabilities == pytest.approx(fitted["temperature"].apply(model[0]))
    assert np.exp(after.logits) == pytest.approx(after.probabilities)
