"""Sentences that tell what functions and classes do, from the docstrings of the libraries that are installed anyway.

Nothing is imported or run: the source files are parsed. Which files and sentences are taken follows from their names
and from the pinned versions of the libraries alone, so every installation of one version has the same set.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

from core.errors import BadInput
from core.keys import digest_of_bytes

LIBRARIES = ("matplotlib", "networkx", "numpy", "pandas", "scipy", "sklearn", "sqlalchemy", "streamlit")
SENTENCES = 250  # of each library
SHORTEST, LONGEST = 30, 120  # characters of a sentence
_LEFT_OUT = frozenset({"tests", "testing", "_vendored", "_vendor", "externals"})
_OWN_NAME = re.compile("|".join((*LIBRARIES, "scikit", "np", "pd", "plt", "sa", "st")), re.IGNORECASE)
_DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def docstring_sentences() -> tuple[list[str], list[int]]:
    """Sentences, and the library of each by its place in `LIBRARIES`; 250 of each, in a mixed order.

    Raises:
        BadInput: one of the libraries is not installed, or has fewer sentences.
    """
    found = [(sentence, label) for label, name in enumerate(LIBRARIES) for sentence in _sentences_of(name)]
    found.sort(key=lambda pair: digest_of_bytes(pair[0].encode()))
    return [sentence for sentence, _ in found], [label for _, label in found]


def _sentences_of(library: str) -> list[str]:
    spec = importlib.util.find_spec(library)
    if spec is None or spec.origin is None:
        raise BadInput(f"The built-in set docstrings needs {library}, which is not installed here.")
    folder = Path(spec.origin).parent
    sentences: dict[str, None] = {}
    for path in _mixed(folder):
        sentences |= dict.fromkeys(_first_paragraphs(path))
        if len(sentences) >= SENTENCES:
            return list(sentences)[:SENTENCES]
    raise BadInput(f"The built-in set docstrings found only {len(sentences)} sentences in {library}; reinstall it.")


def _mixed(folder: Path) -> list[Path]:
    """The source files of a library in an order that depends on their names alone and prefers none of its parts."""
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.py")}
    kept = [name for name in names if not _LEFT_OUT & set(Path(name).parts)]
    return [names[name] for name in sorted(kept, key=lambda name: digest_of_bytes(name.encode()))]


def _first_paragraphs(path: Path) -> Iterator[str]:
    """First paragraphs of docstrings that are one sentence of ordinary length and do not name a library."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError):  # a template, or a file for another version of Python
        return
    for node in ast.walk(tree):
        text = ast.get_docstring(node) if isinstance(node, _DOCUMENTED) else None
        sentence = " ".join(text.split("\n\n")[0].split()) if text else ""
        if SHORTEST <= len(sentence) <= LONGEST and sentence.isascii() and not _names_a_library(sentence):
            yield sentence


def _names_a_library(sentence: str) -> bool:
    return any(_OWN_NAME.fullmatch(word) for word in re.findall("[A-Za-z]+", sentence))
