"""A `Source` as a row keeps it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from core.analysis import Inputs, Source


def neutral(source: Source) -> Source:
    """The source under a name that tells nobody how its owner calls it: jobs and results are shared."""
    if source.builtin:
        return source
    return dataclasses.replace(source, name=f"{source.kind} {source.digest[:10]}")


def as_row(inputs: Inputs) -> dict[str, dict[str, Any]]:
    """Slot -> the fields of its source, as plain JSON values; rows of the data themselves are left out."""
    return {
        slot: {
            "kind": source.kind,
            "name": source.name,
            "digest": source.digest,
            "location": source.location,
            "details": {name: found for name, found in source.details.items() if name != "preview"},
        }
        for slot, source in inputs.items()
    }


def from_row(row: Mapping[str, Mapping[str, Any]]) -> dict[str, Source]:
    """The inverse of `as_row`."""
    return {slot: Source(**fields) for slot, fields in row.items()}
