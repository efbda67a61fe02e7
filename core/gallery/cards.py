"""Which examples are shown finished, and whether the results that came along are those of today's code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from core.analysis import Analysis, Params, Source, parse_params, result_key
from core.catalog import analysis_by_slug
from core.examples import EXAMPLES, MODE_EXAMPLES, Example, example_inputs
from core.store.gallery import GALLERY, Shipped, shipped_results

PICTURES = GALLERY.parent / "pictures"
CAPTIONS = "captions.json"


@dataclass(frozen=True)
class Card:
    """An example that is shown finished.

    Attributes:
        slug: of the question.
        name: of the example in an address: a mode, or mode-study.
        number: the number of the summary that the card sets large.
        figure: the figure that the card shows small; empty: the main one.
        home: whether the home page shows it; the others stand beside their modes.
    """

    slug: str
    name: str
    number: str
    figure: str = ""
    home: bool = False

    @property
    def place(self) -> str:
        """The name of its folder in the gallery, and of its pictures."""
        return f"{self.slug}.{self.name}"

    @property
    def example(self) -> Example:
        """What is asked."""
        return MODE_EXAMPLES.get(self.slug, {}).get(self.name) or EXAMPLES[self.slug]

    @property
    def analysis(self) -> Analysis:
        """The question."""
        return analysis_by_slug(self.slug)

    @property
    def params(self) -> Params:
        """All parameters."""
        return parse_params(self.analysis.params, self.example.params)

    @property
    def inputs(self) -> Mapping[str, Source]:
        """The sources."""
        return example_inputs(self.analysis, self.example)

    @property
    def key(self) -> str:
        """The key of the question as today's code asks it."""
        return result_key(self.analysis, self.params, self.inputs)


MAIN: tuple[Card, ...] = (  # one a question, in the order of the catalog
    Card("intrinsic-dimension", "objective", "d_int90", home=True),
    Card("landscape", "sweep", "best_test_error", home=True),
    Card("topology", "describe", "ratio_H1", home=True),
    Card("telemetry", "detect", "vus_pr", home=True),
    Card("calibration", "evaluate", "ece_15", home=True),
)
FURTHER: tuple[Card, ...] = (
    Card("intrinsic-dimension", "data", "dimension", home=True),
    Card("intrinsic-dimension", "fine_tuning", "d90_said", home=True),
    Card("landscape", "zoo", "best_test_error", home=True),
    Card("telemetry", "chaos", "valid_time", home=True),
    Card("topology", "robustness", "movement", home=True),
    Card("calibration", "holdout", "standard_reported", home=True),
    Card("intrinsic-dimension", "study", "slope"),
    Card("intrinsic-dimension", "control", "d_int100"),
    Card("landscape", "pruning", "confirmed"),
    Card("landscape", "degeneracy", "learning_coefficient"),
    Card("topology", "score", "accuracy"),
    Card("topology", "optimise", "decrease"),
    Card("telemetry", "inject", "smallest_found"),
    Card("calibration", "population", "tau_metrics"),
)
CARDS = MAIN + FURTHER


@dataclass(frozen=True)
class Caption:
    """What belongs to a picture.

    Attributes:
        title: of the figure.
        reading: how to read it.
        alt: its text alternative.
        digest: of the `figures.json` that it was drawn from.
    """

    title: str
    reading: str
    alt: str
    digest: str


def picture_name(card: Card, theme: str) -> str:
    """The file of a card's picture in a theme."""
    return f"{card.place}-{theme}.svg"


@cache
def captions() -> Mapping[str, Caption]:
    """The captions of all pictures, by the place of the card."""
    path = PICTURES / CAPTIONS
    read = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return {place: Caption(**words) for place, words in read.items()}


@cache
def finished(card: Card) -> Shipped | None:
    """The result of a card that came along; None where there is none of today's version, parameters and inputs."""
    return next((one for one in shipped_results() if one.name == card.place and one.key == card.key), None)
