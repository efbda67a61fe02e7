"""From a source to predictions: picks the reader."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from core.data.formats import Format, check_content, format_of, shown
from core.data.npz_arrays import open_npz
from core.data.predictions import GaussianFile, ScoreFile
from core.data.predictions_npz import GAUSSIAN_NAMES, REPORT_PREFIXES, SAVE, SCORE_NAMES, read_predictions_npz
from core.data.predictions_table import GAUSSIAN_COLUMNS, SCORE_COLUMN, predictions_of_table
from core.data.table import Table
from core.errors import BadInput

if TYPE_CHECKING:
    from core.analysis import Source

PredictionKind = Literal["predictions", "population"]
STUDY_COLUMN = re.compile(r"(pre|post)_(ECE|ECE_em|cwCE|cwCE_em|MCE)_\d+")  # of the study's own tables


def load_predictions(source: Source) -> ScoreFile | GaussianFile:
    """Reads built-in or stored predictions as they were written; what they mean is judged by who uses them.

    Raises:
        BadInput: the file can't be used; one sentence names the file, the place, what was found, what to do.
        TooLarge: more than the limits, or than there is memory.
    """
    if source.builtin:
        from core.data.builtin_predictions import make_predictions

        return make_predictions(source.builtin)
    return read_predictions(Path(source.location), source.name)


def read_predictions(path: Path, filename: str) -> ScoreFile | GaussianFile:
    """Reads a file of predictions.

    Raises:
        BadInput: the file can't be used.
        TooLarge: more than the limits, or than there is memory.
    """
    format_, name = prediction_format(path, filename), shown(filename)
    if format_.name == "npz":
        return read_predictions_npz(path, name)
    return predictions_of_table(read_table(path, filename))


def prediction_format(path: Path, filename: str) -> Format:
    """The format of a file of predictions: npz, csv or parquet.

    Raises:
        BadInput: another format, or content that is not of it.
    """
    if not path.is_file():
        raise BadInput(f"{shown(filename)} does not exist.")
    format_ = format_of(path.name, filename)
    if format_.name not in ("npz", "csv", "parquet"):
        raise BadInput(
            f"{shown(filename)} is {format_.name}; predictions are brought as npz, csv or parquet: "
            "numpy.savez('predictions.npz', logits=logits, labels=labels)."
        )
    check_content(path, format_, shown(filename))
    return format_


def read_table(path: Path, filename: str) -> Table:
    """Reads a csv or parquet file as a table.

    Raises:
        BadInput: another format, or a damaged file.
        TooLarge: more than the limits, or than there is memory.
    """
    format_, name = prediction_format(path, filename), shown(filename)
    if format_.name == "csv":
        from core.data.csv_file import read_csv

        return read_csv(path, name)
    if format_.name == "parquet":
        from core.data.parquet_file import read_parquet

        return read_parquet(path, name)
    raise BadInput(f"{name} is {format_.name}; a table is expected, as csv or parquet.")


def kind_of_arrays(path: Path, filename: str) -> PredictionKind | None:
    """What an npz holds, by the names and shapes of its arrays; None: something else, or no npz.

    Raises:
        BadInput: a damaged npz.
    """
    if not filename.lower().endswith(".npz") or not path.is_file():
        return None
    check_content(path, format_of(filename), shown(filename))
    with open_npz(path, shown(filename), SAVE) as held:
        names = [prefix + name for prefix in REPORT_PREFIXES for name in SCORE_NAMES]
        scores = next((held.headers[name] for name in names if name in held), None)
        if scores is not None and "X" not in held:
            return "population" if len(scores.shape) == 3 else "predictions"
        return "predictions" if all(name in held for name in GAUSSIAN_NAMES) else None


def kind_of_columns(names: list[str]) -> PredictionKind | None:
    """What a table holds, by the names of its columns; None: something else."""
    if any(STUDY_COLUMN.fullmatch(name) for name in names):
        return "population"
    if "label" in names and sum(bool(SCORE_COLUMN.fullmatch(name)) for name in names) > 1:
        return "population" if "model" in names else "predictions"
    return "predictions" if set(GAUSSIAN_COLUMNS) <= set(names) <= {*GAUSSIAN_COLUMNS, "group"} else None
