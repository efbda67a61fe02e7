"""What deploy/ says exists: variables, modules, options, and the settings of Dask."""

from __future__ import annotations

import importlib.util
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from streamlit import config

from core.runner.cluster import DASK
from core.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
OF_OUR_OWN_CLUSTER = "distributed.deploy.lost-worker-timeout"


@pytest.mark.parametrize("path", sorted(DEPLOY.iterdir()), ids=lambda path: path.name)
def test_every_variable_exists(path: Path) -> None:
    """Whatever is called ASSAY_... in the files of deploy/ is a setting."""
    named = set(re.findall(r"\bASSAY_[A-Z_]*[A-Z]", path.read_text()))
    assert named <= {f"ASSAY_{name.upper()}" for name in Settings.model_fields}


def commands() -> Iterator[Any]:
    """Every command that starts a process of ours."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    for name, service in compose["services"].items():
        if service.get("image") == "assay":
            yield pytest.param(service["command"], id=f"compose {name}")
    for document in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()):
        if document["kind"] == "Deployment":
            (container,) = document["spec"]["template"]["spec"]["containers"]
            yield pytest.param(container["command"], id=f"kubernetes {container['name']}")
    for unit in UNITS:
        (start,) = re.findall(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)
        yield pytest.param(shlex.split(start), id=unit.name)


@pytest.mark.parametrize("command", commands())
def test_every_command_exists(command: list[str]) -> None:
    """The module is there, and takes these options."""
    program, *rest = command
    if program.endswith("python"):
        assert rest.pop(0) == "-m"
        program = rest.pop(0)
    assert importlib.util.find_spec(program) is not None
    if program == "core.runner":
        assert rest == ["--standalone"]
    elif program == "dask":
        check_dask(*rest)
    else:
        assert program == "streamlit"
        check_streamlit(*rest)


def check_dask(role: str, *options: str) -> None:
    module = importlib.import_module(f"distributed.cli.dask_{role}")
    known, _, _ = module.main.make_parser(module.main.make_context(role, [], resilient_parsing=True)).parse_args(
        list(options)
    )
    assert known["protocol"] == "tls"
    assert not isinstance(known["preload_argv"], tuple)  # where it puts what it does not know
    assert {"tls_ca_file", "tls_cert", "tls_key"} <= set(known)
    if role == "worker":
        assert known["resources"] in ("CPU=1", "GPU=1")
        assert known["nthreads"] == "1"


def check_streamlit(verb: str, script: str, *options: str) -> None:
    assert verb == "run"
    assert (ROOT / script).exists()
    for option in options[::2]:
        config.get_option(option.removeprefix("--"))


def test_a_scheduler_of_its_own_has_the_settings_of_ours() -> None:
    """deploy/dask.yaml says what a runner sets for the cluster that it starts."""
    written: dict[str, Any] = {}

    def flatten(prefix: str, value: Any) -> None:
        if isinstance(value, dict):
            for name, below in value.items():
                flatten(f"{prefix}.{name}" if prefix else name, below)
        else:
            written[prefix] = value

    flatten("", yaml.safe_load((DEPLOY / "dask.yaml").read_text()))
    assert written.pop("distributed.comm.require-encryption") is True
    assert written == {name: value for name, value in DASK.items() if name != OF_OUR_OWN_CLUSTER}


def test_services_name_only_what_is_there() -> None:
    """Services wait for services of the file, and volumes are declared; no password is written down."""
    text = (DEPLOY / "compose.yaml").read_text()
    compose = yaml.safe_load(text)
    for service in compose["services"].values():
        assert set(service.get("depends_on", {})) <= set(compose["services"])
        named = [volume.split(":")[0] for volume in service.get("volumes", ())]
        assert {name for name in named if not name.startswith(".")} <= set(compose["volumes"])
    assert not re.findall(r"(?i)(password|secret)[a-z_]*: (?!\$\{)\S", text)
    image = compose["services"]["pages"]["build"]
    assert (DEPLOY / image["context"] / image["dockerfile"]).exists()


def test_the_image_copies_what_exists() -> None:
    """Every requirements file that the image installs is in the repository."""
    named = set(re.findall(r"requirements[a-z0-9-]*\.txt", (DEPLOY / "Dockerfile").read_text()))
    assert named
    assert all((ROOT / name).exists() for name in named)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_are_what_systemd_reads(unit: Path, tmp_path: Path) -> None:
    """Each section and each line is one that systemd knows, as far as it is installed to say so."""
    text = unit.read_text()
    assert re.findall(r"^\[(\w+)\]$", text, re.MULTILINE) == ["Unit", "Service", "Install"]
    assert all(re.fullmatch(r"|#.*|\[\w+\]|\w+=.+", line) for line in text.splitlines())
    analyser = shutil.which("systemd-analyze")
    if analyser is not None:
        placed = tmp_path / unit.name
        placed.write_text(text.replace("/opt/assay/.venv/bin/python", shutil.which("true") or "/bin/true"))
        said = subprocess.run([analyser, "verify", str(placed)], capture_output=True, text=True).stderr
        assert not [line for line in said.splitlines() if unit.name in line], said


def test_each_way_is_explained_in_a_page() -> None:
    """Compose, systemd and Kubernetes have a page each, which the README names and which names its file."""
    readme = (ROOT / "README.md").read_text()
    for page, file in (
        ("compose.md", "compose.yaml"),
        ("systemd.md", "assay.service"),
        ("kubernetes.md", "kubernetes.yaml"),
    ):
        assert f"deploy/{page}" in readme
        assert file in (DEPLOY / page).read_text()
