"""A form for any parameter model: what matters on the first screen, the rest under "More settings"."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.keys import digest_of_bytes
from core.parameters import ParameterField, Params, bound_text, parameter_fields

COLUMNS = 4  # of the main parameters, side by side where the window is wide enough


def parameter_form(
    model: type[Params],
    initial: Mapping[str, Any],
    key: str,
    choices: Mapping[str, Sequence[str]],
    proposals: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Shows the parameters of one mode and returns what stands in the form, unchecked.

    Args:
        model: the parameter model.
        initial: values that replace the defaults at first, by name.
        key: unique prefix of the widgets.
        choices: for a text or a list of texts, what the chosen input offers (column names, for example); a parameter
            that it offers nothing for is left out and keeps its default.
        proposals: what the analysis takes by itself where nothing is chosen, shown in the empty field.
    """
    empty = proposals or {}
    fields = [field for field in parameter_fields(model) if choices.get(field.name, ("",))]
    values: dict[str, Any] = {}
    main = [field for field in fields if field.main]
    for start in range(0, len(main), COLUMNS):
        row = main[start : start + COLUMNS]
        for column, field in zip(st.columns(len(row)), row, strict=True):
            with column:
                values[field.name] = _widget(field, initial, key, choices, empty)
    rest = [field for field in fields if not field.main]
    if rest:
        with st.expander("More settings"):
            for start in range(0, len(rest), 2):
                for column, field in zip(st.columns(2), rest[start : start + 2], strict=False):
                    with column:
                        values[field.name] = _widget(field, initial, key, choices, empty)
    return values


def _widget(
    field: ParameterField,
    initial: Mapping[str, Any],
    prefix: str,
    choices: Mapping[str, Sequence[str]],
    proposals: Mapping[str, str],
) -> Any:
    value = initial.get(field.name, field.default)
    label = field.title if field.unit.lower() in field.title.lower() else f"{field.title} ({field.unit})"
    key, help_text = f"{prefix}.{field.name}", _help(field)
    if field.type == "boolean":
        return st.checkbox(label, bool(value), key=key, help=help_text)
    if field.type == "choice":
        options = list(field.choices)
        index = options.index(str(value)) if str(value) in options else None
        return st.selectbox(label, options, index=index, key=key, help=help_text)
    if field.type in ("integer", "number"):
        return _number_widget(field, label, value, key, help_text)
    if field.type in ("text", "list") and choices.get(field.name):
        options = list(choices[field.name])
        placeholder = proposals.get(field.name)
        key = f"{key}.{digest_of_bytes(chr(0).join(options).encode())}"  # another table, another widget
        if field.type == "list":
            chosen = [str(item) for item in value or () if str(item) in options]
            return st.multiselect(
                label, options, chosen, key=key, help=help_text, placeholder=placeholder or "None chosen"
            )
        index = options.index(str(value)) if str(value) in options else None
        placeholder = placeholder or ("Found by itself" if not field.default else None)
        picked = st.selectbox(label, options, index=index, key=key, help=help_text, placeholder=placeholder)
        return field.default if picked is None else picked
    text = ", ".join(str(item) for item in value) if isinstance(value, list | tuple) else str(value or "")
    placeholder = "automatic" if field.optional else None
    typed = st.text_input(label, text, key=key, help=help_text, placeholder=placeholder)
    return typed if typed or not field.optional else None


def _number_widget(field: ParameterField, label: str, value: Any, key: str, help_text: str) -> Any:
    kind = int if field.type == "integer" else float
    typed: dict[str, Any] = {
        name: None if given is None else kind(given)
        for name, given in (("min_value", field.minimum), ("max_value", field.maximum), ("value", value))
    }
    return st.number_input(
        label,
        **typed,
        step=1 if field.type == "integer" else _step(field.default),
        format="%d" if field.type == "integer" else "%g",
        key=key,
        help=help_text,
        placeholder="automatic" if field.optional else "",
    )


def _step(default: Any) -> float:
    """A tenth of the default's order of magnitude: 0.001 moves by 0.0001, 0.9 by 0.01."""
    return float(10.0 ** (math.floor(math.log10(abs(default))) - 1)) if default else 0.01


def _help(field: ParameterField) -> str:
    bounds = ""
    if field.minimum is not None and field.maximum is not None:
        bounds = f" From {bound_text(field.minimum)} to {bound_text(field.maximum)}."
    elif field.minimum is not None:
        bounds = f" At least {bound_text(field.minimum)}."
    elif field.maximum is not None:
        bounds = f" At most {bound_text(field.maximum)}."
    return field.description + bounds
