"""Four ways in which libraries define the same metric, as one table of rules.

A number is comparable with another only under the same rules: which edge of a bin is closed, where the edges of
equal-mass bins lie, how the Brier score is scaled, whether a probability of zero is clipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Convention = Literal["study", "netcal", "torchmetrics", "sklearn"]
CONVENTIONS: tuple[Convention, ...] = get_args(Convention)


@dataclass(frozen=True)
class Rules:
    """What one library means by a metric.

    Attributes:
        closed: Which edge of a bin belongs to it: `right` is (low, high] with 0 in the first bin, `left` is
            [low, high) with 1 in the last.
        one_apart: A confidence of exactly 1 gets a bin of its own.
        single: Confidences and edges are rounded to float32 before binning, where more of them are exactly 1, and the
            sums of equal-width bins are float32 too, added up in the order of the rows.
        edges: `ratio` computes the edges as i/B; `step` as i * (1/B); `halves` counts float32
            steps from the nearer end. They differ in the last digit, which matters for values that were rounded to decimals.
        mass_edges: Edges of equal-mass bins: `midpoints` of the neighbours where the sorted values are split, always
            (low, high], or `quantiles` of the values.
        brier: Scale of the multiclass Brier score: `sum` over classes, or its `mean` (sum / K).
        clips_nll: Probabilities are clipped to the precision of the input before the logarithm.
        about: Where the rules come from.
    """

    closed: Literal["right", "left"]
    one_apart: bool
    single: bool
    edges: Literal["ratio", "step", "halves"]
    mass_edges: Literal["midpoints", "quantiles"]
    brier: Literal["sum", "mean"]
    clips_nll: bool
    about: str


RULES: dict[Convention, Rules] = {
    "study": Rules(
        closed="right",
        one_apart=False,
        single=False,
        edges="ratio",
        mass_edges="midpoints",
        brier="mean",
        clips_nll=False,
        about="A Benchmark Study on Calibration (arXiv 2308.11838), section 3; Guo et al. 2017; uncertainty-calibration",
    ),
    "netcal": Rules(
        closed="left",
        one_apart=False,
        single=False,
        edges="step",
        mass_edges="quantiles",
        brier="mean",
        clips_nll=False,
        about="netcal 1.4: netcal.metrics.ECE, MCE, MMCE",
    ),
    "torchmetrics": Rules(
        closed="left",
        one_apart=True,
        single=True,
        edges="halves",
        mass_edges="midpoints",
        brier="mean",
        clips_nll=False,
        about="torchmetrics 1.9: MulticlassCalibrationError",
    ),
    "sklearn": Rules(
        closed="right",
        one_apart=False,
        single=False,
        edges="step",
        mass_edges="quantiles",
        brier="sum",
        clips_nll=True,
        about="scikit-learn 1.9: calibration_curve, brier_score_loss, log_loss",
    ),
}
