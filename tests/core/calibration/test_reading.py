"""What values mean is asked where a file leaves it open, never guessed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.analysis import Source
from core.calibration.evaluate_steps import read_regression
from core.calibration.predictions import softmax64
from core.calibration.reading import classifier
from core.data.builtin_predictions import TRUE_TEMPERATURE, make_predictions
from core.data.population import read_models
from core.data.predictions import ScoreFile, ScorePart
from core.data.predictions_reading import kind_of_arrays, read_predictions
from core.errors import BadInput

LOGITS = np.random.default_rng(0).standard_normal((30, 4))
PROBS = softmax64(LOGITS)
LABELS = np.arange(30) % 4


def file(**scores: np.ndarray) -> ScoreFile:
    """A file without a validation part."""
    return ScoreFile("f.npz", ScorePart(dict(scores), LABELS))  # type: ignore[arg-type]


def test_probabilities_called_logits_are_asked_about():
    """The refusal names the parameter that answers, and either answer is taken."""
    wrong = file(logits=PROBS)
    with pytest.raises(BadInput, match="scores=logits or scores=probabilities"):
        classifier(wrong)
    assert np.array_equal(classifier(wrong, "probabilities").report.probabilities, PROBS)
    assert np.allclose(classifier(wrong, "logits").report.probabilities, softmax64(PROBS), atol=1e-12)


def test_logits_called_probabilities_are_asked_about():
    """Values outside [0, 1] are refused as probabilities and taken as logits when told so."""
    wrong = file(probabilities=LOGITS)
    with pytest.raises(BadInput, match=r"f\.npz: probs: row 0 \(counted from 0\) holds"):
        classifier(wrong)
    assert np.allclose(classifier(wrong, "logits").report.probabilities, PROBS, atol=1e-12)


def test_both_kinds_are_asked_about():
    """A file with both kinds is read only when told which."""
    both = file(logits=LOGITS, probabilities=PROBS)
    with pytest.raises(BadInput, match="holds both"):
        classifier(both)
    assert classifier(both, "logits").report.logits is not None
    assert classifier(both, "probabilities").report.logits is None


def test_a_validation_part_that_is_the_report_part_is_refused():
    """Fit and report rows must be disjoint."""
    part = ScorePart({"logits": LOGITS}, LABELS)
    with pytest.raises(BadInput, match="disjoint"):
        classifier(ScoreFile("f.npz", part, part))


def test_a_validation_part_of_another_model_is_refused():
    """Both parts have the same classes."""
    other = ScorePart({"logits": LOGITS[:, :3]}, LABELS % 3)
    with pytest.raises(BadInput, match="3 classes and the report part 4"):
        classifier(ScoreFile("f.npz", ScorePart({"logits": LOGITS}, LABELS), other))


def test_the_built_in_is_as_overconfident_as_it_says():
    """Its labels are drawn at the true temperature: there, log-likelihood per row is minus the mean entropy."""
    made = make_predictions("overconfident")
    assert isinstance(made, ScoreFile)
    p = softmax64(made.report.scores["logits"] / TRUE_TEMPERATURE)
    losses = -np.log(p[np.arange(len(p)), made.report.labels])
    entropies = -(p * np.log(p)).sum(axis=1)
    assert abs((losses - entropies).mean()) < 3 * (losses - entropies).std() / np.sqrt(len(p))


def test_arrays_called_test_are_reported_on(tmp_path: Path):
    """An npz with test_logits, test_labels, val_logits and val_labels is read as it stands."""
    path = tmp_path / "f.npz"
    arrays = {"test_logits": LOGITS, "test_labels": LABELS, "val_logits": LOGITS[:20] + 1, "val_labels": LABELS[:20]}
    np.savez(path, **arrays)
    read = read_predictions(path, "f.npz")
    assert isinstance(read, ScoreFile)
    assert read.fit is not None
    assert np.array_equal(read.report.scores["logits"], LOGITS)
    assert np.array_equal(read.fit.scores["logits"], LOGITS[:20] + 1)
    assert kind_of_arrays(path, "f.npz") == "predictions"


def test_a_model_of_few_different_rows_may_bring_a_validation_part():
    """Of a tree all validation rows have the probabilities of reported ones: that makes them no copies."""
    leaves = PROBS[[0, 1, 2]][np.arange(30) % 3]
    assert classifier(
        ScoreFile(
            "f.npz",
            ScorePart({"probabilities": leaves}, LABELS),
            ScorePart({"probabilities": leaves[:12]}, LABELS[:12]),
        )
    ).fit


def test_a_bad_row_of_a_table_is_named_as_the_file_shows_it(tmp_path: Path):
    """Rows of a csv are counted from 1 beside their line, whatever part they belong to."""
    path = tmp_path / "f.csv"
    path.write_text("label,p_0,p_1,split\n0,0.6,0.4,val\n1,0.3,0.7,test\n0,0.5,0.5,val\n1,0.9,0.3,test\n")
    with pytest.raises(BadInput, match=r"f\.csv: probs: row 4 \(line 5\) sums to 1.2"):
        classifier(read_predictions(path, "f.csv"))


def test_a_bad_row_of_an_array_is_counted_from_zero(tmp_path: Path):
    """Rows of an npz are counted from 0, as its arrays are indexed, and the sentence says so."""
    wrong = np.where(np.arange(len(LABELS)) == 3, 9, LABELS)
    np.savez(tmp_path / "f.npz", logits=LOGITS, labels=wrong)
    with pytest.raises(BadInput, match=r"f\.npz: labels: row 3 \(counted from 0\) holds 9"):
        classifier(read_predictions(tmp_path / "f.npz", "f.npz"))


def test_a_bad_row_of_one_model_of_many_is_named_as_the_file_shows_it(tmp_path: Path):
    """In a long table of models, sorted by sample, the row is still that of the file."""
    path = tmp_path / "f.csv"
    path.write_text("model,sample,label,p_0,p_1\na,y,0,0.6,0.4\nb,y,0,0.3,0.8\na,x,1,0.3,0.7\nb,x,1,0.2,0.8\n")
    with pytest.raises(BadInput, match=r"f\.csv: probs: row 2 \(line 3\) sums to 1.1"):
        classifier(next(read_models(Source("population", "f.csv", "", str(path)), 1, 2, "")))


def test_a_bad_row_of_predicted_numbers_is_named_as_the_file_shows_it(tmp_path: Path):
    """A deviation of zero in a csv is named by row and line."""
    path = tmp_path / "f.csv"
    path.write_text("mean,std,target\n1,1,1\n2,0,1\n")
    with pytest.raises(BadInput, match=r"f\.csv: std: row 2 \(line 3\) holds 0"):
        read_regression(Source("predictions", "f.csv", "", str(path)))
