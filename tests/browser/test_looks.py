"""Every page, wide and narrow: nothing overflows; test_axe has the accessibility checker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import new_context
from tests.browser.steps import ask_data_dimension, make_link, settle, wait_for_answer
from tests.workbench import Workbench

PAGES = (
    "",
    "tour",
    "help",
    "help?about=calibration",
    "help?about=formats",
    "library",
    "intrinsic_dimension",
    "landscape",
    "calibration",
    "telemetry",
    "topology",
    "runs",
    "compare",
)
WIDTHS = (1280, 390)


@pytest.fixture(scope="module")
def finished(workbench: Workbench, chromium: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A workspace with a finished result of each question and a link: its tab, and the addresses of all pages."""
    context = new_context(chromium)
    page = context.new_page()
    page.goto(f"{workbench.url}/calibration?example=1")
    wait_for_answer(page)
    calibration = page.url
    page.goto(f"{workbench.url}/telemetry?example=1")
    wait_for_answer(page)
    telemetry = page.url
    page.goto(f"{workbench.url}/topology?example=1")
    wait_for_answer(page)
    topology = page.url
    ask_data_dimension(page, workbench.url, "Swiss roll")
    wait_for_answer(page)
    results = [calibration, telemetry, topology, page.url]
    yield page, [*(f"{workbench.url}/{name}" for name in PAGES), *results, make_link(page)]
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(finished: tuple[Page, list[str]], width: int) -> None:
    """On no page must a person scroll sideways."""
    page = finished[0]
    page.set_viewport_size({"width": width, "height": 1600})
    for address in finished[1]:
        page.goto(address)
        settle(page)
        main = page.get_by_test_id("stMain")
        assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 1, address
