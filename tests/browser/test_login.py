"""Login through a provider: who comes in, where they land, what others see, and what is left after a logout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from core.server.cookies import COOKIE, LOGIN_COOKIE
from tests.browser.conftest import new_context
from tests.browser.steps import ANSWER, ask_data_dimension, make_link, settle, wait_for_answer
from tests.browser.test_axe import ours
from tests.services.oidc import Provider, running_provider
from tests.workbench import Workbench, free_port

LOG_IN, LOG_OUT = re.compile("^Log in$"), re.compile("Log out$")


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """The provider that everybody here logs in with."""
    with running_provider(tmp_path_factory.mktemp("provider")) as running:
        yield running


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Workbench]:
    """A workbench with a login, whose administrator is Ann."""
    port = free_port()
    settings = provider.settings(f"http://127.0.0.1:{port}")
    home = tmp_path_factory.mktemp("guarded") / "home"
    server = Workbench(home, {**settings, "ASSAY_ADMINISTRATORS": "ann@example.org"}, port).start()
    yield server
    server.stop()


def log_in(page: Page, address: str, who: str) -> None:
    """Opens a page, is asked to log in, and says who it is."""
    page.goto(address)
    page.get_by_role("link", name=LOG_IN).click()
    page.get_by_label("Name").fill(who)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name=LOG_OUT)).to_be_visible()


def cookie(context: BrowserContext, name: str) -> str | None:
    """What a browser keeps under a name."""
    return next((str(one.get("value")) for one in context.cookies() if one.get("name") == name), None)


def test_account_has_one_workspace_in_every_browser(guarded: Workbench, chromium: Browser) -> None:
    """An account finds its runs in a second browser, at the address that it wanted; other accounts and strangers don't."""
    first, second, other = (new_context(chromium) for _ in range(3))
    page = first.new_page()
    log_in(page, f"{guarded.url}/intrinsic_dimension?mode=data", "ann")
    assert page.url == f"{guarded.url}/intrinsic_dimension?mode=data"
    assert cookie(first, COOKIE) is None
    ask_data_dimension(page, guarded.url, "Swiss roll")
    answer = wait_for_answer(page)
    address, link = page.url, make_link(page)

    theirs = second.new_page()
    log_in(theirs, address, "ann")
    assert theirs.url == address
    assert wait_for_answer(theirs) == answer

    foreign = other.new_page()
    log_in(foreign, address, "ben")
    expect(foreign.get_by_text("Not found").first).to_be_visible()
    expect(foreign.locator(ANSWER)).to_have_count(0)
    assert foreign.request.get(f"{guarded.url}/api/runs").json() == []
    run = address.rpartition("=")[2]
    assert foreign.request.get(f"{guarded.url}/api/results/{run}/result.json").status == 404

    guest = new_context(chromium)
    stranger = guest.new_page()
    stranger.goto(link)
    assert wait_for_answer(stranger) == answer
    expect(stranger.get_by_role("link", name=LOG_IN)).to_have_count(0)
    stranger.goto(f"{guarded.url}/intrinsic_dimension?share={link.rpartition('=')[2]}")
    expect(stranger.get_by_role("link", name=LOG_IN)).to_be_visible()
    assert cookie(guest, COOKIE) is None
    for context in (first, second, other, guest):
        context.close()


def test_nothing_from_before_a_logout_opens_the_workspace(guarded: Workbench, chromium: Browser) -> None:
    """After a logout neither the old cookies nor a tab that stood open show anything of the account."""
    context = new_context(chromium)
    page = context.new_page()
    log_in(page, f"{guarded.url}/runs", "cleo")
    kept = {str(one.get("name")): str(one.get("value")) for one in context.cookies()}
    open_tab = context.new_page()
    open_tab.goto(f"{guarded.url}/account")
    expect(open_tab.get_by_role("heading", name="Account")).to_be_visible()
    assert httpx.get(f"{guarded.url}/api/runs", cookies=kept).status_code == 200

    page.get_by_role("button", name=LOG_OUT).click()
    expect(page.get_by_role("link", name=LOG_IN)).to_be_visible()
    assert cookie(context, LOGIN_COOKIE) is None
    assert httpx.get(f"{guarded.url}/api/runs", cookies=kept).status_code == 404
    open_tab.get_by_role("button", name="Log out of this browser").click()
    expect(open_tab.get_by_role("link", name=LOG_IN)).to_be_visible()

    context.add_cookies([{"name": name, "value": value, "url": guarded.url} for name, value in kept.items()])
    page.goto(f"{guarded.url}/runs")
    expect(page.get_by_role("link", name=LOG_IN)).to_be_visible()
    context.close()


