"""A real server and a real Chromium for the tests in this folder."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.workbench import Workbench

PATIENCE = 30_000  # milliseconds that an expected text may take on a busy machine
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def workbench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """One server for the tests that leave it alive."""
    server = Workbench(tmp_path_factory.mktemp("workbench") / "home").start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """One server without a runner, for tests that need none: the results of the examples are there all the same."""
    server = Workbench(tmp_path_factory.mktemp("quiet") / "home", {"ASSAY_RUNNER": "false"}).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, which `make test` installs where it is missing."""
    executable = shutil.which("chromium")
    assert executable, "Chromium is missing: `make test` installs it, or run `apt-get install chromium`."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable,
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        )
        yield browser
        browser.close()


def new_context(browser: Browser, **options: object) -> BrowserContext:
    """A browser of somebody else: no cookies, a tall window so that a page fits into one picture."""
    settings = {"viewport": {"width": 1280, "height": 1600}, "accept_downloads": True, **options}
    context = browser.new_context(**settings)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    return context


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A tab of a person who comes for the first time."""
    context = new_context(chromium)
    yield context.new_page()
    context.close()


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    """A small table with three classes of points around three centres."""
    rows = ["height,width,depth,species"]
    for index in range(120):
        kind = index % 3
        rows.append(
            f"{kind + 0.01 * (index % 7):.3f},{2 - kind + 0.02 * (index % 5):.3f},{0.1 * (index % 11):.3f},k{kind}"
        )
    path = tmp_path / "flowers.csv"
    path.write_text("\n".join(rows) + "\n")
    return path
