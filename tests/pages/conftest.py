"""A workspace in a temporary store, a small real result in it, and pages opened as its owner or as a stranger."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import pages.parts.workspace as workspace_part
from core.analysis import Analysis, Figure, Inputs, LivePoint, Params, Result, Scalar, Source, parse_params
from core.catalog import CATALOG
from core.export.figures import figure_json
from core.provenance import provenance
from core.settings import settings
from core.sources import builtin_sources
from core.store import pulse
from core.store.curves import record_curve
from core.store.jobs import claim_job, fail_job, finish_job, record_progress, register_runner
from core.store.results import save_result
from core.store.runs import Run, submit
from core.store.sources import neutral
from core.store.store import Store, open_store
from core.store.uploads import Upload, begin_upload, finish_upload
from core.store.workspaces import new_workspace, sign_workspace

ENTRY = Path(__file__).resolve().parents[2] / "pages" / "main.py"
RUNNER = "runner-of-the-test"


@dataclass
class Desk:
    """A store with one workspace, and what a person or a runner does in it."""

    store: Store
    workspace: str

    @property
    def analysis(self) -> Analysis:
        """The question that the tests ask."""
        return CATALOG[0]

    def dataset(self, name: str = "wine") -> Source:
        """A built-in data set."""
        return next(one for one in builtin_sources("dataset") if one.location == f"builtin:{name}")

    def params(self, **values: Any) -> Params:
        """Parameters of the data mode, which needs no model."""
        return parse_params(self.analysis.params, {"mode": "data", **values})

    def ask(self, title: str = "", dataset: str = "wine", workspace: str = "", source: Source | None = None) -> Run:
        """A question in the queue, of a built-in data set or of a source."""
        inputs = {"dataset": source or self.dataset(dataset)}
        return submit(self.store, workspace or self.workspace, self.analysis, self.params(), inputs, title)

    def progress(self, run: Run, fraction: float, message: str, eta: float) -> None:
        """A runner has taken the question and says how far it is."""
        register_runner(self.store, RUNNER, "host", 1, [])
        claim_job(self.store, RUNNER)
        record_progress(self.store, RUNNER, run.key, fraction, message, eta)

    def values(self, run: Run, *values: float) -> None:
        """The runner passes on what a step reports of its losses."""
        points = [LivePoint(float(at), value, "Loss", "iteration") for at, value in enumerate(values)]
        record_curve(self.store, RUNNER, run.key, points)

    def finish(self, run: Run, dimension: float, dataset: str = "wine", source: Source | None = None) -> None:
        """A runner has answered the question."""
        result, figure = small_result(dimension)
        inputs = {"dataset": neutral(source or self.dataset(dataset))}
        claim_job(self.store, RUNNER)
        self.keep(self.params(), inputs, result, figure)
        finish_job(self.store, RUNNER, run.key, "cpu")

    def keep(self, params: Params, inputs: Inputs, result: Result, figure: Figure) -> None:
        """A result in the store, whoever asked for it."""
        made = provenance("cpu", time.time(), 1.5)
        save_result(self.store, self.analysis, params, inputs, result, made, {"scale": figure_json(figure)})

    def fail(self, run: Run, sentence: str, error_id: str = "") -> None:
        """A runner could not answer it."""
        claim_job(self.store, RUNNER)
        fail_job(self.store, RUNNER, run.key, sentence, error_id)

    def bring(self, filename: str, content: bytes) -> Upload:
        """A file in the library."""
        incoming = begin_upload(self.store, self.workspace, filename, len(content))
        incoming.write(content)
        return finish_upload(self.store, incoming)

    def open(self, page: str = "home.py", query: Mapping[str, str] | None = None) -> AppTest:
        """A page as a browser of this workspace shows it."""
        app = AppTest.from_file(str(ENTRY), default_timeout=60)
        app.run()
        app.switch_page(page)
        for name, value in (query or {}).items():
            app.query_params[name] = value
        app.run()
        assert not app.exception, app.exception
        return app


def small_result(dimension: float) -> tuple[Result, Figure]:
    """A result with everything that a page shows: numbers with and without interval, a table, a note, a figure."""
    scales = np.array([1, 2, 4])
    table = pd.DataFrame(
        {"estimator": "gride", "scale": scales, "dimension": dimension + scales / 10, "standard_error": 0.1}
    )
    summary = {
        "dimension": Scalar(dimension, "Dimension", low=dimension - 0.2, high=dimension + 0.2, description="By 2NN."),
        "rows": Scalar(178, "Rows used"),
    }
    result = Result(
        f"These data have about {dimension:g} dimensions.", summary, {"data_dimension": table}, {}, ("A note.",)
    )
    plot = go.Figure(go.Scatter(x=scales, y=table["dimension"], line={"color": "#0072B2"}))
    figure = Figure(
        "Dimension by scale", plot, "A plateau is wanted.", "n = 178.", f"A plateau at {dimension:g}.", "A paper."
    )
    return result, figure


def plain(text: str) -> str:
    """Text as a reader sees it, without what keeps it from being Markdown."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text).replace("\u2060", "")


def words(app: AppTest) -> str:
    """Everything that a page says, tags taken out."""
    said = []
    for element in app.main:
        proto = getattr(element, "proto", None)
        for field in ("body", "label", "alt", "text"):
            said.append(str(getattr(proto, field, "") or ""))
        if getattr(proto, "component_name", "") == "assay_live_status":
            said.append(live_html(app))
        value = getattr(element, "value", "")
        said.append(value if isinstance(value, str) else "")
    return plain(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", " ".join(said))))


def live_html(app: AppTest) -> str:
    """What the live line of a run begins with."""
    protos = [getattr(element, "proto", None) for element in app.main]
    (line,) = [one for one in protos if getattr(one, "component_name", "") == "assay_live_status"]
    return str(json.loads(line.json)["html"])


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A fresh installation and a visitor with a workspace of their own."""
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(pulse, "EVERY", 0.0)  # what a test has just written is read
    _forget()
    store = open_store()
    place = Desk(store, new_workspace(store))
    monkeypatch.setattr(workspace_part, "cookie_text", lambda: sign_workspace(store, place.workspace))
    yield place
    _forget()


def _forget() -> None:
    settings.cache_clear()
    workspace_part.this_store.cache_clear()
    workspace_part.this_pulse.cache_clear()
    st.cache_resource.clear()
