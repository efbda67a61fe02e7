"""Whatever happens to a telemetry file on its way here, it is read or refused: there is no third outcome."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from core.analysis import Source
from core.errors import BadInput
from core.keys import digest_of_bytes
from core.settings import settings
from core.telemetry.inspection import inspect_telemetry
from core.telemetry.reading import load

EDITS = st.lists(
    st.tuples(
        st.sampled_from(["change", "remove", "insert", "cut"]), st.integers(0, 10**6), st.binary(min_size=1, max_size=4)
    ),
    min_size=1,
    max_size=4,
)


def whole() -> dict[str, bytes]:
    """The same series in each format."""
    rows = 40
    frame = pd.DataFrame(
        {
            "time": pd.date_range("2024-02-15", periods=rows, freq="min", tz="UTC"),
            "x [K]": np.random.default_rng(0).normal(size=rows).round(3),
            "mode": ["a", "b"] * (rows // 2),
            "anomaly": [0, 1] * (rows // 2),
        }
    )
    parquet, archive, text = io.BytesIO(), io.BytesIO(), frame.to_csv(index=False)
    frame.to_parquet(parquet, index=False)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as stream:
        stream.writestr("a.csv", text)
    return {"a.parquet": parquet.getvalue(), "a.csv": text.encode(), "a.zip": archive.getvalue()}


WHOLE = whole()


@pytest.mark.parametrize("name", WHOLE)
@examples(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_damaged_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, edits: list[tuple[str, int, bytes]]
) -> None:
    """A file with bytes changed, lost, added or cut off is inspected and loaded, or refused in one line that names it."""
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    content = bytearray(WHOLE[name])
    for kind, position, new in edits:
        at = position % (len(content) + 1)
        if kind == "change":
            content[at : at + len(new)] = new
        elif kind == "remove":
            del content[at : at + len(new)]
        elif kind == "insert":
            content[at:at] = new
        else:
            del content[at:]
    digest = digest_of_bytes(bytes(content))
    path = tmp_path / digest / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    try:
        details = inspect_telemetry(path, name, path.with_name("columns.parquet"))
        json.dumps(details, allow_nan=False)
        found = load(Source("telemetry", name, digest, str(path), details), {})
    except BadInput as refusal:
        assert name in str(refusal) and "\n" not in str(refusal)
    else:
        assert found.grid.rows >= 3 and len(found.targets) >= 1
    finally:
        settings.cache_clear()
