"""Parts of a result page that one question adds: what its results can do beyond being read.

A question adds a part by one entry here. Parts are imported when a result needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

from core.store.results import StoredResult
from pages.parts.place import Place

Show = Callable[[StoredResult, Place], None]


@dataclass(frozen=True)
class Extra:
    """A part.

    Attributes:
        home: module and function that show it, as in `pages.parts.repair_box:repair_box`.
        table: a result has the part if it has this table.
        below: the main figure, or all figures.
        instead_of: stored figures that the part shows in a form that answers; the page leaves them out, exports and
            comparisons keep them.
        instead_of_tables: tables likewise.
    """

    home: str
    table: str
    below: Literal["main figure", "figures"] = "figures"
    instead_of: frozenset[str] = frozenset()
    instead_of_tables: frozenset[str] = frozenset()

    def show(self, stored: StoredResult, place: Place) -> None:
        """Draws the part."""
        module, _, name = self.home.partition(":")
        function: Show = getattr(import_module(module), name)
        function(stored, place)


_OF_DEGREES = tuple(f"{picture}_H{degree}" for picture in ("hilbert", "signed_measure") for degree in range(4))

EXTRAS: Mapping[str, tuple[Extra, ...]] = {
    "calibration": (
        Extra(
            "pages.parts.repair_box:repair_box",
            table="repair_parameters",
            instead_of_tables=frozenset(("repair_parameters",)),
        ),
    ),
    "intrinsic-dimension": (
        Extra(
            "pages.parts.compressed_box:compressed_box",
            table="compressed_networks",
            instead_of_tables=frozenset(("compressed_networks",)),
        ),
    ),
    "telemetry": (
        Extra(
            "pages.parts.telemetry_events:event_browser",
            table="events",
            below="main figure",
            instead_of=frozenset(("timeline", "waterfall", "beeswarm", "dependence", "previous")),
        ),
    ),
    "landscape": (
        Extra(
            "pages.parts.landscape_cell:cell_explorer",
            table="phases",
            below="main figure",
            instead_of=frozenset(
                ("phase_map", "regime_map", "cell_curves", "cell_spectrum", "cell_surface", "cell_surface_3d")
            ),
            instead_of_tables=frozenset(("advice", "axes", "transition_lines")),
        ),
    ),
    "topology": (
        Extra(
            "pages.parts.topology_viewer:topology_viewer",
            table="summands",
            below="main figure",
            instead_of=frozenset(("item", "euler", "summands", "diagonal_barcode", *_OF_DEGREES)),
            instead_of_tables=frozenset(("summands",)),
        ),
        Extra(
            "pages.parts.topology_features:features_box",
            table="features",
            below="main figure",
            instead_of_tables=frozenset(("features",)),
        ),
        Extra(
            "pages.parts.topology_gradient:gradient_box",
            table="gradient_check",
            instead_of_tables=frozenset(("gradient_check",)),
        ),
    ),
}


def extras_of(stored: StoredResult) -> tuple[Extra, ...]:
    """The parts that a result has, in the order of the page."""
    return tuple(extra for extra in EXTRAS.get(stored.slug, ()) if extra.table in stored.result.tables)
