"""The soak in small: a fixed plan of work and kills, each kill at a moment of the work instead of the clock."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.chaos import Chaos
from tests.soak.checks import Checks
from tests.soak.installation import PATIENCE, Installation, installation
from tests.soak.ledger import Ledger
from tests.soak.people import Person
from tests.soak.questions import MANY_STEPS, QUICK, content
from tests.soak.soak import account, wait_until_all_has_ended
from tests.workbench import wait_for

TOPOLOGY, CALIBRATION = QUICK[2], QUICK[4]
HOLDOUT, ROBUSTNESS = MANY_STEPS[:2]


@pytest.mark.timeout(900)
def test_no_result_is_lost_duplicated_or_torn_when_processes_are_killed(tmp_path: Path) -> None:
    """kill -9 of a worker, of the runner and of the page server: every accepted question ends, with whole and equal results.

    `make soak` does the same for half an hour, at random.
    """
    ledger = Ledger(tmp_path / "ledger.jsonl")
    with installation(tmp_path) as place:
        ann, bob = (Person(place, ledger, seed) for seed in range(2))
        chaos, checks = Chaos(place, ledger, seed=0), Checks(place, ledger)
        assert ann.bring_this(content("predictions", 0), slowly=True) == "accepted"
        ann.do(ann.bring_half)
        for person in (ann, bob):
            for question in (HOLDOUT, ROBUSTNESS, TOPOLOGY):
                person.ask_this(question, seed=1)
        ann.ask_this(CALIBRATION, seed=1)
        for number, kill in enumerate((chaos.kill_worker, chaos.kill_runner, chaos.kill_server), start=1):
            wait_for(lambda number=number: done(place) >= number, PATIENCE, f"{number} finished jobs")
            assert chaos.do(kill)
            checks.look()
        bob.do(bob.cancel)
        wait_until_all_has_ended(place, ledger)
        for act in (
            ann.share,
            ann.open_link,
            ann.leave_a_download,
            ann.check_a_copy,
            ann.look,
            bob.download,
            bob.delete,
        ):
            act.__self__.do(act)  # type: ignore[attr-defined]
        checks.look_at_the_end()
        checks.leftovers()
        place.stop()
        assert place.processes() == []
        assert ledger.faults == {}, account(ledger, checks)
        assert checks.ends["done"] >= 5
        assert len(ledger.numbers) == 4


def done(place: Installation) -> int:
    """Jobs that are answered."""
    with place.store.reading() as connection:
        count = connection.exec_driver_sql("select count(*) from jobs where state = 'done'")
        return int(count.scalar_one())
