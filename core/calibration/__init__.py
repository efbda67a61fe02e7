"""Calibration: whether a classifier's probabilities can be trusted, what repairs them, and how sure that is.

Importing this package is cheap: each name below is loaded from its module when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.lazily import lazily

if TYPE_CHECKING:
    from core.calibration.holdout.thresholdout import Thresholdout
    from core.calibration.metrics.battery import battery
    from core.calibration.predictions import from_logits, from_probabilities
    from core.calibration.repair.temperature import fit_temperature

_HOMES = {
    "battery": "metrics.battery",
    "fit_temperature": "repair.temperature",
    "from_logits": "predictions",
    "from_probabilities": "predictions",
    "Thresholdout": "holdout.thresholdout",
}

__all__ = ["Thresholdout", "battery", "fit_temperature", "from_logits", "from_probabilities"]

__getattr__, __dir__ = lazily(__name__, _HOMES)
