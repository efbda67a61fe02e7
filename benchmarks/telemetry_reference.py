"""Writes the values of other libraries that tests compare with, each package from an environment of its own:

    python -m benchmarks.telemetry_reference tsb_ad     TSB-AD 1.5 (with --no-deps) and telemeval 0.3.4
    python -m benchmarks.telemetry_reference aeon       aeon 1.6.0

The two quarrel over numpy, and TSB-AD's own requirements would pull a torch for CUDA, which its metrics don't use.
Nothing of this project is needed but the generated cases of the tests.
"""

from __future__ import annotations

import argparse
import json
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from tests.core.telemetry.metrics.cases import ALARMS, CONSTANT, SCORES, WINDOWS

STORED = Path(__file__).parents[1] / "tests" / "core" / "telemetry" / "metrics" / "peers.json"


def main(part: str) -> None:
    warnings.simplefilter("ignore")
    content = json.loads(STORED.read_text()) if STORED.exists() else {"versions": {}}
    found = {"tsb_ad": _tsb_ad, "aeon": _aeon}[part]()
    content["versions"] |= found.pop("versions")
    STORED.write_text(json.dumps(content | found, indent=1, sort_keys=True) + "\n")


def _tsb_ad() -> dict[str, Any]:
    from TSB_AD.evaluation.affiliation.generics import convert_vector_to_events
    from TSB_AD.evaluation.affiliation.metrics import pr_from_events
    from TSB_AD.evaluation.basic_metrics import generate_curve

    def volumes(labels: np.ndarray, scores: np.ndarray, window: int) -> list[float]:
        *_, roc, pr = generate_curve(labels.astype(int), scores, window)
        return [float(pr), float(roc)]

    def affiliation(labels: np.ndarray, alarms: np.ndarray) -> list[float]:
        events, raised = (convert_vector_to_events(flags.astype(int)) for flags in (labels, alarms))
        found = pr_from_events(raised, events, (0, len(labels)))
        return [float(found["Affiliation_Precision"]), float(found["Affiliation_Recall"])]

    return {
        "versions": {name: version(name) for name in ("TSB_AD", "telemeval")},
        "tsb_ad": {case: {w: volumes(*make(), w) for w in WINDOWS} for case, make in SCORES.items()},
        "tsb_ad constant": volumes(*CONSTANT, 30),
        "affiliation": {case: affiliation(*make()) for case, make in ALARMS.items()},
        "telemeval": {case: _telemeval(*make()) for case, make in ALARMS.items()},
    }


def _telemeval(labels: np.ndarray, alarms: np.ndarray) -> dict[str, float | None]:
    """Rows of an hour; an event ends a nanosecond before the row behind it."""
    import pandas as pd
    from telemeval import evaluate

    times = pd.date_range("2024-01-01", periods=len(labels) + 1, freq="h")
    change = np.diff(np.concatenate([[0], labels.astype(int), [0]]))
    stretches = zip(np.flatnonzero(change == 1), np.flatnonzero(change == -1), strict=True)
    events = pd.DataFrame(
        [(str(i), "all", times[a], times[b] - pd.Timedelta("1ns")) for i, (a, b) in enumerate(stretches)],
        columns=["ID", "Channel", "StartTime", "EndTime"],
    )
    raised = pd.DataFrame({"Timestamp": times[:-1], "Score": alarms.astype(int)})
    found = evaluate(events, {"all": raised}, metrics=("event_wise", "adtqc")).metrics
    return {
        **{name: found["event_wise"][name] for name in ("event_wise_recall", "detected_events", "false_alarms")},
        **{name: found["adtqc"][name] for name in ("adtqc_total", "after_rate")},
    }


def _aeon() -> dict[str, Any]:
    from aeon.benchmarking.metrics.anomaly_detection import range_pr_vus_score, range_roc_vus_score

    def volumes(labels: np.ndarray, scores: np.ndarray, window: int) -> list[float]:
        truth = labels.astype(int)
        return [float(measure(truth, scores, window)) for measure in (range_pr_vus_score, range_roc_vus_score)]

    return {
        "versions": {"aeon": version("aeon")},
        "aeon": {case: {w: volumes(*make(), w) for w in WINDOWS} for case, make in SCORES.items()},
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("tsb_ad", "aeon"))
    main(parser.parse_args().part)
