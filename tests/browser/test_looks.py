"""Every page in light and dark, wide and narrow: nothing overflows, nothing is inaccessible."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import new_context
from tests.browser.steps import ask_data_dimension, make_link, wait_for_answer
from tests.workbench import Workbench

STREAMLITS_OWN = {"list", "listitem", "presentation-role-conflict"}  # findings in the frame that Streamlit draws
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
    ask_data_dimension(page, workbench, "Swiss roll")
    wait_for_answer(page)
    results = [calibration, telemetry, topology, page.url]
    yield page, [*(f"{workbench.url}/{name}" for name in PAGES), *results, make_link(page)]
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(finished: tuple[Page, list[str]], scheme: str, width: int) -> None:
    """On no page must a person scroll sideways."""
    page = finished[0]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 1600})
    for address in finished[1]:
        page.goto(address)
        settle(page)
        main = page.get_by_test_id("stMain")
        assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 1, address


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_of_ours(finished: tuple[Page, list[str]], scheme: str) -> None:
    """The accessibility checker has no finding but those in Streamlit's own frame."""
    page = finished[0]
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": 1280, "height": 1600})
    findings = {}
    for address in finished[1]:
        page.goto(address)
        settle(page)
        violations = Axe().run(page).response["violations"]
        ours = {
            violation["id"]: [node["html"][:200] for node in violation["nodes"][:3]]
            for violation in violations
            if violation["id"] not in STREAMLITS_OWN
        }
        if ours:
            findings[address] = ours
    assert findings == {}


def settle(page: Page) -> None:
    """Waits until the page is drawn and Streamlit says that it runs no more."""
    expect(page.get_by_test_id("stMain").get_by_role("heading").first).to_be_visible()
    expect(page.locator("[data-test-script-state='running']")).to_have_count(0)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
