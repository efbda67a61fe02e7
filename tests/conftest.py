"""What holds for every test."""

from __future__ import annotations

import os

# One thread for numerical libraries, as in the workers: on small arrays more threads wait for each other, and on a busy
# machine they wait long. It counts before numpy and torch are imported, here and in the processes that tests start.
for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"
