"""A stranger's file is read in a process of its own: what crashes there, or asks for too much, is refused.

`python -m core.store.inspection` reads one JSON request from standard input and prints one JSON line:
{"task": "inspect", "path", "filename", "kind_hint"}  -> {"kind", "details"};
{"task": "attach_architecture", "path", "config", "target"} and
{"task": "pair_with_labels", "images", "labels", "target"} write a new file -> {"kind", "details"};
a refusal is {"refused": sentence}.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.settings import GIB, Settings

SECONDS = 120  # of processor time, and of waiting as many again
_LIBRARIES = 4 * GIB  # address space that the readers' libraries map before they read anything
_ROOT = Path(__file__).resolve().parents[2]
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "VIRTUAL_ENV")


def ask(settings: Settings, name: str, request: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Has a file read in a process of its own, within limits of memory and time.

    Args:
        settings: the limits.
        name: of the file, for the refusal.
        request: as above.

    Returns:
        The kind of the file and what was found in it.

    Raises:
        BadInput: the readers' own sentence, or one that says how their process ended.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "core.store.inspection"],
        cwd=_ROOT,
        env=_environment(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        answer, _ = process.communicate(json.dumps(request).encode(), timeout=2 * SECONDS)
    except subprocess.TimeoutExpired:
        raise BadInput(f"{name} took longer than {2 * SECONDS} seconds to read and was refused.") from None
    finally:
        _end(process)
    if process.returncode != 0 or not answer:
        raise BadInput(_ended(settings, name, process.returncode))
    reply = json.loads(answer)
    if "refused" in reply:
        raise BadInput(reply["refused"])
    return str(reply["kind"]), dict(reply["details"])


def main() -> None:
    """The process: limits itself, reads, answers."""
    request = json.loads(sys.stdin.buffer.read())
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no reply
    memory = int(os.environ["ASSAY_JOB_MEMORY"]) + _LIBRARIES
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    replies.write(json.dumps(_reply(request)) + "\n")
    replies.flush()


def _reply(request: dict[str, Any]) -> dict[str, Any]:
    try:
        kind, details = _perform(request)
    except BadInput as refusal:
        return {"refused": str(refusal)}
    except MemoryError:
        return {"refused": f"{request['filename']} needs more memory to read than this installation allows."}
    return {"kind": kind, "details": details}


def _perform(request: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if request["task"] == "inspect":
        from core.sources import inspect_file

        return inspect_file(Path(request["path"]), request["filename"], request["kind_hint"])
    if request["task"] == "attach_architecture":
        from core.models import attach_architecture

        return "model", attach_architecture(Path(request["path"]), request["config"], Path(request["target"]))
    from core.data import pair_with_labels

    return "dataset", pair_with_labels(Path(request["images"]), Path(request["labels"]), Path(request["target"]))


def _environment(settings: Settings) -> dict[str, str]:
    """Nothing of ours that a file could want to read: no secret, no data base."""
    limits = ("job_memory", "upload_bytes", "max_rows", "max_columns", "max_values")
    return {
        **{name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
        **{f"ASSAY_{name.upper()}": str(getattr(settings, name)) for name in limits},
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",  # each arena reserves 64 MiB of address space
        "CUDA_VISIBLE_DEVICES": "",
    }


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.kill()
        process.communicate()


def _ended(settings: Settings, name: str, status: int) -> str:
    if status == -signal.SIGXCPU or status == -signal.SIGKILL:
        return f"{name} took too much time or memory to read and was refused; is the file what its name says?"
    if status < 0:
        return f"{name} makes its reader crash and was refused; the file is damaged, so write it again."
    return f"{name} can't be read; the file is damaged or of a kind that is not known here."


if __name__ == "__main__":
    main()
