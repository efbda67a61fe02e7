"""Data sets and models in words: title, one line of facts, one sentence on what is built in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.analysis import Source
from core.data.builtin import BUILTIN_DATASETS
from core.data.builtin_predictions import BUILTIN_PREDICTIONS
from core.data.builtin_shapes import BUILTIN_SHAPES
from core.data.builtin_telemetry import BUILTIN_TELEMETRY
from core.data.shapes import ITEM_NAMES
from core.models.builtin import BUILTIN_MODELS
from core.models.builtin_zoo import BUILTIN_ZOOS
from pages.parts.text import number, plural, shorten, with_unit

_ABOUT = {
    **{one.name: (one.title, one.description) for one in BUILTIN_DATASETS},
    **{one.name: (one.title, one.description) for one in BUILTIN_MODELS},
    **{one.name: (one.title, one.description) for one in BUILTIN_PREDICTIONS},
    **{one.name: (one.title, one.description) for one in BUILTIN_TELEMETRY},
    **{one.name: (one.title, one.description) for one in BUILTIN_SHAPES},
    **{one.name: (one.title, one.description) for one in BUILTIN_ZOOS},
}


def title(source: Source) -> str:
    """What a list calls a source."""
    known = _ABOUT.get(source.builtin) if source.builtin else None
    return f"{known[0]} (built-in)" if known else shorten(source.name)


def description(source: Source) -> str:
    """One sentence on something built in; "" for a person's own file."""
    known = _ABOUT.get(source.builtin) if source.builtin else None
    return known[1] if known else ""


def facts(details: Mapping[str, Any]) -> str:
    """What the inspection found, in one line."""
    found = []
    if details.get("models"):
        found.append(plural(int(details["models"]), "model"))
    if details.get("checkpoints"):
        found.append(plural(int(details["checkpoints"]), "checkpoint"))
    if details.get("epochs"):
        found.append("epochs {} to {}".format(*map(number, details["epochs"])))
    if details.get("rows") is not None:
        found.append(plural(int(details["rows"]), "row"))
    if details.get("kind") == "telemetry":
        found += _series(details)
    if details.get("kind") == "shapes":
        found += _shapes(details)
    if details.get("fit_rows"):
        found.append(plural(int(details["fit_rows"]), "validation row"))
    if len(details.get("shape") or ()) > 1:
        found.append(lengths(details["shape"]))
    elif details.get("features"):
        found.append(plural(int(details["features"]), "feature"))
    if details.get("classes"):
        found.append(plural(int(details["classes"]), "class", "classes"))
    if details.get("architecture"):
        found.append(architecture(details["architecture"]))
    if details.get("trees"):
        found.append(plural(int(details["trees"]), "tree"))
    if details.get("parameters") is not None:
        found.append(plural(int(details["parameters"]), "parameter"))
    if details.get("trained") is False:
        found.append("untrained")
    for name in ("missing", "infinite"):
        if details.get(name):
            found.append(plural(int(details[name]), f"{name} value"))
    return " · ".join(found)


def span(seconds: float) -> str:
    """A step or a period in the unit that suits it.

    >>> span(0.5), span(600), span(5400), span(86400 * 182)
    ('0.5\xa0s', '10\xa0min', '90\xa0min', '182\xa0days')
    """
    for unit, length in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return with_unit(round(seconds / length, 1), unit)
    return with_unit(round(seconds, 3), "s")


def utc(stamp: str | None) -> str:
    """An ISO stamp as people read it.

    >>> utc("2024-02-15T10:30:00Z")
    '2024-02-15 10:30:00 UTC'
    """
    return str(stamp).replace("T", " ").replace("Z", " UTC") if stamp else ""


def some(names: Sequence[str], most: int = 4) -> str:
    """The first names of a list and how many more.

    >>> some(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    return ", ".join(shorten(name, 40) for name in names[:most]) + (
        f" and {number(len(names) - most)} more" if len(names) > most else ""
    )


def _series(details: Mapping[str, Any]) -> list[str]:
    """Channels, period, step and gaps of telemetry."""
    found = []
    channels = sum(one.get("role") not in ("time", "label", "ignore") for one in details.get("columns") or ())
    if channels:
        found.append(plural(channels + len(details.get("unlisted") or ()), "channel"))
    if details.get("first") and details.get("last"):
        found.append(f"{str(details['first'])[:10]} to {str(details['last'])[:10]}")
    if details.get("step"):
        found.append(f"every {span(float(details['step']))}")
    if details.get("gaps"):
        found.append(plural(int(details["gaps"]), "gap"))
    return found


def _shapes(details: Mapping[str, Any]) -> list[str]:
    """How many items, their sizes and dimensions, and the split that comes with them."""
    form = str(details["form"])
    fewest, _, most = details["points"]
    size = {"graphs": ("vertex", "vertices"), "series": ("value", "values"), "images": ("pixel", "pixels")}.get(
        form, ("point", "points")
    )
    found = [plural(int(details["items"]), *ITEM_NAMES[form])]
    found.append(plural(fewest, *size) if fewest == most else f"{number(fewest)} to {plural(most, *size)}")
    if form in ("cloud", "clouds"):
        found.append(plural(int(details["dimensions"]), "coordinate"))
    if form in ("series", "images") and details["dimensions"] > 1:
        found.append(plural(int(details["dimensions"]), "channel"))
    if details.get("train"):
        found.append(f"{number(details['train'])} for training, {number(details['test'])} for testing")
    if details.get("function"):
        found.append("with a function")
    return found


def architecture(config: Mapping[str, Any]) -> str:
    """A network's configuration, as in `mlp, hidden 64, 32`."""
    sizes = [f"{name} {_listed(value)}" for name, value in config.items() if name != "architecture"]
    return ", ".join([str(config.get("architecture", "network")), *sizes])


def lengths(shape: Any) -> str:
    """A shape, open axes as a question mark."""
    return " × ".join("?" if length is None else number(length) for length in shape)


def _listed(value: Any) -> str:
    return "-".join(str(item) for item in value) if isinstance(value, list | tuple) else str(value)
