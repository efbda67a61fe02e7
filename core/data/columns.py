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
                f"{'value' if column['missing'] == 1 else 'values'}; fill the gaps or leave out these rows."
            )


def check_classes(source: Source, target: str) -> None:
    """Refuses a data set without classes to tell apart, as far as its inspection knows.

    Args:
        source: a data set with the details of its inspection.
        target: name of the chosen label column; empty: the guessed one, if any.

    Raises:
        BadInput: no labels, or one class only.
    """
    classes = class_count(source, target)
    if classes == 0:
        is_table = source.details.get("format") in ("csv", "parquet")
        remedy = "choose the column that holds them" if is_table else "bring an npz file that holds X and y"
        raise BadInput(f"{source.name} has no class labels (text or whole numbers); {remedy}.")
    if classes == 1:
        raise BadInput(f"{source.name} has one class only; a classification needs at least two classes.")


def class_count(source: Source, target: str) -> int | None:
    """Classes of the label column, where the inspection counted them.

    Args:
        source: a data set with the details of its inspection.
        target: name of the chosen label column; empty: the guessed one, if any.
    """
    details = source.details
    if target in ("", details.get("labels")):
        return details.get("classes")
    return next((one.get("distinct") for one in details.get("columns") or () if one["name"] == target), None)


def only_text_column(source: Source) -> str:
    """The one text column of a table without a guessed label: most likely its label. Empty where there is none."""
    columns = source.details.get("columns") or ()
    text = [str(column["name"]) for column in columns if column.get("type") == "text"]
    return text[0] if len(text) == 1 and not source.details.get("labels") else ""
