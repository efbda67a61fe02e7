"""What a reader of a score must know besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.topology.scoring.permutation import Chance
from core.topology.scoring.splits import tuning_folds

if TYPE_CHECKING:
    from core.topology.score_params import ScoreParams

FEW = 6  # differing items below which no difference can have a two-sided p-value of 0.05


def score_notes(
    params: ScoreParams, found: Mapping[str, Any], answers: Sequence[Mapping[str, Any]], chance: Chance
) -> tuple[str, ...]:
    """The notes of a result, in the order in which they are read."""
    return (
        *found["notes"],
        *_division(params, found),
        *_protocol(params, found),
        *_choices(params, found),
        *_comparison(params, found, chance),
        *_items(params, found),
    )


def _division(params: ScoreParams, found: Mapping[str, Any]) -> list[str]:
    if found["split"] == "given":
        division = found["divisions"][0]
        return [
            f"Learned from the {len(division['train']):,} training items that the file names, asked once about its "
            f"{len(division['test']):,} test items."
        ]
    times = "" if params.repeats == 1 else f", dealt {params.repeats} times"
    return [
        f"{params.folds}-fold cross-validation, stratified by class{times}; each item is asked about once a repeat, by classifiers "
        "that have not seen it. Intervals and p-value count each item once and take the items as independent; that training "
        "parts overlap is not in them."
    ]


def _protocol(params: ScoreParams, found: Mapping[str, Any]) -> list[str]:
    if not params.is_paper:
        return [
            "Bandwidth, grid, scale and settings of classifiers were fitted and chosen in the training part alone"
            + (" of each fold." if found["split"] == "folds" else ".")
        ]
    bandwidths = ", ".join(f"{value:g}" for value in params.bandwidths())
    widths = ", ".join(f"{value:g}" for value in params.kernel_bandwidths())
    dropped = " The last value of each series is left out, as there." if found["form"] == "series" else ""
    return [
        "protocol=paper follows the published code of arXiv:2306.03801 to reproduce its figures, with its fault: scale and grid are "
        "fitted to training and test items together, so what test items look like (not their labels) leaks into the features, "
        f"and the accuracy may be too high. Bandwidths {bandwidths} of the diameter, kernel bandwidths {widths}, images of "
        f"{params.grid()} × {params.grid()} with the mean over Diracs (neither additive nor stable), XGBoost with its defaults, all "
        f"chosen by {params.used_tuning_folds()} folds of the training part.{dropped} The weights of axes that it also searches "
        "are left at 1."
    ]


def _choices(params: ScoreParams, found: Mapping[str, Any]) -> list[str]:
    dealt = min(tuning_folds(found["y"][one["train"]], params.used_tuning_folds()) for one in found["divisions"])
    if not dealt:
        return [
            "A class has a single training item, so nothing could be chosen by folds of the training part: the first "
            "bandwidths and the usual settings were taken."
        ]
    if dealt < params.used_tuning_folds():
        return [
            f"Choices were made by {dealt} instead of {params.used_tuning_folds()} folds of the training part: its smallest class "
            "has no more items."
        ]
    return []


def _comparison(params: ScoreParams, found: Mapping[str, Any], chance: Chance) -> list[str]:
    said = []
    if 0 < chance.items < FEW:
        said.append(
            f"Two parameters and one differ on {chance.items} item{'s' if chance.items > 1 else ''} only; so few can't have a "
            "two-sided p-value of 0.05, whatever the truth."
        )
    if chance.items == 0:
        said.append(
            "Two parameters and one are right about the same items; the interval of their difference has no width, "
            "which is no proof that they are alike."
        )
    if len(params.used_classifiers()) > 1:
        said.append(
            "The p-value is of the classifier that was named first; picking the best row of the table afterwards would need "
            "a stricter one."
        )
    if params.vectorization in ("convolution", "hilbert_grid", "euler_grid"):
        said.append(
            "One parameter uses the marginals of the same measures, so its features cost nothing of their own; the table "
            "gives it the seconds of one bandwidth."
        )
    if found["form"] in ("series", "images") and not found["alike"]:
        said.append(
            f"The {found['form']} differ in size, so there is no comparison value by value (1nn_euclid)"
            + (" and no bound that speeds warping up." if found["form"] == "series" else ".")
        )
    return said


def _items(params: ScoreParams, found: Mapping[str, Any]) -> list[str]:
    said = []
    most = params.most_points
    if most is not None and found["form"] in ("clouds", "series", "distances") and found["sizes"][1] > most:
        said.append(
            f"Clouds of more than {most:,} points were thinned out to so many; mode=vectorize shows how well these cover."
        )
    if params.threshold is not None:
        said.append(
            f"Edges longer than {params.threshold:.3g} were left out: classes of sparse levels that need longer ones never end."
        )
    smallest = int(np.bincount(found["y"]).min())
    if smallest < 10:
        said.append(f"The smallest class has {smallest} items: its share of right answers is known only roughly.")
    return said
