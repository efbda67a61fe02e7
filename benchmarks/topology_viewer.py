"""A line dragged over a topology result: a real page server, a real Chromium, and its own clock."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright

from core.analysis import Source, parse_params
from core.catalog import analysis_by_slug
from core.export.figures import figures_json
from core.provenance import provenance
from core.serial import serially
from core.server.cookies import COOKIE
from core.settings import Settings
from core.sources import open_source
from core.store import new_workspace, open_store, save_result, sign_workspace, submit
from tests.workbench import Workbench

ANALYSIS = analysis_by_slug("topology")
CASES: tuple[tuple[int, int, dict[str, str]], ...] = (  # points, dimensions, what differs from the defaults
    (120, 2, {}),
    (300, 2, {}),
    (500, 2, {}),
    (300, 3, {"degrees": "0,1"}),
    (300, 2, {"filtration": "alpha"}),
    (300, 3, {"filtration": "alpha"}),
)
MOVES = 100
GOAL = 100  # milliseconds
OBSERVED = """() => {
  window.redraws = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (entry.name === "assay-line") window.redraws.push(entry.duration);
  }).observe({ entryTypes: ["measure"] });
}"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Workbench(Path(folder) / "home").start()
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        try:
            store = open_store(Settings(home=server.home))
            workspace = new_workspace(store)
            cookie = {"name": COOKIE, "value": sign_workspace(store, workspace), "url": server.url}
            for count, dimensions, values in CASES:
                source = cloud(Path(folder), count, dimensions)
                params = parse_params(ANALYSIS.params, {"mode": "describe", "landscape_resolution": "2", **values})
                result = serially(ANALYSIS, params, {"data": source})
                named = {"data": dataclasses.replace(open_source("shapes", "noisy-circle"), digest=source.digest)}
                made = provenance("cpu", time.time(), 1.0)
                save_result(store, ANALYSIS, params, named, result, made, figures_json(ANALYSIS, result))
                run = submit(store, workspace, ANALYSIS, params, named)
                what = f"{count} points in {dimensions}-D, {result.summary['filtration'].value}"
                drag(
                    browser,
                    f"{server.url}/topology?run={run.id}",
                    cookie,
                    f"{what}, {result.summary['cells'].value} cells",
                )
        finally:
            browser.close()
            server.stop()


def cloud(folder: Path, count: int, dimensions: int) -> Source:
    """A noisy sphere with a fifth of clutter, as a file."""
    rng = np.random.default_rng(count)
    points = rng.normal(size=(count, dimensions))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    points += rng.normal(scale=0.08, size=points.shape)
    points[: count // 5] = rng.uniform(-1.5, 1.5, size=(count // 5, dimensions))
    path = folder / f"{count}x{dimensions}.npy"
    np.save(path, points)
    return open_source("shapes", str(path))


def drag(browser: Browser, address: str, cookie: dict[str, str], what: str) -> None:
    """Drags the upper end of the line about; a redraw is everything from the barcode to the last mark on the page."""
    context = browser.new_context(viewport={"width": 1280, "height": 1500})
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(address)
    page.locator(".viewer[data-ranks]").wait_for(timeout=120_000)
    page.evaluate(OBSERVED)
    knob = page.get_by_role("button", name="Upper end of the line").locator(".knob")
    knob.scroll_into_view_if_needed()
    box = knob.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for move in range(MOVES):
        page.mouse.move(x - 2.5 * move, y + 1.5 * move * (move % 20) / 20)
        page.wait_for_timeout(30)
    page.mouse.up()
    took = np.array(page.evaluate("window.redraws"))
    print(
        f"{what}: {len(took)} redraws, p50 {np.quantile(took, 0.5):.1f} ms, p95 {np.quantile(took, 0.95):.1f} ms, largest "
        f"{took.max():.1f} ms (goal {GOAL} ms)"
    )
    context.close()


if __name__ == "__main__":
    main()
