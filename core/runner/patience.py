"""What the database or the disk refuses for a while is done again until it is taken."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from core.errors import Unavailable

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

ASK_AGAIN = 1.0  # seconds between two attempts


def patiently(act: Callable[[], Answer], tell: Callable[[str], None] | None = None) -> Answer:
    """Does something with database or disk, again and again while that is away, full or read-only.

    Whether the last attempt before a cut was written is not known, so the act must be one that may be done twice.

    Args:
        act: what is done.
        tell: is told before each pause what is waited for; what it raises ends the waiting.
    """
    while True:
        try:
            return act()
        except Unavailable as error:
            log.warning("%s (%s)", error, error.__cause__)
            if tell is not None:
                tell(str(error))
            time.sleep(ASK_AGAIN)
