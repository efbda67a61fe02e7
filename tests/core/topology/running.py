"""A question of topology, asked in this process."""

from __future__ import annotations

from typing import Any

from core.analysis import Result, Source, parse_params
from core.serial import serially
from core.sources import open_source
from core.topology.analysis import ANALYSIS


def ask(data: str | Source, **values: Any) -> Result:
    """The result of a built-in or a source; parameters as the command line has them."""
    source = open_source("shapes", data) if isinstance(data, str) else data
    return serially(ANALYSIS, parse_params(ANALYSIS.params, values), {"data": source})
