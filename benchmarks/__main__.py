"""Runs the benchmarks: all of them, or those named on the command line."""

from __future__ import annotations

import importlib
import sys

NAMES = (
    "data_dimension",
    "intrinsic_dimension",
    "page_server",
    "pages",
    "analyses",
    "calibration_metrics",
    "calibration_repair",
    "calibration_population",
    "telemetry_metrics",
    "telemetry_ingest",
    "telemetry_detection",
    "telemetry_explanation",
    "telemetry_page",
    "topology_engine",
    "topology_scores",
    "topology_viewer",
    "landscape_curvature",
    "landscape_llc",
    "landscape_sweep",
    "landscape_averaging",
    "landscape_gpu",
    "landscape_pruning",
    "big_work",
    "big_work_constants",
    "big_work_steps",
)


def main(names: tuple[str, ...]) -> None:
    for name in names:
        print(f"\n== {name} ==", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or NAMES)
