"""What the runners offer decides what may be queued."""

from __future__ import annotations

import pytest

from core.analysis import Estimate
from core.errors import BadInput, TooLarge
from core.settings import Settings
from core.store import open_store, register_runner
from core.store.capacity import Offer, check_capacity, in_words, offers

CPU = Offer("cpu", "AMD EPYC", 1 << 30)
CARD = Offer("gpu", "H200", 1 << 36)
SMALL = Estimate(seconds=1, memory=1 << 20, steps=1)
LARGE = Estimate(seconds=1, memory=1 << 32, steps=1)


def test_offers_come_from_living_runners(tmp_path) -> None:
    """A runner that was silent for two leases offers nothing."""
    now = [1000.0]
    store = open_store(Settings(home=tmp_path), clock=lambda: now[0])
    row = {"device": "cpu", "name": "AMD EPYC", "memory": 1 << 30, "threads": 1}
    register_runner(store, "one", "here", 1, [row, row])
    assert offers(store) == (CPU, CPU)
    now[0] += 3 * store.settings.lease_seconds
    assert offers(store) == ()


def test_too_much_memory_is_refused_with_both_sizes() -> None:
    """The sentence has what is needed and what there is; what fits passes, and so does all while nobody is known."""
    with pytest.raises(TooLarge, match=r"needs about 4 GiB of memory, and the largest worker has 1 GiB"):
        check_capacity((CPU, CPU), LARGE, "cpu")
    check_capacity((CPU,), SMALL, "cpu")
    check_capacity((CARD,), LARGE, "gpu")
    check_capacity((), LARGE, "cpu")


def test_a_missing_card_is_refused() -> None:
    """Without a graphics card a run on one is refused before it is queued."""
    with pytest.raises(BadInput, match="No worker has a graphics card"):
        check_capacity((CPU,), SMALL, "gpu")


def test_the_machine_in_words() -> None:
    """The page says on what a run would run."""
    assert in_words((CPU, CPU, CARD), "cpu") == "2 workers (AMD EPYC)"
    assert in_words((CPU, CARD), "gpu") == "1 graphics card (H200)"
    assert in_words((), "cpu") == ""
