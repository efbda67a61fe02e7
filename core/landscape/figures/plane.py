"""The plane of load and temperature as a grid of equal cells, with the lines on which phases change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.palette import DIVERGING, SEQUENTIAL

PARTLY_KNOWN = "#C9CED4"
INK = "#24292F"  # on the cells, which are bright in either theme
BETWEEN = "#7A8591"  # on the ground of either theme
LINES = {"sharp": ("solid", "sharp | flat"), "connected": ("dash", "poorly | well connected")}


@dataclass(frozen=True, eq=False)
class Plane:
    """Cells on a grid; hot is up, whatever the knob.

    Attributes:
        cells: of the map.
        loads: [L] ascending, left to right.
        temperatures: [T] from the bottom, cold, to the top, hot.
        load: name of the first axis.
        temperature: name of the second axis.
    """

    cells: pd.DataFrame
    loads: np.ndarray
    temperatures: np.ndarray
    load: str
    temperature: str

    @staticmethod
    def of(cells: pd.DataFrame, axes: pd.DataFrame) -> Plane:
        """The plane of cells with `load`, `temperature` and `phase`, and of a table that names its axes."""
        axes = axes.set_index("axis")
        temperatures = np.unique(cells.temperature)
        cold_if_large = bool(axes.loc["temperature", "cold_if_large"])
        return Plane(
            cells,
            np.unique(cells.load),
            temperatures[::-1] if cold_if_large else temperatures,
            str(axes.loc["load", "name"]),
            str(axes.loc["temperature", "name"]),
        )

    def on_grid(self, values: pd.Series) -> np.ndarray:
        """[T, L] values of the cells, NaN or None where there is no cell."""
        grid = np.full(
            (len(self.temperatures), len(self.loads)), None if values.dtype == object else np.nan, dtype=object
        )
        columns, rows = self.positions()
        grid[rows, columns] = values
        return grid if values.dtype == object else grid.astype(float)

    def frame(self, plot: go.Figure) -> None:
        """Axes with the values of both knobs at their cells."""
        for update, values, name in (
            (plot.update_xaxes, self.loads, self.load),
            (plot.update_yaxes, self.temperatures, f"{self.temperature} (hot is up)"),
        ):
            every = max(1, len(values) // 12)
            places = list(range(0, len(values), every))
            update(
                title=name,
                tickvals=places,
                ticktext=[f"{values[place]:.4g}" for place in places],
                range=[-0.5, len(values) - 0.5],
                showgrid=False,
                zeroline=False,
            )

    def lines(self, plot: go.Figure, table: pd.DataFrame, *, named: bool = False) -> None:
        """The transition lines, over what is drawn already.

        Args:
            plot: to draw into.
            table: `transition_lines` of the result.
            named: whether the legend names them.
        """
        shown: set[str] = set()
        for (transition, _), line in table.groupby(["transition", "line"], sort=False):
            dash, words = LINES[str(transition)]
            plot.add_scatter(
                x=_place(self.loads, line["load"].to_numpy()),
                y=_place(self.temperatures, line["temperature"].to_numpy()),
                mode="lines",
                line={"color": INK, "width": 2.4, "dash": dash},
                showlegend=False,
                hoverinfo="skip",
            )
            if named and words not in shown:
                key = {"color": BETWEEN, "width": 2.4, "dash": dash}
                plot.add_scatter(x=[None], y=[None], mode="lines", line=key, name=words, hoverinfo="skip")
                shown.add(words)

    def labels(
        self, plot: go.Figure, present: list[str], colours: Mapping[str, str], words: pd.Series | None = None
    ) -> None:
        """The cells in the colours of their phases.

        Args:
            plot: to draw into.
            present: the phases that there are.
            colours: of phases; the others are grey.
            words: written on each cell; None: none are.
        """
        codes = self.cells.phase.map({name: code for code, name in enumerate(present)}).astype(float)
        plot.add_heatmap(
            z=self.on_grid(codes),
            zmin=-0.5,
            zmax=len(present) - 0.5,
            colorscale=steps_of([colours.get(name, PARTLY_KNOWN) for name in present]),
            showscale=False,
            xgap=2,
            ygap=2,
            customdata=self.hover(),
            hovertemplate="%{customdata}<extra></extra>",
            text=None if words is None else self.on_grid(words),
            texttemplate=None if words is None else "%{text}",
            textfont={"size": 11, "color": "#101418"},
        )

    def values(self, plot: go.Figure, values: pd.Series, unit: str, *, signed: bool = False) -> None:
        """A number of each cell as colour; a signed one in two hues about 0."""
        plot.add_heatmap(
            z=self.on_grid(values.astype(float)),
            colorscale=DIVERGING if signed else SEQUENTIAL,
            zmid=0 if signed else None,
            colorbar={"title": {"text": unit, "side": "right"}, "thickness": 14},
            xgap=1,
            ygap=1,
            customdata=self.hover(),
            hovertemplate="%{customdata}<extra></extra>",
        )

    def marks(self, plot: go.Figure, chosen: int) -> None:
        """An unseen marker on each cell, which a click can hit, and a frame around one cell.

        Args:
            plot: to draw into.
            chosen: position of the framed cell.
        """
        columns, rows = self.positions()
        plot.add_scatter(
            x=columns,
            y=rows,
            mode="markers",
            marker={"symbol": "square", "size": 36, "opacity": 0},
            selected={"marker": {"opacity": 0}},
            unselected={"marker": {"opacity": 0}},
            customdata=[_words(self, cell) for _, cell in self.cells.iterrows()],
            hovertemplate="%{customdata}<extra></extra>",
            showlegend=False,
        )
        x, y = int(columns[chosen]), int(rows[chosen])
        plot.add_shape(
            type="rect",
            x0=x - 0.48,
            x1=x + 0.48,
            y0=y - 0.48,
            y1=y + 0.48,
            line={"color": INK, "width": 3},
        )

    def positions(self) -> tuple[np.ndarray, np.ndarray]:
        """Column and row of each cell."""
        row_of = {value: row for row, value in enumerate(self.temperatures)}
        return np.searchsorted(self.loads, self.cells.load), np.array([row_of[at] for at in self.cells.temperature])

    def hover(self) -> np.ndarray:
        """[T, L] what is said of each cell."""
        words = [_words(self, cell) for _, cell in self.cells.iterrows()]
        return self.on_grid(pd.Series(words, dtype=object))


def _place(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Positions on an axis of equal cells, between them on the scale on which the lines were drawn."""
    ascending = values if values[0] <= values[-1] else values[::-1]
    logarithmic = bool((values > 0).all())
    scale, wanted = (np.log(ascending), np.log(at)) if logarithmic else (ascending, at)
    places = np.interp(wanted, scale, np.arange(len(values)))
    return places if values[0] <= values[-1] else len(values) - 1 - places


