"""A real browser that carries a victim's cookie, and a page of another origin on the same machine that wants to use it."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from core.server.cookies import COOKIE
from core.settings import Settings
from core.store import open_store
from core.store.shares import create_share
from core.store.workspaces import read_cookie
from tests.browser.conftest import new_context
from tests.browser.steps import run_of, wait_for_answer
from tests.workbench import Workbench

PAGES = (
    "",
    "tour",
    "library",
    "runs",
    "compare",
    "help",
    "calibration",
    "telemetry",
    "landscape",
    "topology",
    "nothing",
)
# What a hostile page tries with the visitor's cookie; each attempt says how it ended.
EVIL = """<!doctype html><title>waiting</title><body>
<form method="post" action="TARGET/api/uploads/form.csv" enctype="text/plain"><input name="a" value="b"><button>Go</button></form>
<iframe src="TARGET/library"></iframe>
<script>
const ended = {};
const tried = async (name, attempt) => { try { ended[name] = await attempt(); } catch { ended[name] = "refused"; } };
const element = (tag, source) => new Promise((done) => {
  const one = document.createElement(tag);
  one.onload = () => done("loaded");
  one.onerror = () => done("refused");
  one.src = source;
  document.body.append(one);
});
const socket = () => new Promise((done) => {
  const one = new WebSocket("TARGET/_stcore/stream".replace("http", "ws"), ["streamlit"]);
  one.onopen = () => done("opened");
  one.onerror = () => done("refused");
});
const sent = {method: "PUT", body: "a,b\\n1,2\\n3,4\\n", credentials: "include"};
const asked = {method: "POST", body: "x", mode: "no-cors", credentials: "include"};
(async () => {
  await tried("put", async () => (await fetch("TARGET/api/uploads/evil.csv", sent)).status);
  await tried("blind post", async () => (await fetch("TARGET/api/uploads/evil.csv", asked)).type);
  await tried("read", async () => (await fetch("TARGET/api/runs", {credentials: "include"})).status);
  await tried("health", async () => (await fetch("TARGET/_stcore/health")).status);
  await tried("socket", socket);
  await tried("script", () => element("script", "TARGET/api/runs"));
  await tried("image", () => element("img", "TARGET/favicon.png"));
  document.title = JSON.stringify(ended);
})();
</script>"""

FOLLOW = """([url, target]) => { const link = document.createElement('a'); link.href = url; link.target = target;
    document.body.append(link); link.click(); }"""


@dataclass
class Sink:
    """Another origin: it writes down who calls, and serves the hostile page."""

    target: str
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self.server is not None
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def start(self) -> None:
        """Listens on a free port of this machine."""
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                sink.calls.append((self.path, dict(self.headers)))
                body = EVIL.replace("TARGET", sink.target).encode() if self.path == "/evil" else b"seen"
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Access-Control-Allow-Origin", "*")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                """Nothing on the terminal."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Stops listening."""
        assert self.server is not None
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def sink(quiet: Workbench) -> Iterator[Sink]:
    one = Sink(quiet.url)
    one.start()
    yield one
    one.stop()


def put(page: Page, name: str, content: str) -> int:
    """Uploads a file as the page itself would."""
    script = """async ([name, content]) => (await fetch(`/api/uploads?name=${encodeURIComponent(name)}`,
        {method: 'PUT', body: content})).status"""
    return int(page.evaluate(script, [name, content]))


def test_another_origin_can_do_nothing_with_the_cookie(quiet: Workbench, page: Page, sink: Sink) -> None:
    """From another port of this machine, where the cookie comes along, nothing is sent, read, opened or framed."""
    page.goto(f"{quiet.url}/library")
    expect(page.get_by_role("heading", name="Your files")).to_be_visible()
    page.goto(f"{sink.url}/evil")
    page.wait_for_function("document.title.startsWith('{')")
    ended = json.loads(page.title())
    assert ended.pop("blind post") in ("opaque", "refused")  # it can't tell; what became of it is asked below
    assert set(ended.values()) == {"refused"}, ended
    framed = [frame.url for frame in page.frames if frame != page.main_frame]
    assert all(url.startswith("chrome-error:") for url in framed), framed
    page.get_by_role("button", name="Go").click()
    expect(page.get_by_text("not from other sites")).to_be_visible()
    page.goto(f"{quiet.url}/library")
    assert page.evaluate("async () => await (await fetch('/api/uploads')).json()") == []


