"""Which columns of a table an uploaded model takes, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.errors import BadInput

SHOWN = 5  # names in a sentence


@dataclass(frozen=True)
class MatchedColumns:
    """The columns of a table in the order of the model.

    Attributes:
        names: one for each feature of the model.
        by_name: the model's own file names them; otherwise they are taken by position.
        notes: what the reader must know of the match.
    """

    names: tuple[str, ...]
    by_name: bool
    notes: tuple[str, ...]


def match_columns(
    model: str, feature_names: Sequence[str], features: int, table: str, types: Mapping[str, str], chosen: Sequence[str]
) -> MatchedColumns:
    """Finds the columns of a model in a table.

    Args:
        model: file name, for the messages.
        feature_names: that the model's file has; empty where it names none.
        features: that the model takes.
        table: file name, for the messages.
        types: of the table's columns, in its order: "number", "truth", "text" or "time".
        chosen: columns that a person named, for a model without names.

    Raises:
        BadInput: columns that are missing, of the wrong number, or no numbers.
    """
    if feature_names:
        if chosen and list(chosen) != list(feature_names):
            raise BadInput(
                f"{model} names its columns itself ({_listed(feature_names)}); leave Columns of the model empty, or give "
                "the same ones in the same order."
            )
        matched = _by_name(model, feature_names, table, types)
    else:
        matched = _by_position(model, features, table, types, chosen)
    for name in matched.names:
        if types[name] in ("text", "time"):
            what = "text" if types[name] == "text" else "times"
            raise BadInput(f"{table}: column {name!r} holds {what}; {model} takes numbers: turn it into numbers first.")
    return matched


def _by_name(model: str, wanted: Sequence[str], table: str, types: Mapping[str, str]) -> MatchedColumns:
    missing = [name for name in wanted if name not in types]
    extra = [name for name in types if name not in wanted]
    if missing:
        other = f"; it has {_listed(extra)} besides, which {model} does not take" if extra else ""
        raise BadInput(
            f"{table} lacks {len(missing):,} of the {len(wanted):,} columns of {model}: {_listed(missing)}{other}: rename "
            "or add them."
        )
    notes = []
    if extra:
        notes.append(f"{len(extra):,} columns of {table} are none of the model's and play no part: {_listed(extra)}.")
    if [name for name in types if name in set(wanted)] != list(wanted):
        notes.append(f"The columns of {table} stand in another order than the model's; they were matched by name.")
    return MatchedColumns(tuple(wanted), True, tuple(notes))


def _by_position(
    model: str, features: int, table: str, types: Mapping[str, str], chosen: Sequence[str]
) -> MatchedColumns:
    for name in chosen:
        if name not in types:
            raise BadInput(f"{table} has no column {name!r}; it has {_listed(list(types))}.")
    taken = list(chosen) or [name for name, kind in types.items() if kind in ("number", "truth")]
    if len(taken) != features:
        held = "were chosen" if chosen else "hold numbers"
        raise BadInput(
            f"{model} names no columns and takes {features:,}; {len(taken):,} columns of {table} {held}: name the "
            f"{features:,} in the order of training with columns=A,B,... (or save the model with feature names)."
        )
    note = (
        f"{model} names no columns: the {features:,} columns were taken by position, {_listed(taken)}; if the model was "
        "trained on another order, every value below belongs to another column."
    )
    return MatchedColumns(tuple(taken), False, (note,))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(" ".join(name.split())[:60] for name in names[:SHOWN])
    return shown + (f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else "")
