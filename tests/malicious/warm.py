"""The reading process of `core.store.inspection`, warm: libraries are imported once and each request is a fork of it.

`python -m tests.malicious.warm` takes a JSON request a line and answers with a JSON line: the process' exit status and, of each
file, {"answer"}, {"refused"} or {"failed"}, how far its memory grew, and what it tried to execute.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

IMPORTED = (
    "core.sources", "core.store.readers", "core.models.inspection", "core.models.checkpoints", "core.models.model_zoo",
    "core.models.booster_inspection", "core.calibration.inspection", "core.telemetry.inspection", "core.data.csv_file",
    "core.data.parquet_file", "core.data.npz_file", "core.data.idx_zip", "core.data.shapes_reading", "core.data.shapes_ts",
    "core.data.shapes_graph", "core.data.shapes_tu", "core.data.shapes_arrays", "core.data.shapes_table", "core.data.population",
    "core.export.verify", "fuzz.honest", "xgboost", "torch.export", "pandas",
)  # fmt: skip
EXECUTES = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "subprocess.Popen",
    "pickle.find_class",
    "socket.connect",
)


def main() -> None:
    """Answers requests until there are no more."""
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for module in IMPORTED:
        import_module(module)
    for line in sys.stdin:
        request = json.loads(line)
        replies.write(json.dumps({"number": request["number"], **_in_fork(request)}) + "\n")
        replies.flush()


def _in_fork(request: dict[str, Any]) -> dict[str, Any]:
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(receiving)
            with os.fdopen(sending, "w") as stream:
                _answer(request, stream)
        finally:
            os._exit(0)
    os.close(sending)
    with os.fdopen(receiving) as stream:
        answers = [json.loads(line) for line in stream if line.endswith("\n")]
    _, status = os.waitpid(child, 0)
    return {"status": os.waitstatus_to_exitcode(status), "answers": answers}


def _answer(request: dict[str, Any], stream: Any) -> None:
    from core.store.inspection import reply_to, restrict

    executed: list[str] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event in EXECUTES or (event == "open" and request["secret"] in str(arguments[0])):
            executed.append(f"{event} {str(arguments)[:100]}")

    sys.addaudithook(watch)
    restrict(request["seconds"])
    for arguments in request["each"]:
        before = _memory("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
        try:
            found = reply_to({"function": request["function"], "arguments": arguments, "name": arguments[1]})
        except BaseException:
            found = {"failed": traceback.format_exc()[-3000:]}
        grown = _memory("VmHWM") - before
        stream.write(json.dumps({**found, "grown": grown, "executed": list(executed)}) + "\n")
        stream.flush()


def _memory(name: str) -> int:
    """Bytes that the system counts for this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(name))


def verified(path: str, name: str) -> dict[str, Any]:
    """What `verify` says of a page or a folder with the question of the honest result."""
    from core.export.verify import verify
    from fuzz.honest import toy_analysis

    found = verify(Path(path), analyses=[toy_analysis()[0]])
    return {"ok": found.ok, "sentence": found.sentence, "failed": [one.name for one in found.checks if one.ok is False]}


if __name__ == "__main__":
    main()
