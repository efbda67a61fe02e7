"""From features to predictions: what is chosen is chosen inside the training part, then the test part is asked once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.topology.scoring.classifiers import Settings, classifier, tuned
from core.topology.scoring.splits import tuning_folds


@dataclass(frozen=True, eq=False)
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


@dataclass(frozen=True, eq=False)
class Answer:
    """What a classifier said.

    Attributes:
        predicted: [test items] class numbers.
        chosen: features and settings that were best inside the training part.
        tuning_accuracy: their accuracy there; NaN where there were too few items to choose by.
    """

    predicted: np.ndarray
    chosen: dict[str, Any]
    tuning_accuracy: float


def classified(candidates: Iterable[Candidate], y: np.ndarray, name: str, folds: int, seed: int) -> Answer:
    """Chooses features and settings inside the training part, fits them to all of it, and predicts.

    Args:
        candidates: the features that are tried; the first of the best is taken, and simply the first where the smallest
            class has a single training item.
        y: [training items] class numbers.
        name: of the classifier.
        folds: of the choice.
        seed: of the folds, and of classifiers that draw at random.
    """
    classes, codes = np.unique(y, return_inverse=True)  # xgboost takes no gaps
    dealt = tuning_folds(codes, folds)
    best: tuple[float, Candidate, Settings] | None = None
    for candidate in candidates:
        if not dealt:
            best = (float("nan"), candidate, {})
            break
        share, settings = tuned(name, candidate.train, codes, dealt, seed)
        if best is None or share > best[0]:
            best = (share, candidate, settings)
    assert best is not None, "at least one candidate is expected"
    share, candidate, settings = best
    model = classifier(name, seed, settings).fit(candidate.train, codes)
    return Answer(classes[model.predict(candidate.test)], {**candidate.chosen, **settings}, share)