def test_no_page_breaks_its_own_policy_or_calls_elsewhere(quiet: Workbench, page: Page, sink: Sink) -> None:
    """Over all pages and a result the browser reports no violation, and every request goes to this server."""
    said: list[str] = []
    asked: set[str] = set()

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text or "Permissions-Policy" in message.text:
            said.append(message.text)

    page.on("console", heard)
    page.on("request", lambda request: asked.add("/".join(request.url.split("/")[:3])))
    for name in PAGES:
        page.goto(f"{quiet.url}/{name}")
        expect(page.get_by_test_id("stMain").get_by_role("heading").first).to_be_visible()
    page.goto(f"{quiet.url}/calibration?example=1")
    wait_for_answer(page)
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    assert said == []
    assert {origin for origin in asked if not origin.startswith(("data:", "blob:"))} == {quiet.url}


def test_a_name_loads_nothing_and_a_script_could_send_nothing(quiet: Workbench, page: Page, sink: Sink) -> None:
    """Markup in a file's name is text; even a script inside a page reaches no other server."""
    page.goto(f"{quiet.url}/library")
    name = f"![x]({sink.url}/markdown.png)<img src={sink.url}/html.png>.csv"
    assert put(page, name, "a,b\n1,2\n3,4\n4,4\n") == 200
    page.reload()
    expect(page.get_by_text("![x](").first).to_be_visible()
    blocked = page.evaluate(
        """async (sink) => {
          const ended = [];
          await fetch(sink + '/fetch', {mode: 'no-cors'}).catch(() => ended.push('fetch'));
          await new Promise((done) => { const one = new Image(); one.onload = done;
            one.onerror = () => { ended.push('image'); done(); }; one.src = sink + '/image.png'; });
          try { await new Promise((open, error) => { const one = new WebSocket(sink.replace('http', 'ws'));
            one.onopen = open; one.onerror = error; }); } catch { ended.push('socket'); }
          if (!navigator.sendBeacon || !navigator.sendBeacon(sink + '/beacon')) ended.push('beacon');
          return ended;
        }""",
        sink.url,
    )
    assert {"fetch", "image", "socket"} <= set(blocked)
    assert sink.calls == []


def test_a_token_leaves_no_trace(quiet: Workbench, page: Page, chromium: Browser, sink: Sink) -> None:
    """The token of a link is in no Referer, in no log and in no file of the server."""
    page.goto(f"{quiet.url}/calibration?example=1")
    wait_for_answer(page)
    store = open_store(Settings(home=quiet.home))
    workspace = read_cookie(
        store, next(one.get("value") for one in page.context.cookies() if one.get("name") == COOKIE)
    )
    _, token = create_share(store, str(workspace), [run_of(page)])
    link = f"{quiet.url}/shared?share={token}"
    guest = new_context(chromium)
    theirs = guest.new_page()
    theirs.goto(link)
    wait_for_answer(theirs)
    with guest.expect_page() as opened:
        theirs.evaluate(FOLLOW, [f"{sink.url}/out", "_blank"])
    opened.value.wait_for_url(f"{sink.url}/out")
    theirs.evaluate(FOLLOW, [f"{sink.url}/out", "_self"])
    theirs.wait_for_url(f"{sink.url}/out")
    guest.close()
    assert [path for path, _ in sink.calls].count("/out") == 2
    for (
        path,
        headers,
    ) in sink.calls:  # the browser also asks the other server for its icon, from the other server's page
        assert token not in repr(headers)
        assert path != "/out" or "referer" not in {name.lower() for name in headers}
    files = [path for path in quiet.home.rglob("*") if path.is_file() and path.suffix != ".parquet"]
    assert len(token) > 40
    for path in (quiet.log, *files):
        assert token.encode() not in path.read_bytes(), path


