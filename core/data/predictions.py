"""Predictions as files hold them: scores of classes and labels, or Gaussian predictions of numbers, not yet judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.errors import BadInput

ScoreKind = Literal["logits", "probabilities"]
Place = Callable[[int], str]  # where a row, counted from 0, stands in what a person handed in


def counted_from_zero(row: int) -> str:
    """The place of a row of an array: "row 17 (counted from 0)"."""
    return f"row {row:,} (counted from 0)"


@dataclass(frozen=True, eq=False)
class ScorePart:
    """Rows of predictions that are used together: reported on, or fitted on.

    Attributes:
        scores: kind -> [n, K] as written; the file says which kind its values are.
        labels: [n] as written.
        groups: [n] group of each row, None without.
        samples: [n] name of each row, None without.
        place: where a row stands in the file, for messages.
    """

    scores: dict[ScoreKind, np.ndarray]
    labels: np.ndarray
    groups: np.ndarray | None = None
    samples: np.ndarray | None = None
    place: Place = counted_from_zero

    def rows(self, kept: np.ndarray) -> ScorePart:
        """The same at the given rows (indices or a mask)."""
        index, place = np.arange(len(self.labels))[kept], self.place
        return ScorePart(
            {kind: values[kept] for kind, values in self.scores.items()},
            self.labels[kept],
            None if self.groups is None else self.groups[kept],
            None if self.samples is None else self.samples[kept],
            lambda row: place(int(index[row])),
        )


@dataclass(frozen=True, eq=False)
class ScoreFile:
    """A classifier's predictions.

    Attributes:
        filename: as messages show it.
        report: the rows that are reported on.
        fit: other rows, which repairs are fitted on; None without.
    """

    filename: str
    report: ScorePart
    fit: ScorePart | None = None


@dataclass(frozen=True, eq=False)
class GaussianFile:
    """Predicted means and standard deviations of numbers.

    Attributes:
        filename: as messages show it.
        mean: [n].
        deviation: [n].
        target: [n] what was observed.
        groups: [n] group of each row, None without.
        place: where a row stands in the file, for messages.
    """

    filename: str
    mean: np.ndarray
    deviation: np.ndarray
    target: np.ndarray
    groups: np.ndarray | None = None
    place: Place = counted_from_zero


def check_disjoint(file: ScoreFile) -> ScoreFile:
    """Refuses rows of one name twice, and rows that are both fitted and reported on.

    Raises:
        BadInput: names the first such row.
    """
    parts = [("the report part", file.report)] + ([("the validation part", file.fit)] if file.fit else [])
    for name, part in parts:
        if part.samples is not None:
            values, counts = np.unique(part.samples, return_counts=True)
            if (counts > 1).any():
                raise BadInput(
                    f"{file.filename}: sample {str(values[counts > 1][0])[:40]!r} stands {counts.max()} times in {name}; "
                    "each sample is expected once, so drop the duplicates."
                )
    if file.fit is not None and file.fit.samples is not None and file.report.samples is not None:
        shared = np.intersect1d(file.fit.samples, file.report.samples)
        if len(shared):
            raise BadInput(
                f"{file.filename}: sample {str(shared[0])[:40]!r} stands in the validation part and in the report part "
                f"({len(shared):,} such samples); a repair is fitted and reported on disjoint rows."
            )
    return file
