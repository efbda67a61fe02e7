"""The page of the settings: every ASSAY_* variable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from annotated_types import Ge, Gt, Le
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from core.docs.text import code, plain
from core.parameters import bound_text
from core.settings import Settings
from core.sizes import in_bytes

_INTRODUCTION = """\
# Settings

Each is a variable of the environment, read when a process starts: `ASSAY_KEEP_DAYS=30 make run`. Page server and runner are given
the same ones. A value out of its bounds stops the start with a sentence."""


def settings_text() -> str:
    """Every setting with its default, its bounds and its meaning, as Markdown."""
    lines = (_line(name, field) for name, field in Settings.model_fields.items())
    return f"{_INTRODUCTION}\n\n" + "\n".join(lines) + "\n"


def variable(name: str) -> str:
    """The variable of a setting."""
    return f"{Settings.model_config['env_prefix']}{name}".upper()


def _line(name: str, field: FieldInfo) -> str:
    return f"- {code(variable(name))}: {plain(field.description or '')} Default: {_default(field)}.{_bounds(field)}"


def _default(field: FieldInfo) -> str:
    given: Any = field.default
    if given is PydanticUndefined:
        return "none, it must be set"
    if hasattr(given, "get_secret_value"):
        given = given.get_secret_value()
    if given is None or given == "":
        return "empty"
    if isinstance(given, Path):  # the home of whoever reads this is another one
        return code(str(given).replace(str(Path.home()), "~"))
    if isinstance(given, bool):
        return code(str(given).lower())
    if isinstance(given, int) and given >= 1 << 20 and "byte" in (field.description or "").lower():
        return f"{code(str(given))} ({in_bytes(given)})"
    return code(bound_text(given) if isinstance(given, float) else str(given))


def _bounds(field: FieldInfo) -> str:
    words = {
        "from": next((one.ge for one in field.metadata if isinstance(one, Ge)), None),
        "more than": next((one.gt for one in field.metadata if isinstance(one, Gt)), None),
        "up to": next((one.le for one in field.metadata if isinstance(one, Le)), None),
    }
    said = " ".join(f"{word} {bound_text(float(bound))}" for word, bound in words.items() if bound is not None)  # type: ignore[arg-type]
    return f" Accepted: {said}." if said else ""
