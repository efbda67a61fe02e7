from __future__ import annotations

import numpy as np
import pytest

from core.calibration.predictions import from_logits
from core.calibration.repair.split import split, stratified_folds, stratified_mask
from core.errors import BadInput


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
def test_each_class_has_its_share(share):
    """Every class, and the whole, is divided by the share up to one row."""
    labels = np.random.default_rng(0).integers(0, 7, 500)
    mask = stratified_mask(labels, share, seed=1)
    assert abs(mask.sum() - share * 500) <= 1
    for k in range(7):
        assert abs(mask[labels == k].sum() - share * (labels == k).sum()) <= 1


def test_parts_are_disjoint_and_complete(overconfident):
    """Every row is in exactly one part, with its own label, logits and probabilities."""
    model = overconfident(101, 3, 1.0, seed=1)
    parts = split(from_logits(model.logits, model.labels), 0.4, seed=2)
    together = np.vstack([parts.fit.logits, parts.report.logits])
    assert np.array_equal(np.sort(together[:, 0]), np.sort(model.logits[:, 0]))
    where = dict(zip(model.logits[:, 0], model.labels, strict=True))
    assert [where[value] for value in parts.fit.logits[:, 0]] == parts.fit.labels.tolist()


def test_the_seed_decides():
    """The same seed gives the same rows, another one others."""
    labels = np.arange(60) % 3
    assert np.array_equal(stratified_mask(labels, 0.5, 1), stratified_mask(labels, 0.5, 1))
    assert not np.array_equal(stratified_mask(labels, 0.5, 1), stratified_mask(labels, 0.5, 2))


def test_folds_are_even():
    """Folds differ by at most one row in every class."""
    labels = np.random.default_rng(3).integers(0, 4, 103)
    folds = stratified_folds(labels, 3, seed=0)
    for k in range(4):
        counts = np.bincount(folds[labels == k], minlength=3)
        assert counts.max() - counts.min() <= 1


@pytest.mark.parametrize(("rows", "share", "words"), [(10, 1.0, "between 0 and 1"), (1, 0.5, "can't be split")])
def test_refusals(rows, share, words):
    """A share outside (0, 1), or rows that leave a part empty, are refused."""
    with pytest.raises(BadInput, match=words):
        split(from_logits(np.arange(2.0 * rows).reshape(rows, 2) + 5, np.arange(rows) % 2), share)
