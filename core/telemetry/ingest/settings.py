"""What a person chose for the ingestion, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Any, Self

from core.data.table import listed
from core.data.telemetry_file import Columns
from core.errors import BadInput
from core.telemetry.ingest_params import IngestParams


@dataclass(frozen=True)
class IngestSettings:
    """The fields of `IngestParams`, and what a step that reads a part of a file adds.

    Attributes:
        columns: the only ones that are looked at, besides that of the times; empty: all.
    """

    time: str = ""
    targets: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    labels: str = ""
    ignore: tuple[str, ...] = ()
    resample: float | None = None
    timezone: str = "UTC"
    row_seconds: float | None = None
    columns: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: IngestParams | Mapping[str, Any]) -> Self:
        """From parameters, or from a step's plain values; names that occur twice count once."""
        given = values.ingest() if isinstance(values, IngestParams) else dict(values)
        known = {field.name for field in fields(cls)}
        unknown = set(given) - known
        if unknown:
            raise TypeError(f"{', '.join(sorted(unknown))}: not a field of IngestParams")
        plain: dict[str, Any] = {
            name: tuple(dict.fromkeys(one)) if isinstance(one, list | tuple) else one for name, one in given.items()
        }
        return cls(**plain)

    def check_names(self, columns: Columns) -> None:
        """Refuses names that the file does not have.

        Raises:
            BadInput: the first such name, its parameter, and what the file has.
        """
        chosen = {
            "time": (self.time,),
            "targets": self.targets,
            "covariates": self.covariates,
            "states": self.states,
            "labels": (self.labels,),
            "ignore": self.ignore,
        }
        for parameter, names in chosen.items():
            for name in filter(None, names):
                if name not in columns.types:
                    near = get_close_matches(name, columns.names, n=1) or [one for one in columns.names if name in one]
                    hint = f"did you mean {near[0]!r}? It has" if near else "it has"
                    raise BadInput(
                        f"{columns.filename} has no column {name[:80]!r} ({parameter}); {hint} {listed(list(columns.names))}."
                    )
