"""Small questions of all five kinds, and the small files that some of them are asked of."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core.analysis import Analysis, Params, Source, parse_params
from core.catalog import CATALOG
from core.sources import builtin_sources

SEEDS = 12  # of one question: few enough that two people ask the same, and that what was deleted is asked again
FILES = 3  # contents of one kind


@dataclass(frozen=True)
class Question:
    """A question that takes a second or a few.

    Attributes:
        slug: of the analysis.
        params: mode and what makes it small; the seed is added.
        slot: that takes the input; empty where it takes none.
        builtin: what fills it; empty: a file that the person has brought.
    """

    slug: str
    params: dict[str, Any] = field(hash=False)
    slot: str = ""
    builtin: str = ""

    @property
    def analysis(self) -> Analysis:
        return next(one for one in CATALOG if one.slug == self.slug)

    @property
    def kind(self) -> str:
        """Of the file that it is asked of; empty where it needs none of the person's own."""
        if not self.slot or self.builtin:
            return ""
        return next(one.kind for one in self.analysis.inputs_of(self.params["mode"]) if one.slot == self.slot)

    def with_seed(self, seed: int) -> Params:
        return parse_params(self.analysis.params, {**self.params, "seed": seed})

    def inputs(self, own: Source | None) -> dict[str, Source]:
        if not self.slot:
            return {}
        if not self.builtin:
            assert own is not None
            return {self.slot: own}
        (kind,) = {one.kind for one in self.analysis.inputs_of(self.params["mode"]) if one.slot == self.slot}
        return {self.slot: next(one for one in builtin_sources(kind) if one.location == f"builtin:{self.builtin}")}


QUICK = (
    Question("intrinsic-dimension", {"mode": "data", "max_points": 150}, "dataset"),
    Question("landscape", {"mode": "zoo"}, "checkpoints", "digits-zoo"),
    Question("topology", {"mode": "describe", "resolution": 20}, "data", "noisy-circle"),
    Question("telemetry", {"mode": "detect", "targets": ("t1", "t2"), "resamples": 20, "window": 50}, "telemetry"),
    Question("calibration", {"mode": "evaluate", "resamples": 20}, "predictions"),
)
MANY_STEPS = (  # they are cut in the middle, and go on from their finished steps
    Question("calibration", {"mode": "holdout", "samples": 400, "features": 300, "repeats": 4}),
    Question(
        "topology",
        {
            "mode": "robustness",
            "sweeps": ("noise",),
            "noise": (0.01, 0.05),
            "repeats": 3,
            "most_points": 60,
            "others": 3,
        },
        "data",
        "two-shapes",
    ),
    Question(
        "landscape",
        {
            **{"mode": "degeneracy", "width": 4, "chains": 2, "burn_in": 20, "draws": 50, "epochs": 3},
            **{"layer_rows": 50, "behaviour_rows": 50},
        },
        "dataset",
        "wine",
    ),
    Question(
        "intrinsic-dimension",
        {
            **{"mode": "objective", "hidden": (4,), "epochs": 2, "max_trainings": 12},
            **{"direct_learning_rates": (0.01,), "subspace_learning_rates": (0.1,)},
        },
        "dataset",
        "wine",
    ),
)


@dataclass(frozen=True)
class Content:
    """A file as somebody sends it."""

    kind: str
    name: str
    bytes: bytes


def content(kind: str, number: int) -> Content:
    """The file of a kind and number, always the same bytes."""
    return MAKERS[kind](number)


def any_content(random_: random.Random) -> Content:
    return content(random_.choice(sorted(MAKERS)), random_.randrange(FILES))


def _dataset(number: int) -> Content:
    values = np.random.default_rng(number).normal(size=(120 + 40 * number, 4))
    table = pd.DataFrame(values, columns=["a", "b", "c", "d"])
    return Content("dataset", f"points-{number}.csv", table.to_csv(index=False).encode())


def _telemetry(number: int, rows: int = 400) -> Content:
    noise = np.random.default_rng(number)
    times = np.arange(rows)
    sun = np.sin(times / 20)
    table = pd.DataFrame(
        {
            "time": pd.date_range("2024-01-01", periods=rows, freq="10min"),
            "sun": sun,
            "heater": (times // 50 % 2).astype(float),
            "t1": 20 + sun + 0.1 * noise.normal(size=rows),
            "t2": 18 + 0.5 * sun + 0.1 * noise.normal(size=rows),
        }
    )
    return Content("telemetry", f"orbit-{number}.csv", table.to_csv(index=False).encode())


def _predictions(number: int, rows: int = 400) -> Content:
    chance = np.random.default_rng(number)
    stated = chance.dirichlet([1.0, 1.0, 1.0], rows)
    labels = (stated.cumsum(axis=1) > chance.random((rows, 1))).argmax(axis=1)
    stream = io.BytesIO()
    np.savez(stream, probs=stated, labels=labels)
    return Content("predictions", f"stated-{number}.npz", stream.getvalue())


MAKERS: dict[str, Callable[[int], Content]] = {
    "dataset": _dataset,
    "telemetry": _telemetry,
    "predictions": _predictions,
}
