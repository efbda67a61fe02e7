"""`python -m fuzz [TARGET ...] --seconds 60`: fuzzes one target after the other and prints a table of what came out."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
NAMES = ("screen", "program", "arrays", "csv", "parquet", "verify", "addresses", "weights", "booster", "zoo", "shapes")


def main() -> None:
    """Ends with status 1 where anything was found."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help=f"any of {', '.join(NAMES)}; all where none is named"
    )
    parser.add_argument("--seconds", type=int, default=60, help="of processor time for each target")
    parser.add_argument("--folder", type=Path, default=HERE / "work", help="where corpora and findings are kept")
    asked = parser.parse_args()
    unknown = set(asked.targets) - set(NAMES)
    if unknown:
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    found = 0
    print("| target | seconds | inputs | edges | findings |\n| --- | ---: | ---: | ---: | ---: |", flush=True)
    for name in asked.targets or NAMES:
        found += _run(name, asked.folder / name, asked.seconds)
    sys.exit(found > 0)


def _run(name: str, folder: Path, seconds: int) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log.txt"
    with log.open("w") as stream:
        command = [sys.executable, "-m", "fuzz.one", name, str(folder), str(seconds)]
        status = subprocess.run(command, cwd=HERE.parent, stdout=stream, stderr=subprocess.STDOUT).returncode
    text = log.read_text(errors="replace")
    tried = re.findall(r"^tried ([\d,]+) inputs in (\d+) seconds", text, re.MULTILINE)
    inputs, spent = tried[-1] if tried else ((re.findall(r"^#(\d+)", text, re.MULTILINE) or ["0"])[-1], "?")
    edges = re.findall(r" cov: (\d+)", text)
    findings = [path for path in (folder / "findings").glob("*") if path.suffix != ".txt"]
    ended = "" if status == 0 else f" (ended with {status}, see {log})"
    print(
        f"| {name} | {spent} | {inputs} | {edges[-1] if edges else 0} | {len(findings)}{ended} |",
        flush=True,
    )
    return len(findings) + (status != 0)


if __name__ == "__main__":
    main()
