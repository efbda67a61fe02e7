"""What holds for every test."""

from __future__ import annotations

import os

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# One thread for numerical libraries, as in the workers: on small arrays more threads wait for each other, and on a busy
# machine they wait long. It counts before numpy and torch are imported, here and in the processes that tests start.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

# Folders whose tests start servers, browsers and clusters: one process runs all of a group, so that no two browsers wait
# for each other; it begins with them, since they take longest.
TOGETHER = {
    "tests/browser/": "browser",
    "tests/cluster/": "cluster",
    "tests/soak/": "cluster",
    "tests/core/runner/": "cluster",
}


class Groups(LoadScopeScheduling):
    """Hands out the tests of a file together, and those of the folders above as one."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return next((name for folder, name in TOGETHER.items() if file.startswith(folder)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Groups:
    """How tests are shared out among the processes of `make test`."""
    return Groups(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The groups of servers come first."""
    items.sort(key=lambda item: not item.nodeid.startswith(tuple(TOGETHER)))
