"""What a person does in the workbench, in the words of the tests."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from tests.workbench import Workbench

ANSWER = ".assay-answer"  # the sentence that a result page opens with


def open_question(page: Page, address: str, query: str = "") -> None:
    """Opens the page of the first question on a server."""
    page.goto(f"{address}/intrinsic_dimension{query}")
    expect(page.get_by_test_id("stMain").get_by_role("heading").first).to_be_visible()


def upload(page: Page, workbench: Workbench, *files: Path) -> None:
    """Sends files from the library page; does not wait for what becomes of them."""
    page.goto(f"{workbench.url}/library")
    page.get_by_label("Choose files or drop them here").set_input_files(list(files))


def ask_data_dimension(page: Page, address: str, name: str) -> None:
    """Asks how many dimensions a data set of the picker has, and presses Run."""
    open_question(page, address, "?mode=data")
    choose_data_set(page, name)
    page.get_by_role("button", name=re.compile("^Run")).click()


def choose_data_set(page: Page, name: str) -> None:
    """Picks a data set in the form."""
    picker = page.get_by_test_id("stMain").get_by_role("combobox", name="Data set")
    picker.click()
    picker.fill(name)
    page.get_by_role("option", name=re.compile(re.escape(name))).first.click()


def settle(page: Page) -> None:
    """Waits until the page is drawn and Streamlit says that it runs no more."""
    expect(page.get_by_test_id("stMain").get_by_role("heading").first).to_be_visible()
    expect(page.locator("[data-test-script-state='running']")).to_have_count(0)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)


def run_of(page: Page) -> str:
    """The run in the address."""
    return parse_qs(urlsplit(page.url).query)["run"][0]


def wait_for_answer(page: Page, seconds: float = 120) -> str:
    """Waits until the result is there, and returns its answer."""
    answer = page.locator(ANSWER).first
    expect(answer).to_be_visible(timeout=seconds * 1000)
    return answer.inner_text()


def make_link(page: Page, expiry: str = "30 days") -> str:
    """Makes a share link for the result on the page."""
    page.get_by_role("button", name="Share").click()
    if expiry != "30 days":
        page.get_by_role("combobox", name="Valid for").click()
        page.get_by_role("option", name=expiry).click()
    page.get_by_role("button", name="Create link").click()
    code = page.get_by_test_id("stCode").filter(has_text="share=")
    expect(code).to_be_visible()
    return code.inner_text().strip()
