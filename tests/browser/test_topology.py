"""A topologist's way: the example, another line, another place, a summand, and a colleague who reads the same."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import new_context
from tests.browser.steps import make_link, wait_for_answer
from tests.workbench import Workbench

UPPER = "Upper end of the line"
FIRST_DRAWN = 120_000  # milliseconds: the page's own scripts come first
COMPONENT = "stBidiComponentIsolated"  # around what is not Streamlit's own


def test_example_line_place_summand_share(workbench: Workbench, page: Page, chromium: Browser) -> None:
    """Bars follow a dragged line, ranks a clicked place; both are still there after a reload, and behind a link all works."""
    page.goto(f"{workbench.url}/topology?example=1")
    wait_for_answer(page)
    page.wait_for_url("**run=*")
    viewer = ready(page)
    before = viewer.get_attribute("data-bars")
    drag(page, page.get_by_role("button", name=UPPER).locator(".knob"), -180, 60)
    expect(viewer).not_to_have_attribute("data-bars", before or "")
    bars = viewer.get_attribute("data-bars") or ""
    assert page.get_by_role("spinbutton", name="angle").input_value() != "45.0"

    ranks = viewer.get_attribute("data-ranks")
    plane = viewer.locator(".plane .hit")
    box = plane.bounding_box()
    assert box is not None
    plane.click(position={"x": 0.75 * box["width"], "y": 0.1 * box["height"]})
    expect(viewer).not_to_have_attribute("data-ranks", ranks or "")
    said = viewer.locator(".complex .value")
    expect(said).to_contain_text(re.compile(r"of 120 points, [\d,]+ edges?, .*1 component, 1 loop"))

    viewer.locator(".sizes button").first.focus()
    expect(viewer.locator(".summand.lit")).to_have_count(1)
    expect(viewer.locator("path.outline")).to_have_count(1)

    page.reload()
    viewer = ready(page)
    expect(viewer).to_have_attribute("data-bars", bars)

    link = make_link(page)
    guest = new_context(chromium)
    theirs = guest.new_page()
    theirs.goto(link)
    wait_for_answer(theirs)
    assert ready(theirs).get_attribute("data-bars") == before
    guest.close()


def test_the_viewer_by_keyboard(workbench: Workbench, page: Page) -> None:
    """Arrow keys move the line and the place, degrees are radio buttons, and bars stand in a table."""
    page.goto(f"{workbench.url}/topology?example=1")
    wait_for_answer(page)
    viewer = ready(page)
    upper = page.get_by_role("button", name=UPPER)
    named = upper.get_attribute("aria-label") or ""
    upper.press("Shift+ArrowLeft")
    expect(upper).not_to_have_attribute("aria-label", named)
    spot = page.get_by_role("button", name="Chosen place")
    named, said = spot.get_attribute("aria-label") or "", viewer.locator(".complex .value").inner_text()
    spot.press("ArrowRight")
    expect(spot).not_to_have_attribute("aria-label", named)
    expect(viewer.locator(".complex .value")).not_to_have_text(said)
    page.get_by_role("radio", name="H1").press("ArrowRight")
    expect(viewer.locator(".plane .value")).to_contain_text("dim H0")
    viewer.locator("summary").click()
    expect(viewer.locator("tbody tr").first).to_contain_text("H1")
    page.get_by_role("spinbutton", name="angle").fill("60")
    page.get_by_role("spinbutton", name="angle").press("Tab")
    page.get_by_role("button", name="Diagonal").click()
    expect(page.get_by_role("spinbutton", name="angle")).to_have_value("45.0")


def test_a_bar_and_its_point_light_up_together(workbench: Workbench, page: Page) -> None:
    """Pointing at a point of the diagram names its bar and marks it beside the line."""
    page.goto(f"{workbench.url}/topology?example=1")
    wait_for_answer(page)
    viewer = ready(page)
    point = viewer.locator(".marks .point[data-bar^='1:']").last
    name = point.get_attribute("data-bar")
    point.hover()
    expect(viewer.locator(f".bars .bar.lit[data-bar='{name}']")).to_have_count(1)
    expect(viewer.locator(".diagram .value")).to_contain_text("H1 begins at radius")


def test_the_viewer_is_accessible_and_fits(workbench: Workbench, page: Page) -> None:
    """axe finds nothing in it in light and dark, and at 390 pixels nothing scrolls sideways."""
    page.goto(f"{workbench.url}/topology?example=1")
    wait_for_answer(page)
    page.wait_for_url("**run=*")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        ready(page).locator("summary").click()
        violations = Axe().run(page).response["violations"]
        ours = [one for one in violations if any(COMPONENT in str(node["target"]) for node in one["nodes"])]
        assert ours == []
    page.set_viewport_size({"width": 390, "height": 1600})
    ready(page)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 1


def ready(page: Page) -> Locator:
    """The viewer, drawn and with its ranks computed."""
    viewer = page.locator(".viewer[data-bars][data-ranks]")
    expect(viewer).to_be_visible(timeout=FIRST_DRAWN)
    return viewer


def drag(page: Page, grip: Locator, across: float, down: float) -> None:
    """Drags by so many pixels."""
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for share in (0.3, 0.6, 1):
        page.mouse.move(x + share * across, y + share * down)
    page.mouse.up()
