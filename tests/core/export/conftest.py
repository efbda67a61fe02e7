"""A result of the small analysis, written as the command line does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.analysis import Source, parse_params
from core.export.figures import figures_json
from core.export.folder import replace_folder
from core.provenance import provenance
from core.serial import serially
from core.sources import open_source
from tests.core.export.tiny import TINY

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a result folder; `source` and parameters may be given."""

    def written(source: Source | None = None, device: str = "cpu", **values: Any) -> Path:
        params = parse_params(TINY.params, values)
        inputs = {"dataset": source or open_source("dataset", "digits")}
        result = serially(TINY, params, inputs)
        folder = tmp_path / "result"
        made = provenance(device, started=1.7e9, seconds=75.0)
        replace_folder(folder, TINY, params, inputs, result, made, figures_json(TINY, result))
        return folder

    return written


@pytest.fixture
def hostile() -> Source:
    """An input whose name tries to be markup."""
    return replace(
        open_source("dataset", "digits"), digest="f" * 40, name="</script><script>alert(1)</script>😀../x.csv"
    )
