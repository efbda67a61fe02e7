"""The page of the formats: what can be brought, in which files, and how large."""

from __future__ import annotations

from collections.abc import Iterator

from core.data.formats import FORMATS
from core.docs.kinds import KINDS, Brought
from core.docs.settings import variable
from core.docs.text import Link, block, code, plain
from core.settings import Settings
from core.sources import builtin_sources

LIMITS = ("upload_bytes", "workspace_bytes", "max_rows", "max_columns", "max_values", "job_memory")


def formats_text(link: Link) -> str:
    """Every kind of input and every file format of data sets, as Markdown.

    Args:
        link: where the other pages are.
    """
    return "\n\n".join(_parts(link)) + "\n"


def kinds_text() -> str:
    """What each kind holds and how it is saved, as Markdown."""
    return "\n\n".join(part for one in KINDS for part in _kind(one))


def _parts(link: Link) -> Iterator[str]:
    yield "# What can be brought"
    yield (
        "Files stream to the disk of the server while they are hashed, are checked there, and are kept once by their content. Nothing "
        "that is brought is ever unpickled or executed. A file that is refused gets a sentence with what was found, where, and the line "
        "that converts it."
    )
    yield kinds_text()
    yield "## Formats of data sets"
    yield "\n".join(
        f"- **{format_.name}** ({', '.join(code(suffix) for suffix in format_.suffixes)}): {plain(format_.description)}"
        for format_ in FORMATS
    )
    yield "## Limits"
    yield f"These are settings of the installation; defaults and all others are listed under [settings]({link('settings')})."
    fields = Settings.model_fields
    yield "\n".join(f"- {code(variable(name))}: {plain(fields[name].description or '')}" for name in LIMITS)


def _kind(one: Brought) -> Iterator[str]:
    yield f"## {one.title}"
    yield f"Kind {code(one.kind)}; files that end in {', '.join(code(suffix) for suffix in one.suffixes)}."
    yield one.holds
    if one.limit:
        yield one.limit
    if one.saved_by:
        yield "Saved by:"
        yield block(one.saved_by, "python")
    names = ", ".join(code(str(source.builtin)) for source in builtin_sources(one.kind))
    if names:
        yield f"Built in: {names}."
