"""How to cite a result: one paragraph, then BibTeX of the papers whose methods it follows."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.analysis import Analysis, Reference

if TYPE_CHECKING:
    from core.store.results import StoredResult

_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def citation(stored: StoredResult, analysis: Analysis) -> str:
    """Citation text of a result, followed by BibTeX entries.

    Args:
        stored: the result.
        analysis: what made it; its `references` are cited.
    """
    made = datetime.fromtimestamp(stored.created, UTC).date().isoformat()
    assay = stored.provenance.get("assay", "")
    lines = [
        f'Computed with Assay {assay}, analysis "{analysis.title}" (version {stored.version}), on {made}; '
        f"result {stored.key}.",
    ]
    if analysis.references:
        lines += ["The methods follow:", *(f"- {in_text(one)}" for one in analysis.references), "", bibtex(analysis)]
    return "\n".join(lines) + "\n"


def in_text(reference: Reference) -> str:
    """One reference as a line of text."""
    return f"{reference.authors} ({reference.year}). {reference.title}. {reference.where}."


def bibtex(analysis: Analysis) -> str:
    """The references of an analysis as BibTeX entries with distinct keys."""
    entries: dict[str, str] = {}
    for reference in analysis.references:
        key = base = _key(reference)
        number = 1
        while key in entries:
            number += 1
            key = f"{base}-{number}"
        entries[key] = _entry(key, reference)
    return "\n".join(entries.values())


def _entry(key: str, reference: Reference) -> str:
    fields = {
        "author": " and ".join(_authors(reference.authors)),
        "title": f"{{{_escaped(reference.title)}}}",
        "year": str(reference.year),
        "note": _escaped(reference.where),
    }
    arxiv = re.search(r"arXiv:(\d{4}\.\d{4,5})", reference.where)
    if arxiv:
        fields |= {"eprint": arxiv[1], "archiveprefix": "arXiv"}
    inner = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
    return f"@misc{{{key},\n{inner}\n}}"


def _authors(text: str) -> list[str]:
    """`Li, Farkhoor, Liu and Yosinski` as names; `et al.` is `others`."""
    names = [name.strip() for name in re.split(r",| and |;|&", re.sub(r"\bet al\.?", ", others", text))]
    return ["others" if name == "others" else _escaped(name) for name in names if name]


def _key(reference: Reference) -> str:
    first = re.split(r",| and |;|&| et al", reference.authors)[0].split()
    plain = unicodedata.normalize("NFKD", first[-1] if first else "anonymous").encode("ascii", "ignore").decode()
    return f"{re.sub('[^a-z]', '', plain.lower()) or 'anonymous'}{reference.year}"


def _escaped(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)
