"""Pictures of a calibration result: which ones follows from the tables that it has."""

from __future__ import annotations

from core.analysis import Figure, Result


def figures(result: Result) -> dict[str, Figure]:
    """The figures of a result in the order in which they are read."""
    drawn: dict[str, Figure] = {}
    if "reliability_bins" in result.tables:
        from core.calibration.figures.metrics import metric_figures
        from core.calibration.figures.reliability import reliability_figures

        diagrams = reliability_figures(result)
        drawn["reliability"] = diagrams.pop("reliability")
        drawn |= {**metric_figures(result), **diagrams}
    if "coverage" in result.tables:
        from core.calibration.figures.regression import regression_figures

        drawn |= regression_figures(result)
    if "repairs" in result.tables:
        from core.calibration.figures.repair import repair_figures

        drawn |= repair_figures(result)
    if "kendall" in result.tables:
        from core.calibration.figures.population import population_figures

        drawn |= population_figures(result)
    if "rounds" in result.tables:
        from core.calibration.figures.holdout import holdout_figures

        drawn |= holdout_figures(result)
    return drawn
