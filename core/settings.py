"""Every ASSAY_* variable, with its default and its meaning."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1 << 20
GIB = 1 << 30


class Settings(BaseSettings):
    """How this installation is set up; `ASSAY_HOME=/srv/assay` sets `home`, and so on."""

    model_config = SettingsConfigDict(
        env_prefix="ASSAY_",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # they may hold secrets
    )

    home: Path = Field(Path.home() / ".assay", description="Folder of the database, uploads, results and steps.")
    database_url: str = Field(
        "", description="SQLAlchemy address of the job table; empty: SQLite (WAL) inside the home folder."
    )
    database_patience: float = Field(
        30.0, gt=0, description="Seconds that SQLite waits while another program holds the database."
    )
    secret: SecretStr = Field(
        SecretStr(""), description="Signs the workspace cookie; empty: made once and kept in the home folder."
    )
    store: str = Field(
        "",
        description="Object store of uploads, results and steps, such as s3://BUCKET/PREFIX; the home folder then holds "
        "copies alone. Empty: the home folder holds them. Endpoint and keys: AWS_ENDPOINT_URL_S3, AWS_ACCESS_KEY_ID, "
        "AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION.",
    )
    secure_cookie: bool = Field(False, description="Send the workspace cookie over HTTPS only; set it behind TLS.")

    public_url: str = Field(
        "", description="Address that people open, as https://assay.example.org; a login needs it to come back."
    )
    oidc_metadata_url: str = Field(
        "",
        description="OpenID Connect provider, https://.../.well-known/openid-configuration; empty: nobody logs in.",
    )
    oidc_client_id: str = Field("", description="Name of this installation at the provider.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="Secret of this installation at the provider.")
    login_days: int = Field(14, ge=1, le=365, description="Days that a login lasts.")
    administrators: str = Field(
        "",
        description="Accounts that see the Administration page: verified e-mail addresses or subjects, separated by ','.",
    )

    runner: bool = Field(
        True,
        description="Start a runner with the page server; 0 where runners run by themselves "
        "(`python -m core.runner --standalone`).",
    )
    scheduler: str = Field("", description="Address of a running Dask scheduler; empty: a cluster of our own.")
    scheduler_ca: str = Field("", description="CA certificate file for a tls:// scheduler.")
    scheduler_certificate: str = Field("", description="Client certificate file for a tls:// scheduler.")
    scheduler_key: str = Field("", description="Client key file for a tls:// scheduler.")
    workers: int = Field(2, ge=1, le=256, description="Worker processes of our own cluster, one thread each.")
    gpus: int | None = Field(None, ge=0, description="Graphics cards to use; empty: as many as are found.")
    job_memory: int = Field(
        4 * GIB, ge=64 * MIB, description="Bytes that one step may use; a worker that passes it is stopped."
    )
    jobs_at_once: int = Field(2, ge=1, description="Jobs of one workspace that run at the same time.")
    jobs_queued: int = Field(50, ge=1, description="Jobs of one workspace that may wait.")
    jobs_a_day: int = Field(1000, ge=1, description="Jobs that one workspace may start in a day (UTC).")
    lease_seconds: float = Field(
        15.0, gt=0, description="A runner that is silent for so long loses its jobs to another."
    )

    multipers_python: str = Field(
        "", description="Interpreter that has multipers 2.3.2; empty: that of `make multipers`, if it is there."
    )
    data_folders: str = Field(
        "",
        description="Folders on this server, separated by ':', whose files anybody may bring in on the Library page; "
        "empty: none.",
    )
    upload_bytes: int = Field(1 * GIB, ge=1, description="Largest single upload, in bytes.")
    workspace_bytes: int = Field(10 * GIB, ge=1, description="All uploads of one workspace, in bytes.")
    result_bytes: int = Field(20 * GIB, ge=1, description="All results together; the least recently read go first.")
    step_bytes: int = Field(10 * GIB, ge=1, description="All finished steps together; the oldest go first.")
    cache_bytes: int = Field(
        20 * GIB, ge=1, description="Local copies of what is in the object store; those used longest ago go first."
    )
    max_rows: int = Field(5_000_000, ge=1, description="Most rows of a data set.")
    max_columns: int = Field(20_000, ge=1, description="Most columns of a data set.")
    max_values: int = Field(500_000_000, ge=1, description="Most values (rows x columns) of a data set.")
    keep_days: int = Field(90, ge=1, description="Days that a result is kept after it was last read; shared ones stay.")

    hosts: str = Field(
        "",
        description="Names that this server is called by, separated by ','; addresses and localhost always are. "
        "Requests for another name are refused (DNS rebinding).",
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks of reverse proxies, separated by ',', whose X-Forwarded-For is believed; "
        "empty: none.",
    )
    hourly_uploads: int = Field(2_000, ge=1, description="Uploads of one workspace within an hour.")
    hourly_upload_bytes: int = Field(
        50 * GIB, ge=16 * MIB, description="Bytes that one workspace uploads within an hour, refused ones included."
    )
    hourly_runs: int = Field(1_000, ge=1, description="Questions of one workspace within an hour.")
    hourly_holdout_questions: int = Field(
        1_000, ge=1, description="Questions to holdouts within an hour, of one workspace or through one link."
    )
    hourly_workspaces: int = Field(200, ge=1, description="New workspaces that one address opens within an hour.")
    hourly_link_failures: int = Field(
        60, ge=1, description="Links that open nothing which one address tries within an hour."
    )
    workspaces_per_address: int = Field(
        5, ge=1, description="One address may upload and ask within an hour as much as so many workspaces."
    )
    body_patience: float = Field(
        30.0, gt=0, description="Seconds that an upload may stand still before it is cut; see body_slowest."
    )
    body_slowest: int = Field(
        16 << 10, ge=1, description="Bytes per second that an upload must have on average beyond its patience."
    )

    @model_validator(mode="after")
    def _login_is_whole(self) -> Self:
        """A login that is set up by half would lock everybody out, or let nobody know why."""
        if not self.oidc_metadata_url:
            return self
        missing = [
            f"ASSAY_{name.upper()}"
            for name in ("public_url", "oidc_client_id", "oidc_client_secret")
            if not str(getattr(self, name))
        ]
        if missing:
            raise ValueError(f"ASSAY_OIDC_METADATA_URL is set, so a login needs {' and '.join(missing)} as well.")
        address = urlsplit(self.public_url)
        if address.scheme not in ("http", "https") or not address.netloc or address.path not in ("", "/"):
            raise ValueError(
                f"ASSAY_PUBLIC_URL is {self.public_url!r}; expected scheme and host alone, as https://assay.example.org."
            )
        return self

    @property
    def login(self) -> bool:
        """Whether people log in, and workspaces belong to accounts."""
        return bool(self.oidc_metadata_url)

    @property
    def cookies_need_tls(self) -> bool:
        """Whether cookies travel over HTTPS only."""
        return self.secure_cookie or self.public_url.startswith("https://")

    @property
    def folders_offered(self) -> tuple[Path, ...]:
        """The folders of `data_folders`."""
        return tuple(Path(name).expanduser() for name in self.data_folders.split(os.pathsep) if name.strip())

    @property
    def database(self) -> str:
        """The SQLAlchemy address in force."""
        return self.database_url or f"sqlite:///{self.home / 'assay.sqlite'}"


@cache
def settings() -> Settings:
    """The settings of this process, read from the environment once."""
    return Settings()
