"""Which items a classifier learns from and which it is asked about, and the labels that can't be scored at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import BadInput

FEWEST_FOLDS = 2


@dataclass(frozen=True, eq=False)
class Split:
    """One division of the items.

    Attributes:
        repeat: of the cross-validation, from 0.
        fold: of the repeat, from 0.
        train: places of the items that are learned from, increasing.
        test: places of the others.
    """

    repeat: int
    fold: int
    train: np.ndarray
    test: np.ndarray


def given_split(train: np.ndarray) -> list[Split]:
    """The division that the file names.

    Args:
        train: [items] bool.
    """
    return [Split(0, 0, np.flatnonzero(train), np.flatnonzero(~train))]


def stratified_folds(y: np.ndarray, folds: int, repeats: int, seed: int) -> list[Split]:
    """Repeated cross-validation, each fold with nearly the shares of the classes that the whole has.

    Args:
        y: [items] class numbers.
        folds: how many.
        repeats: how often the items are dealt out anew.
        seed: of the dealing.
    """
    from sklearn.model_selection import StratifiedKFold

    found = []
    for repeat in range(repeats):
        dealt = StratifiedKFold(folds, shuffle=True, random_state=seed + repeat)
        for fold, (train, test) in enumerate(dealt.split(np.zeros(len(y)), y)):
            found.append(Split(repeat, fold, train, test))
    return found


def tuning_folds(y: np.ndarray, folds: int) -> int:
    """How many folds a training part allows: no more than its smallest class has items; 0 if that is fewer than 2.

    >>> tuning_folds(np.array([0, 0, 0, 1, 1, 1]), 5), tuning_folds(np.array([0, 0, 1]), 5)
    (3, 0)
    """
    possible = min(folds, int(np.unique(y, return_counts=True)[1].min()))
    return possible if possible >= FEWEST_FOLDS else 0


def check_classes(labels: Sequence[str], train: np.ndarray | None, folds: int, name: str) -> None:
    """Refuses labels that no score can be had from.

    Args:
        labels: one an item.
        train: [items] bool of the division that is used; None: folds.
        folds: of the cross-validation, without a division.
        name: of the file, for the message.

    Raises:
        BadInput: a single class, a class too small for the folds, or one that the training part lacks.
    """
    counts = Counter(labels)
    check_counts(counts, None if train is not None else folds, name)
    if train is None:
        return
    if not train.any() or train.all():
        raise BadInput(
            f"{name}: its division leaves no {'test' if train.all() else 'training'} items; choose split=folds."
        )
    learned = Counter(label for label, used in zip(labels, train, strict=True) if used)
    if len(learned) < 2:
        raise BadInput(
            f"{name}: all {sum(learned.values()):,} training items are of class {next(iter(learned))!r}, so nothing can be "
            "learned; choose split=folds."
        )
    unseen = sorted(set(counts) - set(learned))
    if unseen:
        raise BadInput(
            f"{name}: class {unseen[0]!r} is in the test part and not in the training part, so no classifier can learn it; "
            "choose split=folds, or leave its items out."
        )


def check_counts(counts: Counter[str], folds: int | None, name: str) -> None:
    """What the sizes of the classes alone refuse.

    Args:
        counts: items of each class.
        folds: of the cross-validation; None: the file's own division is used.
        name: of the file, for the message.

    Raises:
        BadInput: a single class, or a class too small for the folds.
    """
    if len(counts) < 2:
        raise BadInput(
            f"{name}: all items are of class {next(iter(counts), '')!r}; a score needs at least two classes."
        )
    smallest, fewest = min(counts.items(), key=lambda pair: pair[1])
    if folds is not None and fewest < folds:
        advice = f"choose folds={fewest}" if fewest > 1 else "bring more, or leave it out"
        raise BadInput(
            f"{name}: class {smallest!r} has {fewest:,} item{'s' if fewest > 1 else ''} and {folds} folds need at least "
            f"{folds}; {advice}."
        )
