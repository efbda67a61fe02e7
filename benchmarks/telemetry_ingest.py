"""Reading telemetry at the size of the Euclid study: `python -m benchmarks telemetry_ingest`.

1.57 million rows of 46 channels, one row every 10 s over half a year, generated into a temporary folder as Parquet and
as csv. Inspection (the csv is copied to Parquet there) and resampling to 10 minutes run in a process of their own,
which tells its processor time and its peak memory. For comparison the same resampling by pandas, which reads the whole
Parquet file first.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

ROWS, CHANNELS, STEP_MS = 1_570_000, 46, 10_000
GROUP = 1 << 18


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = {kind: Path(folder, f"series.{kind}") for kind in ("parquet", "csv")}
        generate(paths["parquet"], paths["csv"])
        for kind, path in paths.items():
            print(f"\n{ROWS:,} x {CHANNELS} as {kind}, {path.stat().st_size / 2**20:.0f} MiB", flush=True)
            for what in ("ours", "pandas") if kind == "parquet" else ("ours",):
                environment = {**os.environ, "ASSAY_HOME": folder, "OMP_NUM_THREADS": "1"}
                command = [sys.executable, "-m", "benchmarks.telemetry_ingest", what, str(path)]
                subprocess.run(command, check=True, env=environment)


def generate(parquet: Path, csv: Path) -> None:
    """Random walks to three decimals, with stamps that tremble by 3 ms."""
    rng = np.random.default_rng(0)
    kinds = [("time", pa.timestamp("ms", "UTC"))] + [(f"T{index} [K]", pa.float64()) for index in range(CHANNELS)]
    schema = pa.schema(kinds)
    with pq.ParquetWriter(parquet, schema) as writer, pacsv.CSVWriter(csv, schema) as lines:
        for start in range(0, ROWS, GROUP):
            count = min(GROUP, ROWS - start)
            ms = 1_707_955_200_000 + STEP_MS * np.arange(start, start + count) + rng.integers(-3, 4, count)
            walks = [np.round(100 + np.cumsum(rng.normal(0, 0.01, count)), 3) for _ in range(CHANNELS)]
            table = pa.table([pa.array(ms).cast(schema[0].type), *walks], schema=schema)
            writer.write_table(table)
            lines.write_table(table)


def ours(path: Path) -> None:
    """Inspects and reads the file as the command line does."""
    from core.sources import open_source
    from core.telemetry.reading import load

    started = time.process_time()
    source = open_source("telemetry", str(path))
    inspected = time.process_time()
    found = load(source, {})
    tell("inspect", inspected - started)
    tell(f"read and resample to {found.grid.rows:,} rows", time.process_time() - inspected)


def pandas(path: Path) -> None:
    """Reads the whole table and resamples it."""
    import pandas as pd

    started = time.process_time()
    pd.read_parquet(path).set_index("time").resample("600s").mean()
    tell("pandas: read_parquet, resample, mean", time.process_time() - started)


def tell(what: str, seconds: float) -> None:
    # Of this process alone: ru_maxrss would go on from the process that started it.
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 2**20
    print(f"  {what:40s} {seconds:6.1f} s of CPU, peak so far {peak:.2f} GiB", flush=True)


if __name__ == "__main__":
    {"ours": ours, "pandas": pandas}[sys.argv[1]](Path(sys.argv[2]))
