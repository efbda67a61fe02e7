"""Figures of several results drawn to one scale."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.export.common_axes import MARGIN, with_common_axes


def as_json(figure: go.Figure) -> dict:
    """A plot as results keep it; long arrays are base64 in it."""
    return json.loads(figure.to_json())


def range_of(plot: dict, axis: str) -> list:
    return plot["layout"][axis]["range"]


def test_axes_span_what_any_of_the_figures_shows() -> None:
    """0 to 4 and 2 to 10 together are 0 to 10, and a span that starts at zero keeps it."""
    figures = [go.Figure(go.Scatter(x=np.array(x), y=np.array(y))) for x, y in (([0, 4], [-1, 1]), ([2, 10], [0, 3]))]
    for plot in with_common_axes([as_json(figure) for figure in figures]):
        assert range_of(plot, "xaxis") == [0.0, 10 + MARGIN * 10]
        assert np.allclose(range_of(plot, "yaxis"), [-1 - MARGIN * 4, 3 + MARGIN * 4])


def test_what_was_given_is_not_changed() -> None:
    """The figures are shared by all sessions: copies are scaled."""
    plots = [as_json(go.Figure(go.Scatter(x=[0, end], y=[0, end]))) for end in (1, 2)]
    before = json.dumps(plots)
    with_common_axes(plots)
    assert json.dumps(plots) == before


def test_intervals_count() -> None:
    """An axis holds the ends of error bars, not only the points."""
    wide = go.Figure(go.Scatter(x=[1], y=[5], error_y={"array": [3], "arrayminus": [4]}))
    slim = go.Figure(go.Scatter(x=[1], y=[6]))
    low, high = range_of(with_common_axes([as_json(wide), as_json(slim)])[1], "yaxis")
    assert np.allclose([low, high], [1 - MARGIN * 7, 8 + MARGIN * 7])


def test_a_logarithmic_axis_spans_powers() -> None:
    """1 to 10 and 100 to 1000 lie between the powers 0 and 3."""
    figures = [go.Figure(go.Scatter(x=[1, 2], y=y)).update_yaxes(type="log") for y in ([1, 10], [100, 1000])]
    low, high = range_of(with_common_axes([as_json(figure) for figure in figures])[0], "yaxis")
    assert np.allclose([low, high], [-MARGIN * 3, 3 + MARGIN * 3])


def test_bars_stand_on_zero() -> None:
    """A bar reaches from zero to its value, also where all values are large."""
    plots = with_common_axes([as_json(go.Figure(go.Bar(x=[1, 2], y=y))) for y in ([90, 100], [95, 120])])
    assert range_of(plots[0], "yaxis")[0] == 0.0


def test_ranges_that_were_set_are_joined_and_reversed_ones_stay_reversed() -> None:
    """Of [0, 1] and [0, 2] the longer; of axes that run downwards, downwards."""
    plots = with_common_axes(
        [
            as_json(go.Figure(go.Scatter(x=[0, 9], y=[0, 9])).update_xaxes(range=[0, end]).update_yaxes(range=[end, 0]))
            for end in (1, 2)
        ]
    )
    assert range_of(plots[0], "xaxis") == [0.0, 2.0]
    assert range_of(plots[0], "yaxis") == [2.0, 0.0]


def test_dates_span_dates() -> None:
    """A week and the next make a fortnight."""
    weeks = [pd.date_range(f"2024-01-{day:02d}", periods=8) for day in (1, 8)]
    plots = with_common_axes([as_json(go.Figure(go.Scatter(x=week, y=np.arange(8)))) for week in weeks])
    low, high = map(pd.Timestamp, range_of(plots[0], "xaxis"))
    assert low < pd.Timestamp("2024-01-01") and high > pd.Timestamp("2024-01-15")
    assert high - low < pd.Timedelta(days=16)


def test_words_have_no_span() -> None:
    """Categories are left to each figure; the numbers across from them are common all the same."""
    plots = with_common_axes([as_json(go.Figure(go.Scatter(x=["a", "b"], y=[0, end]))) for end in (1, 2)])
    assert "range" not in plots[0]["layout"].get("xaxis", {})
    assert np.allclose(range_of(plots[0], "yaxis"), [0, 2 + MARGIN * 2])


def test_axes_that_mean_different_things_stay_apart() -> None:
    """Seconds and metres are not put on one scale."""
    plots = [as_json(go.Figure(go.Scatter(x=[0, 1], y=[0, 1])).update_xaxes(title_text=title)) for title in ("s", "m")]
    assert "range" not in with_common_axes(plots)[0]["layout"]["xaxis"]


def test_panels_that_move_together_share_their_span() -> None:
    """Two panels of one figure with matching axes get one range, the union over panels and figures."""
    plots = []
    for end in (1, 5):
        figure = make_subplots(rows=1, cols=2, shared_yaxes="all")
        figure.add_trace(go.Scatter(x=[0, 1], y=[0, end]), row=1, col=1)
        figure.add_trace(go.Scatter(x=[0, 1], y=[-end, 0]), row=1, col=2)
        plots.append(as_json(figure))
    first = with_common_axes(plots)[0]
    assert range_of(first, "yaxis") == range_of(first, "yaxis2")
    assert np.allclose(range_of(first, "yaxis"), [-5 - MARGIN * 10, 5 + MARGIN * 10])


def test_a_value_has_one_colour() -> None:
    """Heat maps share the ends of their colour scale, and their cells fill the axes without margin."""
    plots = with_common_axes([as_json(go.Figure(go.Heatmap(z=np.full((2, 3), value)))) for value in (1.0, 7.0)])
    assert [(plot["data"][0]["zmin"], plot["data"][0]["zmax"]) for plot in plots] == [(1.0, 7.0)] * 2
    assert range_of(plots[0], "xaxis") == [-0.5, 2.5]
