"""Subsets of a population, each with the direction it was cut in and the accuracies it spans.

"Top N" means the N most accurate models. A study that sorted the other way round measured the N worst, where rank
correlations with accuracy can have the opposite sign; so every subset says what it holds.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core.calibration.population.schema import ACCURACY

FEWEST = 10  # models that a subset must have to be worth a rank correlation


@dataclass(frozen=True, eq=False)
class Subset:
    """Some rows of one data set's table.

    Attributes:
        table: the rows, indexed by model.
        name: "all", "best 100", "worst 100", "accuracy > 0.9".
        direction: "all", "best", "worst" or "above".
    """

    table: pd.DataFrame
    name: str
    direction: str

    @property
    def accuracy_low(self) -> float:
        """Smallest accuracy of a model in it."""
        return float(self.table[ACCURACY].min())

    @property
    def accuracy_high(self) -> float:
        """Largest accuracy of a model in it."""
        return float(self.table[ACCURACY].max())


def everyone(table: pd.DataFrame) -> Subset:
    """All models."""
    return Subset(table, "all", "all")


def best(table: pd.DataFrame, count: int) -> Subset:
    """The models of highest accuracy; of equal ones, those that stand first."""
    return Subset(table.sort_values(ACCURACY, ascending=False, kind="stable").head(count), f"best {count}", "best")


def worst(table: pd.DataFrame, count: int) -> Subset:
    """The models of lowest accuracy."""
    return Subset(table.sort_values(ACCURACY, kind="stable").head(count), f"worst {count}", "worst")


def above(table: pd.DataFrame, accuracy: float) -> Subset:
    """The models whose accuracy is above a bound."""
    return Subset(table[table[ACCURACY] > accuracy], f"accuracy > {accuracy:g}", "above")


def nested_best(table: pd.DataFrame) -> list[Subset]:
    """The best tenth, fifth, third and half, where they have enough models, and all."""
    counts = [len(table) // part for part in (10, 5, 3, 2)]
    return [*(best(table, count) for count in counts if count >= FEWEST), everyone(table)]
