"""The rows of a score, and the comparison that its answer speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.topology.score_names import ONE, TWO, in_words
from core.topology.scoring.accuracy import Interval, bootstrap, right_counts
from core.topology.scoring.permutation import Chance, swap_test

if TYPE_CHECKING:
    from core.topology.score_params import ScoreParams

SIGNIFICANT = 0.05

Said = list[tuple[np.ndarray, np.ndarray]]  # of each division the places that were asked about, and the answers


@dataclass(frozen=True, eq=False)
class Row:
    """A classifier on some features.

    Attributes:
        features: as the table of scores has it.
        classifier: likewise.
        said: of each division the places of its test items and the classes that were said of them.
        right: [items] how often it was right about each.
        asked: [items] how often it was asked about each.
        answers: of the steps, one a division.
    """

    features: str
    classifier: str
    said: Said
    right: np.ndarray
    asked: np.ndarray
    answers: Sequence[Mapping[str, Any]]

    @property
    def shares(self) -> np.ndarray:
        """Of each item that was asked about the share of right answers."""
        seen = self.asked > 0
        return self.right[seen] / self.asked[seen]

    @property
    def accuracy(self) -> float:
        """The mean over items."""
        return float(self.shares.mean())

    @property
    def name(self) -> str:
        """Features and classifier in words."""
        return in_words(self.features, self.classifier)


@dataclass(frozen=True)
class Verdict:
    """Two parameters against one, by the classifier that was named first.

    Attributes:
        two: the row of two parameters.
        one: the row of one.
        simple: the best row that knows nothing of topology.
        difference: of the accuracies, with its interval.
        chance: what chance alone would give.
    """

    two: Row
    one: Row
    simple: Row
    difference: Interval
    chance: Chance

    @property
    def helped(self) -> bool:
        """Is the accuracy higher by more than chance?"""
        return self.difference.value > 0 and self.chance.two_sided <= SIGNIFICANT


def verdict_of(params: ScoreParams, rows: Sequence[Row]) -> Verdict:
    """The comparison that the answer speaks of.

    The best of the simple rows is picked by its accuracy on the test items, which favours it a little.
    """
    first = params.used_classifiers()[0]
    by_name = {(row.features, row.classifier): row for row in rows}
    two, one = by_name[TWO, first], by_name[ONE, first]
    simple = max((row for row in rows if row.features not in (TWO, ONE)), key=lambda row: row.accuracy)
    return Verdict(
        two=two,
        one=one,
        simple=simple,
        difference=bootstrap(two.shares - one.shares, params.resamples, params.seed),
        chance=swap_test(two.right, one.right),
    )


def row_of(found: Mapping[str, Any], features: str, classifier: str, answers: Sequence[Mapping[str, Any]]) -> Row:
    """A row out of what its steps said in each division."""
    said = [
        (division["test"], np.asarray(answer["predicted"], dtype=np.int64))
        for division, answer in zip(found["divisions"], answers, strict=True)
    ]
    asked, right = right_counts(said, found["y"])
    return Row(features, classifier, said, right, asked, answers)


def majority_answers(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The class that most training items have, the first among equals, whatever is asked about."""
    answers = []
    for division in found["divisions"]:
        commonest = int(np.bincount(found["y"][division["train"]]).argmax())
        predicted = np.full(len(division["test"]), commonest)
        answers.append({"predicted": predicted, "chosen": {}, "tuning_accuracy": float("nan"), "seconds": 0.0})
    return answers
