"""Pictures of an intrinsic dimension result: which ones follows from the tables that it has."""

from __future__ import annotations

from core.analysis import Figure, Result


def figures(result: Result) -> dict[str, Figure]:
    """The figures of a result in the order in which they are read."""
    drawn: dict[str, Figure] = {}
    if "data_dimension" in result.tables:
        from core.intrinsic_dimension.figures.data import data_figures

        drawn.update(data_figures(result))
    if "curve" in result.tables:
        from core.intrinsic_dimension.figures.objective import objective_figures

        drawn.update(objective_figures(result))
    if "searches" in result.tables:
        from core.intrinsic_dimension.figures.fine_tuning import fine_tuning_figures

        drawn.update(fine_tuning_figures(result))
    if "study" in result.tables:
        from core.intrinsic_dimension.figures.study import study_figures

        drawn.update(study_figures(result))
    if "compression" in result.tables:
        from core.intrinsic_dimension.figures.compression import compression_figures

        drawn.update(compression_figures(result))
    if "control" in result.tables:
        from core.intrinsic_dimension.figures.control import control_figures

        drawn.update(control_figures(result))
    return drawn
