"""The page of a question: modes, inputs, parameters, what comes out, how to run it, references."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Iterator

import pyarrow.parquet as pq

from core.analysis import Analysis, Input, Params, mode_of, parameter_fields
from core.docs.kinds import kind_of
from core.docs.text import Link, anchor, block, code, parameter_line, plain
from core.examples import EXAMPLES, MODE_EXAMPLES, Example
from core.export.citation import in_text
from core.export.reproduce import typed
from core.gallery.cards import CARDS, finished
from core.sources import builtin_sources
from core.store.gallery import Shipped

_PYTHON = """\
from core.analysis import parse_params
from core.serial import serially
from core.catalog import analysis_by_slug
from core.sources import open_source

analysis = analysis_by_slug({slug!r})
params = parse_params(analysis.params, {params})
inputs = {{{inputs}}}
result = serially(analysis, params, inputs)
print(result.answer)
print(result.values())"""


def question_text(analysis: Analysis, link: Link) -> str:
    """Everything about a question, as Markdown.

    Args:
        analysis: one of the catalog.
        link: where the other pages are.
    """
    return "\n\n".join(_parts(analysis, link)) + "\n"


def _parts(analysis: Analysis, link: Link) -> Iterator[str]:
    yield f"# {analysis.title}"
    yield f"**{plain(analysis.question)}**"
    modes = ", ".join(code(mode_of(model)) for model in analysis.params)
    yield (
        f"It is asked in {len(analysis.params)} modes: {modes}. On the command line it is {code(analysis.slug)}; its version, {analysis.version}, "
        "is part of the key of every result."
    )
    for model in analysis.params:
        yield from _mode(analysis, model, link)
    yield "## References"
    yield "\n".join(f"- {plain(in_text(reference))}" for reference in analysis.references)


def _mode(analysis: Analysis, model: type[Params], link: Link) -> Iterator[str]:
    mode = mode_of(model)
    yield f"## Mode {code(mode)}"
    yield plain(inspect.getdoc(model) or "")
    yield "### Inputs"
    slots = analysis.inputs_of(mode)
    yield "\n".join(_input_line(slot, link) for slot in slots) if slots else "None."
    fields = parameter_fields(model)
    first, rest = ([field for field in fields if field.main is main] for main in (True, False))
    yield "### Parameters"
    yield "\n".join(parameter_line(field) for field in first or rest)
    if first and rest:
        yield 'Under "More settings":'
        yield "\n".join(parameter_line(field) for field in rest)
    shipped = _shipped(analysis, mode)
    if shipped is not None:
        yield "### What comes out"
        yield from _outcome(shipped)
    yield "### How to run it"
    example = _example(analysis, mode)
    yield block(command(analysis, mode, example), "sh")
    yield block(script(analysis, mode, example), "python")


def _input_line(slot: Input, link: Link) -> str:
    brought = kind_of(slot.kind)
    needed = "needed" if slot.required else "may be left out"
    names = ", ".join(code(str(source.builtin)) for source in builtin_sources(slot.kind))
    built_in = f" Built in: {names}." if names else ""
    kind = f"[{brought.title.lower()}]({link('formats')}#{anchor(brought.title)})"
    return f"- **{plain(slot.title)}** ({code(slot.slot)}, {needed}; {kind}): {plain(slot.description)}{built_in}"


def _outcome(shipped: Shipped) -> Iterator[str]:
    """The numbers and tables of a result that came along; those of another question may be fewer or more."""
    yield f"Of the example that comes with the workbench: *{plain(shipped.answer)}*"
    lines = []
    for name, scalar in shipped.summary.items():
        unit = f", in {plain(scalar.unit)}" if scalar.unit else ""
        words = f": {plain(scalar.description)}" if scalar.description else ""
        interval = ", with an interval" if scalar.low is not None or scalar.high is not None else ""
        lines.append(f"- **{plain(scalar.title)}** ({code(name)}{unit}{interval}){words}")
    yield "\n".join(lines)
    tables = [
        f"- Table {code(path.stem)}: {', '.join(code(name) for name in pq.read_schema(path).names)}"
        for path in sorted((shipped.folder / "tables").glob("*.parquet"))
    ]
    if tables:
        yield "\n".join(tables)


def _shipped(analysis: Analysis, mode: str) -> Shipped | None:
    cards = (card for card in CARDS if card.slug == analysis.slug and card.params.mode == mode)
    return next((shipped for card in cards if (shipped := finished(card)) is not None), None)


def _example(analysis: Analysis, mode: str) -> Example | None:
    """The first example of a mode."""
    own = EXAMPLES.get(analysis.slug)
    examples = (*([own] if own else []), *MODE_EXAMPLES.get(analysis.slug, {}).values())
    return next((example for example in examples if example.params["mode"] == mode), None)


def _filled(analysis: Analysis, mode: str, example: Example | None) -> dict[str, tuple[str, str]]:
    """Slot -> its kind, and what stands in it: what the example takes, else a file for each slot that is needed."""
    slots = analysis.inputs_of(mode)
    if example is None:
        return {slot.slot: (slot.kind, kind_of(slot.kind).file) for slot in slots if slot.required}
    return {slot.slot: (slot.kind, example.inputs[slot.slot]) for slot in slots if slot.slot in example.inputs}


def command(analysis: Analysis, mode: str, example: Example | None) -> str:
    """The command that asks an example, or a mode of files where it has none."""
    words = ["python", "-m", "core", "run", analysis.slug]
    for slot, (_, text) in _filled(analysis, mode, example).items():
        words += ["--input", f"{slot}={text}"]
    for name, given in (example.params if example else {"mode": mode}).items():
        words += ["--set", f"{name}={typed(given)}"]
    return shlex.join([*words, "--out", "result"])


def script(analysis: Analysis, mode: str, example: Example | None) -> str:
    """The same in Python."""
    inputs = ", ".join(
        f"{slot!r}: open_source({kind!r}, {text!r})" for slot, (kind, text) in _filled(analysis, mode, example).items()
    )
    params = dict(example.params) if example else {"mode": mode}
    return _PYTHON.format(slug=analysis.slug, params=params, inputs=inputs)
