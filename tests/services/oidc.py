"""An OpenID Connect provider on 127.0.0.1 for the tests of the login: authorization code with PKCE, and logout.

Whoever comes types a name and is believed: `ann` is the subject `ann` with the verified address `ann@example.org`;
`mallory` has Ann's address too, but not verified. `python -m tests.services.oidc PORT` serves it until it is ended.
"""

from __future__ import annotations

import base64
import hashlib
import html
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.workbench import ROOT, free_port, wait_for

CLIENT, SECRET = "assay", "a secret of the test"


@dataclass(frozen=True)
class Provider:
    """A provider that runs, and what a workbench is told of it."""

    issuer: str

    def settings(self, public_url: str) -> dict[str, str]:
        """The variables of a workbench that people reach under an address."""
        return {
            "ASSAY_PUBLIC_URL": public_url,
            "ASSAY_OIDC_METADATA_URL": f"{self.issuer}/.well-known/openid-configuration",
            "ASSAY_OIDC_CLIENT_ID": CLIENT,
            "ASSAY_OIDC_CLIENT_SECRET": SECRET,
        }


@contextmanager
def running_provider(folder: Path) -> Iterator[Provider]:
    """Starts a provider in a process of its own, and ends it."""
    port = free_port()
    provider, log = Provider(f"http://127.0.0.1:{port}"), folder / "provider.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.services.oidc", str(port)],
            cwd=ROOT,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def answers() -> bool:
        if process.poll() is not None:
            raise RuntimeError(f"the provider ended:\n{log.read_text()}")
        try:
            return httpx.get(f"{provider.issuer}/.well-known/openid-configuration", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    try:
        wait_for(answers, 30, "the provider's answer")
        yield provider
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(10)


@dataclass
class Desk:
    """What the provider remembers: the codes that it has handed out, each for one use."""

    issuer: str
    key: RSAKey = field(
        default_factory=lambda: RSAKey.generate_key(2048, {"kid": "test", "use": "sig", "alg": "RS256"})
    )
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    async def metadata(self, request: Request) -> Response:
        names = {"authorization": "authorize", "token": "token", "end_session": "logout"}
        return JSONResponse(
            {
                "issuer": self.issuer,
                **{f"{name}_endpoint": f"{self.issuer}/{path}" for name, path in names.items()},
                "jwks_uri": f"{self.issuer}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
            }
        )

    async def jwks(self, request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if asked.get("client_id") != CLIENT:
            return JSONResponse({"error": "unauthorized_client"}, 400)
        if "who" not in asked:
            kept = "".join(
                f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
                for name, value in asked.items()
            )
            form = f'<form>{kept}<label>Name <input name="who"></label><button>Continue</button></form>'
            return HTMLResponse(f"<title>Provider</title><h1>Who are you?</h1>{form}")
        if asked["who"] == "nobody":
            answer = {"error": "access_denied"}
        else:
            code = secrets.token_urlsafe(16)
            self.codes[code] = asked
            answer = {"code": code}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({**answer, 'state': asked['state']})}", 303)

    async def token(self, request: Request) -> Response:
        sent = dict((await request.form()).items())
        asked = self.codes.pop(str(sent.get("code")), None)
        proof = hashlib.sha256(str(sent.get("code_verifier", "")).encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        basic = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        known = request.headers.get("authorization") in (f"Basic {basic}", f"Basic {_basic(SECRET)}")
        if asked is None or asked.get("code_challenge") != challenge or not known:
            return JSONResponse({"error": "invalid_grant"}, 400)
        token = jwt.encode({"alg": "RS256", "kid": "test"}, self.claims(asked), self.key)
        return JSONResponse({"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": token})

    def claims(self, asked: dict[str, str]) -> dict[str, Any]:
        """What is said of somebody."""
        who, now = asked["who"], int(time.time())
        return {
            "iss": self.issuer,
            "sub": who,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 600,
            "nonce": asked.get("nonce"),
            "email": "ann@example.org" if who == "mallory" else f"{who}@example.org",
            "email_verified": who != "mallory",
            "name": who.capitalize(),
        }

    async def logout(self, request: Request) -> Response:
        return RedirectResponse(request.query_params["post_logout_redirect_uri"], 303)


def _basic(secret: str) -> str:
    return base64.b64encode(f"{CLIENT}:{secret}".encode()).decode()


def main(port: int) -> None:
    """Serves until it is ended."""
    desk = Desk(f"http://127.0.0.1:{port}")
    routes = [
        Route("/.well-known/openid-configuration", desk.metadata),
        Route("/jwks", desk.jwks),
        Route("/authorize", desk.authorize),
        Route("/token", desk.token, methods=["POST"]),
        Route("/logout", desk.logout),
    ]
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
