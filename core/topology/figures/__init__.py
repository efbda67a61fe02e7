"""Pictures of a topology result: which ones follows from what it has."""

from __future__ import annotations

from core.analysis import Figure, Result


def figures(result: Result) -> dict[str, Figure]:
    """The figures of a result in the order in which they are read."""
    if "signed_measure" in result.tables:
        return _described(result)
    from core.topology.figures.features import feature_figures

    return feature_figures(result)


def _described(result: Result) -> dict[str, Figure]:
    from core.topology.figures.barcode import barcode_figure
    from core.topology.figures.hilbert import hilbert_figures
    from core.topology.figures.item import item_figures
    from core.topology.figures.landscapes import landscape_figures
    from core.topology.figures.measure import measure_figures

    return {
        **hilbert_figures(result),
        **item_figures(result),
        **measure_figures(result),
        **landscape_figures(result),
        "diagonal_barcode": barcode_figure(result),
    }
