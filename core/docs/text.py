"""Pieces of Markdown that read the same in a file, on a code host and on the Help page."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from core.parameters import ParameterField, bound_text

Link = Callable[[str], str]  # name of a page ("settings") -> where it is

_KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "yes or no",
    "text": "text",
    "list": "a list, separated by commas",
}


def plain(text: str) -> str:
    """Text in which nothing is taken for Markdown.

    >>> plain("a*b, $x$ and <name> of a_file")
    'a\\*b, \\$x\\$ and \\<name\\> of a_file'
    """
    return re.sub(r"([\\`*$<>~|\[\]]|\b_|_\b)", r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """A name as it is typed."""
    return f"`{text}`"


def anchor(heading: str) -> str:
    """What a code host and the Help page call the place of a heading.

    >>> anchor("Data sets")
    'data-sets'
    """
    return heading.lower().replace(" ", "-")


def block(text: str, language: str) -> str:
    """Lines of code."""
    return f"```{language}\n{text.rstrip()}\n```"


def value(given: Any) -> str:
    """A default as it is typed on the command line.

    >>> value(True), value(()), value(None), value([16, 64])
    ('`yes`', 'none', 'chosen by itself', '`16,64`')
    """
    if given is None or given == "":
        return "chosen by itself"
    if isinstance(given, bool):
        return code("yes" if given else "no")
    if isinstance(given, list | tuple):
        return code(",".join(str(item) for item in given)) if given else "none"
    return code(f"{given:g}" if isinstance(given, float) else str(given))


def parameter_line(field: ParameterField) -> str:
    """A parameter as an item of a list: title, name, what is accepted, default, what it does."""
    accepted = _KINDS.get(field.type, "")
    if field.choices:
        accepted = "one of " + ", ".join(code(choice) for choice in field.choices)
    if field.minimum is not None and field.maximum is not None:
        accepted += f" from {bound_text(field.minimum)} to {bound_text(field.maximum)}"
    elif field.minimum is not None:
        accepted += f" of at least {bound_text(field.minimum)}"
    elif field.maximum is not None:
        accepted += f" of at most {bound_text(field.maximum)}"
    unit = f", in {plain(field.unit)}" if field.unit else ""
    none = ", or none" if field.optional else ""
    words = f"{accepted}{unit}{none}; default {value(field.default)}."
    return f"- **{plain(field.title)}** ({code(field.name)}): {words} {plain(field.description)}"
