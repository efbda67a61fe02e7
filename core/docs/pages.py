"""All pages of the documentation, and where they link to each other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.catalog import CATALOG
from core.docs.formats import formats_text
from core.docs.question import question_text
from core.docs.settings import settings_text
from core.docs.text import Link, plain

FORMATS, SETTINGS, INDEX = "formats", "settings", "README"


def page_names() -> tuple[str, ...]:
    """The pages but the index, in the order in which it lists them."""
    return (*(analysis.slug for analysis in CATALOG), FORMATS, SETTINGS)


def page_text(name: str, link: Link) -> str | None:
    """A page as Markdown; None where there is none of that name.

    Args:
        name: slug of a question, "formats" or "settings".
        link: where a page is.
    """
    if name == FORMATS:
        return formats_text(link)
    if name == SETTINGS:
        return settings_text()
    analysis = next((one for one in CATALOG if one.slug == name), None)
    return question_text(analysis, link) if analysis else None


def index_text(link: Link) -> str:
    """The list of the pages, as Markdown."""
    questions = "\n".join(f"- [{one.title}]({link(one.slug)}): {plain(one.question)}" for one in CATALOG)
    return (
        "# Documentation\n\nEvery question with its modes, parameters, inputs and references:\n\n"
        f"{questions}\n\nAnd what they share:\n\n"
        f"- [What can be brought]({link(FORMATS)}): kinds of files, formats, limits\n"
        f"- [Settings]({link(SETTINGS)}): every variable of an installation\n\n"
        "Written by hand: [how far it goes](scale.md), what large work costs and what breaks first.\n\n"
        "These pages are made out of the declarations that forms, command line and checks read: `make docs` writes them, and the Help page "
        "of the workbench shows the same.\n"
    )


def in_folder(name: str) -> str:
    """Where a page is, seen from its neighbours in a folder."""
    return f"{name}.md"


def documentation() -> Mapping[str, str]:
    """Every file: name -> content."""
    files = {INDEX: index_text(in_folder)}
    for name in page_names():
        files[name] = page_text(name, in_folder) or ""
    return {in_folder(name): text for name, text in files.items()}


def write_documentation(folder: Path) -> list[Path]:
    """Writes every page into a folder, which is made where it is missing; other files in it are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in documentation().items():
        path = folder / name
        path.write_text(text, "utf-8")
        written.append(path)
    return written
