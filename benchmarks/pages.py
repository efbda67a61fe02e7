"""Every page: how long a browser waits for it, and what a rerun of it costs the server; the import of the server.

python -m benchmarks.pages
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import psutil
from playwright.sync_api import BrowserContext, sync_playwright

from benchmarks.page_server import cpu_seconds
from benchmarks.sessions import open_session
from core.analysis import parse_params
from core.catalog import CATALOG
from core.examples import EXAMPLES, example_inputs
from core.server.cookies import COOKIE
from core.settings import Settings
from core.store import Run, Store, get_run, new_workspace, open_store, sign_workspace, submit
from pages.parts.questions import page_of
from tests.workbench import Workbench, wait_for

PLAIN = ("", "tour", "library", "runs", "compare", "help")
VISITS, RERUNS, IMPORTS = 3, 10, 5
PAINT = """() => new Promise(done => new PerformanceObserver(list => done(list.getEntries().at(-1).startTime))
    .observe({type: 'paint', buffered: true}))"""


def main() -> None:
    print(f"import of the page server: {import_seconds():.2f} s (median of {IMPORTS} fresh processes)")
    with tempfile.TemporaryDirectory() as folder:
        server = Workbench(Path(folder) / "home").start()
        try:
            measure(server)
        finally:
            server.stop()


def import_seconds() -> float:
    """Of `import app`, without the start of the interpreter."""
    code = "import time; begin = time.perf_counter(); import app; print(time.perf_counter() - begin)"
    return median(float(subprocess.check_output([sys.executable, "-c", code], text=True)) for _ in range(IMPORTS))


def measure(server: Workbench) -> None:
    store = open_store(Settings(home=server.home))
    workspace = new_workspace(store)
    signed = sign_workspace(store, workspace)
    runs = [ask_example(store, workspace, slug) for slug in (analysis.slug for analysis in CATALOG)]
    for run in runs:
        wait_for(lambda run=run: get_run(store, workspace, run.id).state == "done", 600, f"the example of {run.slug}")  # type: ignore[misc]
    places = [(page, "") for page in PLAIN]
    places += [(page_of(run.slug).removesuffix(".py"), "") for run in runs]
    places += [(page_of(run.slug).removesuffix(".py"), f"run={run.id}") for run in runs]
    places.append(("compare", f"runs={runs[0].id},{runs[1].id}"))
    print("page, first paint and all of it in Chromium (s, median of fresh tabs), rerun (ms of CPU, KiB sent)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1280, "height": 1600})
        context.add_cookies([{"name": COOKIE, "value": signed, "url": server.url}])
        visits = [[visit(context, f"{server.url}/{page}?{query}") for _ in range(VISITS)] for page, query in places]
        browser.close()
    for (page, query), seen in zip(places, visits, strict=True):  # without the event loop of the browser
        painted, whole = (median(one[place] for one in seen) for place in (0, 1))
        cost, sent = rerun(server, page, query, f"{COOKIE}={signed}")
        name = f"{page or 'home'}{', a result' if query else ''}"
        print(f"{name:40} {painted:6.2f} {whole:6.2f} {cost:6.0f} {sent:6.0f}", flush=True)


def ask_example(store: Store, workspace: str, slug: str) -> Run:
    """Asks the example of a question."""
    analysis = next(one for one in CATALOG if one.slug == slug)
    example = EXAMPLES[slug]
    params = parse_params(analysis.params, example.params)
    return submit(store, workspace, analysis, params, example_inputs(analysis, example), example.title)


def visit(context: BrowserContext, address: str) -> tuple[float, float]:
    """Seconds until the first paint, and until the page's script has run and every chart that is in view is drawn."""
    tab = context.new_page()
    begin = time.perf_counter()
    tab.goto(address)
    tab.locator("h1").first.wait_for()
    tab.wait_for_function(
        """() => document.querySelector('[data-test-script-state="notRunning"]')
        && !document.querySelector('[data-testid="stSkeleton"]')
        && [...document.querySelectorAll('.js-plotly-plot')].every(plot => plot.querySelector('.main-svg'))""",
        timeout=60_000,
        polling=20,
    )
    whole = time.perf_counter() - begin
    painted = tab.evaluate(PAINT) / 1000
    tab.close()
    return painted, whole


def rerun(server: Workbench, page: str, query: str, cookie: str) -> tuple[float, float]:
    """Milliseconds of the server's CPU and KiB sent for one rerun of a page."""
    assert server.process is not None
    process = psutil.Process(server.process.pid)

    async def reruns() -> tuple[float, float]:
        session = await open_session(server.port, page, query, cookie)
        before, received = cpu_seconds(process), session.received
        for _ in range(RERUNS):
            await session.rerun()
        await session.socket.close()
        return 1000 * (cpu_seconds(process) - before) / RERUNS, (session.received - received) / RERUNS / 1024

    return asyncio.run(reruns())


if __name__ == "__main__":
    main()
