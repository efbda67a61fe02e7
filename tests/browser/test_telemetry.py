"""An operator's way: the example, its strongest event, a closer look, a remark that stays, and a colleague who reads it."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import new_context
from tests.browser.steps import make_link, wait_for_answer
from tests.workbench import Workbench

REMARK = "heater test, planned"


def test_example_zoom_annotate_reload_share(workbench: Workbench, page: Page, chromium: Browser) -> None:
    """A zoom stands in the address, a remark is stored; both survive a reload, and a link shows them to others."""
    page.goto(f"{workbench.url}/telemetry?example=1")
    wait_for_answer(page)
    page.wait_for_url("**run=*")
    expect(page.get_by_text("All parameters, all the time").first).to_be_visible()
    expect(page.get_by_role("radiogroup", name="Event", exact=True)).to_be_visible()

    page.get_by_role("button", name="This event ± 6 h").click()
    page.wait_for_url("**from=*")
    wide = stretch(page)
    expect(page.get_by_text(f"{wide[0].replace('T', ' ')} to").first).to_be_visible()  # the new chart's caption
    draw_box(page)
    page.wait_for_function("start => !location.search.includes(start)", arg=f"from={wide[0].replace(':', '%3A')}")
    near = stretch(page)
    assert wide[0] < near[0] < near[1] < wide[1]

    page.get_by_role("button", name="Annotate").click()
    page.get_by_label("What happened").fill(REMARK)
    page.get_by_label("Your name").fill("Ann")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("button", name="Delete")).to_be_visible()
    page.reload()
    expect(page.get_by_text(re.compile(r"to .* UTC · .* · Ann"))).to_be_visible()
    assert stretch(page) == near

    link = make_link(page)
    guest = new_context(chromium)
    theirs = guest.new_page()
    theirs.goto(f"{link}&{urlsplit(page.url).query.partition('&')[2]}")
    expect(theirs.get_by_text(re.compile(r"to .* UTC · .* · Ann"))).to_be_visible()
    assert stretch(theirs) == near
    expect(theirs.get_by_role("button", name="Delete")).to_have_count(0)
    guest.close()


def stretch(page: Page) -> tuple[str, str]:
    """From and to, as the address has them."""
    said = parse_qs(urlsplit(page.url).query)
    return said["from"][0], said["to"][0]


def draw_box(page: Page) -> None:
    """Draws a box over the middle of the timeline."""
    chart = page.get_by_role("figure", name=re.compile("^Measured and forecast values"))
    expect(chart.locator(".nsewdrag").first).to_be_visible()
    area = chart.locator(".nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.4 * box["width"], y)
    page.mouse.down()
    for share in (0.45, 0.5, 0.6):
        page.mouse.move(box["x"] + share * box["width"], y + 10)
    page.mouse.up()
