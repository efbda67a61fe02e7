"""The telemetry that comes with the workbench: what is said of it. `core.telemetry.synthetic.builtin` makes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.errors import BadInput
from core.keys import content_key

if TYPE_CHECKING:
    from core.analysis import Source

_CITATION = (
    "Made here; in shape after Gomez et al. (2024), IAC-24-B6.2, arXiv:2411.05596, whose data are not public: "
    "every value is invented."
)
_TARGETS = (
    "VIS_FPA", "VIS_RSU", "NISP_DET", "NISP_OPT", "NISP_FWA", "M1", "M2", "BASEPLATE", "SUNSHIELD", "FGS", "SVM_PANEL",
)  # fmt: skip
_STATES = ("slew_flag", "tx_on", "vis_mode", "nisp_mode", "nisp_grism", "nisp_led")
_COVARIATES = {  # with their units, in the order of the columns
    "att_saa": "deg", "att_alpha": "deg", "slew_flag": "", "att_rate": "deg/s", "sun_dist": "au", "hga_elev": "deg",
    "tx_on": "", "tx_current": "A", "vis_mode": "", "nisp_mode": "", "nisp_grism": "", "vis_shutter": "1/h",
    "nisp_led": "", "vis_ccd_power": "W", "nisp_det_power": "W", "fgs_power": "W",
    "htr1": "%", "htr2": "%", "htr3": "%", "htr4": "%", "htr5": "%", "htr6": "%", "htr7": "%", "htr8": "%",
    "rw1": "rpm", "rw2": "rpm", "rw3": "rpm", "thruster": "", "cpu_load": "%", "mmu_fill": "%",
    "sa_current": "A", "bus_current": "A", "pcdu_load": "W", "bus_voltage": "V", "bat_voltage": "V",
}  # fmt: skip


@dataclass(frozen=True)
class BuiltinTelemetry:
    """Telemetry known by name.

    Attributes:
        name: after "builtin:".
        title: as pages show it.
        description: one sentence.
        citation: where it comes from.
        minutes: between two rows.
        days: length of the series.
        training_days: at the start, without planted events.
        details: what an inspection would find.
        version: part of its digest; raised whenever its values change.
    """

    name: str
    title: str
    description: str
    citation: str
    minutes: float
    days: float
    training_days: float
    details: dict[str, Any] = field(hash=False)
    version: int = 1


def _spacecraft(minutes: float, last: str, rows: int) -> dict[str, Any]:
    """What an inspection of the series as a file would find."""
    columns = [
        {"name": "time", "type": "time", "role": "time", "unit": "", "missing": 0},
        *(_column(name, "target", "K") for name in _TARGETS),
        *(_column(name, "state" if name in _STATES else "covariate", unit) for name, unit in _COVARIATES.items()),
    ]
    return {
        "format": "builtin",
        "kind": "telemetry",
        "synthetic": True,
        "rows": rows,
        "column_count": len(columns),
        "columns": columns,
        "unlisted": [],
        "time": "time",
        "first": "2024-02-15T00:00:00Z",
        "last": last,
        "step": 60 * minutes,
        "gaps": 0,
        "longest_gap": None,
        "labels": None,
        "missing": 0,
        "notes": [],
        "problems": [],
        "responders": ["htr7"],
    }


def _column(name: str, role: str, unit: str) -> dict[str, Any]:
    return {"name": name, "type": "number", "role": role, "unit": unit, "missing": 0}


BUILTIN_TELEMETRY: tuple[BuiltinTelemetry, ...] = (
    BuiltinTelemetry(
        "euclid-like",
        "Euclid-like spacecraft (synthetic)",
        "Synthetic: 11 temperatures and 35 covariates of an invented spacecraft over 182 days by 5 minutes, with 33 planted "
        "events whose causes are known.",
        _CITATION,
        minutes=5,
        days=182,
        training_days=40,
        details=_spacecraft(5, "2024-08-14T23:55:00Z", 52_416),
    ),
    BuiltinTelemetry(
        "euclid-like-short",
        "Euclid-like spacecraft, short (synthetic)",
        "Synthetic: the same invented spacecraft over 120 days by 10 minutes, which takes a quarter of the time.",
        _CITATION,
        minutes=10,
        days=120,
        training_days=30,
        details=_spacecraft(10, "2024-06-13T23:50:00Z", 17_280),
    ),
)


def builtin_telemetry(name: str) -> BuiltinTelemetry:
    """The built-in of a name.

    Raises:
        BadInput: no such name; the sentence lists them.
    """
    for one in BUILTIN_TELEMETRY:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in BUILTIN_TELEMETRY)
    raise BadInput(f"There is no built-in telemetry {name[:80]!r}; there are {known}.")


def builtin_telemetry_source(name: str) -> Source:
    """A built-in as what a person puts into a slot.

    Raises:
        BadInput: no such name.
    """
    from core.analysis import Source

    one = builtin_telemetry(name)
    return Source(
        "telemetry", one.name, content_key("builtin", one.name, one.version), f"builtin:{one.name}", one.details
    )
