"""A Dask scheduler with TLS and workers on it, as processes of their own; the certificates are made here."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.workbench import ROOT, free_port, wait_for

CONFIGURATION = ROOT / "deploy" / "dask.yaml"
PRETENDED = ("--preload", "tests.services.pretended_card")
MEMORY = "900MiB"


@dataclass(frozen=True)
class Certificates:
    """A certificate authority, and what one party needs to show that it was let in."""

    ca: Path
    certificate: Path
    key: Path

    @property
    def options(self) -> list[str]:
        """For `dask scheduler` and `dask worker`."""
        return ["--tls-ca-file", str(self.ca), "--tls-cert", str(self.certificate), "--tls-key", str(self.key)]

    @property
    def variables(self) -> dict[str, str]:
        """For a runner."""
        return {
            "ASSAY_SCHEDULER_CA": str(self.ca),
            "ASSAY_SCHEDULER_CERTIFICATE": str(self.certificate),
            "ASSAY_SCHEDULER_KEY": str(self.key),
        }


def make_certificates(folder: Path) -> Certificates:
    """A new authority in a folder, and one certificate that it signed."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Assay test authority")])
    root = _certificate(issuer, authority.public_key(), issuer, authority, authority=True)
    key = ec.generate_private_key(ec.SECP256R1())
    party = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = Certificates(folder / "ca.pem", folder / "certificate.pem", folder / "key.pem")
    made.ca.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    signed = _certificate(party, key.public_key(), issuer, authority, authority=False)
    made.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    made.key.touch(mode=0o600)
    made.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made


def _certificate(
    subject: x509.Name,
    public: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    *,
    authority: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if not authority:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    return builder.sign(signer, hashes.SHA256())


@dataclass
class DaskCluster:
    """A scheduler and named workers. Each is a process that can be killed and started again.

    Attributes:
        folder: of certificates, logs, and of what the workers put down.
        variables: of all processes, beside those of this one.
        port: of the scheduler.
        certificates: that all parties show.
    """

    folder: Path
    variables: Mapping[str, str]
    port: int = field(default_factory=free_port)
    scheduler: subprocess.Popen[bytes] | None = None
    workers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.certificates = make_certificates(self.folder / "certificates")

    @property
    def address(self) -> str:
        """Of the scheduler, as ASSAY_SCHEDULER has it."""
        return f"tls://127.0.0.1:{self.port}"

    @property
    def runner_variables(self) -> dict[str, str]:
        """What a runner needs to join."""
        return {"ASSAY_SCHEDULER": self.address, **self.certificates.variables}

    def start(self) -> None:
        """Starts a scheduler, the worker "cpu" with CPU=1 and the worker "gpu" with GPU=1, which pretends to have a card."""
        self.start_scheduler()
        self.start_worker("cpu", "CPU=1")
        self.start_worker("gpu", "GPU=1", PRETENDED)

    def start_scheduler(self) -> None:
        """Starts the scheduler."""
        where = [
            "--protocol",
            "tls",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--no-dashboard",
            "--no-show",
            "--dashboard-address",
            "127.0.0.1:0",
        ]
        self.scheduler = self._start("scheduler", [*where, *self.certificates.options])

    def start_worker(self, name: str, resources: str, options: Sequence[str] = ()) -> None:
        """Starts a worker of one thread under a nanny."""
        self.workers[name] = self._start(
            "worker",
            [
                *(self.address, "--name", name, "--resources", resources, "--nthreads", "1", "--no-dashboard"),
                *(
                    "--protocol",
                    "tls",
                    "--host",
                    "127.0.0.1",
                    "--memory-limit",
                    MEMORY,
                    "--local-directory",
                    str(self.folder / name),
                ),
                *options,
                *self.certificates.options,
            ],
            name,
        )

    def kill_scheduler(self) -> None:
        """kill -9."""
        assert self.scheduler is not None
        self.scheduler.kill()
        self.scheduler.wait()

    def worker_process(self, name: str) -> psutil.Process:
        """The process below the nanny that runs the steps."""
        children = psutil.Process(self.workers[name].pid).children()
        (found,) = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
        return found

    def log(self) -> str:
        """What all processes said."""
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("*.log")))

    def stop(self) -> None:
        """Ends everything at once."""
        for process in (*self.workers.values(), *filter(None, [self.scheduler])):
            _end_group(process)

    def _start(self, role: str, options: Sequence[str], name: str = "") -> subprocess.Popen[bytes]:
        environment = {**os.environ, "DASK_CONFIG": str(CONFIGURATION), "CUDA_VISIBLE_DEVICES": ""}
        environment |= {"ASSAY_HOME": str(self.folder / f"{name or role}-home"), **self.variables}
        with (self.folder / f"{name or role}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", role, *options],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


@contextmanager
def dask_cluster(variables: Mapping[str, str] | None = None) -> Iterator[DaskCluster]:
    """A scheduler and two workers, as `DaskCluster.start` starts them; gone at the end of the block."""
    folder = Path(tempfile.mkdtemp(prefix="assay-dask-"))
    cluster = DaskCluster(folder, variables or {})
    try:
        cluster.start()
        wait_for(lambda: cluster.log().count("Starting established connection") >= 2, 300, "both workers")
        yield cluster
    except TimeoutError as error:
        raise RuntimeError(f"{error}; Dask said:\n{cluster.log()}") from None
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """A nanny's worker is in its session, and would live on."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait(30)
