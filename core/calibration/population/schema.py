"""The column names of the study's published tables, so that their files load unchanged and ours load there.

`pre_ECE_15` is the ECE over 15 bins before temperature scaling, `post_KSCE` the KS error after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

from core.calibration.metrics.battery import STUDY_BINS

Stage = Literal["pre", "post"]
STAGES: tuple[Stage, ...] = ("pre", "post")

BINNED = {"ece": "ECE", "ece_em": "ECE_em", "cwce": "cwCE", "cwce_em": "cwCE_em", "mce": "MCE"}
UNBINNED = {"ks": "KSCE", "kde_ece": "KDECE", "mmce": "MMCE", "nll": "NLL", "brier": "Brier"}
ADDED = {"smece": "smECE", "auroc": "AUROC"}  # of ours, not in the published tables
PUBLISHED_NAMES = {**BINNED, **UNBINNED, **ADDED}
ERRORS = tuple(
    name for name in PUBLISHED_NAMES if name not in ("nll", "brier", "auroc")
)  # not below zero, zero is best
ZERO_ON_FAILURE = ("ks", "kde_ece", "mmce")  # the study's code returns 0 for these when they fail

MODEL, DATASET, ACCURACY = "model", "dataset", "acc"
MODEL_NAMES = ("model", "config", "id", "name")  # the published tables say config
OUT_OF_DISTRIBUTION = ("pre_auc_cifar10c", "pre_auc_svhn")
ATTACKS = ("fgsm", "pgd", "aa_apgd_ce", "aa_square")
CORRUPTIONS = [
    "brightness",
    "contrast",
    "defocus_blur",
    "elastic_transform",
    "fog",
    "frost",
    "gaussian_noise",
    "glass_blur",
    "impulse_noise",
    "jpeg_compression",
    "motion_blur",
    "pixelate",
    "shot_noise",
    "snow",
    "zoom_blur",
]
_METRIC = re.compile(
    rf"(?:pre|post)_(?:(?:{'|'.join(BINNED.values())})_\d+|{'|'.join([*UNBINNED.values(), *ADDED.values()])})"
)
_ROBUSTNESS = re.compile(
    rf"(?:(?:{'|'.join(ATTACKS)})_\w+|{'|'.join((*CORRUPTIONS, *OUT_OF_DISTRIBUTION))}|robust_\w+)"
)
_MEASURED = re.compile(
    rf"(?:pre_|post_)?(?:acc|{'|'.join(('correct_confidence', 'incorrect_confidence'))})|temperature|samples|"
    rf"(?:pre|post)_floor_\d+"
)


def metric_column(stage: Stage, metric: str, bins: int | None = None) -> str:
    """The published name of a metric of `battery`.

    Example:
        >>> metric_column("post", "cwce_em", 200)
        'post_cwCE_em_200'
    """
    return f"{stage}_{PUBLISHED_NAMES[metric]}" + (f"_{bins}" if metric in BINNED else "")


def is_metric(column: str) -> bool:
    """Whether a column holds a calibration metric."""
    return _METRIC.fullmatch(column) is not None


def is_robustness(column: str) -> bool:
    """Whether a column holds a robustness measure: a published name, or any that starts with `robust_`."""
    return _ROBUSTNESS.fullmatch(column) is not None


def is_measured(column: str) -> bool:
    """Whether a column holds something else that was measured: accuracy, confidences, temperature, floor."""
    return _MEASURED.fullmatch(column) is not None


def bin_counts(columns: Iterable[str], metric: str = "ece") -> tuple[int, ...]:
    """The numbers of bins that a metric has columns for, in either stage, ascending."""
    pattern = re.compile(rf"(?:pre|post)_{BINNED[metric]}_(\d+)")
    found = (pattern.fullmatch(column) for column in columns)
    return tuple(sorted({int(match[1]) for match in found if match}))


def published_order(columns: Sequence[str], bins: Sequence[int] = STUDY_BINS) -> list[str]:
    """The columns in the order of the published tables; what they don't have follows in the order given."""
    listed = ["config", ACCURACY, "correct_confidence", "incorrect_confidence", "arch"]
    for metric in BINNED:
        listed += [metric_column(stage, metric, b) for b in bins for stage in STAGES]
    for metric in UNBINNED:
        listed += [metric_column(stage, metric) for stage in STAGES]
    listed += OUT_OF_DISTRIBUTION
    kept = [column for column in listed if column in columns]
    return kept + [column for column in columns if column not in kept]
