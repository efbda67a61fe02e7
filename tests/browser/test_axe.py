"""The accessibility checker on every page in each of its main states, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from core.catalog import CATALOG
from core.parameters import parse_params
from core.server.cookies import COOKIE
from core.settings import Settings
from core.sources import builtin_sources
from core.store import open_store
from core.store.jobs import claim_job, fail_job, record_progress
from core.store.runs import submit
from core.store.shares import create_share
from core.store.uploads import begin_upload, finish_upload
from core.store.workspaces import read_cookie
from tests.browser.conftest import new_context
from tests.browser.steps import settle
from tests.workbench import Workbench

STREAMLITS_OWN = {"list", "listitem", "presentation-role-conflict"}  # findings in the frame that Streamlit draws
QUESTIONS = ("intrinsic_dimension", "landscape", "calibration", "telemetry", "topology")
RUNNER = "runner-of-the-test"
DARK = "rgb(17, 22, 28)"  # background of theme.dark


@pytest.fixture(scope="module")
def visit(quiet: Workbench, chromium: Browser) -> Iterator[tuple[Page, dict[str, str]]]:
    """A tab, and the addresses of all pages and states by their names."""
    context = new_context(chromium)
    page = context.new_page()
    page.goto(quiet.url)
    settle(page)
    states = {
        **{name or "home": f"/{name}" for name in ("", "tour", "help", "library", "runs", "compare", "nowhere")},
        **{f"{name}, form": f"/{name}" for name in QUESTIONS},
        **{f"{name}, example finished": f"/{name}?example=1" for name in QUESTIONS},
        "a link that opens nothing": "/shared?share=nothing",
        "a run that is not there": "/calibration?run=nothing",
        **owned_states(quiet, page),
    }
    yield page, {name: quiet.url + path for name, path in states.items()}
    context.close()


def owned_states(quiet: Workbench, page: Page) -> dict[str, str]:
    """A running, a failed, a waiting and some finished runs, files and a link, put into the store as a runner would."""
    store = open_store(Settings(home=quiet.home))
    cookie = next(one.get("value") for one in page.context.cookies() if one.get("name") == COOKIE)
    workspace = read_cookie(store, cookie)
    assert workspace is not None
    analysis = CATALOG[0]
    data = {source.location: source for source in builtin_sources("dataset")}
    params = parse_params(analysis.params, {"mode": "data"})
    failed = submit(store, workspace, analysis, params, {"dataset": data["builtin:wine"]}, "One that failed")
    claim_job(store, RUNNER)
    fail_job(store, RUNNER, failed.key, "A step ran out of memory; use fewer rows.", "0123abcd")
    running = submit(store, workspace, analysis, params, {"dataset": data["builtin:swiss_roll"]}, "One at work")
    claim_job(store, RUNNER)
    record_progress(store, RUNNER, running.key, 0.4, "Estimating", 60.0)
    waiting = submit(store, workspace, analysis, params, {"dataset": data["builtin:digits"]}, "One that waits")
    done = [example_run(store, workspace, slug) for slug in ("calibration", "telemetry")]
    _, token = create_share(store, workspace, done[:1], "A link")
    incoming = begin_upload(store, workspace, "flowers.csv", None)
    incoming.write(Path("assets/examples/iris.csv").read_bytes())
    upload = finish_upload(store, incoming)
    return {
        "library, filled": "/library?",
        "a file": f"/library?upload={upload.id}",
        "runs, filled": "/runs?",
        "home, with runs": "/?",
        "running": f"/intrinsic_dimension?run={running.id}",
        "failed": f"/intrinsic_dimension?run={failed.id}",
        "waiting": f"/intrinsic_dimension?run={waiting.id}",
        "changed": f"/intrinsic_dimension?from={failed.id}",
        "comparison": f"/compare?runs={quote(','.join(done))}",
        "shared": f"/shared?share={token}",
        "holdouts": "/calibration?mode=holdout",
    }


def example_run(store, workspace: str, slug: str) -> str:  # type: ignore[no-untyped-def]
    """The run of a question's example, whose result comes with the workbench."""
    from core.examples import EXAMPLES, example_inputs

    analysis, example = next(one for one in CATALOG if one.slug == slug), EXAMPLES[slug]
    params = parse_params(analysis.params, example.params)
    return submit(store, workspace, analysis, params, example_inputs(analysis, example), example.title).id


def test_axe_finds_nothing_of_ours(visit: tuple[Page, dict[str, str]]) -> None:
    """No page in any state has a finding but those in Streamlit's own frame; the contrast holds in the dark too."""
    page, states = visit
    findings = {}
    for name, address in states.items():
        page.emulate_media(color_scheme="light")
        page.goto(address)
        settle(page)
        found = ours(page)
        page.emulate_media(color_scheme="dark")
        expect(page.get_by_test_id("stApp")).to_have_css("background-color", DARK)
        settle(page)
        found |= {f"dark {rule}": nodes for rule, nodes in ours(page, "color-contrast").items()}
        if found:
            findings[name] = found
    assert findings == {}


def ours(page: Page, *rules: str) -> dict[str, list[str]]:
    """What the checker finds outside of Streamlit's own, the first three places of each rule."""
    options = {"runOnly": {"type": "rule", "values": list(rules)}} if rules else None
    violations = Axe().run(page, options=options).response["violations"]
    return {
        one["id"]: [node["html"][:200] for node in one["nodes"][:3]]
        for one in violations
        if one["id"] not in STREAMLITS_OWN
    }
