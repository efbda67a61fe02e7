"""The pictures of a detect result say what its tables say."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from core.analysis import Result
from core.export.figures import figure_json
from core.telemetry.figures import figures
from core.telemetry.figures.detected import Detected, milliseconds
from core.telemetry.figures.fleet import CELLS, MOST_PARAMETERS, fleet_figure
from core.telemetry.figures.timeline import timeline
from core.telemetry.figures.waterfall import bars_of, waterfall
from core.telemetry.remarks import Remark
from tests.core.telemetry.figures.sample import BEGIN, GAP, SENSOR_ONLY, STEP, TARGETS, detect_result

ORDER = [
    "fleet",
    "timeline",
    "incidents",
    "explanation",
    "waterfall",
    "beeswarm",
    "dependence",
    "previous",
    "scores",
    "alarms",
    "quality",
]


@pytest.fixture(scope="module")
def result() -> Result:
    return detect_result()


@pytest.fixture(scope="module")
def detected(result: Result) -> Detected:
    return Detected.of(result)


def changed(result: Result, **tables: pd.DataFrame) -> Result:
    """The result with other tables."""
    return dataclasses.replace(result, tables={**result.tables, **tables})


def points(figure: dict) -> int:
    """Points of all traces of a figure as it is stored."""
    return sum(_length(trace.get("x", trace.get("y", []))) for trace in figure["plot"]["data"])


def _length(values) -> int:
    if isinstance(values, dict):  # base64 with its type
        return len(values["bdata"]) * 3 // 4 // int(values["dtype"][1:].rstrip("u") or 8)
    return len(values)


def test_a_result_with_everything_has_every_figure_in_order(result: Result) -> None:
    """Fleet first, then what it leads to; each with its words, within the points that a browser draws well."""
    drawn = figures(result)
    assert list(drawn) == ORDER
    for figure in drawn.values():
        for words in (figure.title, figure.reading, figure.caption, figure.alt, figure.reference):
            assert words
        stored = figure_json(figure)
        assert points(stored) <= 20_000
        json.dumps(stored, allow_nan=False)


def test_what_a_result_lacks_is_not_drawn(result: Result) -> None:
    """Without labels there is no board, without earlier occurrences no overlay, without events only what needs none."""
    plain = detect_result(scored=False)
    assert "scores" not in figures(plain)
    empty = {
        name: table.iloc[:0] for name, table in plain.tables.items() if name not in ("parameters", "columns", "gaps")
    }
    assert list(figures(changed(plain, **empty))) == ["fleet", "timeline", "beeswarm", "dependence", "quality"]


def test_moments_are_numbers(result: Result) -> None:
    """Traces carry milliseconds since 1970, which Plotly takes many times faster than dates."""
    for name in ("fleet", "timeline"):
        plot = figures(result)[name].plot
        dates = [trace for trace in plot.data if trace.xaxis in (None, "x", "x2") and trace.x is not None]
        assert dates
        for trace in dates:
            assert np.nanmin(np.asarray(trace.x, dtype=float)) > BEGIN - 10**10
        assert plot.layout.xaxis.type == "date"


def test_the_strip_stays_within_its_cells(result: Result) -> None:
    """However many parameters and rows: at most 20,000 cells, the parameters with the largest events."""
    (strip,) = [trace for trace in fleet_figure(result).plot.data if trace.type == "heatmap" and trace.zmin]
    assert np.asarray(strip.z).size <= CELLS
    many = 100
    names = np.array([f"P{place}" for place in range(many)])
    arrays = {
        **result.arrays,
        "target_names": names,
        **{name: np.resize(result.arrays[name], (2_000, many)) for name in ("values", "predicted", "residual")},
    }
    events = result.tables["events"].assign(
        parameter=[f"P{99 - place}" for place in range(len(result.tables["events"]))]
    )
    parameters = pd.DataFrame({"parameter": names, "unit": "K", "scale": 1.0, "threshold": 6.0, "threshold_rule": "x"})
    wide = dataclasses.replace(changed(result, events=events, parameters=parameters), arrays=arrays)
    figure = fleet_figure(wide)
    strip = next(trace for trace in figure.plot.data if trace.type == "heatmap" and trace.zmin)
    assert np.asarray(strip.z).shape[0] == MOST_PARAMETERS and np.asarray(strip.z).size <= CELLS
    assert {"P99", "P91"} <= set(figure.plot.layout.yaxis.ticktext)
    assert f"{many - MOST_PARAMETERS} parameters" in figure.caption


def test_the_strip_keeps_sign_and_gaps(detected: Detected) -> None:
    """The cell of the largest event has its sign and size; the gap is grey and has no residual."""
    figure = fleet_figure(detected.result)
    grey, strip = (trace for trace in figure.plot.data if trace.type == "heatmap")
    z, x = np.asarray(strip.z), np.asarray(strip.x)
    event = detected.events[0]
    cell = int(np.searchsorted(x, event.peak, side="right")) - 1
    assert z[TARGETS.index(event.parameter), cell] == pytest.approx(event.sigma, abs=0.01)
    inside = (x > BEGIN + 1000 * STEP * (GAP.start + 3)) & (x < BEGIN + 1000 * STEP * (GAP.stop - 3))
    assert np.isnan(z[:, inside]).all() and np.isfinite(np.asarray(grey.z)[:, inside]).all()


def test_the_timeline_draws_events_threshold_and_range(detected: Detected) -> None:
    """Within a viewport: its events shaded, both thresholds, nothing of the other events."""
    event = detected.event("DETECTOR", 1)
    assert event is not None and abs(event.peak - (BEGIN + 1000 * STEP * SENSOR_ONLY)) <= 3 * 1000 * STEP
    start, end = event.start - 6 * 3_600_000, event.end + 6 * 3_600_000
    figure = timeline(detected, "DETECTOR", start, end, event, [Remark("", event.start, event.end, "<b>pump</b> off")])
    assert list(figure.plot.layout.xaxis.range) == [start, end]
    levels = sorted(shape.y0 for shape in figure.plot.layout.shapes if shape.type == "line")
    assert levels == [-6.0, 6.0]
    shaded = [shape for shape in figure.plot.layout.shapes if shape.type == "rect" and shape.yref == "paper"]
    assert {shape.x0 for shape in shaded} == {event.start}
    assert "1 event of DETECTOR listed" in figure.caption
    assert [note.text for note in figure.plot.layout.annotations] == ["‹b›pump‹/b› off"]


def test_the_band_is_the_threshold_in_units(detected: Detected) -> None:
    """Forecast plus and minus threshold times scale, and no band over the gap."""
    plot = timeline(detected, "PANEL").plot
    band = next(trace for trace in plot.data if trace.fill == "toself")
    about = detected.about("PANEL")
    y = np.asarray(band.y, dtype=float)
    height = float(about["threshold"]) * float(about["scale"])
    predicted = detected.column("predicted", "PANEL")
    assert np.nanmax(y) == pytest.approx(np.nanmax(predicted) + height, abs=1e-4)
    assert np.nanmin(y) == pytest.approx(np.nanmin(predicted) - height, abs=1e-4)
    assert np.isnan(y).sum() == 2  # after each of two pieces


def test_the_waterfall_adds_up(detected: Detected) -> None:
    """Base and contributions end at the prediction, prediction and remainder at the residual; also when expanded."""
    event = detected.event("PANEL", 1)
    assert event is not None
    about = detected.of_event("waterfall", event).iloc[0]
    for expanded in (None, "heater"):
        bar = waterfall(detected, event, expanded).plot.data[0]
        ends = np.asarray(bar.base) + np.asarray(bar.x)
        names = [words[0] for words in bar.customdata]
        assert ends[names.index("prediction") - 1] == pytest.approx(about.prediction)
        assert ends[names.index("not explained")] == pytest.approx(about.target)
        assert ends[-1] == pytest.approx(event.sigma)
        assert ("heater, change over 30 min" in names) == (expanded == "heater")
    assert "heater contributes most" in waterfall(detected, event).alt


def test_many_contributions_share_a_bar() -> None:
    """Beyond nine the rest is one bar, and the sum is kept."""
    parts = [(f"c{place}", 1.0 / (place + 1)) for place in range(30)]
    bars = bars_of(0.5, parts, 0.5 + sum(value for _, value in parts), None)
    assert [bar.name for bar in bars][-2:] == ["21 others", "prediction"]
    assert bars[-2].start + bars[-2].length == pytest.approx(bars[-1].length)


def test_a_cause_and_a_sensor_alone_stand_on_two_sides(detected: Detected) -> None:
    """Events that the heater causes lie right of 0.1, the step of the sensor alone left of it."""
    figure = figures(detected.result)["explanation"]
    caused, alone = figure.plot.data
    assert min(caused.x) > 0.1 > max(alone.x)
    assert [facts[0] for facts in alone.customdata] == ["DETECTOR, event 1"]


def test_what_lies_below_its_threshold_is_set_apart(detected: Detected) -> None:
    """A listed deviation below the threshold is a ring on the timeline, has no shade, no circle on the strip and no mark."""
    below = [event for event in detected.events if not event.over]
    assert {event.name for event in below} == {"PANEL, event 4", "MIRROR, event 4"}
    plot = timeline(detected, "PANEL").plot
    peaks = next(trace for trace in plot.data if trace.type == "scatter" and trace.mode == "markers+text")
    assert list(peaks.marker.symbol) == ["circle", "circle", "circle", "circle-open"]
    shaded = [shape for shape in plot.layout.shapes if shape.type == "rect" and shape.yref == "paper"]
    assert len(shaded) == 3
    circles = fleet_figure(detected.result).plot.data[-1]
    marks = figures(detected.result)["explanation"].plot.data
    assert len(circles.x) == sum(len(trace.x) for trace in marks) == 10


def test_parameters_whose_series_are_not_kept_are_left_out(result: Result) -> None:
    """Of very many parameters a result keeps the series of some; events of the others stand in its tables alone."""
    kept = {**result.arrays, "target_names": result.arrays["target_names"][:2]}
    kept |= {name: result.arrays[name][:, :2] for name in ("values", "predicted", "residual")}
    fewer = dataclasses.replace(result, arrays={**kept, "shap": result.arrays["shap"][:2]})
    assert {event.parameter for event in Detected.of(fewer).events} == {"PANEL", "MIRROR"}
    assert "PANEL" in figures(fewer)["timeline"].title


def test_nothing_missing_is_no_picture(result: Result) -> None:
    """Without gaps and missing values there is nothing to draw; gaps alone make a strip."""
    whole = result.tables["columns"].assign(missing_share=0.0)
    assert "yaxis2" not in figures(changed(result, columns=whole))["quality"].plot.to_dict()["layout"]
    assert "quality" not in figures(changed(result, columns=whole, gaps=result.tables["gaps"].iloc[:0]))


def test_a_built_in_is_held_against_what_was_planted(result: Result) -> None:
    """Its scores against the truth stand before those against the labels, beside the plain difference."""
    truth = pd.DataFrame(
        [("assay", "recall_at_3", 0.9), ("difference over 1 h", "recall_at_3", 0.8), ("assay", "hit_at_1", 0.7)],
        columns=["method", "metric", "value"],
    ).assign(definition="euclid_like truth", low=np.nan, high=np.nan, note="")
    drawn = figures(changed(result, scores=pd.concat([truth, result.tables["scores"]], ignore_index=True)))
    assert list(drawn).index("truth") < list(drawn).index("scores")
    assert list(drawn["truth"].plot.layout.yaxis.ticktext) == ["Assay", "change in 1 h"]
    assert "Assay is best with 0.90" in drawn["truth"].alt


def test_onsets_stand_in_order(result: Result) -> None:
    """The panel moved first, the mirror half an hour later."""
    figure = figures(result)["incidents"]
    assert "PANEL moved first and MIRROR last, 30 minutes later" in figure.alt


def test_the_boards_stand_beside_chance(result: Result) -> None:
    """The best method first, random last and named in the words that are heard; the base rate in the caption."""
    drawn = figures(result)
    scores, alarms = drawn["scores"], drawn["alarms"]
    assert list(scores.plot.layout.yaxis.ticktext)[-1] == "random"
    assert list(alarms.plot.layout.yaxis.ticktext) == ["Assay", "random"]
    table = result.tables["scores"]
    vus = table[(table.metric == "vus_pr") & (table.definition == "tsb_ad")].set_index("method").value
    assert f"random reaches {vus['random']:.2f}" in scores.alt
    assert "3 % of the scored ones labelled" in scores.caption


def test_undefined_scores_are_not_drawn(result: Result) -> None:
    """Without any labelled event there is no board, rather than one of zeros."""
    table = result.tables["scores"].assign(value=np.nan)
    assert not {"scores", "alarms"} & set(figures(changed(result, scores=table)))


def test_moments_of_tables_survive_parquet(result: Result, tmp_path) -> None:
    """Milliseconds of a stored table are those of the fresh one."""
    path = tmp_path / "events.parquet"
    result.tables["events"].to_parquet(path, index=False)
    again = pd.read_parquet(path)
    np.testing.assert_array_equal(milliseconds(again.peak), milliseconds(result.tables["events"].peak))
