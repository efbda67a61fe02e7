"""From the bytes of an XGBoost file to plain values, before XGBoost sees any of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from core.data.limits import check_memory
from core.errors import BadInput
from core.models.ubjson import Damaged, read_ubjson

BoosterFormat = Literal["json", "ubj"]
SAVE_BOOSTER = "booster.save_model('model.json')"
_BYTES_EACH = {"json": 12, "ubj": 6}  # of memory a byte of the file takes while it is read


def read_document(path: Path, filename: str) -> tuple[BoosterFormat, Mapping[str, Any]]:
    """The object that a model file holds.

    Args:
        path: the file.
        filename: as messages show it.

    Raises:
        BadInput: empty, truncated, damaged, or something else than a model of XGBoost.
        TooLarge: more than there is memory for.
    """
    with path.open("rb") as stream:
        head = stream.read(64)
    if not head:
        raise BadInput(f"{filename} is empty; bring the whole file again.")
    form = _format(head, filename)
    check_memory(filename, _BYTES_EACH[form] * path.stat().st_size)
    content = path.read_bytes()
    found = _from_json(content, filename) if form == "json" else _from_ubjson(content, filename)
    if isinstance(found, list):
        raise BadInput(
            f"{filename} holds a list, as booster.dump_model writes it for people to read; save the model itself with "
            f"{SAVE_BOOSTER}."
        )
    if not isinstance(found, Mapping) or not isinstance(found.get("learner"), Mapping):
        raise BadInput(f"{filename} is no model of XGBoost: it has no 'learner'; save one with {SAVE_BOOSTER}.")
    return form, found


def _format(head: bytes, filename: str) -> BoosterFormat:
    """JSON or UBJSON: both begin with a brace, and only UBJSON goes on with the marker of a number."""
    if head[:1] == b"{" and head[1:2] in (b"i", b"U", b"I", b"l", b"L", b"$", b"#"):
        return "ubj"
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return "json"
    if head.startswith((b"binf", b"CONFIG-offset")):
        raise BadInput(
            f"{filename} is in XGBoost's old binary format, which today's XGBoost no longer reads; open it with the "
            f"version that wrote it and save it with {SAVE_BOOSTER}."
        )
    if head[:1] == b"\x80":
        raise BadInput(
            f"{filename} is a pickle, which can run code when it is opened and is never opened here; save the model with "
            f"{SAVE_BOOSTER} (of a scikit-learn model: model.save_model)."
        )
    raise BadInput(f"{filename} is neither JSON nor UBJSON; save the model with {SAVE_BOOSTER}.")


def _from_json(content: bytes, filename: str) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as error:
        raise BadInput(
            f"{filename} is no whole JSON: line {error.lineno:,}, column {error.colno:,}: {error.msg}; it is truncated or "
            f"damaged, so save it again with {SAVE_BOOSTER}."
        ) from None
    except UnicodeDecodeError as error:
        raise BadInput(f"{filename} is no text at byte {error.start:,}; save it again with {SAVE_BOOSTER}.") from None
    except (RecursionError, ValueError) as error:  # endless nesting, a number of thousands of digits, a repeated name
        reason = str(error) if isinstance(error, _Repeated) else "it is nested or long as no model is"
        raise BadInput(f"{filename} is damaged ({reason}); save it again with {SAVE_BOOSTER}.") from None


def _from_ubjson(content: bytes, filename: str) -> Any:
    try:
        return read_ubjson(content)
    except Damaged as error:
        raise BadInput(
            f"{filename} is no whole UBJSON: {error}; it is truncated or damaged, so save it again with "
            "booster.save_model('model.ubj')."
        ) from None


class _Repeated(ValueError):
    """A name that stands twice in an object: two readers could each take another of the two values."""


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Repeated(f"the name {twice[:40]!r} stands twice in one object")
    return found
