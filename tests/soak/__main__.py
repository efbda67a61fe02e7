"""`python -m tests.soak --minutes 30`: mixed work with processes killed at random; exits with 1 where anything was lost."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.soak.soak import account, soak


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="of work, half with each kind of cluster")
    parser.add_argument("--seed", type=int, default=0, help="of what people do and what is killed when")
    parser.add_argument("--pause", type=float, default=2.0, help="seconds between two acts of one person")
    parser.add_argument("--kills", type=float, nargs=2, default=(15.0, 45.0), help="seconds between two kills")
    parser.add_argument("--keep", type=Path, help="folder of home and ledger; without it they are removed")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="assay-soak-") as temporary:
        folder = asked.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        ledger, checks = soak(folder, asked.minutes, asked.seed, asked.pause, tuple(asked.kills))
        print(account(ledger, checks), flush=True)
    return 1 if ledger.faults else 0


if __name__ == "__main__":
    sys.exit(main())
