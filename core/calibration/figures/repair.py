"""Pictures of a comparison of repairs."""

from __future__ import annotations

from core.analysis import Figure, Result
from core.calibration.figures.repair_board import board_figure, trap_figure
from core.calibration.figures.repair_conformal import conformal_figure
from core.calibration.figures.repair_diagrams import diagrams_figure
from core.calibration.figures.repair_temperature import entropies_figure, temperature_curve_figure


def repair_figures(result: Result) -> dict[str, Figure]:
    """The board, the ECE trap, the temperature curve, the entropies, the conformal sets and the diagrams after."""
    drawn = {
        "board": board_figure(result),
        "trap": trap_figure(result),
        "temperature_curve": temperature_curve_figure(result),
    }
    if "entropies" in result.tables:
        drawn["entropies"] = entropies_figure(result)
    if "conformal" in result.tables:
        drawn["conformal"] = conformal_figure(result)
    if "repaired_bins" in result.tables:
        drawn["repaired_bins"] = diagrams_figure(result)
    return drawn
