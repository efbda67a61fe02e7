"""What to turn next, for each phase and each pruning regime: which sentence is whose, and what it rests on.

Two rules are the papers': that training to zero loss can hurt in a poorly connected landscape (Yang et al. 2021), and
what to do with the temperature before pruning (Zhou et al. 2023). The others are read off the map: they say in which
direction the better phases lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from core.landscape.phase_map.labels import COLLAPSED

Origin = Literal["paper", "map"]
Turn = Literal["temperature up", "temperature down", "load", "stop earlier", "measure", "keep"]

TAXONOMY = "Yang et al. 2021, arXiv:2107.11228"
PRUNING = "Zhou et al. 2023, arXiv:2305.18383"

# Mean test accuracy in per cent of the cells of each phase of the authors' map: ResNet-18 on CIFAR-10, 14 widths x 15
# batch sizes x 5 seeds.
PUBLISHED_TEST_ACCURACY = {"I": 74.6, "II": 81.4, "III": 81.1, "IV-A": 85.0, "IV-B": 88.0}


@dataclass(frozen=True)
class Advice:
    """One sentence for whoever stands in a phase or regime.

    Attributes:
        label: the phase or regime.
        sentence: what to do, and why.
        turn: the same for a program.
        origin: "paper": a paper says so; "map": follows from where the better phases lie.
        reference: the paper, or the paper whose map it is.
        rests_on: columns whose values are the evidence.
    """

    label: str
    sentence: str
    turn: Turn
    origin: Origin
    reference: str
    rests_on: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """A value that an advice rests on."""

    title: str
    value: float
    unit: str = ""


@dataclass(frozen=True)
class Advised:
    """An advice with the evidence from the reader's own map beside it."""

    advice: Advice
    evidence: tuple[Evidence, ...]


PHASE_ADVICE = (
    Advice(
        "I",
        "Increase the width or improve the data: the landscape is sharp and its minima lie apart, and the better phases "
        "lie at another load; a change of temperature alone leads to III, whose minima lie apart as well.",
        "load",
        "map",
        TAXONOMY,
        ("train_loss", "trace", "mode_connectivity"),
    ),
    Advice(
        "II",
        "Lower the temperature (larger batch, a rate that decays, longer training): minima are connected, and training "
        "has not gone down to them yet.",
        "temperature down",
        "map",
        TAXONOMY,
        ("train_loss", "trace", "mode_connectivity"),
    ),
    Advice(
        "III",
        "Do not train to zero loss; stop earlier. In a poorly connected landscape that can hurt, and sharpness is not "
        "what is wrong: this phase is as flat as IV-A.",
        "stop earlier",
        "paper",
        TAXONOMY,
        ("train_loss", "trace", "mode_connectivity"),
    ),
    Advice(
        "III",
        "Increase the width or clean the data: width improves connectivity, and IV lies on that side.",
        "load",
        "map",
        TAXONOMY,
        ("mode_connectivity",),
    ),
    Advice(
        "IV-A",
        "Raise the temperature or add data until the models of different seeds agree: IV-B lies there, without a line "
        "in between.",
        "temperature up",
        "map",
        TAXONOMY,
        ("cka", "mode_connectivity"),
    ),
    Advice(
        "IV-B",
        "Keep load and temperature: flat, connected and alike is where test accuracy is best.",
        "keep",
        "map",
        TAXONOMY,
        ("cka", "mode_connectivity", "train_loss"),
    ),
    Advice(
        COLLAPSED,
        "Lower the temperature until training takes hold: nothing was learned, and what looks flat and connected is a "
        "constant.",
        "temperature down",
        "map",
        TAXONOMY,
        ("train_loss",),
    ),
)

PRUNING_ADVICE = (
    Advice(
        "I",
        "Raise the temperature of dense training before pruning to this density (shorter, smaller batch, larger rho of "
        "SAM): retrained twins lie apart.",
        "temperature up",
        "paper",
        PRUNING,
        ("lmc",),
    ),
    Advice(
        "II-A",
        "Lower the temperature of dense training before pruning to this density (longer, larger batch): retrained twins "
        "are connected, but not yet alike.",
        "temperature down",
        "paper",
        PRUNING,
        ("lmc", "cka"),
    ),
    Advice("II-B", "Prune as is: retrained twins are connected and alike.", "keep", "paper", PRUNING, ("lmc", "cka")),
    Advice(
        COLLAPSED,
        "Keep more weights, or lower the temperature of dense training: the retrained networks learned nothing, and what "
        "looks connected and alike is a constant.",
        "load",
        "map",
        PRUNING,
        ("train_error",),
    ),
)

_MEASURE = {
    "phase": Advice(
        "",
        "Measure what is missing first: seeds of the same cell, at least two, tell the phases apart that remain.",
        "measure",
        "map",
        TAXONOMY,
        ("train_loss", "trace"),
    ),
    "regime": Advice(
        "",
        "Measure what is missing first: linear mode connectivity and CKA between twins, retrained from one pruned network "
        "with at least two seeds, tell the regimes apart.",
        "measure",
        "paper",
        PRUNING,
        (),
    ),
}

_TITLES = {
    "train_loss": ("training loss", "nats"),
    "trace": ("trace of the Hessian", ""),
    "mode_connectivity": ("mode connectivity", "points"),
    "cka": ("CKA", ""),
    "lmc": ("linear mode connectivity", "points"),
    "train_error": ("training error", "points"),
}


def advise(cells: pd.DataFrame, position: int, label: Literal["phase", "regime"] = "phase") -> list[Advised]:
    """What to turn in one cell of a map, with evidence from that map.

    Args:
        cells: a row a cell, with its label, its metrics and, where it is known, `test_error` in points.
        position: the row.
        label: the column that names the phase, or the pruning regime.
    """
    known = PHASE_ADVICE if label == "phase" else PRUNING_ADVICE
    row = cells.iloc[position]
    own = [advice for advice in known if advice.label == row[label]] or [_MEASURE[label]]
    return [Advised(advice, _evidence(cells, row, advice, label)) for advice in own]


def _evidence(cells: pd.DataFrame, row: pd.Series, advice: Advice, label: str) -> tuple[Evidence, ...]:
    found = [
        Evidence(_TITLES[name][0], float(row[name]), _TITLES[name][1])
        for name in advice.rests_on
        if name in row and pd.notna(row[name])
    ]
    if "test_error" in cells and cells["test_error"].notna().any():
        means = cells.groupby(label, sort=True)["test_error"].mean().dropna()
        found += [
            Evidence(f"mean test error of the cells in {name}", float(value), "points")
            for name, value in means.items()
            if name != COLLAPSED
        ]
    elif label == "phase" and row[label] in PUBLISHED_TEST_ACCURACY:
        found += [
            Evidence(f"mean test accuracy of {name} on the authors' map", value, "%")
            for name, value in PUBLISHED_TEST_ACCURACY.items()
        ]
    return tuple(found)
