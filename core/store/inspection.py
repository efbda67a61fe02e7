"""A stranger's file is read in a process of its own: what crashes there, or asks for too much, is refused.

`python -m core.store.inspection` reads one JSON request {"function", "arguments"} from standard input, calls the
function (named "package.module.function") under limits, and prints one JSON line: {"answer"}, {"refused": sentence}, or
{"away": sentence} where the disk of the installation is at fault. It ends with the process that asked.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from core.errors import BadInput, Unavailable
from core.settings import GIB, Settings

SECONDS = 120  # of processor time; twice as long on the clock
_WATCH_EVERY = 1.0  # seconds between two looks whether the process that asked is still there
_LIBRARIES = 1 * GIB  # of written memory that the readers' libraries need themselves
_MAPPED = 16 * GIB  # of address space that they map besides, mostly shared and never touched
_ROOT = Path(__file__).resolve().parents[2]
_KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "VIRTUAL_ENV")
_LIMITS = ("job_memory", "upload_bytes", "max_rows", "max_columns", "max_values")

_log = logging.getLogger(__name__)


def ask(
    settings: Settings, name: str, function: str, *arguments: Any, seconds: int = SECONDS, patience: int = 2
) -> Any:
    """Calls a function in a process of its own, within limits of memory and time.

    Args:
        settings: the limits.
        name: of the file that is read, for the refusal.
        function: "package.module.function".
        arguments: plain JSON values.
        seconds: of processor time.
        patience: how many times as long it may take on the clock.

    Returns:
        What the function returned, as plain JSON values.

    Raises:
        BadInput: the function's own sentence, or one that says how its process ended.
        Unavailable: the disk is full, read-only or broken.
    """
    request = json.dumps({"function": function, "arguments": arguments, "name": name, "seconds": seconds})
    process = subprocess.Popen(
        [sys.executable, "-m", "core.store.inspection"],
        cwd=_ROOT,
        env=environment(settings),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C in the terminal is not for it
    )
    try:
        answer, errors = process.communicate(request.encode(), timeout=patience * seconds)
    except subprocess.TimeoutExpired:
        raise BadInput(f"{name} took longer than {patience * seconds} seconds to read and was refused.") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    if process.returncode != 0 or not answer:
        _log.warning(
            "%s ended with status %s: %s", function, process.returncode, errors[-4000:].decode(errors="replace")
        )
        raise BadInput(_ending(name, process.returncode))
    reply = json.loads(answer)
    if "refused" in reply:
        raise BadInput(reply["refused"])
    if "away" in reply:
        raise Unavailable(reply["away"])
    return reply["answer"]


def main() -> None:
    """The process: limits itself, calls, answers."""
    threading.Thread(target=_end_with, args=(os.getppid(),), name="parent watch", daemon=True).start()
    request = json.loads(sys.stdin.buffer.read())
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no reply
    restrict(request["seconds"])
    replies.write(json.dumps(reply_to(request), allow_nan=False) + "\n")
    replies.flush()


def restrict(seconds: int) -> None:
    """Limits this process for good: memory as its environment says, and processor time.

    Args:
        seconds: of processor time.
    """
    memory = int(os.environ["ASSAY_JOB_MEMORY"])
    for limit, value in (
        (resource.RLIMIT_DATA, memory + _LIBRARIES),
        (resource.RLIMIT_AS, memory + _MAPPED),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def reply_to(request: dict[str, Any]) -> dict[str, Any]:
    """Calls the function of a request: {"answer": what it returned} or {"refused": why not, in one sentence}."""
    module, _, function = request["function"].rpartition(".")
    try:
        return {"answer": getattr(importlib.import_module(module), function)(*request["arguments"])}
    except BadInput as refusal:
        return {"refused": str(refusal)}
    except MemoryError:
        return {"refused": f"{request['name']} needs more memory to read than this installation allows."}
    except Exception as error:
        from core.store.faults import fault_of  # it brings in the database's library, which no reader needs

        fault = fault_of(error)
        if fault is None:
            raise
        return {"away": str(fault)}


def _end_with(parent: int) -> None:
    """Ends this process when the one that started it was killed: nobody would read the answer."""
    never = threading.Event()
    while os.getppid() == parent:
        never.wait(_WATCH_EVERY)
    os._exit(1)


def environment(settings: Settings) -> dict[str, str]:
    """Of the process: nothing of ours that a file could want to read, no secret and no data base."""
    return {
        **{name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
        **{f"ASSAY_{name.upper()}": str(getattr(settings, name)) for name in _LIMITS},
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",  # each arena reserves 64 MiB of address space
        "CUDA_VISIBLE_DEVICES": "",
    }


def _ending(name: str, status: int) -> str:
    if -status in (signal.SIGXCPU, signal.SIGKILL):
        return f"{name} took too much time or memory to read and was refused; is it what its name says?"
    if status < 0:
        return f"{name} makes its reader crash and was refused; the file is damaged, so write it again."
    return f"{name} can't be read; the file is damaged, or of a kind that is not known here."


if __name__ == "__main__":
    main()
