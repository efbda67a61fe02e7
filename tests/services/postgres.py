"""A PostgreSQL server of its own, in a temporary folder and on a free port of 127.0.0.1."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.workbench import free_port, wait_for

ACCOUNT = "postgres"  # Debian's package makes it; the server refuses to run as root
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",  # nothing here has to survive a power cut
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
}


@dataclass
class Postgres:
    """A server that can be stopped and started again on the same data.

    Attributes:
        folder: of its data.
        password: of the account that owns everything.
        port: where it listens.
        process: the server; None while it is stopped.
    """

    folder: Path
    password: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def url(self, name: str = "postgres") -> str:
        """The address of a database, as ASSAY_DATABASE_URL has it."""
        return f"postgresql+psycopg://{ACCOUNT}:{self.password}@127.0.0.1:{self.port}/{name}"

    def connect(self, name: str = "postgres") -> psycopg.Connection:
        """A connection beside those of Assay."""
        return psycopg.connect(self.url(name).replace("+psycopg", ""), autocommit=True, connect_timeout=5)

    def new_database(self) -> str:
        """Makes an empty database; returns its address."""
        name = f"assay_{secrets.token_hex(6)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def create(self) -> None:
        """Makes the folder of the data."""
        passwords = self.folder.parent / "password"
        passwords.write_text(self.password)
        _give_away(passwords)
        options = ["--username", ACCOUNT, "--auth", "scram-sha-256", "--pwfile", str(passwords)]
        command = [program("initdb"), "--pgdata", str(self.folder), "--no-sync", "--locale", "C", "--encoding", "UTF8"]
        subprocess.run([*command, *options], check=True, capture_output=True, cwd=self.folder.parent, **_account())

    def start(self) -> None:
        """Starts the server and waits until it lets us in."""
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with (self.folder.parent / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [program("postgres"), "-D", str(self.folder), "-p", str(self.port), *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder.parent,
                start_new_session=True,
                **_account(),
            )
        wait_for(self.answers, 60, "the first answer of PostgreSQL")

    def answers(self) -> bool:
        """Whether it lets us in. Raises if the server has ended."""
        if self.process is not None and self.process.poll() is not None:
            raise RuntimeError(f"PostgreSQL ended:\n{(self.folder.parent / 'log').read_text()}")
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Ends the server; whoever is connected is cut off at once."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)
        self.process = None

    def abort(self) -> None:
        """Ends the server as a crash would; what was committed is there when it starts again."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(60)
        self.process = None


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A running server; gone, with its folder, at the end of the block."""
    folder = Path(tempfile.mkdtemp(prefix="assay-postgres-"))
    _give_away(folder)
    server = Postgres(folder / "data")
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.abort()
        shutil.rmtree(folder, ignore_errors=True)


def program(name: str) -> str:
    """The newest of Debian's versions of a program, else the one that is on the path.

    Raises:
        RuntimeError: PostgreSQL is not installed.
    """
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = str(versions[-1]) if versions else shutil.which(name)
    if found is None:
        raise RuntimeError("PostgreSQL is not installed: `make postgres` does it.")
    return found


def _account() -> dict[str, str]:
    return {"user": ACCOUNT, "group": ACCOUNT} if os.geteuid() == 0 else {}


def _give_away(path: Path) -> None:
    if os.geteuid() == 0:
        owner = pwd.getpwnam(ACCOUNT)
        os.chown(path, owner.pw_uid, owner.pw_gid)
