"""What holds for every test."""

from __future__ import annotations

import os

import pytest

# One thread for numerical libraries, as in the workers: on small arrays more threads wait for each other, and on a busy
# machine they wait long. It counts before numpy and torch are imported, here and in the processes that tests start.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

LONGEST = (
    "tests/browser/",
    "tests/cluster/",
    "tests/soak/",
    "tests/core/runner/",
)  # folders that wait for real servers


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with what waits longest, so that no processor is idle while the last of it goes on alone."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
