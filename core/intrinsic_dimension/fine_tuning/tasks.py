"""The two tasks of a fine-tuning: what is learned first, and what the network is then fine-tuned to."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.data.dataset import Dataset
from core.data.preparation import Scaling, Split, scaled, split
from core.data.vocabulary import Vocabulary
from core.data.word_pieces import WordPieces
from core.errors import BadInput
from core.intrinsic_dimension.fine_tuning.problem import Pretraining

LEAST_CLASSES = 4  # of a data set whose classes are divided in two tasks


@dataclass(frozen=True, eq=False)
class Tasks:
    """Rows to pretrain on and rows of the new task; no row is in both.

    Attributes:
        base: None where the network comes pretrained.
        new: what is fine-tuned to.
        base_classes: number of classes of the base task.
        classes: of the new task.
        scaling: how the features were scaled, with mean and deviation of the part that is learned from first; "words" of
            texts.
        vocabulary: how many word numbers there are; 0 where samples are numbers.
    """

    base: Split | None
    new: Split
    base_classes: int
    classes: int
    scaling: str = "none"
    vocabulary: int = 0


def given_task(dataset: Dataset, seed: int, validation_fraction: float) -> Tasks:
    """All rows are the new task: for a network that comes pretrained.

    Raises:
        BadInput: no or unsuitable labels.
    """
    return Tasks(None, split(dataset, seed, validation_fraction), 0, len(dataset.classes))


def made_tasks(dataset: Dataset, pretraining: Pretraining, seed: int, validation_fraction: float) -> Tasks:
    """Divides a data set into a base task and a new one.

    "other classes": the base task is the first half of the classes (rounded up), the new one the others. "shuffled
    classes": the base task is half of the rows of each class, the new one the other half with every class called by
    the name of the next: the same pictures, other answers. "masked words": the same halves, and the new task is as it
    was brought.

    Raises:
        BadInput: no or unsuitable labels, or too few classes to divide.
    """
    y, classes = dataset.labels(), len(dataset.classes)
    if pretraining == "other classes":
        if classes < LEAST_CLASSES:
            raise BadInput(
                f"{dataset.name} has {classes} classes; pretraining on other classes needs at least {LEAST_CLASSES}, two "
                "for each task: pretrain on shuffled classes, or bring a pretrained model."
            )
        first = (classes + 1) // 2
        base = _rows(dataset, y < first, y, dataset.classes[:first])
        new = _rows(dataset, y >= first, y - first, dataset.classes[first:])
    else:
        halves = split(dataset, seed, 0.5)
        base = replace(dataset, X=halves.X_train, y=halves.y_train)
        turned = halves.y_validation + (pretraining == "shuffled classes")
        new = replace(dataset, X=halves.X_validation, y=turned % classes)
    return Tasks(
        split(base, seed, validation_fraction),
        split(new, seed, validation_fraction),
        len(base.classes),
        len(new.classes),
    )


def _rows(dataset: Dataset, chosen: np.ndarray, y: np.ndarray, classes: tuple[str, ...]) -> Dataset:
    return replace(dataset, X=dataset.X[chosen], y=y[chosen], classes=classes)


def scaled_tasks(tasks: Tasks, scaling: Scaling) -> Tasks:
    """Features of all parts on the scale of those that are learned from first: the network must see both tasks on it."""
    if tasks.base is None:
        how, new = scaled(tasks.new, scaling)
        return replace(tasks, new=new, scaling=how)
    base, new = tasks.base, tasks.new
    others = (base.X_validation, new.X_train, new.X_validation)
    how, together = scaled(Split(base.X_train, base.y_train, np.concatenate(others), base.y_train[:0]), scaling)
    cuts = np.cumsum([len(part) for part in others])[:-1]
    base_validation, new_train, new_validation = np.split(together.X_validation, cuts)
    return replace(
        tasks,
        base=Split(together.X_train, base.y_train, base_validation, base.y_validation),
        new=Split(new_train, new.y_train, new_validation, new.y_validation),
        scaling=how,
    )


def encoded_tasks(tasks: Tasks, known: Vocabulary | WordPieces, words: int) -> Tasks:
    """Texts of all parts as numbers of words or word pieces.

    Args:
        tasks: of texts.
        known: what is told apart.
        words: places of a text.
    """

    def encoded(part: Split) -> Split:
        X_train, X_validation = known.encode(part.X_train, words), known.encode(part.X_validation, words)
        return Split(X_train, part.y_train, X_validation, part.y_validation)

    base = encoded(tasks.base) if tasks.base is not None else None
    return replace(tasks, base=base, new=encoded(tasks.new), scaling="words", vocabulary=known.size)
