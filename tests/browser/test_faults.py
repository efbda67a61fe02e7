"""What a person sees of a cut wire, a held database and a full disk: a sentence each, and then it goes on by itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.settings import Settings
from core.store import Store, open_store
from core.store.faults import BUSY, FULL
from tests.browser.conftest import PATIENCE
from tests.browser.steps import ask_data_dimension, settle, wait_for_answer
from tests.core.store.test_faults import HOLD
from tests.services.cut_proxy import CutProxy, cut_proxy
from tests.services.small_disk import MIB, SmallDisk, small_disk
from tests.workbench import Workbench, wait_for


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    with small_disk(tmp_path_factory.mktemp("disk"), 60 * MIB) as made:
        yield made


@pytest.fixture(scope="module")
def server(disk: SmallDisk) -> Iterator[Workbench]:
    """A server on the small disk that waits half a second for the database."""
    made = Workbench(disk.path / "home", {"ASSAY_DATABASE_PATIENCE": "0.5", "ASSAY_GPUS": "0"}).start()
    yield made
    made.stop()


@pytest.fixture
def store(server: Workbench) -> Store:
    return open_store(Settings(home=server.home))


@pytest.fixture
def wire(server: Workbench) -> Iterator[CutProxy]:
    with cut_proxy(server.port) as made:
        yield made


def test_a_page_whose_wire_was_cut_shows_the_result_without_a_click(wire: CutProxy, store: Store, page: Page) -> None:
    """The run goes on without anybody looking; when the wire is whole again the same tab has its answer."""
    ask_data_dimension(page, wire.url, "Swiss roll")
    page.wait_for_url("**run=*")
    wire.cut()
    assert wire.cuts
    wait_for(lambda: _states(store) == {"done"}, 120, "the end of the run")
    wire.mend()
    assert wait_for_answer(page)


def test_a_page_that_stood_still_while_its_wire_was_cut_is_drawn_again(
    wire: CutProxy, server: Workbench, page: Page, csv_file: Path
) -> None:
    """What another tab brought meanwhile is there once the wire is whole, without a click."""
    page.goto(f"{wire.url}/library")
    expect(page.get_by_label("Choose files or drop them here")).to_be_attached(timeout=4 * PATIENCE)
    settle(page)
    wire.cut()
    other = page.context.new_page()  # a cookie counts for every port of a name, so this is the same workspace
    other.goto(f"{server.url}/library")
    other.get_by_label("Choose files or drop them here").set_input_files(csv_file)
    expect(other.get_by_text("Nothing of your own yet")).to_have_count(0, timeout=4 * PATIENCE)  # it is in the list
    other.close()  # a tab behind another one is not drawn
    expect(page.get_by_text(csv_file.name)).to_have_count(0)
    wire.mend()
    expect(page.get_by_text(csv_file.name).first).to_be_visible(timeout=4 * PATIENCE)


def test_a_held_database_is_said_and_the_page_goes_on_by_itself(server: Workbench, store: Store, page: Page) -> None:
    """Another program holds it; the question is asked when it lets go, without a click."""
    page.goto(server.url)
    expect(page.get_by_role("heading").first).to_be_visible()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(server.home / "assay.sqlite")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None and holder.stdin is not None
        assert holder.stdout.readline() == b"held\n"
        page.goto(f"{server.url}/calibration?mode=holdout&example=1")
        expect(page.get_by_text(BUSY)).to_be_visible()
    page.wait_for_url("**run=*")
    expect(page.get_by_text(BUSY)).to_have_count(0)


def test_a_full_disk_is_said_where_a_file_is_brought(
    server: Workbench, disk: SmallDisk, page: Page, csv_file: Path, tmp_path: Path
) -> None:
    """The refusal leaves nothing behind; as soon as there is room the same file is taken."""
    large = tmp_path / "large.csv"
    large.write_text(csv_file.read_text() * 600)
    page.goto(f"{server.url}/library")
    files = page.get_by_label("Choose files or drop them here")
    expect(files).to_be_attached(timeout=4 * PATIENCE)
    disk.fill()
    files.set_input_files(large)
    expect(page.get_by_text(FULL).first).to_be_visible()
    disk.empty()
    assert list((server.home / "tmp").iterdir()) == []
    files.set_input_files(csv_file)
    expect(page.get_by_text(csv_file.name).first).to_be_visible(timeout=4 * PATIENCE)


def _states(store: Store) -> set[str]:
    with store.reading() as connection:
        return set(connection.exec_driver_sql("select state from jobs").scalars())
