"""Telemetry in the library, files from the server's folders, and forms that offer its columns."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import pages.parts.workspace as workspace_part
from core.analysis import Input, Source
from core.data.builtin_telemetry import builtin_telemetry_source
from core.settings import settings
from core.store.uploads import list_uploads
from pages.parts.column_choices import column_choices, column_proposals
from pages.parts.input_picker import options_for
from tests.pages.conftest import Desk, words

SERIES = (
    "time,T [K],heater,mode,anomaly\n"
    + "".join(f"2024-02-15T00:{i:02d}:00Z,{280 + i % 7 / 3},{i * i},{i % 2},0\n" for i in range(20))
    + "".join(f"2024-02-15T02:{i:02d}:00Z,{280 + i % 7 / 3},{i * i},{i % 2},1\n" for i in range(20))
).encode()
SLOT = Input("telemetry", "telemetry", "Telemetry", "A series.")


def test_library_shows_telemetry(desk: Desk) -> None:
    """The list has channels, period, step and gaps; the file's page also the time column, the longest gap and roles."""
    upload = desk.bring("series.csv", SERIES)
    said = words(desk.open("library.py"))
    assert "telemetry · 40 rows · 3 channels · 2024-02-15 to 2024-02-15 · every 60 s · 1 gap" in said.replace(
        "\xa0", " "
    )
    assert "Built-in telemetry" in said and "Euclid-like spacecraft (synthetic)" in said
    said = words(desk.open("library.py", {"upload": upload.id})).replace("\xa0", " ")
    for fact in (
        "Time column time",
        "First time 2024-02-15 00:00:00 UTC",
        "Usual step 60 s",
        "Gaps 1, the longest 1 h 41 min",
        "Proposed targets T [K], heater",
        "Proposed states mode",
        "Proposed labels anomaly",
        "First rows",
    ):
        assert fact in said


def test_library_tells_what_is_wrong_with_the_times(desk: Desk) -> None:
    """A file whose times can't be read is kept, with the sentence that says why."""
    upload = desk.bring("series.csv", SERIES.replace(b"2024-02-15T00:07:00Z", b"soon"))
    app = desk.open("library.py", {"upload": upload.id})
    assert "row 8 holds 'soon', which is no time stamp" in words(app)


@pytest.mark.parametrize("form", ["json", "ubj"])
def test_library_shows_a_model_of_xgboost(desk: Desk, form: str) -> None:
    """Saved as JSON or UBJSON, a booster is told from an architecture and shown with its trees and features."""
    import xgboost

    rows = np.random.default_rng(0).normal(size=(50, 3))
    matrix = xgboost.DMatrix(rows, rows[:, 0], feature_names=["a", "b", "c"])
    booster = xgboost.train({"max_depth": 2, "nthread": 1, "seed": 0}, matrix, 7)
    upload = desk.bring(f"model.{form}", bytes(booster.save_raw(form)))
    assert upload.kind == "booster"
    said = words(desk.open("library.py", {"upload": upload.id}))
    assert "XGBoost model" in said and "Trees 7" in said and "Features 3" in said and "reg:squarederror" in said
    assert "XGBoost model · 3 features · 7 trees" in words(desk.open("library.py"))


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, desk: Desk) -> Path:
    """A folder that the administrator offers, with one file in it."""
    folder = tmp_path / "offered"
    folder.mkdir()
    (folder / "series.csv").write_bytes(SERIES)
    (folder / "bad.csv").write_bytes(b"time,x\n")
    monkeypatch.setenv("ASSAY_DATA_FOLDERS", str(folder))
    settings.cache_clear()
    workspace_part.this_store.cache_clear()
    return folder


def choose(desk: Desk, name: str) -> AppTest:
    app = desk.open("library.py")
    picker = next(one for one in app.selectbox if one.label == "File")
    picker.select(name).run()
    next(one for one in app.button if one.label == "Bring it in").click()
    return app.run()


def test_a_file_of_the_server_is_brought_in(desk: Desk, offered: Path) -> None:
    """The picker lists the offered files; the chosen one becomes an upload and its page opens."""
    app = choose(desk, "0/series.csv")
    assert not app.exception and not app.error
    (upload,) = list_uploads(desk.store, desk.workspace)
    assert (upload.kind, upload.name) == ("telemetry", "series.csv") and upload.digest in words(app)
    assert (offered / "series.csv").read_bytes() == SERIES


