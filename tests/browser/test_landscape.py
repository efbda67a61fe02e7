"""A practitioner's way: a table of measurements, its map, a cell that is clicked, and the link to it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import new_context
from tests.browser.steps import make_link, settle, upload, wait_for_answer
from tests.workbench import Workbench

LOADS, RATES = (2, 4, 8, 16), (0.01, 0.02, 0.05, 0.1)
CHART = "stPlotlyChart"


def write_table(path: Path) -> Path:
    """Narrow networks are sharp and have a high loss; cold ones are poorly connected: phases I, II, III and IV."""
    rng = np.random.default_rng(0)
    rows = [
        {
            "load": load,
            "temperature": rate,
            "train_loss": (0.5 if load < 8 else 0.002) * rng.uniform(0.9, 1.1),
            "trace": (3000 if load < 8 else 30) * rng.uniform(0.9, 1.1),
            "mode_connectivity": (-12.0 if rate < 0.05 else 0.2) + rng.normal(0, 0.2),
            "cka": (0.4 if load < 16 else 0.9) + rng.normal(0, 0.01),
            "test_error": (30.0 if load < 8 else 12.0) + rng.normal(0, 0.2),
        }
        for load in LOADS
        for rate in RATES
        for _ in range(3)
    ]
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def chosen(page: Page) -> tuple[float, float]:
    """The cell that the address names."""
    query = parse_qs(urlsplit(page.url).query)
    return float(query["load"][0]), float(query["temperature"][0])


def test_table_map_click_share(workbench: Workbench, page: Page, chromium: Browser, tmp_path: Path) -> None:
    """The lower left cell is in phase I and the upper right one in IV-B; each click is in the address and behind the link."""
    upload(page, workbench, write_table(tmp_path / "measured.csv"))
    expect(page.get_by_role("link", name="Details").first).to_be_visible()
    page.goto(f"{workbench.url}/landscape?mode=metrics")
    picker = page.get_by_test_id("stMain").get_by_role("combobox", name="Table of metrics")
    picker.click()
    page.get_by_role("option", name=re.compile(r"measured\.csv")).first.click()
    page.get_by_role("button", name=re.compile("^Run")).click()
    assert "16 cells" in wait_for_answer(page)

    click_cell(page, column=0, row=0)
    page.wait_for_url("**load=*")
    assert chosen(page) == (LOADS[0], RATES[0])
    expect(page.get_by_text(re.compile(r"^I at load 2, temperature 0.01"))).to_be_visible()
    click_cell(page, column=3, row=3)
    expect(page.get_by_text(re.compile(r"^IV-B at load 16, temperature 0.1"))).to_be_visible()
    assert chosen(page) == (LOADS[3], RATES[3])

    page.reload()
    expect(page.get_by_text(re.compile(r"^IV-B at load 16, temperature 0.1"))).to_be_visible()
    link = make_link(page)
    guest = new_context(chromium)
    theirs = guest.new_page()
    theirs.goto(f"{link}&load={LOADS[0]}&temperature={RATES[0]}")
    expect(theirs.get_by_text(re.compile(r"^I at load 2, temperature 0.01"))).to_be_visible()
    guest.close()


def click_cell(page: Page, column: int, row: int) -> None:
    """Clicks a cell of the map, counted from the lower left corner."""
    settle(page)  # a click on a map that is about to be drawn again is lost
    plane = page.get_by_test_id(CHART).first.locator(".nsewdrag").first
    box = plane.bounding_box()
    assert box is not None
    plane.click(
        position={
            "x": box["width"] * (column + 0.5) / len(LOADS),
            "y": box["height"] * (1 - (row + 0.5) / len(RATES)),
        }
    )