def _words(plane: Plane, cell: pd.Series) -> str:
    parts = [
        f"<b>{cell['phase']}</b>, confidence {cell['confidence']:.2f}",
        f"{plane.load} {cell['load']:.4g}, {plane.temperature} {cell['temperature']:.4g}",
    ]
    for name, words in (
        ("train_loss", "training loss {:.3g}"),
        ("trace", "trace {:.4g}"),
        ("mode_connectivity", "mode connectivity {:.2f} points"),
        ("lmc", "linear mode connectivity {:.2f} points"),
        ("cka", "CKA {:.3f}"),
        ("test_error", "test error {:.3g} %"),
        ("gain", "gain of the advice {:.2f} points"),
    ):
        if pd.notna(cell.get(name)):
            parts.append(words.format(cell[name]))
    if isinstance(cell.get("note"), str) and cell["note"]:
        parts += _wrapped(cell["note"])
    return "<br>".join(parts)


def _wrapped(text: str, width: int = 60) -> list[str]:
    words, lines = text.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def steps_of(colours: list[str]) -> list[tuple[float, str]]:
    """A scale of one colour for each whole number from 0."""
    edges = np.linspace(0, 1, len(colours) + 1)
    return [(float(edge), colour) for pair, colour in zip(pairwise(edges), colours, strict=True) for edge in pair]