def test_a_file_of_the_server_that_can_not_be_used(desk: Desk, offered: Path) -> None:
    """The readers' refusal is shown, and nothing is kept."""
    app = choose(desk, "0/bad.csv")
    assert "has a header line and no rows below it" in words(app)
    assert list_uploads(desk.store, desk.workspace) == []


def test_nothing_is_offered_by_default(desk: Desk) -> None:
    """Without the setting the library has no such picker."""
    assert "From the server's folders" not in [one.label for one in desk.open("library.py").expander]


def test_a_data_set_may_fill_the_slot_of_telemetry(desk: Desk) -> None:
    """Tables without a column of times are offered beside telemetry and what is built in, under the slot's kind."""
    table = b"x,y2\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(30))
    series, plain = desk.bring("series.csv", SERIES), desk.bring("plain.csv", table)
    stream = io.BytesIO()
    np.save(stream, np.eye(4))
    desk.bring("no table.npy", stream.getvalue())
    options = options_for(desk.store, desk.workspace, SLOT)
    assert list(options)[:2] == [series.id, plain.id] and "builtin:euclid-like" in options
    assert {source.kind for source in options.values()} == {"telemetry"}


DETAILS = {
    "format": "csv",
    "time": "time",
    "labels": "anomaly",
    "columns": [
        {"name": "time", "type": "text", "role": "time"},
        {"name": "A", "type": "number", "role": "target"},
        {"name": "B", "type": "number", "role": "target"},
        {"name": "mode", "type": "text", "role": "state", "distinct": 2},
        {"name": "anomaly", "type": "number", "role": "label", "distinct": 2},
    ],
    "unlisted": ["Z"],
}


def test_columns_are_offered_where_they_fit() -> None:
    """Channels for the roles, anything but truth values as times, few values as labels; proposals in a few words."""
    source = Source("telemetry", "f.csv", "digest", "f.csv", DETAILS)
    offered = column_choices({"telemetry": source})
    assert offered["targets"] == offered["responders"] == ["A", "B", "mode", "anomaly", "Z"]
    assert offered["time"] == ["time", "A", "B", "mode", "anomaly", "Z"] and offered["labels"] == [
        "mode",
        "anomaly",
        "Z",
    ]
    assert column_proposals({"telemetry": source}) == {
        "targets": "Proposed: A, B",
        "covariates": "Proposed: mode",
        "states": "Proposed: mode",
        "time": "Proposed: time",
        "labels": "Proposed: anomaly",
    }


def test_a_built_in_series_offers_its_channels_but_no_times() -> None:
    """It knows its own times, and has no labels to choose."""
    inputs = {"telemetry": builtin_telemetry_source("euclid-like")}
    offered = column_choices(inputs)
    assert len(offered["targets"]) == 46 and offered["time"] == offered["labels"] == []
    assert column_proposals(inputs)["targets"] == "Proposed: VIS_FPA, VIS_RSU, NISP_DET and 8 more"


def _form() -> None:
    import streamlit as st

    from core.telemetry.ingest_params import IngestParams
    from pages.parts.parameter_form import parameter_form

    offered = {"targets": ["A", "B"], "covariates": ["A", "B"], "states": ["A", "B"], "ignore": [], "time": ["t"]}
    values = parameter_form(IngestParams, {"targets": ["B", "gone"]}, "f", offered, {"covariates": "Proposed: A"})
    st.session_state["values"] = values


def test_the_form_takes_columns_from_lists() -> None:
    """A list of columns is chosen in a field of several, a single one in a field of one; what is not offered is left out."""
    app = AppTest.from_function(_form).run()
    assert not app.exception
    assert [one.label for one in app.multiselect] == ["Targets", "Covariates", "States"]
    assert app.multiselect[0].value == ["B"] and app.multiselect[1].placeholder == "Proposed: A"
    assert app.selectbox[0].label == "Time column" and app.selectbox[0].options == ["t"]
    app.multiselect[1].select("A").run()
    values = app.session_state["values"]
    assert (
        values["covariates"] == ["A"] and values["targets"] == ["B"] and values["time"] == "" and "ignore" not in values
    )
    assert values["resample"] is None and values["timezone"] == "UTC"
