"""The viewer's own mathematics, run in a real Chromium, against the engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route

from core.topology.bifiltrations.cubical import cubical_bifiltration
from core.topology.engine.bifiltration import bifiltration
from core.topology.engine.complex import BifilteredComplex
from core.topology.engine.line_barcode import bars_on_line
from core.topology.engine.rank import rank_from
from pages.parts.topology_viewer import SOURCE
from tests.browser.conftest import new_context

HOME = "http://viewer.test/"


@pytest.fixture(scope="module")
def modules(chromium: Browser) -> Iterator[Page]:
    """An empty page that can import the modules by their names."""

    def serve(route: Route) -> None:
        name = route.request.url.removeprefix(HOME)
        text = (SOURCE / name).read_text() if name.endswith(".js") else "<!doctype html><title>Modules</title>"
        route.fulfill(body=text, content_type="text/javascript" if name.endswith(".js") else "text/html")

    context = new_context(chromium)
    page = context.new_page()
    page.route(f"{HOME}**", serve)
    page.goto(HOME)
    yield page
    context.close()


def cloud(seed: int, count: int, dimensions: int, degree: int, filtration: str = "rips") -> BifilteredComplex:
    """The complex of a random cloud, its second parameter with ties."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(count, dimensions))
    return bifiltration(points, rng.integers(0, count // 2, count) / 3, (degree,), filtration)


def image(seed: int) -> BifilteredComplex:
    """Squares of a random image with few grey values, so with many ties."""
    rng = np.random.default_rng(seed)
    return cubical_bifiltration(rng.integers(0, 4, (7, 6)).astype(float), rng.integers(0, 5, (7, 6)).astype(float))


COMPLEXES = {
    "rips in the plane": lambda: (cloud(0, 60, 2, 1), (0, 1)),
    "rips, components alone": lambda: (cloud(1, 40, 2, 0), (0,)),
    "rips in degree 2": lambda: (cloud(2, 14, 3, 2), (0, 1, 2)),
    "alpha in the plane": lambda: (cloud(3, 40, 2, 1, "alpha"), (0, 1)),
    "alpha in space": lambda: (cloud(4, 25, 3, 2, "alpha"), (0, 1, 2)),
    "pixels": lambda: (image(5), (0, 1)),
}


def plain(filtered: BifilteredComplex) -> list[dict[str, Any]]:
    """The form that the viewer's functions take, as JSON values; floats keep all their digits."""
    return [
        {
            "count": len(cells),
            "radius": cells.grades[:, 0].tolist(),
            "level": cells.grades[:, 1].tolist(),
            "starts": cells.starts.tolist(),
            "faces": cells.faces.tolist(),
        }
        for cells in filtered.cells
    ]


@pytest.mark.parametrize("name", COMPLEXES)
def test_bars_are_those_of_the_engine(modules: Page, name: str) -> None:
    """On lines of every slope, births, deaths and the cells that begin and end bars agree exactly, ties included."""
    filtered, degrees = COMPLEXES[name]()
    rng = np.random.default_rng(7)
    lines = [([0.0, 0.0], [1.0, 1.0])]
    lines += [(rng.normal(size=2).tolist(), np.exp(rng.normal(size=2)).tolist()) for _ in range(6)]
    found = modules.evaluate(
        """async ([complex, lines, degrees]) => {
          const { barsOf, lineTimes } = await import("/persistence.js");
          const seen = lines.map(([base, direction]) => barsOf(complex, lineTimes(complex, base, direction), degrees));
          return seen.map((bars) => degrees.map((degree) => {
            const { births, deaths, birthCells, deathCells } = bars.get(degree);
            return births.map((birth, k) => [birth, deaths[k], birthCells[k], deathCells[k]]);
          }));
        }""",
        [plain(filtered), lines, list(degrees)],
    )
    for (base, direction), seen in zip(lines, found, strict=True):
        expected = bars_on_line(filtered, base, direction, degrees)
        for degree, rows in zip(degrees, seen, strict=True):
            bars = expected[degree]
            told = np.column_stack([bars.births, bars.deaths, bars.birth_cells, bars.death_cells])
            assert sorted(map(tuple, rows)) == sorted(map(tuple, told.tolist()))


@pytest.mark.parametrize("name", COMPLEXES)
def test_ranks_are_those_of_the_engine(modules: Page, name: str) -> None:
    """rk(a, b) agrees for all b of a grid, from places on it and beside it."""
    filtered, degrees = COMPLEXES[name]()
    radii = np.linspace(filtered.radii[0], filtered.radii[-1], 8)
    levels = np.linspace(filtered.levels[0], filtered.levels[-1], 7)
    middle = (float(np.median(filtered.radii)), float(np.median(filtered.levels)))
    starts = [(float(radii[i]), float(levels[j])) for i, j in ((0, 0), (2, 3), (5, 1), (7, 6))] + [middle]
    found = modules.evaluate(
        """async ([complex, starts, radii, levels, degrees]) => {
          const { rankFrom } = await import("/rank.js");
          return starts.map((start) => degrees.map((degree) =>
            [...rankFrom(complex, start, radii, levels, degree)].map(({ ranks }) => [...ranks])));
        }""",
        [plain(filtered), starts, radii.tolist(), levels.tolist(), list(degrees)],
    )
    for start, by_degree in zip(starts, found, strict=True):
        expected = rank_from(filtered, start, radii, levels, degrees)
        for degree, columns in zip(degrees, by_degree, strict=True):
            assert np.array(columns).T.tolist() == expected[degree].tolist()


def test_the_complex_at_a_place_is_that_of_the_definition(modules: Page) -> None:
    """Points up to a level, edges up to a radius, and every triangle of such edges."""
    rng = np.random.default_rng(3)
    points, values = rng.normal(size=(30, 4)), rng.normal(size=30)
    radius, level = 1.9, 0.4
    found = modules.evaluate(
        """async ([points, dimensions, values, radius, level]) => {
          const { pairLengths, ripsAt } = await import("/simplices.js");
          const { points: there, edges, edgeCount, triangles } = ripsAt(pairLengths(points, dimensions), values, radius, level);
          return { there: [...there], edges, edgeCount, triangles };
        }""",
        [points.ravel().tolist(), 4, values.tolist(), radius, level],
    )
    near = np.linalg.norm(points[:, None] - points[None], axis=2) <= radius
    there = values <= level
    inside = [i for i in range(30) if there[i]]
    edges = [(i, j) for i in inside for j in inside if i < j and near[i, j]]
    triangles = [(i, j, k) for i, j in edges for k in inside if j < k and near[i, k] and near[j, k]]
    assert found["there"] == there.astype(int).tolist() and found["edgeCount"] == len(edges)
    assert found["edges"] == [end for edge in edges for end in edge]
    assert sorted(zip(*[iter(found["triangles"])] * 3, strict=True)) == triangles


def test_the_line_keeps_rising(modules: Page) -> None:
    """The diagonal is t -> low + t extent; angle and offset give the same line back; no handle makes it fall."""
    found = modules.evaluate(
        """async () => {
          const { angleAndOffset, diagonal, lineOf, parametrised, shifted, withHandle } = await import("/line.js");
          const axes = [{ low: 2, extent: 4, from: 1.9, to: 6.1 }, { low: -1, extent: 0.5, from: -1.05, to: -0.45 }];
          const back = [[30, 0.1], [80, -0.3], [1, 0.02]].map(([angle, offset]) => angleAndOffset(lineOf(angle, offset)));
          const pushed = withHandle(diagonal(), "end", [-5, 0.01]);
          const moved = shifted(diagonal(), [0.5, -0.5]);
          const on = parametrised(diagonal(), ...axes);
          return { back, pushed, moved, on: { base: on.base, direction: on.direction }, missed: lineOf(45, 0.9) };
        }"""
    )
    assert found["on"]["base"] == pytest.approx([2, -1], abs=1e-12)
    assert found["on"]["direction"] == pytest.approx([4, 0.5])
    for (angle, offset), back in zip([(30, 0.1), (80, -0.3), (1, 0.02)], found["back"], strict=True):
        assert back["offset"] == pytest.approx(offset, abs=1e-3) and back["angle"] == pytest.approx(angle, abs=1)
    for line in (found["pushed"], found["moved"]):
        assert all(end > start for start, end in zip(line["start"], line["end"], strict=True))
        assert all(0 <= value <= 1 for value in line["start"] + line["end"])
    assert found["missed"] is None


def test_a_staircase_is_the_summand(modules: Page) -> None:
    """A place lies inside the outline just if a birth corner is at or below it and a death corner at or above it."""
    births = [[1.0, 6.0], [2.0, 3.0], [5.0, 1.0]]
    deaths: list[list[float | None]] = [[3.0, 9.0], [7.0, 7.0], [9.0, None]]
    inside = modules.evaluate(
        """async ([births, deaths]) => {
          const { staircase } = await import("/plane.js");
          const data = { across: { from: 0, to: 10 }, along: { from: 0, to: 10 } };
          const path = new Path2D(staircase({ births, deaths }, { x: (r) => 10 * r, y: (l) => 100 - 10 * l }, data));
          const context = document.createElement("canvas").getContext("2d");
          const places = Array.from({ length: 10 }, (_, i) => i + 0.5);
          return places.map((radius) => places.map((level) => context.isPointInPath(path, 10 * radius, 100 - 10 * level)));
        }""",
        [births, deaths],
    )
    for i, j in np.ndindex(10, 10):
        radius, level = i + 0.5, j + 0.5
        begun = any(corner[0] <= radius and corner[1] <= level for corner in births)
        lasts = any(
            all(at is None or at >= value for at, value in zip(corner, (radius, level), strict=True))
            for corner in deaths
        )
        assert inside[i][j] == (begun and lasts)