def test_the_cookie_is_the_browsers_alone(quiet: Workbench, page: Page) -> None:
    """Scripts don't see it, other sites don't get it, and one that was changed opens nothing."""
    page.goto(f"{quiet.url}/library")
    expect(page.get_by_role("heading", name="Your files")).to_be_visible()
    assert put(page, "mine.csv", "a,b\n1,2\n3,4\n4,4\n") == 200
    (cookie,) = (one for one in page.context.cookies() if one.get("name") == COOKIE)
    assert cookie.get("httpOnly") is True and cookie.get("sameSite") == "Lax" and cookie.get("path") == "/"
    assert COOKIE not in page.evaluate("document.cookie")
    value = str(cookie.get("value"))
    workspace, _, signature = value.rpartition(".")
    for forged in (workspace, f"{workspace}.", f"{workspace}.{signature[:-1]}0x", f"{workspace[:-1]}A.{signature}"):
        page.context.add_cookies([{"name": COOKIE, "value": forged, "url": quiet.url}])
        page.goto(f"{quiet.url}/library")
        expect(page.get_by_role("heading", name="Your files")).to_be_visible()
        expect(page.get_by_text("mine.csv")).to_have_count(0)
        fresh = {one.get("value") for one in page.context.cookies() if one.get("name") == COOKIE}
        assert fresh.isdisjoint({value, forged})


@pytest.mark.parametrize(
    "path",
    [
        "/assets/fonts/../../app.py",
        "/assets/fonts/%2e%2e/%2e%2e/app.py",
        "/assets/fonts/..%2f..%2fapp.py",
        "/assets/fonts/..%5c..%5capp.py",
        "/assets/fonts//etc/passwd",
        "/assets/fonts/%00",
        "/static/../../../../etc/passwd",
        "/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "//evil.test/x",
        "/media/../secret",
        "/component/x/../../../app.py",
        "/_stcore/bidi-components/assay_upload/../../../app.py",
        "/api/results/x/%2e%2e/%2e%2e/assay.sqlite",
        "/api/shared/x/1/%2fetc%2fpasswd",
        "/api/uploads/%00",
        "/%00",
        "/api/runs/" + "a" * 20_000,
        "/pages/home.py",
        "/.streamlit/secrets.toml",
        "/_stcore/upload_file/a/b",
        "/_stcore/metrics",
    ],
)
def test_paths_lead_out_of_nothing(quiet: Workbench, path: str) -> None:
    """However a path is written, it is refused, not found, or the frame of the pages: never a file, never a traceback."""
    for method in ("GET", "HEAD", "OPTIONS", "TRACE", "PUT"):
        connection = http.client.HTTPConnection("127.0.0.1", quiet.port, timeout=30)
        connection.putrequest(method, path, skip_accept_encoding=True)
        connection.endheaders()
        reply = connection.getresponse()
        body = reply.read()
        connection.close()
        assert reply.status in (200, 204, 301, 307, 308, 400, 401, 404, 405, 414, 431), (method, reply.status)
        for secret in (
            b"root:",
            b"Traceback",
            b"import streamlit",
            b"SQLite format",
            b'File "',
            str(Path.home()).encode() + b"/",
        ):
            assert secret not in body, (method, body[:300])
        if reply.status == 200 and method == "GET":
            assert b"<title>Streamlit</title>" in body or b"noscript" in body, body[:300]
        where = reply.headers.get("location", "/")
        assert where.startswith("/") and not where.startswith("//"), where


def test_raw_requests_that_are_none_are_ended(quiet: Workbench) -> None:
    """A request for a foreign name, one without any, and one that is no HTTP leave the server answering."""
    for host, status in (("evil.test", 421), ("evil.test:80", 421), ("localhost", 200), ("127.0.0.1", 200)):
        connection = http.client.HTTPConnection("127.0.0.1", quiet.port, timeout=30)
        connection.request("GET", "/api/health", headers={"Host": host})
        assert connection.getresponse().status == status
        connection.close()
    assert quiet.answers()
