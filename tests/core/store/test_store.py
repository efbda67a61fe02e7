"""The store as a whole: its files, its cookie, its data bases, its weight."""

from __future__ import annotations

import re
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sql
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from core.settings import Settings
from core.store import database
from core.store.store import open_store
from core.store.workspaces import new_workspace, read_cookie, sign_workspace, workspace_exists

ROOT = Path(__file__).parents[3]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HEAVY = ("torch", "sklearn", "dask", "distributed", "streamlit", "plotly", "xgboost", "scipy")


def python(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_store_is_light():
    """No module of the store brings in what the page server must not hold."""
    modules = sorted(
        ".".join(path.relative_to(ROOT).with_suffix("").parts) for path in (ROOT / "core" / "store").glob("*.py")
    )
    code = f"import sys\nfor m in {modules!r}: __import__(m)\nprint([m for m in {HEAVY!r} if m in sys.modules])"
    assert python(code) == "[]"


def test_package_offers_every_name():
    """What the package lists can be had from it."""
    import core.store

    assert all(getattr(core.store, name) is not None for name in core.store.__all__)
    assert set(core.store.__all__) <= set(dir(core.store))
    with pytest.raises(AttributeError):
        _ = core.store.nothing


@on_sqlite
def test_sqlite_keeps_the_rules_on_every_connection(store):
    """Write-ahead log, foreign keys, thirty seconds of patience, on each connection of the pool."""
    with store.reading() as first, store.reading() as second:
        for connection in (first, second):
            values = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in RULES]
            assert list(RULES.values()) == values


RULES = {"journal_mode": "wal", "synchronous": 1, "busy_timeout": 30000, "foreign_keys": 1}


def test_reader_does_not_wait_for_a_writer(store, workspace):
    """While one transaction writes, another reads what was there before."""
    with store.writing() as connection:
        connection.execute(sql.insert(database.workspaces).values(id="new", created=0.0))
        assert workspace_exists(store, workspace)
        assert not workspace_exists(store, "new")
    assert workspace_exists(store, "new")


def test_failed_writer_changes_nothing(store):
    """An error inside a transaction takes back what it wrote."""
    with pytest.raises(RuntimeError), store.writing() as connection:
        connection.execute(sql.insert(database.workspaces).values(id="new", created=0.0))
        raise RuntimeError
    assert not workspace_exists(store, "new")


def test_processes_that_open_a_new_store_together_agree(tmp_path, database_url):
    """Several processes make tables and secret at the same moment; all sign alike."""
    code = (
        "import sys; from pathlib import Path; from core.settings import Settings\n"
        "from core.store.store import open_store\n"
        "print(open_store(Settings(home=Path(sys.argv[1]), database_url=sys.argv[2])).secret.hex())"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "home"), database_url]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    secrets = {process.communicate()[0].strip() for process in processes}
    assert [process.returncode for process in processes] == [0] * 3
    assert len(secrets) == 1
    assert re.fullmatch("[0-9a-f]{64}", secrets.pop())


def test_secret_is_nobody_elses(store):
    """The secret is made once, can be read by its owner alone, and is not shown with the store."""
    path = store.home / "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.home.stat().st_mode) == 0o700
    assert store.secret == path.read_bytes() == open_store(store.settings).secret
    assert repr(store.secret) not in repr(store)
    assert open_store(Settings(home=store.home, secret="given")).secret == b"given"


def test_signed_cookie_names_its_workspace(store, make_store):
    """A cookie is read back, also by another process of the same installation."""
    workspace = new_workspace(store)
    assert workspace == read_cookie(make_store(), sign_workspace(store, workspace))
    assert len(workspace) >= 43


def test_forged_cookie_names_none(store, workspace):
    """Without the secret no text names a workspace."""
    signed = sign_workspace(store, workspace)
    other = sign_workspace(store, "other")
    forged = [
        None,
        "",
        ".",
        workspace,
        f"{workspace}.",
        f"{workspace}.{other.split('.')[1]}",
        signed[:-1],
        signed + "0",
    ]
    forged += [f"x{signed}", "é.é", "\ud800.\ud800", f".{signed.split('.')[1]}"]
    assert [None] * len(forged) == [read_cookie(store, text) for text in forged]


def test_workspace_that_was_not_made_does_not_exist(store, workspace):
    """A signature is one thing, a row another."""
    assert workspace_exists(store, workspace)
    assert not workspace_exists(store, "other")


def test_every_table_can_be_made_on_postgres():
    """Tables and indexes compile for PostgreSQL."""
    for table in database.metadata.sorted_tables:
        text = str(CreateTable(table).compile(dialect=postgresql.dialect()))
        assert f"CREATE TABLE {table.name}" in text
        for index in table.indexes:
            assert "INDEX" in str(CreateIndex(index).compile(dialect=postgresql.dialect()))


def test_every_statement_compiles_for_postgres(store, workspace, stranger, ask, answer, bring, npz):
    """Whatever the store says to its data base in a whole life, PostgreSQL can parse the form of."""
    from core.store import eviction, jobs, runs, shares, uploads

    said = []
    sql.event.listen(store.engine, "before_execute", lambda connection, statement, *_: said.append(statement))
    upload = bring(store, workspace)
    run = ask(store, workspace, 1, dataset=uploads.upload_source(upload))
    jobs.register_runner(store, "runner", "host", 1, [])
    answer(store)
    share, token = shares.create_share(store, workspace, [run.id], "", 1)
    shares.open_share(store, token)
    shares.list_shares(store, workspace)
    other = ask(store, workspace, 2)
    jobs.claim_job(store, "runner")
    jobs.renew_leases(store, "runner", [other.key])
    jobs.record_progress(store, "runner", other.key, 0.5, "on", 1.0)
    runs.cancel_run(store, workspace, other.id)
    jobs.cancel_requests(store, "runner")
    jobs.mark_cancelled(store, "runner", other.key)
    jobs.release_jobs(store, "runner")
    runs.list_runs(store, workspace)
    shares.revoke_share(store, workspace, share.id)
    eviction.evict(store)
    uploads.delete_upload(store, workspace, upload.id)
    assert len(said) > 50
    for statement in said:
        if isinstance(statement, sql.ClauseElement):
            assert str(statement.compile(dialect=postgresql.dialect()))


@on_sqlite
def test_only_one_writer_at_a_time(store):
    """A second writer waits; one that will not wait is told that the data base is locked."""
    with store.writing():
        impatient = sqlite3.connect(store.home / "assay.sqlite", timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            impatient.execute("BEGIN IMMEDIATE")
        impatient.close()
