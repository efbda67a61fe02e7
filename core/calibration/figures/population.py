"""Pictures of a population study: always seven tabs, one a question."""

from __future__ import annotations

from core.analysis import Figure, Result
from core.calibration.figures.population_accuracy import accuracy
from core.calibration.figures.population_agreement import across_data_sets, metric_agreement, robustness
from core.calibration.figures.population_architecture import architecture, hybrid_score
from core.calibration.figures.population_bins import bin_counts
from core.calibration.figures.population_drawing import TABS
from core.calibration.figures.population_missing import missing
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
        found = _DRAWERS[question](result, rows) if len(rows) else {}
        drawn |= found or {f"missing_{question}": missing(question)}
    if "hcs" in result.tables:
        drawn["hcs"] = hybrid_score(result.tables["hcs"])
    return drawn
