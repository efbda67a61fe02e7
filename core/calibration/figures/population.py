"""Pictures of a population study: seven questions, a tab each."""

from __future__ import annotations

from core.analysis import Figure, Result
from core.calibration.figures.population_accuracy import accuracy
from core.calibration.figures.population_agreement import across_data_sets, metric_agreement, robustness
from core.calibration.figures.population_architecture import architecture
from core.calibration.figures.population_bins import bin_counts
from core.calibration.figures.population_drawing import TABS
from core.calibration.figures.population_temperature import temperature_scaling

_DRAWERS = {
    "i": across_data_sets,
    "ii": robustness,
    "iii": metric_agreement,
    "iv": temperature_scaling,
    "v": accuracy,
    "vi": bin_counts,
    "vii": architecture,
}


def population_figures(result: Result) -> dict[str, Figure]:
    """What each question found, in the order of the questions."""
    kendall = result.tables["kendall"]
    drawn: dict[str, Figure] = {}
    for question in TABS:
        rows = kendall[(kendall.question == question) & kendall.tau.notna()]
        if len(rows):
            drawn |= _DRAWERS[question](result, rows)
    return drawn
