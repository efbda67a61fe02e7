"""Units in headers."""

from __future__ import annotations

import pytest

from core.telemetry.ingest.units import unit_of

CASES = {
    "Temperature [K]": "K",
    "temp (degC)": "°C",
    "temp (deg C)": "°C",
    "Flow rate (l/min)": "l/min",
    "acceleration (m/s²)": "m/s²",
    "flux (W m^-2)": "W m^-2",
    "Bus current [A] ": "A",
    "load [percent]": "%",
    "load (%)": "%",
    "rate (1/s)": "1/s",
    "weird [furlongs]": "furlongs",
    "wheel (left)": "",
    "gain [-]": "",
    "ratio (1)": "",
    "[V]": "V",
    "plain": "",
    "Accelerometer1RMS": "",
}


@pytest.mark.parametrize(("header", "unit"), CASES.items())
def test_the_unit_of_a_header(header: str, unit: str):
    """Square brackets always hold a unit, parentheses only where it is spelt like one."""
    assert unit_of(header) == unit
