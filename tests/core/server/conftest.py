"""The routes behind their middleware over a temporary store, and visitors with and without a cookie."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from core.analysis import Result, Scalar, parse_params
from core.catalog import CATALOG
from core.provenance import provenance
from core.server.cookies import COOKIE
from core.server.middleware import build_middleware
from core.server.routes import build_routes
from core.settings import Settings
from core.sources import builtin_sources
from core.store.jobs import claim_job, finish_job
from core.store.results import save_result
from core.store.runs import Run, submit
from core.store.store import Store, open_store
from core.store.workspaces import new_workspace, sign_workspace

HOST = "http://assay.test"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A fresh store that takes uploads of at most 4 MiB."""
    return open_store(Settings(home=tmp_path / "home", upload_bytes=4 << 20, hosts="assay.test"))


@pytest.fixture
def visitor(store: Store) -> Callable[..., TestClient]:
    """Makes browsers: with the cookie of a workspace, or without any."""
    page = Route("/{path:path}", lambda request: HTMLResponse("<p>a page</p>"))
    app = Starlette(routes=[*build_routes(lambda: store), page], middleware=build_middleware(lambda: store))

    def make(workspace: str | None = None) -> TestClient:
        client = TestClient(app, base_url=HOST)
        if workspace is not None:
            client.cookies.set(COOKIE, sign_workspace(store, workspace))
        return client

    return make


@pytest.fixture
def finished(store: Store) -> Run:
    """A finished run of a workspace of its own, with one table and one array."""
    analysis = CATALOG[0]
    params = parse_params(analysis.params, {"mode": "data"})
    inputs = {"dataset": next(one for one in builtin_sources("dataset") if one.location == "builtin:wine")}
    run = submit(store, new_workspace(store), analysis, params, inputs, "Wine")
    claim_job(store, "runner")
    table = pd.DataFrame({"estimator": ["2nn"], "scale": [1], "dimension": [4.5], "standard_error": [0.1]})
    arrays = {"pairs": np.array([[0, 1]])}
    result = Result("About 4.5.", {"dimension": Scalar(4.5, "Dimension")}, {"data_dimension": table}, arrays)
    save_result(store, analysis, params, inputs, result, provenance("cpu", 0.0, 1.0), {})
    finish_job(store, "runner", run.key, "cpu")
    return run
