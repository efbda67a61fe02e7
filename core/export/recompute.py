"""A result computed again and compared: exactly where that is promised, else within a stated tolerance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, cast

import numpy as np

from core.analysis import Analysis, Inputs, Kind, Reporter, Result, Source, parse_params
from core.errors import BadInput
from core.export.checks import Check
from core.provenance import library_versions, platform_name
from core.serial import serially
from core.sources import builtin_sources, open_source
from core.store.results import StoredResult

TOLERANCE = 0.05  # relative, where device or library versions differ


def recomputed(
    stored: StoredResult, analysis: Analysis, texts: Mapping[str, str], progress: Reporter | None
) -> Iterator[Check]:
    """Runs the analysis again, from nothing, and compares summary, tables and arrays.

    Args:
        stored: the result to check.
        analysis: what made it, in the same version.
        texts: slot -> file or built-in; built-ins are found without.
        progress: is told how far it is.

    Raises:
        BadInput: another version; an input is missing or is not the one that was measured.
    """
    if analysis.version != stored.version:
        raise BadInput(
            f"The result is from version {stored.version} of {analysis.slug}, here is version {analysis.version}; "
            "compute it again with the Assay that made it."
        )
    inputs = _inputs(stored, texts)
    again = serially(analysis, parse_params(analysis.params, stored.params), inputs, progress=progress)
    difference = other_circumstances(stored.provenance)
    tolerance = TOLERANCE if difference else 0.0
    promise = f"within {TOLERANCE:.0%}, as {difference}" if difference else "exactly"
    yield _compare("recomputed summary", stored.result.values(), _without_nan(again.values()), tolerance, promise)
    yield _compare("recomputed tables", _tables(stored.result), _tables(again), tolerance, promise)
    if stored.result.arrays or again.arrays:
        yield _compare("recomputed arrays", stored.result.arrays, again.arrays, tolerance, promise)


def other_circumstances(provenance: Mapping[str, Any]) -> str:
    """What differs between then and now and may move numbers; empty: nothing."""
    if provenance.get("device") != "cpu":
        return f"it was made on {provenance.get('device')}"
    if provenance.get("platform") != platform_name():
        return "it was made on another kind of machine"
    then = provenance.get("libraries", {})
    for name, version in library_versions().items():
        if then.get(name) != version:
            return f"it was made with {name} {then.get(name)}, and here is {version}"
    return ""


def _inputs(stored: StoredResult, texts: Mapping[str, str]) -> Inputs:
    for slot in texts:
        if slot not in stored.inputs:
            raise BadInput(f"--input {slot}: this result has no such input; it has {', '.join(stored.inputs)}.")
    return {slot: _source(slot, one, texts.get(slot)) for slot, one in stored.inputs.items()}


def _source(slot: str, one: Mapping[str, str], text: str | None) -> Source:
    kind = cast(Kind, one["kind"])
    if text is None:
        for source in builtin_sources(kind):
            if source.digest == one["digest"]:
                return source
        raise BadInput(f"Input {slot} ({one['name']}) is not built in; hand the file in with --input {slot}=FILE.")
    source = open_source(kind, text)
    if source.digest != one["digest"]:
        raise BadInput(
            f"--input {slot}: {source.name} is not what was measured; "
            f"its digest is {source.digest[:12]}, expected {one['digest'][:12]} ({one['name']})."
        )
    return source


def _without_nan(values: Mapping[str, Any]) -> dict[str, Any]:
    """A summary as it is kept: JSON knows no NaN and no infinity."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in values.items()
    }


def _tables(result: Result) -> dict[str, Any]:
    return {
        f"{name}.{column}": table[column].to_numpy()
        for name, table in result.tables.items()
        for column in table.columns
    }


def _compare(name: str, then: Mapping[str, Any], now: Mapping[str, Any], tolerance: float, promise: str) -> Check:
    if set(then) != set(now):
        return Check(name, False, f"Not the same names: {', '.join(sorted(set(then) ^ set(now)))}.")
    worst, where = 0.0, ""
    for part in then:
        distance = relative_distance(then[part], now[part])
        if distance > worst:
            worst, where = distance, part
    if worst > tolerance:
        size = f"by {worst:.2g} relative" if math.isfinite(worst) else "in kind or length"
        return Check(name, False, f"{where} differs {size}; expected to agree {promise}.")
    return Check(
        name, True, f"{len(then)} agree {promise}" + (f"; the largest difference is {worst:.2g}." if worst else ".")
    )


def relative_distance(then: Any, now: Any) -> float:
    """The largest |a - b| / max|a|, b over all numbers; infinite where text, kind, shape or missing values differ."""
    import pandas as pd

    one, other = (np.atleast_1d(np.asarray(value, dtype=object if value is None else None)) for value in (then, now))
    if one.shape != other.shape:
        return math.inf
    if one.dtype.kind not in "biufc" or other.dtype.kind not in "biufc":
        same = pd.Series(one.ravel()).astype(object).equals(pd.Series(other.ravel()).astype(object))
        return 0.0 if same else math.inf
    one, other = one.astype(float), other.astype(float)
    finite = np.isfinite(one)
    if not np.array_equal(one[~finite], other[~finite], equal_nan=True) or not np.array_equal(
        finite, np.isfinite(other)
    ):
        return math.inf
    if not finite.any():
        return 0.0
    scale = max(np.abs(one[finite]).max(), np.abs(other[finite]).max())
    return float(np.abs(one[finite] - other[finite]).max() / scale) if scale else 0.0
