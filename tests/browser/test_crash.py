"""kill -9 of the page server in the middle of a sweep, with the tab left open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page

from tests.browser.steps import wait_for_answer
from tests.workbench import Workbench, wait_for


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Workbench]:
    """A server of this test alone."""
    workbench = Workbench(tmp_path / "home").start()
    yield workbench
    workbench.stop()


def finished_steps(workbench: Workbench) -> dict[str, int]:
    """Every finished step with the inode of the folder that holds it (what is still being written lies in a folder with a longer name)."""
    return {folder.name: folder.stat().st_ino for folder in (workbench.home / "steps").glob("??/*")}


def test_open_tab_shows_the_result_after_a_crash(server: Workbench, page: Page) -> None:
    """After kill -9 and a restart the open tab shows the finished result without a click, from the steps that were finished."""
    page.goto(f"{server.url}/intrinsic_dimension?example=objective-grid")
    page.wait_for_url("**run=*")
    wait_for(lambda: len(finished_steps(server)) >= 2, 120, "two finished steps")
    before = server.descendants()
    server.kill()
    wait_for(lambda: not any(alive(process) for process in before), 20, "the end of every process of the server")
    done = finished_steps(server)

    server.start()
    assert wait_for_answer(page, 150)
    after = finished_steps(server)
    assert {name: after[name] for name in done} == done


def test_nothing_is_left_after_ctrl_c(tmp_path: Path) -> None:
    """Ctrl-C ends the server, the runner and its workers."""
    workbench = Workbench(tmp_path / "home").start()
    wait_for(lambda: len(workbench.descendants()) >= 4, 60, "a runner with its workers")
    processes = workbench.descendants()
    workbench.stop()
    wait_for(lambda: not any(alive(process) for process in processes), 20, "the end of every process of the server")


def alive(process: psutil.Process) -> bool:
    """Whether a process still runs (one that only waits to be collected does not)."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
