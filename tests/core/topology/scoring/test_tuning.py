"""Choosing inside the training part, against scikit-learn's own pipelines and grid search."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from core.topology.scoring.classifiers import CLASSIFIERS, PENALTIES, WIDTHS, classifier, tried, tuned
from core.topology.scoring.splits import stratified_folds
from core.topology.scoring.tuning import Candidate, classified


def blobs(seed: int, gap: float = 1.0, items: int = 60, features: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Three classes, each around a centre on an axis of its own."""
    rng = np.random.default_rng(seed)
    y = np.arange(items) % 3
    return rng.standard_normal((items, features)) + gap * np.eye(features)[y], y


def test_support_vectors_are_chosen_as_grid_search_does() -> None:
    """Kernels that are formed once give the accuracy and settings of scikit-learn's own search over the pipeline."""
    X, y = blobs(0, gap=1.5)
    grid = {"svc__C": list(PENALTIES), "svc__gamma": [width / X.shape[1] for width in WIDTHS]}
    folds = StratifiedKFold(5, shuffle=True, random_state=7)
    search = GridSearchCV(make_pipeline(StandardScaler(), SVC()), grid, cv=folds).fit(X, y)
    share, settings = tuned("svm", X, y, 5, 7)
    assert share == pytest.approx(search.best_score_)
    assert settings == {"C": search.best_params_["svc__C"], "gamma": search.best_params_["svc__gamma"]}


@pytest.mark.parametrize("name", ["linear", "xgboost"])
def test_other_settings_are_chosen_by_the_same_folds(name: str) -> None:
    """The accuracy is that of scikit-learn's cross-validation, of the best settings."""
    X, y = blobs(1, gap=1.5, items=45)
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    scores = [cross_val_score(classifier(name, 0, one), X, y, cv=folds).mean() for one in tried(name, 8)]
    share, settings = tuned(name, X, y, 3, 0)
    assert share == pytest.approx(max(scores))
    assert settings == tried(name, 8)[int(np.argmax(np.round(scores, 12)))]


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_better_features_are_taken(name: str) -> None:
    """Of noise and of features that tell the classes apart the latter are chosen, by the training part alone."""
    X, y = blobs(2, gap=6.0)
    noise = np.random.default_rng(5).standard_normal((60, 8))
    train, test = np.arange(42), np.arange(42, 60)
    candidates = [
        Candidate({"which": "noise"}, noise[train], noise[test]),
        Candidate({"which": "blobs"}, X[train], X[test]),
    ]
    answer = classified(candidates, 10 * y[train], name, 3, seed=0)
    assert answer.chosen["which"] == "blobs"
    assert (answer.predicted == 10 * y[test]).mean() >= 0.8
    assert answer.tuning_accuracy > 0.8
    again = classified(candidates, 10 * y[train], name, 3, seed=0)
    assert (again.predicted == answer.predicted).all() and again.chosen == answer.chosen


def test_a_class_of_one_leaves_nothing_to_choose_by() -> None:
    """The first features and the usual settings are taken."""
    X, y = blobs(3, gap=6.0, items=4)
    answer = classified([Candidate({"which": 1}, X, X), Candidate({"which": 2}, X, X)], y, "svm", 5, seed=0)
    assert answer.chosen == {"which": 1} and np.isnan(answer.tuning_accuracy)


def test_folds_are_those_of_scikit_learn() -> None:
    """Each repeat deals all items out once, by the seed and its successors; each fold has the shares of the classes."""
    y = np.repeat([0, 1], [20, 10])
    found = stratified_folds(y, 5, 2, seed=3)
    assert [(one.repeat, one.fold) for one in found] == [(repeat, fold) for repeat in range(2) for fold in range(5)]
    for repeat in range(2):
        part = found[5 * repeat : 5 * repeat + 5]
        assert sorted(np.concatenate([one.test for one in part]).tolist()) == list(range(30))
        wanted = StratifiedKFold(5, shuffle=True, random_state=3 + repeat).split(np.zeros(30), y)
        assert all((one.test == test).all() for one, (_, test) in zip(part, wanted, strict=True))
    assert all(np.bincount(y[one.test]).tolist() == [4, 2] for one in found)
    assert (found[0].test != found[5].test).any()
