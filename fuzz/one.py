"""One target under atheris: `python -m fuzz.one TARGET FOLDER SECONDS`. Findings are kept and the search goes on.

SECONDS are of processor time: on a busy machine the same number means the same amount of search.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
import traceback
from pathlib import Path
from random import Random
from typing import Any

SECONDS_EACH = 30  # on the clock that one input may take; a third of it of processor time
MEMORY_MIB = 3000  # that the process may have, libraries included
LONGEST = 1 << 16
LIMITS = {"ASSAY_MAX_VALUES": "1000000", "ASSAY_MAX_ROWS": "100000", "ASSAY_MAX_COLUMNS": "5000"}
EXECUTES = ("os.system", "os.exec", "os.posix_spawn", "os.fork", "subprocess.Popen", "pickle.find_class", "socket.connect",
            "ctypes.dlopen", "shutil.rmtree", "os.mkdir")  # fmt: skip

_executed: list[str] = []
_watching = False


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _watching and event in EXECUTES and "assay-" not in str(arguments) and "/tmp" not in str(arguments):
        _executed.append(f"{event} {str(arguments)[:200]}")


def main() -> None:
    """Fuzzes until the time is over; writes what was found below FOLDER/findings."""
    name, folder, seconds = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    os.environ.update(LIMITS)
    import atheris

    from fuzz.mutators import mutate, seed_name
    from fuzz.targets import TARGETS

    target = TARGETS[name]
    seeds = target.seeds()
    with atheris.instrument_imports(include=list(target.modules)):
        for seed in seeds:
            target.read(seed)  # imports everything that it needs
    corpus, findings = folder / "corpus", folder / "findings"
    for one in (corpus, findings):
        one.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        (corpus / seed_name(seed)).write_bytes(seed)
    sys.addaudithook(_watch)

    begun, tried = time.process_time(), 0

    def test(content: bytes) -> None:
        global _watching
        nonlocal tried
        tried += 1
        if time.process_time() - begun > seconds:
            print(f"tried {tried:,} inputs in {time.process_time() - begun:.0f} seconds", flush=True)
            os._exit(0)  # libFuzzer knows seconds on the clock only
        started, _watching = time.process_time(), True
        try:
            target.read(content)
            assert not _executed, f"executed: {_executed}"
        except Exception as error:
            keep(error, content)
        finally:
            _watching = False
            _executed.clear()
        if time.process_time() - started > SECONDS_EACH / 3:
            (findings / f"slow-{seed_name(content)}").write_bytes(content)

    def keep(error: Exception, content: bytes) -> None:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/core/" in frame.filename]
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "outside"
        mark = hashlib.sha256(f"{type(error).__name__} {place}".encode()).hexdigest()[:12]
        path = findings / f"{type(error).__name__}-{mark}"
        if not path.exists():
            path.write_bytes(content)
            path.with_suffix(".txt").write_text("".join(traceback.format_exception(error))[-8000:])

    def change(content: bytes, most: int, seed: int) -> bytes:
        return mutate(target.form, content, Random(seed), lambda part: atheris.Mutate(part, max(len(part) + 64, 16)))[
            :most
        ]

    flags = [
        f"-max_total_time={20 * seconds}", f"-timeout={SECONDS_EACH}", f"-rss_limit_mb={MEMORY_MIB}", f"-max_len={LONGEST}",
        f"-artifact_prefix={findings}/", "-len_control=0",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *flags, str(corpus)], test, custom_mutator=change, enable_python_coverage=True)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
