"""The classifiers by name, and how well their settings do inside a training part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

CLASSIFIERS = ("svm", "random_forest", "xgboost", "linear")
PENALTIES = (0.1, 1.0, 10.0, 100.0, 1000.0)  # C
WIDTHS = (0.01, 0.1, 1.0, 10.0)  # gamma, in units of 1 / features
RIDGES = (1.0, 10.0, 100.0, 1000.0, 10_000.0)
TREES = 100

Settings = dict[str, Any]


def classifier(name: str, seed: int, settings: Mapping[str, Any]) -> Pipeline:
    """A pipeline that was fitted to nothing yet.

    svm: standardised features, Gaussian kernel. linear: standardised features, ridge regression on the indicators of the
    classes. random_forest: 100 trees. xgboost: its defaults, one thread.

    Args:
        name: one of `CLASSIFIERS`.
        seed: of what draws at random.
        settings: C and gamma of svm, alpha of linear.
    """
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import RidgeClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    if name == "svm":
        return make_pipeline(StandardScaler(), SVC(**settings, random_state=seed))
    if name == "linear":
        return make_pipeline(StandardScaler(), RidgeClassifier(**settings, random_state=seed))
    if name == "random_forest":
        return make_pipeline(RandomForestClassifier(TREES, oob_score=True, random_state=seed, n_jobs=1))
    from xgboost import XGBClassifier

    return make_pipeline(XGBClassifier(nthread=1, random_state=seed, verbosity=0))


def tuned(name: str, X: np.ndarray, y: np.ndarray, folds: int, seed: int) -> tuple[float, Settings]:
    """The best settings of a classifier on a training part, the first among equals, and their accuracy there.

    By stratified folds; a random forest, which has no settings here, by the items that each of its trees did not see.

    Args:
        name: one of `CLASSIFIERS`.
        X: [items, features].
        y: [items] class numbers.
        folds: at most as many as the smallest class has items.
        seed: of the folds, and of classifiers that draw at random.
    """
    from sklearn.model_selection import StratifiedKFold

    if name == "random_forest":
        forest = classifier(name, seed, {}).fit(X, y)
        return float(forest[-1].oob_score_), {}
    settings = tried(name, X.shape[1])
    shares = np.zeros(len(settings))
    for train, held_out in StratifiedKFold(folds, shuffle=True, random_state=seed).split(X, y):
        parts = X[train], y[train], X[held_out]
        said = (
            _svm(*parts, settings, seed)
            if name == "svm"
            else [classifier(name, seed, one).fit(parts[0], parts[1]).predict(parts[2]) for one in settings]
        )
        shares += [float((one == y[held_out]).mean()) for one in said]
    best = int(np.argmax(np.round(shares / folds, 12)))  # equal shares may differ by how they were summed
    return float(shares[best] / folds), settings[best]


def tried(name: str, features: int) -> list[Settings]:
    """The settings among which the folds of the training part choose."""
    if name == "svm":
        return [{"C": penalty, "gamma": width / features} for penalty in PENALTIES for width in WIDTHS]
    return [{"alpha": alpha} for alpha in RIDGES] if name == "linear" else [{}]


def _svm(X: np.ndarray, y: np.ndarray, held_out: np.ndarray, settings: list[Settings], seed: int) -> list[np.ndarray]:
    """What support vector machines of all settings say: features are scaled, and distances formed, once."""
    from scipy.spatial.distance import cdist
    from sklearn import config_context
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    scale = StandardScaler().fit(X)
    own, other = scale.transform(X), scale.transform(held_out)
    within, between = cdist(own, own, "sqeuclidean"), cdist(other, own, "sqeuclidean")
    kernels = {one["gamma"]: (np.exp(-one["gamma"] * within), np.exp(-one["gamma"] * between)) for one in settings}
    said = []
    with config_context(assume_finite=True, skip_parameter_validation=True):  # half the time of so small a fit
        for one in settings:
            inside, across = kernels[one["gamma"]]
            machine = SVC(
                C=one["C"], kernel="precomputed", random_state=seed
            )  # without a seed SVC draws from numpy's own
            said.append(machine.fit(inside, y).predict(across))
    return said
