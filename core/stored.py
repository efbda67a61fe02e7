"""What a step returned, left where it is kept: later steps are handed its name, and open it where they run."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from core.errors import StepFailed

Opener = Callable[[str], Any]
_opener: contextvars.ContextVar[Opener | None] = contextvars.ContextVar("opener", default=None)


@dataclass(frozen=True)
class Stored:
    """The value of a finished step, by name: it costs nothing to hold and to send, however large the value is.

    An analysis is sent it in place of the value of a step that is `stored`, and gives it to later steps as an
    argument, alone or in lists. So a thousand trainings stream from the steps that train to those that measure, and
    never meet in one process.

    Attributes:
        key: content key of the step; it stands for the value in the keys of later steps.
    """

    key: str

    def canonical(self) -> dict[str, str]:
        """What of it goes into a key."""
        return {"step": self.key}

    def load(self) -> Any:
        """The value, read anew each time: a step that goes through many of them holds one at a time.

        Raises:
            StepFailed: it is gone from the step store.
            RuntimeError: called by an analysis itself, outside of a step.
        """
        opener = _opener.get()
        if opener is None:
            raise RuntimeError("What a step stored is opened by later steps, not by the analysis itself.")
        try:
            return opener(self.key)
        except KeyError:
            raise StepFailed(
                "What an earlier step of this run found is gone from the step store. Run it again; if it stays, "
                "raise ASSAY_STEP_BYTES."
            ) from None


@contextmanager
def opening_with(opener: Opener) -> Iterator[None]:
    """Within this block `Stored.load` asks the opener, which takes a key and raises KeyError where nothing is."""
    token = _opener.set(opener)
    try:
        yield
    finally:
        _opener.reset(token)
