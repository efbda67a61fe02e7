"""What a page shows when it fails: a sentence with what to do, and an id where nobody expected it."""

from __future__ import annotations

import re

from streamlit.testing.v1 import AppTest

from core.store.faults import READ_ONLY
from tests.pages.conftest import plain


def _read_only() -> None:
    import errno

    from pages.parts.failure import show_unexpected

    assert show_unexpected(OSError(errno.EROFS, "Read-only file system", "/srv/assay/secret-path"))


def _unexpected() -> None:
    from pages.parts.failure import show_unexpected

    assert show_unexpected(ZeroDivisionError("of /srv/assay/secret-path"))


def test_a_fault_of_the_disk_is_its_sentence() -> None:
    """Without an id, a path or a traceback."""
    (shown,) = AppTest.from_function(_read_only, default_timeout=60).run().error
    assert plain(shown.value) == READ_ONLY


def test_what_nobody_expected_has_an_id() -> None:
    """The log has the details under it; the page has none of them."""
    (shown,) = AppTest.from_function(_unexpected, default_timeout=60).run().error
    assert re.search(r"\b[0-9a-f]{8}\b", plain(shown.value))
    assert "secret-path" not in shown.value and "ZeroDivision" not in shown.value
