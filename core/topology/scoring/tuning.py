"""From features to predictions: what is chosen is chosen inside the training part, then the test part is asked once."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.topology.scoring.classifiers import classifier, tried

FEWEST_FOLDS = 2


@dataclass(frozen=True)
class Candidate:
    """Features that might be used.

    Attributes:
        chosen: what they depend on, by name.
        train: [training items, features].
        test: [test items, features], made with nothing but what the training part taught.
    """

    chosen: Mapping[str, Any]
    train: np.ndarray
    test: np.ndarray


@dataclass(frozen=True)
class Answer:
    """What a classifier said.

    Attributes:
        predicted: [test items] class numbers.
        chosen: features and settings that were best in the folds of the training part.
        tuning_accuracy: their accuracy there; NaN where there was nothing to choose, or too few items to choose by.
        seconds: of choosing, fitting and predicting.
    """

    predicted: np.ndarray
    chosen: dict[str, Any]
    tuning_accuracy: float
    seconds: float


def tuning_folds(y: np.ndarray, folds: int) -> int:
    """How many folds the training part allows: no more than its smallest class has items; 0 if that is fewer than 2.

    >>> tuning_folds(np.array([0, 0, 0, 1, 1, 1]), 5), tuning_folds(np.array([0, 0, 1]), 5)
    (3, 0)
    """
    possible = min(folds, int(np.unique(y, return_counts=True)[1].min()))
    return possible if possible >= FEWEST_FOLDS else 0


def classified(candidates: Iterable[Candidate], y: np.ndarray, name: str, folds: int, seed: int) -> Answer:
    """Chooses features and settings by stratified folds of the training part, fits them to all of it, and predicts.

    Args:
        candidates: the features that are tried; the first of the best is taken.
        y: [training items] class numbers.
        name: of the classifier.
        folds: of the choice.
        seed: of the folds, and of classifiers that draw at random.
    """
    from sklearn.model_selection import GridSearchCV, StratifiedKFold

    started = time.perf_counter()
    classes, codes = np.unique(y, return_inverse=True)  # xgboost takes no gaps
    dealt = tuning_folds(codes, folds)
    best: tuple[float, Candidate, dict[str, Any]] | None = None
    for candidate in candidates:
        grid = tried(name, candidate.train.shape[1]) if dealt else {}
        if not dealt:
            best = (float("nan"), candidate, {})
            break
        search = GridSearchCV(
            classifier(name, seed),
            grid,
            scoring="accuracy",
            cv=StratifiedKFold(dealt, shuffle=True, random_state=seed),
            refit=False,
        ).fit(candidate.train, codes)
        if best is None or search.best_score_ > best[0]:
            best = (float(search.best_score_), candidate, search.best_params_)
    assert best is not None, "at least one candidate is expected"
    accuracy, candidate, settings = best
    model = classifier(name, seed).set_params(**settings).fit(candidate.train, codes)
    return Answer(
        predicted=classes[model.predict(candidate.test)],
        chosen={**candidate.chosen, **{key.removeprefix("classify__"): value for key, value in settings.items()}},
        tuning_accuracy=accuracy,
        seconds=time.perf_counter() - started,
    )
