"""The tables, and a connection to them: SQLite (WAL) in the home folder, or Postgres by address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import sqlalchemy as sql
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from core.errors import Unavailable
from core.store.faults import fault_of

metadata = sql.MetaData()


class Sentence(sql.TypeDecorator[str]):
    """Text that may repeat what a file says: NUL and lone surrogates, which no data base can hold, become marks."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: sql.Dialect) -> str | None:
        """What is written."""
        return None if value is None else value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


workspaces = Table(
    "workspaces",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("created", Double, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False, unique=True),
    Column("issuer", String(400), nullable=False),
    Column("subject", String(400), nullable=False),
    Column("email", Text, nullable=False),
    Column("email_verified", Boolean, nullable=False),  # by the provider; an address that is not proves nothing
    Column("name", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("last_login", Double, nullable=False),
    sql.UniqueConstraint("issuer", "subject"),
)

logins = Table(
    "logins",
    metadata,
    Column("token", String(64), primary_key=True),  # sha256 of what the cookie holds
    Column("account", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("created", Double, nullable=False),
    Column("expires", Double, nullable=False),
)

script_tokens = Table(
    "script_tokens",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False, index=True),
    Column("label", Text, nullable=False),
    Column("token", String(64), nullable=False, unique=True),  # sha256 of the token, as for shares
    Column("created", Double, nullable=False),
    Column("expires", Double),
    Column("revoked", Double),
    Column("last_used", Double),
)

allowances = Table(  # where the administrator has set something else than the settings say
    "allowances",
    metadata,
    Column("workspace", ForeignKey("workspaces.id"), primary_key=True),
    Column("workspace_bytes", BigInteger),
    Column("jobs_at_once", Integer),
    Column("jobs_queued", Integer),
    Column("jobs_a_day", Integer),
    Column("blocked", Boolean, nullable=False, default=False),
)

jobs_started = Table(  # how many of a workspace's jobs have been queued on the last day that had any
    "jobs_started",
    metadata,
    Column("workspace", ForeignKey("workspaces.id"), primary_key=True),
    Column("day", Integer, nullable=False),  # since 1970-01-01 UTC
    Column("jobs", Integer, nullable=False),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("name", Text, nullable=False),  # as the person calls it: shown, never a path
    Column("digest", String(40), nullable=False, index=True),
    Column("file", String(40), nullable=False),  # "content.csv", inside the folder of the digest
    Column("bytes", BigInteger, nullable=False),
    Column("created", Double, nullable=False),
    Column("details", JSON, nullable=False),
    Column("derived_from", JSON, nullable=False),  # digests of the uploads that it was made of
    sql.UniqueConstraint("workspace", "digest"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("slug", String(64), nullable=False),
    Column("params", JSON, nullable=False),
    Column("inputs", JSON, nullable=False),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),  # whose turn it uses
    Column("created", Double, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("fraction", Double, nullable=False, default=0.0),
    Column("message", Sentence, nullable=False, default=""),
    Column("due", Double),  # when it is expected to end
    Column("error", Sentence, nullable=False, default=""),
    Column("error_id", String(64), nullable=False, default=""),
    Column("started", Double),
    Column("finished", Double),
    Column("device", String(200), nullable=False, default=""),
    Column("runner", String(128)),
    Column("lease", Double),  # when the runner loses it
    Column("cancel", Boolean, nullable=False, default=False),
    Index("jobs_by_state", "state", "created"),
)

job_curves = Table(  # what a job that is not done yet has reported to be watched
    "job_curves",
    metadata,
    Column("key", ForeignKey("jobs.key", ondelete="CASCADE"), primary_key=True),
    Column("title", Sentence, nullable=False),
    Column("axis", Sentence, nullable=False),
    Column("points", JSON, nullable=False),  # [[at, value], ...] in the order of `at`
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("key", ForeignKey("jobs.key"), nullable=False, index=True),
    Column("slug", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("params", JSON, nullable=False),
    Column("inputs", JSON, nullable=False),  # with the names that this workspace gave them
    Column("created", Double, nullable=False),
    Column("cancelled", Double),
    sql.UniqueConstraint("workspace", "key"),
)

results = Table(
    "results",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("created", Double, nullable=False),
    Column("last_read", Double, nullable=False, index=True),
)

shares = Table(
    "shares",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("label", Text, nullable=False),
    Column("token", String(64), nullable=False, unique=True),  # sha256 of the token; the token itself is kept nowhere
    Column("created", Double, nullable=False),
    Column("expires", Double),
    Column("revoked", Double),
    Column("opened", Integer, nullable=False, default=0),
    Column("last_opened", Double),
)

shared_results = Table(
    "shared_results",
    metadata,
    Column("share", ForeignKey("shares.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("key", String(40), nullable=False, index=True),
    Column("title", Text, nullable=False),
)

annotation_rows = Table(  # `annotations` is the name of a future import
    "annotations",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("run", ForeignKey("runs.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("parameter", Text, nullable=False),  # column of the telemetry; empty: all of them
    Column("start", BigInteger, nullable=False),  # milliseconds since 1970-01-01 UTC, as the telemetry counts
    Column("end", BigInteger, nullable=False),
    Column("text", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created", Double, nullable=False),
)

runners = Table(
    "runners",
    metadata,
    Column("runner", String(128), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("seen", Double, nullable=False),
    Column("workers", JSON, nullable=False),
)

permits = Table(  # of steps that are wanted, where workers share no folder with their runner
    "permits",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("runner", String(128), nullable=False),
    Column("worker", String(255), nullable=False),  # address of the one that began it; empty: none yet
)

holdouts = Table(
    "holdouts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("mechanism", String(16), nullable=False),
    Column("samples", Integer, nullable=False),  # of each part
    Column("classes", Integer, nullable=False),
    Column("labels", LargeBinary, nullable=False),  # of the training part, if any, then of the holdout: never shown
    Column("digest", String(40), nullable=False),  # of the holdout's labels
    Column("noise", String(64), nullable=False),  # secret that all noise is drawn from
    Column("threshold", Double),
    Column("sigma", Double),
    Column("budget", Integer, nullable=False),
    Column("spent", Integer, nullable=False, default=0),
    Column("most_questions", Integer, nullable=False),
    Column("asked", Integer, nullable=False, default=0),
    Column("created", Double, nullable=False),
    sql.UniqueConstraint("workspace", "digest"),
)

holdout_links = Table(
    "holdout_links",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("workspace", ForeignKey("workspaces.id"), nullable=False),
    Column("holdout", ForeignKey("holdouts.id"), nullable=False, index=True),
    Column("label", Text, nullable=False),
    Column("token", String(64), nullable=False, unique=True),  # sha256 of the token, as for shares
    Column("created", Double, nullable=False),
    Column("expires", Double),
    Column("revoked", Double),
)

holdout_questions = Table(
    "holdout_questions",
    metadata,
    Column("holdout", ForeignKey("holdouts.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),  # of the question and the predictions, not of what the labels say
    Column("query", String(16), nullable=False),
    Column("claim", Double),
    Column("tolerance", Double),
    Column("subject", Text, nullable=False),  # what the asker calls the predictions
    Column("asker", Text, nullable=False),
    Column("link", Text, nullable=False),  # label of the link that was used; empty: the owner's workspace
    Column("answer", Double, nullable=False),
    Column("spends", Boolean, nullable=False),
    Column("time", Double, nullable=False),
    sql.UniqueConstraint("holdout", "digest"),
)

buckets = Table(  # see core.server.limits
    "buckets",
    metadata,
    Column("what", String(64), primary_key=True),
    Column("slot", Integer, primary_key=True),
    Column("full", Double, nullable=False),  # when everything may be taken again; that of a past moment means nothing
)

_READING = "assay_reading"
_WRITER_LOCK = 0x41535359  # any fixed number: the name of the advisory lock
_AWAY = (
    "The data base does not answer at the moment. Nothing is lost: what was asked before goes on when it is back. "
    "Try again in a minute."
)
_POSTGRES: dict[str, Any] = {
    "pool_pre_ping": True,  # a connection that a restart of the server has cut is replaced before it is used
    "isolation_level": "READ COMMITTED",  # whatever the server's default: see `writing`
    "connect_args": {
        "connect_timeout": 5,
        "keepalives_idle": 10,  # a peer that is gone without a word is noticed within half a minute
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 25_000,
        # As long as SQLite waits for another writer; and a writer whose machine froze does not hold the others for ever.
        "options": "-c lock_timeout=30s -c idle_in_transaction_session_timeout=60s",
    },
}
_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def connect(url: str, patience: float = 30.0) -> sql.Engine:
    """An engine whose connections keep the rules below, with all tables made.

    Args:
        url: SQLAlchemy address.
        patience: seconds that SQLite waits for another writer.

    Raises:
        Unavailable: the data base does not answer.
    """
    postgres = sql.make_url(url).get_backend_name() == "postgresql"
    engine = sql.create_engine(url, **(_POSTGRES if postgres else {}))
    if engine.dialect.name == "sqlite":
        sql.event.listen(engine, "connect", partial(_prepare_sqlite, patience))
        sql.event.listen(engine, "begin", _begin_sqlite)
    with writing(engine) as connection:
        metadata.create_all(connection)
    return engine


@contextmanager
def reading(engine: sql.Engine) -> Iterator[sql.Connection]:
    """A snapshot for selects; never waits for a writer.

    Raises:
        Unavailable: the data base does not answer.
    """
    options: dict[str, Any] = {_READING: True, **(_SNAPSHOT if engine.dialect.name == "postgresql" else {})}
    with _answering(engine), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: sql.Engine) -> Iterator[sql.Connection]:
    """The only writing transaction at this moment, so what it reads still holds when it writes.

    On PostgreSQL a lock that ends with the transaction sees to that. Each statement then sees all that was committed
    before it (READ COMMITTED), so no transaction ever has to be run again because it could not be put in order.

    Raises:
        Unavailable: the data base does not answer, or has been cut off: all of it was written, or nothing.
    """
    with _answering(engine), engine.connect() as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(sql.select(sql.func.pg_advisory_xact_lock(_WRITER_LOCK)))
        yield connection


@contextmanager
def _answering(engine: sql.Engine) -> Iterator[None]:
    """Says in a sentence that the server is gone, or what its disk refuses; what else goes wrong is passed on as it is."""
    try:
        yield
    except (sql.exc.DBAPIError, sql.exc.TimeoutError) as error:
        fault = fault_of(error)
        if fault is not None:
            raise fault from error
        gone = isinstance(error, sql.exc.OperationalError) or getattr(error, "connection_invalidated", False)
        if engine.dialect.name == "sqlite" or not gone:
            raise
        raise Unavailable(_AWAY) from error


def _prepare_sqlite(patience: float, connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself: see _begin_sqlite
    for pragma in (
        f"busy_timeout={round(1000 * patience)}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sql.Connection) -> None:
    # A transaction that reads first and writes later can't wait for another writer; so writers say so at once.
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get(_READING) else "BEGIN IMMEDIATE")
