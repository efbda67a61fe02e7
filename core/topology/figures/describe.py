"""Pictures of mode `describe`, in the order in which they are read."""

from __future__ import annotations

from core.analysis import Figure, Result
from core.topology.figures.barcode import barcode_figure
from core.topology.figures.hilbert import hilbert_figures
from core.topology.figures.item import item_figures
from core.topology.figures.landscapes import landscape_figures
from core.topology.figures.measure import measure_figures
from core.topology.figures.summands import summand_figures


def describe_figures(result: Result) -> dict[str, Figure]:
    """Hilbert functions, the item, signed measures, landscapes, summands and the barcode of the diagonal."""
    return {
        **hilbert_figures(result),
        **item_figures(result),
        **measure_figures(result),
        **landscape_figures(result),
        **summand_figures(result),
        "diagonal_barcode": barcode_figure(result),
    }
