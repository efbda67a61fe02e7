"""The map of a landscape whose cells can be clicked, and one of them seen closely: what to turn there, and, of networks
trained here, what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.analysis import Result
from core.landscape.figures.cell import best_cell, cell_figures, cell_words, rows_of
from core.landscape.figures.plane import Plane
from core.store.results import StoredResult
from pages.parts.html import figure_caption, figure_words
from pages.parts.place import Place
from pages.parts.plot import draw, figures_of, fresh, theme_name
from pages.parts.text import markdown

MAPS = ("phase_map", "regime_map")  # a result has one of them
NAMES = ("load", "temperature")
LOOKS = {
    "cell_curves": "Curves",
    "cell_spectrum": "Spectrum",
    "cell_surface": "Surface",
    "cell_surface_3d": "In 3-D",
    "seeds": "Seeds",
}
NETWORKS = {
    "seed": "Seed",
    "train_loss": "Training loss",
    "train_error": "Training error (%)",
    "test_error": "Test error (%)",
    "trace": "Trace",
    "trace_standard_error": "± s.e.",
    "top_eigenvalue": "Largest eigenvalue",
    "products": "Products",
}
PAIRS = {
    "first": "Seed",
    "second": "and seed",
    "mode_connectivity": "Curve (points)",
    "linear_mode_connectivity": "Line (points)",
    "aligned_mode_connectivity": "Line, aligned (points)",
    "barrier": "Barrier (nats)",
    "aligned_barrier": "Barrier, aligned",
    "cka": "CKA (softmax, mixup, biased)",
    "cka_logits": "CKA (logits, debiased)",
    "distance": "Distance",
}


def cell_explorer(stored: StoredResult, place: Place) -> None:
    """The whole part; the address says which cell, so that a link shows the same."""
    figures = figures_of(stored.key, theme_name())
    name = next(name for name in MAPS if name in figures)
    st.fragment(_explore)(stored.result, name, figures[name], place)


def _explore(result: Result, name: str, figure: Mapping[str, Any], place: Place) -> None:
    position = _chosen(result)
    _map(result, position, name, figure, place)
    st.header("One cell", anchor=False)
    columns = st.columns(2, gap="large")
    for column, name in zip(columns, NAMES, strict=True):
        with column:
            _pick(result, position, name, f"{place.element}.{name}")
    cell = result.tables["phases"].iloc[position]
    _verdict(result, cell, position)
    if "networks" in result.tables:
        _closer(result, position, place)


def _map(result: Result, position: int, name: str, figure: Mapping[str, Any], place: Place) -> None:
    """The stored map with the cell framed; a click on another cell chooses that one."""
    import plotly.graph_objects as go

    plane = Plane.of(result.tables["phases"], result.tables["axes"])
    plot = go.Figure(figure["plot"])
    plane.marks(plot, position)
    plot.update_layout(clickmode="event+select", dragmode=False)
    chart = f"{place.element}.{name}.{position}"  # another cell, another chart: no old selection stays in it

    def choose() -> None:
        points = st.session_state[chart]["selection"]["points"]
        if points:
            _show(plane.loads[round(points[0]["x"])], plane.temperatures[round(points[0]["y"])])

    figure_words(figure["title"], f"{figure['reading']} Click a cell to see it closely below.")
    draw({**figure, "plot": plot}, name, chart, on_point=choose)
    figure_caption(figure["caption"], figure["reference"])


def _show(load: float, temperature: float) -> None:
    """Makes the address name a cell."""
    st.query_params.update({"load": repr(float(load)), "temperature": repr(float(temperature))})


def _chosen(result: Result) -> int:
    """The cell that the address names; the best one, or the first, where it names none that there is."""
    cells = result.tables["phases"]
    try:
        wanted = [float(st.query_params[name]) for name in NAMES]
    except (KeyError, ValueError):
        wanted = []
    if wanted:
        distance = (cells[list(NAMES)] - wanted).abs().sum(axis=1)
        if distance.min() == 0:
            return int(distance.to_numpy().argmin())
    best = best_cell(result) if "test_error" in cells else None
    return best or 0


def _pick(result: Result, position: int, name: str, key: str) -> None:
    cells = result.tables["phases"]
    values = sorted(cells[name].unique())
    st.session_state[key] = cells[name].iloc[position]

    def choose() -> None:
        _show(**{knob: st.session_state[key] if knob == name else cells[knob].iloc[position] for knob in NAMES})

    words = result.tables["axes"].set_index("axis").name[name]
    st.select_slider(
        str(words).capitalize(), values, key=key, on_change=choose, format_func=lambda value: f"{value:.4g}"
    )


def _verdict(result: Result, cell: pd.Series, position: int) -> None:
    st.markdown(
        f"**{markdown(str(cell['phase']))}** at {markdown(cell_words(result, position))}; {100 * cell['confidence']:.0f} % of the "
        "resamples keep that label."
    )
    if cell.get("note"):
        st.caption(markdown(str(cell["note"])))
    for _, advice in rows_of(result, "advice", position).iterrows():
        st.markdown(f"- {markdown(str(advice.advice))}  \n:small[:gray[{_whose(advice)}]]")


def _whose(advice: pd.Series) -> str:
    whose = "The paper says so" if advice.whose == "the paper's" else "Read off the map"
    evidence = f" Here: {advice.evidence}." if advice.evidence else ""
    return markdown(f"{whose} ({advice.reference}).{evidence}")


def _closer(result: Result, position: int, place: Place) -> None:
    drawn = cell_figures(result, position)
    looks = [name for name in LOOKS if name in drawn or name == "seeds"]
    key = f"{place.element}.look"
    if st.session_state.get(key) not in looks:
        st.session_state[key] = looks[0]
    look = st.segmented_control(
        "The cell", looks, key=key, required=True, format_func=LOOKS.__getitem__, label_visibility="collapsed"
    )
    if look == "seeds":
        _tables(result, position)
        return
    figure = fresh(drawn[str(look)])
    figure_words(figure["title"], figure["reading"])
    draw(figure, str(look), f"{place.element}.{look}")
    figure_caption(figure["caption"], figure["reference"])


def _tables(result: Result, position: int) -> None:
    for table, names, alt in (
        ("networks", NETWORKS, "Networks of the cell, one a row"),
        ("pairs", PAIRS, "Pairs of networks of the cell, one a row"),
    ):
        rows = rows_of(result, table, position)
        st.dataframe(
            rows[[name for name in names if name in rows]].rename(columns=names).round(4), hide_index=True, alt=alt
        )
