"""The example file of telemetry."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.settings import settings
from core.sources import open_source
from core.telemetry.reading import load

EXAMPLE = Path(__file__).resolve().parents[3] / "assets" / "examples" / "telemetry.csv"


def test_the_example_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Three temperatures and five covariates by 10 minutes, two of them states, with units and a gap of five hours."""
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path))
    settings.cache_clear()
    source = open_source("telemetry", str(EXAMPLE))
    assert (source.details["time"], source.details["gaps"], source.details["problems"]) == ("time", 1, [])
    temperatures = ("Optics [K]", "Detector [K]", "Panel [K]")
    found = load(source, {"targets": temperatures})
    assert found.targets == temperatures
    assert found.covariates == ("heater_duty [%]", "sun_angle [deg]", "transmitter", "mode", "cpu_load [%]")
    assert (found.grid.rows, found.grid.step) == (720, 600) and found.grid.states == {"transmitter", "mode"}
    assert found.grid.units["Optics [K]"] == "K" and found.grid.units["heater_duty [%]"] == "%"
    assert found.gaps.minutes.tolist() == [310.0]
    assert np.isnan(found.grid.columns(temperatures)).all(axis=1).sum() == 30
    settings.cache_clear()
