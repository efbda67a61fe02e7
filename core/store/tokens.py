"""Random tokens that open something by themselves; only their digests are kept."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """256 random bits as text."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What is kept of a token, and looked up: the time that takes tells nothing about the tokens that exist."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
