"""What the disk and the database may refuse for a while, each in one sentence with what to do about it."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sql

from core.errors import Unavailable

FULL = (
    "The disk of this installation is full, so nothing was written. Whoever runs it makes room, or lowers "
    "ASSAY_RESULT_BYTES and ASSAY_STEP_BYTES; what was asked before goes on by itself then. Try again later."
)
READ_ONLY = (
    "The folder of this installation can't be written: its disk is read-only, or the folder is somebody else's. "
    "What is there can still be read. Whoever runs it makes ASSAY_HOME writable; try again then."
)
BUSY = (
    "Something else holds the database, so nothing was written. Try again in a minute; "
    "if it stays, another program has opened the file assay.sqlite."
)
BROKEN = (
    "The disk of this installation does not answer as it should, so nothing was written. "
    "Whoever runs it checks the disk; try again then."
)
_OF_FILES = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), FULL),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), READ_ONLY),
    **dict.fromkeys((errno.EIO, errno.ESTALE), BROKEN),
}
_OF_SQLITE = {  # by the primary code; the extended ones have it in their last byte
    sqlite3.SQLITE_FULL: FULL,
    **dict.fromkeys((sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN), READ_ONLY),
    **dict.fromkeys((sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED), BUSY),
    sqlite3.SQLITE_IOERR: BROKEN,
}


def fault_of(error: BaseException) -> Unavailable | None:
    """The fault of disk or database behind an error; None where it is something else."""
    if isinstance(error, Unavailable):
        return error
    if isinstance(error, sql.exc.DBAPIError) and isinstance(error.orig, sqlite3.Error):
        sentence = _OF_SQLITE.get(getattr(error.orig, "sqlite_errorcode", 0) & 0xFF)
    elif isinstance(error, sql.exc.TimeoutError):  # all connections wait for the same lock
        sentence = BUSY
    elif isinstance(error, OSError):
        sentence = _OF_FILES.get(error.errno or 0)
    else:
        sentence = None
    if sentence is None:
        return None
    fault = Unavailable(sentence)
    fault.__cause__ = error
    return fault


@contextmanager
def writing_files() -> Iterator[None]:
    """Within this block a disk that is full, read-only or broken is told in a sentence.

    Raises:
        Unavailable: the sentence.
    """
    try:
        yield
    except OSError as error:
        fault = fault_of(error)
        if fault is None:
            raise
        raise fault from error
