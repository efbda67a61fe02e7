"""One self-contained HTML page of a result: opens anywhere without a network, and `verify` can check it.

The page carries every file of the result folder as base64 inside inert JSON blocks; figures and downloads are
made from those blocks alone. The text is a function of the folder, the analysis and the title, so that a
verification can write the page again and compare.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from core.analysis import Analysis, mode_of, parameter_fields
from core.export.citation import citation
from core.export.folder import result_files
from core.export.look import font_faces, look
from core.export.reproduce import command_line, snippet
from core.progress import in_words
from core.provenance import ASSAY
from core.store.results import StoredResult, read_result_folder

if TYPE_CHECKING:
    import pandas as pd

HERE = Path(__file__).parent
TABLE_ROWS = 1000  # shown of each table


def result_html(folder: Path, analysis: Analysis, title: str = "") -> str:
    """The page of a result.

    Args:
        folder: a result folder.
        analysis: what made it: title, question, names of the parameters and references are taken from it.
        title: what the person calls this run; empty: the analysis and its first input.
    """
    stored = read_result_folder(folder)
    title = title or default_title(stored, analysis)
    contents = {name: (folder / name).read_bytes() for name in result_files(folder)}
    plotly_js, js = plotly_source(), (HERE / "page.js").read_text()
    page = _environment().get_template("page.html")
    return page.render(
        title=title,
        analysis=analysis,
        stored=stored,
        figures=json.loads(contents.get("figures.json", b"{}")),
        tables={name: _shown(table) for name, table in stored.result.tables.items()},
        parameters=_parameters(stored, analysis),
        provenance=_provenance(stored),
        command_line=command_line(stored, analysis),
        snippet=snippet(stored),
        citation=citation(stored, analysis),
        generator=generator(),
        css=Markup(font_faces() + (HERE / "page.css").read_text()),
        js=Markup(js),
        plotly_js=Markup(plotly_js),
        script_hashes=Markup(" ".join(f"'sha256-{_sha256(source)}'" for source in (plotly_js, js))),
        page=Markup(inert_json({"title": title, **look()})),
        contents={name: Markup(base64.b64encode(content).decode()) for name, content in contents.items()},
    )


def generator() -> str:
    """What writes the page, as the page itself says it: pages of one generator can be compared."""
    return f"Assay {ASSAY}, Plotly {metadata.version('plotly')}"


def plotly_source() -> str:
    """plotly.js as the plotly package ships it, safe inside a script element."""
    from plotly.offline import get_plotlyjs

    source: str = get_plotlyjs()
    return source


def inert_json(value: Any) -> str:
    """JSON that can't end the script element in which it stands."""
    return json.dumps(value, sort_keys=True).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def default_title(stored: StoredResult, analysis: Analysis) -> str:
    """`Intrinsic dimension of digits`."""
    names = [str(one["name"]) for one in stored.inputs.values()]
    return f"{analysis.title} of {' and '.join(names)}" if names else analysis.title


def number(value: Any, digits: int = 6) -> str:
    """A value as people read it: so many significant digits, thousands separated, a dash for none.

    >>> number(199210), number(0.123456789), number(None), number("yes")
    ('199,210', '0.123457', '–', 'yes')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):
        return f"{int(value):,}"
    return f"{value:,.{digits}g}" if abs(value) < 10**digits or abs(value) >= 1e15 else f"{value:,.0f}"


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters["number"] = number
    return environment


def _shown(table: pd.DataFrame) -> dict[str, Any]:
    head = table.head(TABLE_ROWS)
    return {
        "columns": [str(name) for name in table.columns],
        "head": list(zip(*(head[name].tolist() for name in table.columns), strict=True)),
        "rows": len(table),
    }


def _parameters(stored: StoredResult, analysis: Analysis) -> list[tuple[str, str]]:
    models = {mode_of(model): model for model in analysis.params}
    model = models.get(stored.params.get("mode", ""))
    titles = {
        field.name: field.title + (f" ({field.unit})" if field.unit else "")
        for field in (parameter_fields(model) if model else ())
    }
    return [(titles.get(name, name), _plain(value)) for name, value in stored.params.items()]


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_plain(item) for item in value) or "–"
    return "yes" if value is True else "no" if value is False else "–" if value is None else str(value)


def _provenance(stored: StoredResult) -> list[tuple[str, str]]:
    made = stored.provenance
    started = datetime.fromtimestamp(float(made["started"]), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return [
        ("Started", started),
        ("Took", in_words(float(made["seconds"]))),
        ("Device", str(made["device"])),
        ("Assay", str(made["assay"])),
        ("Python", f"{made['python']} on {made['platform']}"),
        *((str(name), str(version)) for name, version in made["libraries"].items()),
    ]


def _sha256(source: str) -> str:
    return base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
