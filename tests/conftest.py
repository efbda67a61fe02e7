"""What holds for every test."""

from __future__ import annotations

import os

import pytest

# One thread for numerical libraries, as in the workers: on small arrays more threads wait for each other, and on a busy
# machine they wait long. It counts before numpy and torch are imported, here and in the processes that tests start.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

# Folders whose tests start servers, browsers and clusters: one after the other within a group, so that no two browsers
# wait for each other.
TOGETHER = {
    "tests/browser/": "browser",
    "tests/cluster/": "cluster",
    "tests/soak/": "cluster",
    "tests/core/runner/": "cluster",
}


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Groups tests that one process runs: those of a file, and all that start servers, which begin as they wait longest."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item)))
    items.sort(key=lambda item: not item.nodeid.startswith(tuple(TOGETHER)))


def group_of(item: pytest.Item) -> str:
    """The name of a test's group."""
    return next((name for folder, name in TOGETHER.items() if item.nodeid.startswith(folder)), str(item.path))
