"""The accessibility checker on every page as a newcomer finds it, light and dark; test_looks has the pages of results."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import new_context
from tests.workbench import Workbench

STREAMLITS_OWN = {"list", "listitem", "presentation-role-conflict"}  # findings in the frame that Streamlit draws
QUESTIONS = ("intrinsic_dimension", "landscape", "calibration", "telemetry", "topology")
DARK = "rgb(17, 22, 28)"  # background of theme.dark


@pytest.fixture(scope="module")
def visit(quiet: Workbench, chromium: Browser) -> Iterator[tuple[Page, dict[str, str]]]:
    """A tab, and the addresses of all pages by their names."""
    context = new_context(chromium)
    page = context.new_page()
    page.goto(quiet.url)
    settle(page)
    states = {
        **{name or "home": f"/{name}" for name in ("", "tour", "help", "library", "runs", "compare", "nowhere")},
        **{f"{name}, form": f"/{name}" for name in QUESTIONS},
    }
    yield page, {name: quiet.url + path for name, path in states.items()}
    context.close()


def test_axe_finds_nothing_of_ours(visit: tuple[Page, dict[str, str]]) -> None:
    """No page in any state has a finding but those in Streamlit's own frame; the contrast holds in the dark too."""
    page, states = visit
    findings = {}
    for name, address in states.items():
        page.emulate_media(color_scheme="light")
        page.goto(address)
        settle(page)
        found = ours(page)
        page.emulate_media(color_scheme="dark")
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", DARK)
        settle(page)
        found |= {f"dark {rule}": nodes for rule, nodes in ours(page, "color-contrast").items()}
        if found:
            findings[name] = found
    assert findings == {}


def ours(page: Page, *rules: str) -> dict[str, list[str]]:
    """What the checker finds outside of Streamlit's own, the first three places of each rule."""
    options = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else None
    violations = Axe().run(page, options=options).response["violations"]
    return {
        one["id"]: [node["html"][:200] for node in one["nodes"][:3]]
        for one in violations
        if one["id"] not in STREAMLITS_OWN
    }


def settle(page: Page) -> None:
    """Waits until the page is drawn and Streamlit says that it runs no more."""
    expect(page.get_by_test_id("stMain").get_by_role("heading").first).to_be_visible()
    expect(page.locator("[data-test-script-state='running']")).to_have_count(0)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
