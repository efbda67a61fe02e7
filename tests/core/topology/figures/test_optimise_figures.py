"""The pictures of an optimisation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest

from core.analysis import Result
from core.export.figures import figures_json
from core.export.html import HERE
from core.sources import open_source
from core.topology.analysis import ANALYSIS
from core.topology.figures import film as film_part
from tests.core.topology.running import ask

FEW = {"mode": "optimise", "check_gradient": "0", "resolution": "4"}


@pytest.fixture(scope="module")
def optimised() -> Result:
    return ask("noisy-circle", **FEW, loss="norm", degrees="0,1", iterations="12", starts="2")


def _cloud(folder: Path, dimensions: int) -> Result:
    path = folder / f"cloud{dimensions}.npy"
    np.save(path, np.random.default_rng(0).normal(size=(12, dimensions)))
    return ask(open_source("shapes", str(path)), **FEW, loss="norm", degrees="0", iterations="2", form="cloud")


def test_each_picture_says_what_it_shows(optimised: Result) -> None:
    """Film and loss stand by themselves, the others in tabs; measures are drawn before and after."""
    drawn = ANALYSIS.figures(optimised)
    assert list(drawn)[:2] == ["film", "loss"] and not drawn["film"].group and not drawn["loss"].group
    assert {"hilbert_before_H0", "hilbert_after_H0", "hilbert_before_H1", "optimised_measure_H1"} < set(drawn)
    assert all(one.alt and one.reading and one.caption and one.reference for one in drawn.values())
    table = optimised.tables["optimised_measure"]
    for trace, when in zip(drawn["optimised_measure_H1"].plot.data, ("before", "after"), strict=True):
        assert len(trace.x) == ((table.when == when) & (table.degree == 1)).sum()


def test_the_film_has_a_frame_for_each_step_of_its_slider(optimised: Result) -> None:
    """Frames redraw the moving points alone; before anything is pressed the end is shown, over where points began."""
    plot = ANALYSIS.figures(optimised)["film"].plot
    began, now = plot.data
    arrays = optimised.arrays
    np.testing.assert_allclose(began.x, arrays["trajectory"][0, :, 0])
    np.testing.assert_allclose(now.y, arrays["points_after"][:, 1], atol=1e-6)
    (slider,) = plot.layout.sliders
    assert [frame.name for frame in plot.frames] == [str(at) for at in arrays["trajectory_iteration"]]
    assert [step.args[0][0] for step in slider.steps] == [frame.name for frame in plot.frames]
    assert all(frame.traces == (1,) and len(frame.data) == 1 for frame in plot.frames)
    np.testing.assert_allclose(plot.frames[3].data[0].marker.color, arrays["trajectory_function"][3])


def test_the_film_is_kept_with_the_result(optimised: Result) -> None:
    """Its frames are part of the figure's JSON, so that exported pages can play it."""
    assert len(figures_json(ANALYSIS, optimised)["film"]["plot"]["frames"]) == 13
    assert "frames" in (HERE / "page.js").read_text()


def test_large_clouds_have_fewer_frames(optimised: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    """All frames together stay within what a browser draws; first and last stay."""
    monkeypatch.setattr(film_part, "MOST_MARKERS", 5 * 120)
    frames = film_part.film(optimised).plot.frames
    assert len(frames) == 5 and (frames[0].name, frames[-1].name) == ("0", "12")


def test_the_start_that_ended_lowest_is_in_front(optimised: Result) -> None:
    """Each start has its own curve of the loss; the parts are those of the best."""
    plot = ANALYSIS.figures(optimised)["loss"].plot
    starts = [trace for trace in plot.data if trace.name.startswith("start")]
    ends = optimised.tables["loss"].groupby("start").loss.last()
    widest = max(starts, key=lambda trace: trace.line.width)
    assert widest.name == f"start {ends.idxmin()}" and widest.y[-1] == ends.min()


@pytest.mark.parametrize(("dimensions", "kind"), [(1, go.Scatter), (3, go.Scatter3d), (5, go.Scatter)])
def test_clouds_of_any_dimension_can_be_drawn(tmp_path: Path, dimensions: int, kind: type) -> None:
    """On a line, in space, and the first two of more coordinates."""
    drawn = ANALYSIS.figures(_cloud(tmp_path, dimensions))["film"]
    assert all(isinstance(trace, kind) for trace in drawn.plot.data)
    assert ("the first 2 of 5 coordinates" in drawn.caption) == (dimensions == 5)
