"""What Streamlit does of a login, where `st.login` says too little: its provider, where a login begins, whom it let in."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from core.server.login import CALLBACK, OpenId
from core.settings import Settings
from core.store.store import Store


def prepare_login(settings: Settings, store: Callable[[], Store]) -> dict[str, Any]:
    """Tells Streamlit about the provider, before its app is made.

    Args:
        settings: of the provider.
        store: opened only where there is a login. What Streamlit signs its cookies with is derived from its secret, so a
            login that begins on one page server may end on another.

    Returns:
        What `st.App` takes as secrets; nothing without a login.
    """
    if not settings.login:
        return {}
    from streamlit import config

    signing = hmac.new(store().secret, b"streamlit cookies", hashlib.sha256).hexdigest()
    # The session of a login under way is signed before secrets are read.
    config.set_option("server.cookieSecret", signing)
    return {
        "auth": {
            "redirect_uri": settings.public_url.rstrip("/") + CALLBACK,
            "cookie_secret": signing,
            "client_id": settings.oidc_client_id,
            "client_secret": settings.oidc_client_secret.get_secret_value(),
            "server_metadata_url": settings.oidc_metadata_url,
        }
    }


def _beginning() -> str:
    from streamlit.user_info import generate_login_redirect_url

    return generate_login_redirect_url("default")


def _claims(cookies: Mapping[str, str]) -> Mapping[str, Any] | None:
    from streamlit.auth_util import get_cookie_with_chunks
    from streamlit.web.server.server_util import get_cookie_secret
    from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
    from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

    secret = get_cookie_secret()
    signed = get_cookie_with_chunks(
        lambda name: decode_signed_value(secret, name, cookies.get(name, "")), USER_COOKIE_NAME
    )
    return None if signed is None else dict(json.loads(signed))


OPENID = OpenId(_beginning, _claims)