def test_refused_login_says_so(guarded: Workbench, page: Page) -> None:
    """Whom the provider does not let in comes back to the page, with a sentence and another try."""
    page.goto(f"{guarded.url}/library")
    page.get_by_role("link", name=LOG_IN).click()
    page.get_by_label("Name").fill("nobody")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("did not log you in")).to_be_visible()
    assert urlsplit(page.url).path == "/library"
    again = page.get_by_role("link", name=LOG_IN).get_attribute("href")
    assert again == "/login?to=%2Flibrary"


def test_script_comes_in_with_a_token_until_it_is_revoked(guarded: Workbench, page: Page) -> None:
    """A token from the Account page opens its owner's workspace to a script; revoked, it opens nothing."""
    assert httpx.put(f"{guarded.url}/api/uploads/a.csv?workspace=new", content=b"a\n1\n").status_code == 401
    log_in(page, f"{guarded.url}/account", "dora")
    page.get_by_role("button", name="New token").click()
    page.get_by_role("button", name="Create token").click()
    code = page.get_by_test_id("stCode").filter(has_text=re.compile("^assay_"))
    expect(code).to_be_visible()
    headers = {"Authorization": f"Bearer {code.inner_text().strip()}"}
    content = b"a,b\n" + b"1,2\n3,4\n5,6\n" * 5
    assert (
        httpx.put(f"{guarded.url}/api/uploads/mine.csv", content=content, headers=headers, timeout=60).status_code
        == 200
    )
    page.goto(f"{guarded.url}/library")
    expect(page.get_by_text("mine.csv").first).to_be_visible()
    page.goto(f"{guarded.url}/account")
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("button", name="Revoke")).to_have_count(0)
    assert httpx.get(f"{guarded.url}/api/uploads", headers=headers).status_code == 404


def test_only_administrators_reach_the_administration(guarded: Workbench, chromium: Browser) -> None:
    """The page is there for a named account whose address the provider has verified, and for nobody else."""
    for who in ("mallory", "ben"):
        context = new_context(chromium)
        page = context.new_page()
        log_in(page, f"{guarded.url}/administration", who)
        expect(page.get_by_role("link", name="Administration")).to_have_count(0)
        expect(page.get_by_role("heading", name="Administration")).to_have_count(0)
        context.close()

    context = new_context(chromium)
    page = context.new_page()
    log_in(page, f"{guarded.url}/administration?part=Workspaces", "ann")
    expect(page.get_by_role("heading", name="Administration")).to_be_visible()
    ben = page.locator("[class*=st-key-row-]").filter(has_text="ben@example.org")
    ben.get_by_role("button", name="Change").click()
    page.get_by_role("button", name="Block", exact=True).click()
    expect(ben.get_by_text("blocked")).to_be_visible()
    context.close()

    context = new_context(chromium)
    page = context.new_page()
    page.goto(f"{guarded.url}/runs")
    page.get_by_role("link", name=LOG_IN).click()
    page.get_by_label("Name").fill("ben")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("may not log in here")).to_be_visible()
    context.close()


def test_axe_finds_nothing_on_the_pages_of_an_account(guarded: Workbench, chromium: Browser) -> None:
    """What the accessibility checker sees before a login, and of account and administration after it, light and dark."""
    context = new_context(chromium)
    page = context.new_page()
    page.goto(guarded.url)
    expect(page.get_by_role("link", name=LOG_IN)).to_be_visible()
    findings = {"before the login": ours(page)}
    log_in(page, f"{guarded.url}/account", "ann")
    for path in ("account", "administration"):
        page.goto(f"{guarded.url}/{path}")
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            settle(page)
            findings[f"{path}, {scheme}"] = ours(page)
    assert {name: found for name, found in findings.items() if found} == {}
    context.close()
