"""Pictures of a telemetry result: which ones follows from the tables that it has."""

from __future__ import annotations

from core.analysis import Figure, Result


def figures(result: Result) -> dict[str, Figure]:
    """The figures of a result in the order in which they are read."""
    drawn: dict[str, Figure] = {}
    if "events" in result.tables and "target_names" in result.arrays:
        drawn |= _detected(result)
    if "importance" in result.tables:
        from core.telemetry.figures.model import model_figures

        drawn |= model_figures(result)
    if "power" in result.tables:
        from core.telemetry.figures.injection import injection_figures

        drawn |= injection_figures(result)
    if "skill" in result.tables:
        from core.telemetry.figures.chaos import chaos_figures

        drawn |= chaos_figures(result)
    return drawn


def _detected(result: Result) -> dict[str, Figure]:
    from core.telemetry.figures.beeswarm import beeswarm_figures
    from core.telemetry.figures.dependence import dependence_figures
    from core.telemetry.figures.explanation import explanation_figures
    from core.telemetry.figures.fleet import fleet_figure
    from core.telemetry.figures.incidents import incident_figures
    from core.telemetry.figures.interactions import interaction_figures
    from core.telemetry.figures.previous import previous_figures
    from core.telemetry.figures.quality import quality_figures
    from core.telemetry.figures.scores import score_figures
    from core.telemetry.figures.timeline import timeline_figures
    from core.telemetry.figures.waterfall import waterfall_figures

    drawn = {"fleet": fleet_figure(result)}
    for of_kind in (
        timeline_figures,
        incident_figures,
        explanation_figures,
        waterfall_figures,
        beeswarm_figures,
        dependence_figures,
        interaction_figures,
        previous_figures,
        score_figures,
        quality_figures,
    ):
        drawn |= of_kind(result)
    return drawn
