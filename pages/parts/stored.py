"""Results that pages have read lately, shared by all sessions; nobody changes them."""

from __future__ import annotations

import threading
from collections import OrderedDict

import streamlit as st

from core.store.results import StoredResult, load_result
from pages.parts.workspace import this_store

MOST_RESULTS = 100
MOST_BYTES = 1 << 29  # of arrays and tables together; one result is kept however large it is


def stored_result(key: str) -> StoredResult:
    """A result from the store.

    Raises:
        NotFound: there is none (any more).
    """
    return _recent().get(key)


class _Recent:
    """The results that were asked for last, a bounded number and size of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[StoredResult, int]] = OrderedDict()

    def get(self, key: str) -> StoredResult:
        """The result of a key, read from the store where it is not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        stored = load_result(this_store(), key)  # outside of the lock: a large one takes its time
        with self._lock:
            self._kept[key] = stored, _bytes(stored)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_RESULTS or (len(self._kept) > 1 and self._size() > MOST_BYTES):
                self._kept.popitem(last=False)
        return stored

    def _size(self) -> int:
        return sum(size for _, size in self._kept.values())


@st.cache_resource(show_spinner=False)
def _recent() -> _Recent:
    return _Recent()


def _bytes(stored: StoredResult) -> int:
    arrays = sum(array.nbytes for array in stored.result.arrays.values())
    return arrays + sum(int(table.memory_usage(deep=False).sum()) for table in stored.result.tables.values())
