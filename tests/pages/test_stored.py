"""Results that pages keep: read once, and no more of them than fit."""

from __future__ import annotations

import pytest

import pages.parts.stored as stored_part
from core.errors import NotFound
from pages.parts.stored import stored_result
from tests.pages.conftest import Desk


def test_a_result_is_read_once(desk: Desk) -> None:
    """Two visitors get the same object; an unknown key is not found."""
    run = desk.ask()
    desk.finish(run, 2.0)
    assert stored_result(run.key) is stored_result(run.key)
    with pytest.raises(NotFound):
        stored_result("0" * 40)


def test_what_is_kept_is_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the limit the one that nobody asked for longest goes; one always stays, however large."""
    runs = [desk.ask(dataset=name) for name in ("wine", "digits")]
    for run, name in zip(runs, ("wine", "digits"), strict=True):
        desk.finish(run, 2.0, dataset=name)
    monkeypatch.setattr(stored_part, "MOST_BYTES", 1)
    first = stored_result(runs[0].key)
    assert stored_result(runs[0].key) is first
    stored_result(runs[1].key)
    assert stored_result(runs[0].key) is not first
