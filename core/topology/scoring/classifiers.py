"""The classifiers by name, each a scikit-learn pipeline with the settings that are tried in the training part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

CLASSIFIERS = ("svm", "random_forest", "xgboost", "linear")
PENALTIES = (0.1, 1.0, 10.0, 100.0, 1000.0)  # C
WIDTHS = (0.01, 0.1, 1.0, 10.0)  # gamma, in units of 1 / features
RIDGES = (1.0, 10.0, 100.0, 1000.0, 10_000.0)
TREES = 200


def classifier(name: str, seed: int) -> Pipeline:
    """A pipeline that was fitted to nothing yet.

    svm: standardised features, Gaussian kernel. random_forest: 200 trees. xgboost: its defaults, one thread. linear:
    standardised features, ridge regression on the indicators of the classes.

    Args:
        name: one of `CLASSIFIERS`.
        seed: of what draws at random.
    """
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import RidgeClassifier
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    if name == "svm":
        return Pipeline([("scale", StandardScaler()), ("classify", SVC())])
    if name == "linear":
        return Pipeline([("scale", StandardScaler()), ("classify", RidgeClassifier())])
    if name == "random_forest":
        return Pipeline([("classify", RandomForestClassifier(TREES, random_state=seed, n_jobs=1))])
    from xgboost import XGBClassifier

    return Pipeline([("classify", XGBClassifier(nthread=1, random_state=seed, verbosity=0))])


def tried(name: str, features: int) -> dict[str, list[Any]]:
    """The settings among which the folds of the training part choose; empty where there is nothing to choose."""
    if name == "svm":
        return {"classify__C": list(PENALTIES), "classify__gamma": [width / features for width in WIDTHS]}
    return {"classify__alpha": list(RIDGES)} if name == "linear" else {}
