"""The Python snippet and the command line that give the same result again."""

from __future__ import annotations

import pprint
import shlex
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, cast

from core.analysis import BUILTIN, Analysis, Kind, mode_of, parameter_fields
from core.sources import builtin_sources

if TYPE_CHECKING:
    from core.store.results import StoredResult

_SNIPPET = """\
from core.analysis import parse_params, result_key
from core.catalog import analysis_by_slug
from core.serial import serially
from core.sources import open_source

analysis = analysis_by_slug({slug!r})
params = parse_params(
    analysis.params,
{params},
)
inputs = {{
{inputs}
}}
assert result_key(analysis, params, inputs) == {key!r}, "another version or other inputs"

if __name__ == "__main__":
    result = serially(analysis, params, inputs)
    print(result.answer)
    for name, value in result.values().items():
        print(name, value)
"""


def snippet(stored: StoredResult) -> str:
    """A Python script that computes the result again, to be run in a checkout of Assay.

    Files that were brought are opened by name from the folder in which the script runs; before the work starts
    the script checks that question, parameters and the content of the inputs are those of this result.
    """
    params = "\n".join("    " + line for line in pprint.pformat(stored.params, sort_dicts=False).splitlines())
    inputs = "\n".join(_input(slot, one) for slot, one in stored.inputs.items())
    return _SNIPPET.format(slug=stored.slug, params=params, inputs=inputs, key=stored.key)


def command_line(stored: StoredResult, analysis: Analysis) -> str:
    """The shell command that computes the result again; parameters at their defaults are left out."""
    words = ["python", "-m", "core", "run", stored.slug]
    for slot, one in stored.inputs.items():
        words += ["--input", f"{slot}={_text(one)}"]
    for name, value in _changed(stored.params, analysis).items():
        words += ["--set", f"{name}={typed(value)}"]
    return shlex.join([*words, "--out", "result"])


def _input(slot: str, one: Mapping[str, str]) -> str:
    text = _text(one)
    asked = "" if text.startswith(BUILTIN) else f"  # your file, with the digest {one['digest']}"
    return f"    {slot!r}: open_source({one['kind']!r}, {text!r}),{asked}"


def _changed(params: dict[str, Any], analysis: Analysis) -> dict[str, Any]:
    """`mode`, and what differs from its default."""
    models = {mode_of(model): model for model in analysis.params}
    model = models.get(params["mode"])
    defaults = {field.name: field.default for field in parameter_fields(model)} if model else {}
    return {name: value for name, value in params.items() if name == "mode" or defaults.get(name, ...) != value}


def typed(value: Any) -> str:
    """A value as `--set` reads it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(typed(item) for item in value)
    return str(value)


def _text(one: Mapping[str, str]) -> str:
    """An input as `open_source` reads it: a built-in, or a file in the working folder."""
    for source in builtin_sources(cast(Kind, one["kind"])):
        if source.digest == one["digest"]:
            return source.location
    return f"./{PurePosixPath(one['name'].replace(chr(92), '/')).name or 'input'}"
