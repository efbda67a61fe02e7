"""Mixed work for a while, with processes killed at random, and the account of it at the end."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.soak.chaos import Chaos
from tests.soak.checks import Checks
from tests.soak.installation import PATIENCE, Installation, installation
from tests.soak.ledger import Ledger
from tests.soak.people import Person
from tests.workbench import wait_for

PEOPLE = 4
FAULTS = ("lost", "duplicated", "torn", "different", "orphan", "left over", "error")


def soak(folder: Path, minutes: float, seed: int, pause: float, kills: tuple[float, float]) -> tuple[Ledger, Checks]:
    """Half of the time with the runner's own cluster, half with a scheduler beside it, on one home folder.

    Between the halves the finished steps are thrown away, so that what was deleted is really computed again.

    Args:
        folder: empty; of the installation and the ledger.
        minutes: of work; what waits then is waited for.
        seed: of what people do and what is killed when.
        pause: seconds between two acts of one person, on average.
        kills: shortest and longest time between two kills, in seconds.
    """
    ledger = Ledger(folder / "ledger.jsonl")
    with installation(folder) as place:
        people = [Person(place, ledger, seed + number) for number in range(PEOPLE)]
        checks = Checks(place, ledger)
        for half in range(2):
            if half:
                place.stop()
                shutil.rmtree(place.home / "steps")
                place.use_scheduler()
                place.start()
            chaos = Chaos(place, ledger, seed + 100 + half)
            with going_on(
                checks.watch,
                lambda ended, chaos=chaos: chaos.rage(ended, *kills),
                *(lambda ended, person=person: person.live(ended, pause) for person in people),
            ) as everything:
                everything.wait(30 * minutes)
            wait_until_all_has_ended(place, ledger)
            checks.look_at_the_end()
        finish(place, checks, ledger)
    return ledger, checks


def finish(place: Installation, checks: Checks, ledger: Ledger) -> None:
    """An orderly end leaves no process, and a fresh start leaves nothing of what was being written."""
    place.stop()
    for left in place.processes():
        ledger.fault("orphan", f"{left} lives on after Ctrl-C")
    if place.scheduler is not None:
        place.scheduler.keep()
    place.start()
    place.wait_for_runner()
    with suppress(TimeoutError):  # said by the check below, name by name
        wait_for(lambda: not any((place.home / "tmp").iterdir()), PATIENCE, "an empty tmp")
    checks.leftovers()
    place.stop()


def wait_until_all_has_ended(place: Installation, ledger: Ledger, seconds: float = 900.0) -> None:
    """Waits until no run waits or works any more; what still does is found by the checks."""

    def over() -> bool:
        if place.scheduler is not None:
            place.scheduler.keep()
        with place.store.reading() as connection:
            live = connection.exec_driver_sql("select count(*) from jobs where state in ('queued', 'running')")
            return live.scalar_one() == 0

    try:
        wait_for(over, seconds, "the end of all jobs", pause=1.0)
    except TimeoutError as error:
        ledger.fault("lost", str(error))


@contextmanager
def going_on(*lives: Callable[[threading.Event], None]) -> Iterator[threading.Event]:
    """Runs each in a thread of its own until the block ends."""
    ended = threading.Event()
    threads = [threading.Thread(target=life, args=(ended,), daemon=True) for life in lives]
    for thread in threads:
        thread.start()
    try:
        yield ended
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def account(ledger: Ledger, checks: Checks) -> str:
    """The table: what was done, what was killed, how the jobs ended, and what must be nothing."""
    acts: dict[str, list[str]] = {}
    for (act, outcome), count in sorted(ledger.acts.items()):
        acts.setdefault(act, []).append(f"{count} {outcome}")
    lines = ["| act | times | of which |", "|---|---|---|"]
    for act, outcomes in acts.items():
        total = sum(count for (name, _), count in ledger.acts.items() if name == act)
        lines.append(f"| {act} | {total} | {', '.join(outcomes)} |")
    lines += ["", "| killed by -9 | times |", "|---|---|"]
    lines += [f"| {process} | {count} |" for process, count in sorted(ledger.kills.items())]
    lines += ["", "| runs that are there at the end | |", "|---|---|"]
    lines += [f"| {end} | {count} |" for end, count in checks.ends.most_common()]
    lines += ["", f"{len(ledger.runs)} runs were accepted, {len(ledger.numbers)} questions were answered."]
    lines += ["", "| must be nothing | |", "|---|---|"]
    lines += [f"| {kind} | {len(ledger.faults.get(kind, ()))} |" for kind in FAULTS]
    lines += [f"\n{kind}: {sentence}" for kind, found in ledger.faults.items() for sentence in found[:20]]
    return "\n".join(lines)
