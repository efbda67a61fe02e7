"""Is there room? Asked from sizes that a header declares, before anything is allocated."""

from __future__ import annotations

import psutil

from core.errors import TooLarge
from core.settings import settings
from core.sizes import in_bytes


def check_size(filename: str, rows: int, columns: int) -> None:
    """Refuses more rows, columns or values than this installation accepts.

    Args:
        filename: as the message shows it.
        rows: samples.
        columns: values of one sample.

    Raises:
        TooLarge: names what was found, the limit, and the setting that raises it.
    """
    limits = settings()
    for found, limit, what, variable in (
        (rows, limits.max_rows, "rows", "ASSAY_MAX_ROWS"),
        (columns, limits.max_columns, "columns", "ASSAY_MAX_COLUMNS"),
        (rows * columns, limits.max_values, "values", "ASSAY_MAX_VALUES"),
    ):
        if found > limit:
            raise TooLarge(
                f"{filename} has {found:,} {what}; at most {limit:,} are accepted here: "
                f"bring a part of it, or have {variable} raised."
            )


def check_memory(filename: str, needed: int) -> None:
    """Refuses what would not fit into the memory that is free now.

    Args:
        filename: as the message shows it.
        needed: bytes at the peak of reading.

    Raises:
        TooLarge: names both sizes.
    """
    available = psutil.virtual_memory().available
    if needed > available:
        raise TooLarge(
            f"{filename} needs {in_bytes(needed)} of memory to be read and {in_bytes(available)} are free: "
            "bring a part of it, or run on a machine with more memory."
        )
