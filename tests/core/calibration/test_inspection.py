"""What the library says of predictions and populations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.calibration.predictions import softmax64
from core.errors import BadInput
from core.sources import builtin_sources, inspect_file, open_source

LOGITS = np.random.default_rng(0).standard_normal((40, 3))
LABELS = np.arange(40) % 3


def test_a_file_is_recognised_without_a_hint(tmp_path: Path):
    """npz by its arrays, tables by their columns; other tables stay data sets."""
    np.savez(tmp_path / "a.npz", logits=LOGITS, labels=LABELS, val_logits=LOGITS + 1, val_labels=LABELS)
    kind, details = inspect_file(tmp_path / "a.npz", "a.npz")
    assert kind == "predictions"
    assert (details["rows"], details["fit_rows"], details["classes"]) == (40, 40, 3)
    np.savez(tmp_path / "b.npz", logits=np.stack([LOGITS, -LOGITS]), labels=LABELS)
    kind, details = inspect_file(tmp_path / "b.npz", "b.npz")
    assert (kind, details["models"], details["rows"]) == ("population", 2, 40)
    frame = pd.DataFrame({"label": LABELS, **{f"p_{k}": softmax64(LOGITS)[:, k] for k in range(3)}})
    frame.to_csv(tmp_path / "c.csv", index=False)
    assert inspect_file(tmp_path / "c.csv", "c.csv")[0] == "predictions"
    pd.DataFrame({"id": ["a", "b"], "width": [1, 2]}).to_csv(tmp_path / "d.csv", index=False)
    assert inspect_file(tmp_path / "d.csv", "d.csv")[0] == "dataset"
    assert open_source("table", str(tmp_path / "d.csv")).kind == "table"


def test_a_doubt_is_kept_as_a_note(tmp_path: Path):
    """Probabilities called logits are accepted, since a parameter can say what they are; the note asks."""
    np.savez(tmp_path / "a.npz", logits=softmax64(LOGITS), labels=LABELS)
    details = inspect_file(tmp_path / "a.npz", "a.npz")[1]
    assert "scores=logits or scores=probabilities" in details["notes"][0]


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        (LABELS + 1, "write labels - 1"),
        (np.eye(3)[LABELS], r"write labels\.argmax"),
        (LABELS[:-1], "39 labels were found for 40 rows"),
        (np.where(LABELS == 2, 7, LABELS), "holds 7"),
    ],
)
def test_labels_that_do_not_fit_are_refused(tmp_path: Path, labels: np.ndarray, sentence: str):
    """One-hot labels, labels from 1, too few, or out of range: one sentence with the remedy."""
    np.savez(tmp_path / "a.npz", logits=LOGITS, labels=labels)
    with pytest.raises(BadInput, match=sentence):
        inspect_file(tmp_path / "a.npz", "a.npz")


def test_every_built_in_can_be_read():
    """What a built-in says of itself is what its values are."""
    from core.calibration.reading import classifier
    from core.data.builtin_predictions import make_predictions
    from core.data.predictions import ScoreFile

    for source in builtin_sources("predictions"):
        file = make_predictions(source.name)
        if isinstance(file, ScoreFile):
            model = classifier(file)
            assert model.fit is not None
            found = (model.report.n, model.fit.n, model.report.classes)
            assert found == tuple(source.details[name] for name in ("rows", "fit_rows", "classes"))
        else:
            assert len(file.mean) == source.details["rows"]
