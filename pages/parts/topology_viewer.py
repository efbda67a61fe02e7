"""The viewer of a topology result: radius and level, the line, the complex, ranks and summands, linked in the browser."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

from core.store.results import StoredResult
from pages.parts.component_key import component_key
from pages.parts.html import figure_caption, figure_words
from pages.parts.place import Place
from pages.parts.stored import stored_result
from pages.parts.topology_viewer_data import packed

SOURCE = Path(__file__).with_name("topology_client")
MODULES = (  # each after those that it imports from
    "unpack",
    "drawing",
    "line",
    "persistence",
    "rank",
    "simplices",
    "plane",
    "complex",
    "diagram",
    "ranks",
    "summands",
    "viewer",
)
_IMPORT = re.compile(r'^import (\{.*\}) from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?:const|function\*?) (\w+)", re.MULTILINE)


def one_module() -> str:
    """The modules as one, which is what a component takes: each but the last a function's scope that returns its exports."""
    *parts, last = ((name, _IMPORT.sub(r"const \1 = \2_js;", (SOURCE / f"{name}.js").read_text())) for name in MODULES)
    scopes = [f"const {name}_js = (() => {{\n{_scope(text)}}})();\n" for name, text in parts]
    return "".join([*scopes, last[1]])


def _scope(text: str) -> str:
    names = ", ".join(_EXPORT.findall(text))
    return re.sub(r"^export ", "", text, flags=re.MULTILINE) + f"return {{ {names} }};\n"


_viewer = st.components.v2.component(
    "assay_topology",
    html=(SOURCE / "viewer.html").read_text(),
    css=(SOURCE / "viewer.css").read_text(),
    js=one_module(),
)


def topology_viewer(stored: StoredResult, place: Place) -> None:
    """The whole part. The browser has all that it needs, so nothing here runs again while a person explores."""
    figure_words(
        "Both parameters together",
        "Colour counts the classes of what has entered up to each place. Click a place to see the complex there and what of it "
        "is still there later; drag the line to see its bars. Large regions of one colour and long bars are features; slivers "
        "and short bars are noise.",
    )
    _viewer(key=component_key(place.element, "explore", stored.key), data=_block(stored.key))
    figure_caption(
        _caption(stored),
        "Fibered barcode and line: Lesnick and Wright, arXiv:1512.00180. Rank and signed measure: arXiv:2306.03801. "
        "Summands, matched on neighbouring lines: arXiv:2306.11170",
    )


@st.cache_resource(max_entries=30, show_spinner=False)
def _block(key: str) -> bytes:
    """What the browser gets of a result."""
    return packed(stored_result(key))


def _caption(stored: StoredResult) -> str:
    summary = stored.result.summary
    points, cells = summary["points"].value, summary["cells"].value
    lines = f"; summands followed over {summary['summand_lines'].value} lines" if "summand_lines" in summary else ""
    return (
        f"n = {points:,}; {cells:,} cells with the same homology; filtration {summary['filtration'].value} by "
        f"{summary['second'].value}; values exact on the grid{lines}. Along the line 1 is the length of the diagonal."
    )
