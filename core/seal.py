"""The seal of a result: a digest over everything that `result.json` says, so that no number in it changes unseen.

Tables, arrays and figures are covered through their digests in `files`. A seal needs no secret: it shows damage and
careless edits. That the numbers are right is shown only by computing them again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from core.keys import digest_of_bytes

FIELD = "seal"


def seal_of(document: Mapping[str, Any]) -> str:
    """The digest of a JSON document, its own seal left out; independent of the order of names and of spaces."""
    rest = {name: value for name, value in document.items() if name != FIELD}
    return digest_of_bytes(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode())


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its seal."""
    return {**document, FIELD: seal_of(document)}
