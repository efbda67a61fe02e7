"""A preload of a worker that is to stand for one with a graphics card, on a machine that has none.

The worker says what it is: a processor. So the results that it computes name no card that was not there.
"""

from __future__ import annotations

from distributed import Worker

from core.runner import gpus

NAME = "processor in the place of a graphics card"
MEMORY = 8 << 30


def pretended_card() -> tuple[str, int]:
    """What `card_of_worker` would say of a card."""
    return NAME, MEMORY


def dask_setup(worker: Worker) -> None:
    """Run by Dask in a worker that has just started."""
    gpus.card_of_worker = pretended_card
