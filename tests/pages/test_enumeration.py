"""Every page, with every id of another workspace in every name that a page reads from its address."""

from __future__ import annotations

import ast
import secrets
from collections.abc import Iterator

import numpy as np
import pytest
import sqlalchemy as sql
from streamlit.testing.v1 import AppTest

import pages.parts.workspace as workspace_part
from core.analysis import Input
from core.catalog import CATALOG
from core.store.database import holdout_links, shares
from core.store.holdout_links import link_holdout
from core.store.holdouts import create_holdout
from core.store.shares import create_share
from core.store.workspaces import new_workspace
from tests.pages.conftest import ENTRY, Desk, words

PAGES = ENTRY.parent
WITH_A_LOGIN = ("account.py", "administration.py")
SECRET = "Zugspitze"  # stands in every title of the owner

# What an address may name, and what of a workspace it names: a kind of `held`, or nothing that belongs to anybody.
NAMES: dict[str, str | None] = {
    "run": "run",
    "from": "run",  # on telemetry also a moment
    "runs": "run",
    "upload": "upload",
    "share": "share",
    "ask": "holdout link",
    "holdout": "holdout",
    "slot.slot": "upload",
    **dict.fromkeys(("example", "like", "mode", "about", "part", "NOTE", "parameter", "event", "to", "look", "name")),
}
# Visited alone: they look at what stands there in different places.
ALONE = ("run", "from", "share", "ask", "holdout")


@pytest.fixture(autouse=True)
def _no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many wrong links would be refused otherwise."""
    monkeypatch.setenv("ASSAY_HOURLY_LINK_FAILURES", "1000000")


@pytest.fixture
def held(desk: Desk) -> dict[str, str]:
    """What the owner has, by kind. The visitor of the pages is a stranger from here on."""
    run = desk.ask(SECRET)
    desk.finish(run, 4.5)
    upload = desk.bring(
        f"{SECRET}.csv", b"a,b,c\n" + b"".join(b"%d,%d,k%d\n" % (i, i * i % 7, i % 2) for i in range(30))
    )
    share, _ = create_share(desk.store, desk.workspace, [run.id], SECRET)
    holdout = create_holdout(desk.store, desk.workspace, SECRET, np.arange(60) % 3, np.arange(60) % 3)
    link_holdout(desk.store, desk.workspace, holdout.id, SECRET)
    with desk.store.reading() as connection:
        link = connection.execute(sql.select(holdout_links.c.token)).scalar_one()
        shared = connection.execute(sql.select(shares.c.token)).scalar_one()
    desk.workspace = new_workspace(desk.store)
    return {
        "run": run.id,
        "upload": upload.id,
        "share": shared,
        "share id": share.id,
        "holdout": holdout.id,
        "holdout link": link,
    }


def read_names() -> Iterator[str]:
    """What the pages take out of their address, by the constant or the expression that stands there."""
    for module in PAGES.rglob("*.py"):
        tree = ast.parse(module.read_text())
        called = {"st.query_params"}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and ast.unparse(node.value) == "st.query_params":
                called.add(ast.unparse(node.targets[0]))
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("get", "get_all")
            ):
                source, name = ast.unparse(node.func.value), node.args[:1]
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                source, name = ast.unparse(node.value), [node.slice]
            elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
                source, name = ast.unparse(node.comparators[0]), [node.left]
            else:
                continue
            if source in called:
                yield name[0].value if isinstance(name[0], ast.Constant) else ast.unparse(name[0])


def test_every_name_in_an_address_is_known() -> None:
    """A page that reads something new from its address must be told to this test, which then tries it."""
    assert set(read_names()) == set(NAMES)


def opened(page: str) -> AppTest:
    """A page without a query."""
    app = AppTest.from_file(str(ENTRY), default_timeout=60)
    app.run()
    app.switch_page(page)
    return app


def said(app: AppTest, query: dict[str, str], id: str) -> str:
    """Everything that a page says to a query, the id taken out."""
    app.query_params.clear()
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return words(app).replace(id, "ID") + repr([element.label for element in app.sidebar if hasattr(element, "label")])


def slots() -> set[str]:
    """The names of all inputs of all questions: each is a name in the address too."""
    found: set[str] = set()
    for analysis in CATALOG:
        declared: tuple[Input, ...] = analysis.inputs
        found |= {one.slot for one in declared}
    return found


def test_a_strangers_address_is_as_good_as_a_wrong_one(held: dict[str, str]) -> None:
    """The owner's ids show nothing that ids which never were would not show, in each name alone and in all the others."""
    nobody = secrets.token_urlsafe(16)
    rest = {name: str(kind) for name, kind in NAMES.items() if kind and name not in (*ALONE, "slot.slot")}
    rest |= dict.fromkeys(slots(), "upload")
    for page in sorted(path.name for path in PAGES.glob("*.py") if path.name not in ("main.py", *WITH_A_LOGIN)):
        app = opened(page)
        for name in ALONE:
            id = held[str(NAMES[name])]
            true = said(app, {name: id}, id)
            assert true == said(app, {name: nobody}, nobody), (page, name)
            assert SECRET not in true, (page, name)
        true = said(app, {name: held[kind] for name, kind in rest.items()}, "-")
        assert true == said(app, dict.fromkeys(rest, nobody), "-"), page
        assert SECRET not in true, page


@pytest.mark.parametrize("page", WITH_A_LOGIN)
def test_pages_of_accounts_are_not_there_without_one(desk: Desk, page: str) -> None:
    """Without a login no address leads to them."""
    with pytest.raises(ValueError, match="Could not find"):
        opened(page)


def test_without_a_cookie_there_is_nothing_at_all(held: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A visitor without any workspace sees none, whatever the address names."""
    monkeypatch.setattr(workspace_part, "cookie_text", lambda: None)
    for page in ("library.py", "runs.py", "calibration.py"):
        told = said(opened(page), {"run": held["run"], "upload": held["upload"]}, "-")
        assert SECRET not in told and "no workspace to show" in told
