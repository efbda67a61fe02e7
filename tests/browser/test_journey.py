"""One person's way: bring a file, ask, read, share; and a collaborator's, who only has the link."""

from __future__ import annotations

import re
import time
from pathlib import Path

import sqlalchemy as sql
from playwright.sync_api import Browser, Page, expect

from core.settings import Settings
from core.store import open_store
from core.store.database import shares
from tests.browser.conftest import new_context
from tests.browser.steps import ANSWER, ask_data_dimension, make_link, run_of, upload, wait_for_answer
from tests.workbench import Workbench


def test_upload_run_share_revoke(workbench: Workbench, page: Page, chromium: Browser, csv_file: Path) -> None:
    """A file becomes a result, the result a link that works without cookies until it is revoked."""
    upload(page, workbench, csv_file)
    expect(page.get_by_text("flowers.csv").first).to_be_visible()
    page.get_by_role("link", name="Details").first.click()
    expect(page.get_by_text("120").first).to_be_visible()

    ask_data_dimension(page, workbench.url, "flowers.csv")
    answer = wait_for_answer(page)
    assert "dimension" in answer
    expect(page.locator(".js-plotly-plot").first).to_be_visible()

    link = make_link(page)
    guest = new_context(chromium)
    theirs = guest.new_page()
    theirs.goto(link)
    assert wait_for_answer(theirs) == answer
    expect(theirs.locator(".js-plotly-plot").first).to_be_visible()
    expect(theirs.get_by_role("link", name="Change and ask again")).to_have_count(0)

    own_address = page.url
    stranger = guest.new_page()
    stranger.goto(own_address)
    expect(stranger.get_by_text("Not found").first).to_be_visible()
    expect(stranger.locator(ANSWER)).to_have_count(0)

    page.goto(f"{workbench.url}/runs")
    page.get_by_role("button", name="Revoke").first.click()
    expect(page.get_by_text("revoked").first).to_be_visible()
    theirs.reload()
    expect(theirs.get_by_text("Not found").first).to_be_visible()
    expect(theirs.locator(ANSWER)).to_have_count(0)
    guest.close()


def test_expired_forged_and_missing_links_look_the_same(workbench: Workbench, page: Page, chromium: Browser) -> None:
    """A link that has expired, one that never was, and one without a token all say the same."""
    ask_data_dimension(page, workbench.url, "Swiss roll")
    wait_for_answer(page)
    link = make_link(page, "7 days")
    store = open_store(Settings(home=workbench.home))
    with store.engine.begin() as connection:
        connection.execute(sql.update(shares).where(shares.c.revoked.is_(None)).values(expires=time.time() - 1))

    said = []
    guest = new_context(chromium)
    for address in (link, f"{workbench.url}/shared?share=forged", f"{workbench.url}/shared"):
        theirs = guest.new_page()
        theirs.goto(address)
        alert = theirs.get_by_text("Not found").first
        expect(alert).to_be_visible()
        said.append(alert.inner_text())
    assert len(set(said)) == 1
    guest.close()


def test_reload_in_the_middle_and_a_second_tab(workbench: Workbench, page: Page) -> None:
    """A reload, or the same address in a second tab, shows the same run going on."""
    page.goto(f"{workbench.url}/intrinsic_dimension?example=objective-grid")
    page.wait_for_url("**run=*")
    run = run_of(page)
    expect(page.get_by_role("progressbar").first).to_be_visible()
    page.reload()
    second = page.context.new_page()
    second.goto(page.url)
    assert run_of(page) == run_of(second) == run
    answer = wait_for_answer(page)
    assert wait_for_answer(second) == answer


def test_cancel_frees_the_worker(workbench: Workbench, page: Page) -> None:
    """A cancelled run says so at once, and the next one does not wait for it."""
    page.goto(f"{workbench.url}/intrinsic_dimension?mode=objective")
    long_run(page)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("This run was cancelled").first).to_be_visible(timeout=5_000)
    ask_data_dimension(page, workbench.url, "5-sphere")
    assert wait_for_answer(page, 60)


def long_run(page: Page) -> None:
    """Starts a study that takes minutes and waits until it is at work."""
    page.get_by_text("More settings").click()
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("400")
    epochs.press("Tab")
    page.get_by_role("button", name=re.compile("^Run")).click()
    page.wait_for_url("**run=*")
    expect(page.get_by_text("%").first).to_be_visible()


def test_a_wrong_file_is_refused_with_a_sentence(workbench: Workbench, page: Page, tmp_path: Path) -> None:
    """A file that can't be used is named with what is wrong, and nothing of it is kept."""
    broken = tmp_path / "broken.csv"
    broken.write_text("a,b\n1,2\n3,oops\n4,5\n" * 1)
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    pickled = tmp_path / "model.npy"
    pickled.write_bytes(b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94.")
    upload(page, workbench, empty, pickled)
    refusals = page.get_by_role("alert")
    expect(refusals).to_have_count(2)
    for words in refusals.all_inner_texts():
        assert words.endswith(".") and "Traceback" not in words
    page.reload()
    expect(page.get_by_text("empty.csv")).to_have_count(0)


def test_names_are_shown_as_text(workbench: Workbench, page: Page, csv_file: Path) -> None:
    """A file name with markup, emoji and 300 characters is text on the page and nothing else."""
    page.goto(f"{workbench.url}/library")
    name = "<script>document.title='taken'</script>../" + "\N{SCALES}" + "x" * 250 + ".csv"
    content = csv_file.read_text()
    reply = page.evaluate(
        """async ([name, content]) => (await fetch(`/api/uploads?name=${encodeURIComponent(name)}`,
        {method: 'PUT', body: content})).status""",
        [name, content],
    )
    assert reply == 200
    page.reload()
    expect(page.get_by_text("<script>document.title").first).to_be_visible()
    assert page.title() != "taken"
