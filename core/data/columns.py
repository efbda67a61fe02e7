"""What the inspection of a table already tells about its use, before anything is read or queued."""

from __future__ import annotations

from core.analysis import Source
from core.errors import BadInput


def check_columns(source: Source, target: str) -> None:
    """Refuses a table whose columns can't all be used: text that is not the label, missing or infinite values.

    Args:
        source: a data set with the details of its inspection.
        target: name of the chosen label column; empty: the guessed one, if any.

    Raises:
        BadInput: names the column and what to do.
    """
    label = target or source.details.get("labels")
    columns = source.details.get("columns") or ()
    text = [str(column["name"]) for column in columns if column.get("type") == "text" and column["name"] != label]
    if text:
        raise BadInput(
            f"{source.name}: column {text[0]!r} holds text; choose it as the label column, "
            "or leave it out of the file, or turn it into numbers."
        )
    for column in columns:
        if column.get("missing"):
            raise BadInput(
                f"{source.name}: column {str(column['name'])!r} has {column['missing']:,} missing "
                f"{'value' if column['missing'] == 1 else 'values'}; fill them in or leave out these rows."
            )


def only_text_column(source: Source) -> str:
    """The one text column of a table without a guessed label: most likely its label. Empty where there is none."""
    columns = source.details.get("columns") or ()
    text = [str(column["name"]) for column in columns if column.get("type") == "text"]
    return text[0] if len(text) == 1 and not source.details.get("labels") else ""
