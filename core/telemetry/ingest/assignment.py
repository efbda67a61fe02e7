"""From what a person chose and what the columns tell to the part that each column plays."""

from __future__ import annotations

from collections.abc import Mapping

from core.data.telemetry_file import Columns
from core.errors import BadInput
from core.telemetry.ingest.facts import STATE_WORDS, Facts
from core.telemetry.ingest.roles import Role, proposed_role
from core.telemetry.ingest.settings import IngestSettings

MOST_COLUMNS = 500  # that are held at once


def wanted_columns(columns: Columns, settings: IngestSettings, time: str | None) -> tuple[str, ...]:
    """The columns whose values must be read, in the order of the file: all of them until targets and covariates are named."""
    left_out = {time, *settings.ignore}
    wanted = [name for name in columns.names if name not in left_out]
    if settings.targets and settings.covariates:
        named = {*settings.targets, *settings.covariates, *settings.states, settings.labels}
        wanted = [name for name in wanted if name in named]
    if settings.columns:
        chosen = set(settings.columns)
        wanted = [name for name in wanted if name in chosen]
    return tuple(wanted)


def check_count(columns: Columns, wanted: int) -> None:
    """Refuses to hold more columns at once than `MOST_COLUMNS`.

    Raises:
        BadInput: how many there are, and how to name some.
    """
    if wanted > MOST_COLUMNS:
        raise BadInput(
            f"{columns.filename} has {len(columns.names):,} columns and {wanted:,} of them would be used; at most "
            f"{MOST_COLUMNS} are used in one run: name them with targets=A,B and covariates=C,D."
        )


def role_of(facts: Facts, settings: IngestSettings, proposals: Mapping[str, Role], filename: str) -> tuple[Role, str]:
    """The part of a column, and why if that is worth a sentence.

    What the person named counts. For the rest: where nothing or covariates are named, every quantity is a target and
    every state a covariate (but a state is left out where covariates are named); where targets are named, every other
    quantity and state is a covariate, except what a built-in series knows to be another target.

    Args:
        facts: of the column.
        settings: what was chosen.
        proposals: parts that are known beforehand, of a built-in series; empty for files.
        filename: as messages show it.

    Raises:
        BadInput: a named column that can't play its part.
    """
    name = facts.name
    if name in settings.targets:
        return _checked(facts, "target", filename)
    if name in settings.states:
        return _checked(facts, "state", filename)
    if name in settings.covariates:
        state = proposals[name] == "state" if name in proposals else facts.is_state
        return _checked(facts, "state" if state else "covariate", filename)
    if name == settings.labels:
        return "label", ""
    role = proposals.get(name) or proposed_role(facts)
    if role == "label":
        return ("ignore", "another column holds the labels") if settings.labels else ("label", "")
    if role == "target" and settings.targets:
        return ("ignore", "another target") if name in proposals else ("covariate", "")
    if role in ("covariate", "state") and settings.covariates:
        return "ignore", "other covariates were chosen"
    return role, _why_ignored(facts) if role == "ignore" else ""


def _checked(facts: Facts, role: Role, filename: str) -> tuple[Role, str]:
    what = f"{filename}, column {facts.name!r}"
    if facts.type == "time":
        raise BadInput(f"{what} holds times; choose a column of numbers as {role}.")
    if facts.type == "text" and role == "target":
        raise BadInput(f"{what} holds text; a target is a column of numbers.")
    if facts.type == "text" and facts.distinct > STATE_WORDS:
        raise BadInput(
            f"{what} holds more than {STATE_WORDS} different words; a {role} is a column of numbers or of few words."
        )
    return ("ignore", _why_ignored(facts)) if facts.empty or facts.constant else (role, "")


def _why_ignored(facts: Facts) -> str:
    if facts.empty:
        return "no value at all"
    if facts.constant:
        return "constant"
    if facts.type == "time":
        return "holds times"
    if facts.type == "text":
        return f"text of more than {STATE_WORDS} different words"
    return "numbers the rows or marks changes"
