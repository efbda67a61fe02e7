"""The main figure of a finished result as a small SVG, in light and in dark: what a card shows instead of a chart.

Drawn by Chromium with the very script that draws the figures on the pages, so a picture is the figure, only smaller. This
is done once, by `make gallery`; pages only read the files.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.export.look import look

WIDTH, HEIGHT = 560, 340  # of the picture; a card scales it
MARGIN = {"l": 8, "r": 12, "t": 12, "b": 8}

_DRAW = """async ([plot, template, size]) => {
  const place = document.createElement("div");
  document.body.append(place);
  for (const trace of plot.data)  // of a cell with several lines the first one fits
    if (trace.type === "heatmap" && Array.isArray(trace.text)) trace.text = trace.text.map((row) =>
      Array.isArray(row) ? row.map((text) => String(text).split("<br>")[0]) : row);
  const layout = {...plot.layout, template, ...size, title: "", updatemenus: [], sliders: []};
  await Plotly.newPlot(place, {data: plot.data, layout, config: {staticPlot: true}});
  const drawn = await Plotly.toImage(place, {format: "svg", ...size});
  place.remove();
  return decodeURIComponent(drawn.slice(drawn.indexOf(",") + 1));
}"""


class Draughtsman:
    """A browser that draws figures."""

    def __init__(self, page: Any) -> None:
        self._page = page

    def draw(self, figure: Mapping[str, Any], theme: str) -> str:
        """A figure, as `figures.json` has it, as SVG.

        Args:
            figure: one of its values.
            theme: "light" or "dark".
        """
        text = json.dumps(figure["plot"])
        if theme == "dark":
            for colour, lighter in look()["lighter"].items():
                text = text.replace(colour, lighter)
        template = json.loads(json.dumps(look()["templates"][theme]))
        template["layout"]["margin"] = MARGIN
        size = {"width": WIDTH, "height": HEIGHT}
        return tidy(str(self._page.evaluate(_DRAW, [json.loads(text), template, size])))


@contextmanager
def draughtsman() -> Iterator[Draughtsman]:
    """A browser for as long as figures are drawn.

    Raises:
        BadInput: there is no Chromium.
    """
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium")
    if executable is None:
        raise BadInput("Chromium is missing, which draws the pictures: `make gallery` installs it.")
    import plotly

    script = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        try:
            page = browser.new_page()
            page.add_script_tag(path=script)
            yield Draughtsman(page)
        finally:
            browser.close()


def tidy(svg: str) -> str:
    """The drawing without what changes from one drawing to the next, and with shorter numbers.

    >>> tidy('<path d="M1.23456,2.5" id="clip5f3a01xy"/><text>0.005</text>')
    '<path d="M1.23,2.5" id="clip0xy"/><text>0.005</text>'
    """
    for place, name in enumerate(dict.fromkeys(re.findall(r"(?:clip|legend|topdefs-|defs-|g|cb)([0-9a-f]{6})", svg))):
        svg = svg.replace(name, str(place))
    return re.sub(
        r'\b(?:d|transform|x|y|width|height)="[^"]*"', lambda part: re.sub(r"(\.\d\d)\d+", r"\1", part[0]), svg
    )
