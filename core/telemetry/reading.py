"""Telemetry as the analyses take it: from a file or a built-in to a regular grid, roles and a quality report."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from core.data.telemetry_copy import columns_of_source
from core.data.telemetry_file import ColumnTable
from core.telemetry.ingest.assemble import read_telemetry, survey_telemetry
from core.telemetry.ingest.roles import Role
from core.telemetry.ingest.settings import IngestSettings
from core.telemetry.ingest.telemetry import Telemetry

if TYPE_CHECKING:
    from core.analysis import Source
    from core.telemetry.ingest_params import IngestParams

__all__ = ["Telemetry", "load", "survey"]

CACHED_SERIES = 4
CACHED_BYTES = 1 << 29


def load(
    source: Source, ingest: IngestParams | Mapping[str, Any], *, seed: int = 0, amplitude: float = 1.0
) -> Telemetry:
    """Reads telemetry, and keeps the last few series of this process.

    Only the columns that play a part are read, from the Parquet copy of the file. A built-in is generated and taken
    by its own step, unless another is chosen.

    Args:
        source: of kind "telemetry".
        ingest: the parameters, or what their `ingest` method gives.
        seed: of a built-in series.
        amplitude: size of the events of a built-in series.

    Raises:
        BadInput: the file can't be used, or not in this way; one sentence names the file, the place and what to do.
        TooLarge: more than the limits, or than there is memory.
    """
    settings = IngestSettings.of(ingest)
    key = (source.digest, settings, *((seed, amplitude) if source.builtin else ()))
    kept = _cache.get(key)
    if kept is None:
        kept = _load_builtin(source, settings, seed, amplitude) if source.builtin else _load_file(source, settings)
        for array in (kept.grid.times, kept.grid.values, kept.grid.labels, kept.missing, kept.file_rows):
            if array is not None:
                array.flags.writeable = False
        _cache.put(key, kept)
    return replace(kept, name=source.name)


def survey(source: Source, ingest: Mapping[str, Any]) -> Telemetry:
    """What a file of many columns holds, without their values: parts and reports of the columns, times, labels.

    Args:
        source: a file.
        ingest: what the parameters' `ingest` method gives.

    Raises:
        BadInput: as `load`.
    """
    return survey_telemetry(columns_of_source(source), IngestSettings.of(ingest))


def _load_file(source: Source, settings: IngestSettings) -> Telemetry:
    return read_telemetry(columns_of_source(source), settings)


def _load_builtin(source: Source, settings: IngestSettings, seed: int, amplitude: float) -> Telemetry:
    from core.telemetry.synthetic.builtin import make

    made = make(str(source.builtin), seed, amplitude)
    times = pa.array(made.grid.times).cast(pa.timestamp("ms", "UTC"))
    values = {name: made.grid.values[:, place] for place, name in enumerate(made.grid.names)}
    columns = ColumnTable(source.name, pa.table({"time": times, **values}))
    proposals: dict[str, Role] = {
        name: "state" if name in made.grid.states else "covariate" for name in made.covariates
    }
    proposals |= dict.fromkeys(made.targets, "target")
    own_step = replace(settings, resample=settings.resample or made.grid.step)
    telemetry = read_telemetry(columns, own_step, proposals, made.grid.units)
    return replace(telemetry, training_rows=telemetry.rows_of_first(made.training_rows))


class _Recent:
    """The series used last, a few and of bounded size."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Any, Telemetry] = OrderedDict()

    def get(self, key: Any) -> Telemetry | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Any, telemetry: Telemetry) -> None:
        with self._lock:
            self._kept[key] = telemetry
            while len(self._kept) > CACHED_SERIES or sum(map(_bytes, self._kept.values())) > CACHED_BYTES:
                self._kept.popitem(last=False)


def _bytes(telemetry: Telemetry) -> int:
    return telemetry.grid.values.nbytes + telemetry.missing.nbytes + telemetry.file_rows.nbytes


_cache = _Recent()
