"""How often somebody may do what costs the others: a bucket of tokens for each, shared by all page servers.

A bucket holds what may be done within an hour; it may be emptied at once and fills evenly. Only one number of it is kept,
the moment at which it will be full again (the "virtual scheduling" form of the generic cell rate algorithm, ITU-T I.371):
to take n of N an hour moves that moment by n/N hours, and what would move it more than an hour ahead is refused.

The buckets are rows of the database, not memory of a process: two page servers share them, a restart doesn't fill them,
and the transaction that takes a token is exact. A refusal only reads, so whoever is refused costs no write. Their number
is bounded: whoever is counted falls into one of `SLOTS` buckets by a keyed hash. That two of a few hundred busy visitors
meet in one is a matter of percent, nobody can aim at another's bucket, and no address is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sql

from core.errors import NotFound, TooOften
from core.sizes import in_bytes
from core.store.database import buckets
from core.store.store import Store

HOUR = 3600.0
SLOTS = 1 << 16  # buckets of one kind
BYTES = "bytes uploaded"
_ROUNDING = 1e-3  # seconds; sums of many small shares of an hour


@dataclass(frozen=True)
class Cost:
    """What one act takes out of one bucket.

    Attributes:
        what: is counted, in words: "uploads".
        hourly: what the bucket holds.
        who: pays.
        amount: what is taken.
    """

    what: str
    hourly: float
    who: str
    amount: float = 1.0

    @property
    def most(self) -> str:
        """What is taken within an hour, in words."""
        return in_bytes(round(self.hourly)) if self.what.startswith(BYTES) else f"{self.hourly:,.0f}"


def upload_costs(store: Store, workspace: str, address: str) -> tuple[Cost, ...]:
    """One upload."""
    return _both(store, "uploads", store.settings.hourly_uploads, workspace, address)


def upload_byte_costs(store: Store, workspace: str, address: str, amount: int) -> tuple[Cost, ...]:
    """The bytes of one."""
    return _both(store, BYTES, store.settings.hourly_upload_bytes, workspace, address, amount)


def run_costs(store: Store, workspace: str, address: str) -> tuple[Cost, ...]:
    """One question to the workers."""
    return _both(store, "questions", store.settings.hourly_runs, workspace, address)


def holdout_costs(store: Store, asker: str, address: str) -> tuple[Cost, ...]:
    """One question to a holdout.

    Args:
        store: whose settings hold.
        asker: the workspace, or the token of the link.
        address: that it comes from.
    """
    return _both(store, "questions to holdouts", store.settings.hourly_holdout_questions, asker, address)


def workspace_costs(store: Store, address: str) -> tuple[Cost, ...]:
    """One new workspace."""
    return (Cost("new workspaces", store.settings.hourly_workspaces, address),)


def spend(store: Store, *costs: Cost) -> None:
    """Takes all costs, or none of them.

    Raises:
        TooOften: a bucket does not hold as much now.
    """
    now = store.clock()
    with store.reading() as connection:  # who is refused here has kept nobody waiting for the one writer
        for cost in costs:
            _full_after(store, connection, cost, now)
    with store.writing() as connection:
        fulls = [_full_after(store, connection, cost, now) for cost in costs]
        for cost, (is_new, full) in zip(costs, fulls, strict=True):
            slot = _slot(store, cost)
            if is_new:
                connection.execute(sql.insert(buckets).values(what=cost.what, slot=slot, full=full))
            else:
                here = sql.and_(buckets.c.what == cost.what, buckets.c.slot == slot)
                connection.execute(sql.update(buckets).where(here).values(full=full))


@contextmanager
def opening_a_link(store: Store, address: str) -> Iterator[None]:
    """Counts the links that don't open: after some failures none is even looked up for this address.

    Raises:
        TooOften: at the start, when this address has failed too often.
        NotFound: of the block, after it was counted.
    """
    failure = Cost("links that open nothing", store.settings.hourly_link_failures, address)
    with store.reading() as connection:
        _full_after(store, connection, failure, store.clock())
    try:
        yield
    except NotFound:
        spend(store, failure)
        raise


def _both(
    store: Store, what: str, hourly: float, workspace: str, address: str, amount: float = 1.0
) -> tuple[Cost, ...]:
    of_address = hourly * store.settings.workspaces_per_address
    return Cost(what, hourly, workspace, amount), Cost(f"{what} from one address", of_address, address, amount)


def _slot(store: Store, cost: Cost) -> int:
    named = f"{cost.what}\0{cost.who}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hmac.new(store.secret, named, hashlib.sha256).digest()[:8], "big") % SLOTS


def _full_after(store: Store, connection: sql.Connection, cost: Cost, now: float) -> tuple[bool, float]:
    """Whether the bucket has no row yet, and when it is full again once the cost is taken."""
    here = sql.and_(buckets.c.what == cost.what, buckets.c.slot == _slot(store, cost))
    kept = connection.execute(sql.select(buckets.c.full).where(here)).scalar()
    # Never emptier than empty: a clock that was set back does not lock anybody out for longer than an hour.
    full = min(max(kept or now, now), now + HOUR) + HOUR * cost.amount / cost.hourly
    late = full - now - HOUR
    if late > _ROUNDING:
        raise TooOften(f"Too many {cost.what}: {cost.most} an hour are taken here. {_again(late)}", late)
    return kept is None, full


def _again(seconds: float) -> str:
    whole = math.ceil(seconds)
    if whole <= 90:
        return f"Try again in {whole} second{'s' if whole != 1 else ''}."
    return f"Try again in {math.ceil(whole / 60)} minutes."
