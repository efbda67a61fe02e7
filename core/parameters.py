"""Parameters of an analysis: one frozen model a mode, which drives form, command line, key and snippet."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, PydanticUndefined

from core.errors import BadInput


class Params(BaseModel):
    """Base of every parameter model. A subclass declares `mode: Literal[...]` and fields made by `parameter`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    mode: str


def parameter(
    default: Any,
    *,
    title: str,
    description: str,
    unit: str = "",
    main: bool = False,
    minimum: float | None = None,
    maximum: float | None = None,
    max_length: int | None = None,
) -> Any:
    """A field of `Params`: default, words for people, unit and bounds (inclusive).

    Args:
        default: the value where the person says nothing.
        title: two or three words, as the form shows them.
        description: one sentence: what it does and when to change it.
        unit: of the value, "" where it has none.
        main: shown on the first screen; the others stand under "More settings".
        minimum: smallest accepted value.
        maximum: largest accepted value.
        max_length: most characters of a text, or most items of a list.
    """
    return Field(
        default,
        title=title,
        description=description,
        ge=minimum,
        le=maximum,
        max_length=max_length,
        json_schema_extra={"unit": unit, "main": main},
    )


@dataclass(frozen=True)
class ParameterField:
    """What a form, a help page or `describe` says of one parameter."""

    name: str
    title: str
    description: str
    type: Literal["integer", "number", "boolean", "text", "choice", "list"]
    default: Any
    unit: str = ""
    main: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    optional: bool = False  # None is accepted

    def as_json(self) -> dict[str, Any]:
        """The field as plain JSON values, without what does not apply."""
        kept = {name: value for name, value in asdict(self).items() if value not in ("", (), None, False)}
        return {**kept, "default": self.default}


def parameter_fields(model: type[Params]) -> tuple[ParameterField, ...]:
    """The parameters of one mode in the order of their declaration, `mode` itself left out."""
    return tuple(_describe(name, field) for name, field in model.model_fields.items() if name != "mode")


def mode_of(model: type[Params]) -> str:
    """The value of `mode` that selects this model."""
    return str(get_args(model.model_fields["mode"].annotation)[0])


def parse_params(models: tuple[type[Params], ...], values: Mapping[str, Any]) -> Params:
    """Validates values (typed, or text as the command line has it) into the model that their `mode` selects.

    Without a `mode` the first model is taken.

    Raises:
        BadInput: an unknown mode or name, or a value out of bounds; the sentence has title, value and bounds.
    """
    by_mode = {mode_of(model): model for model in models}
    mode = values.get("mode", next(iter(by_mode)))
    if not isinstance(mode, str) or mode not in by_mode:
        raise BadInput(f"mode: {mode!r} is not one of {', '.join(by_mode)}.")
    model = by_mode[mode]
    fields = {field.name: field for field in parameter_fields(model)}
    for name in values:
        if name != "mode" and name not in fields:
            raise BadInput(f"Parameter {name!r} does not exist in mode {mode}; it has {', '.join(fields)}.")
    typed = {name: _from_text(fields[name], value) for name, value in values.items() if name != "mode"}
    try:
        return model.model_validate({"mode": mode, **typed})
    except ValidationError as error:
        raise BadInput(" ".join(_sentence(fields, detail) for detail in error.errors())) from None


def bound_text(bound: float) -> str:
    """A bound as people read it.

    >>> bound_text(2147483647.0), bound_text(0.005)
    ('2147483647', '0.005')
    """
    return f"{int(bound)}" if bound == int(bound) else f"{bound:g}"


def _describe(name: str, field: FieldInfo) -> ParameterField:
    annotation, optional = _without_none(field.annotation)
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    default = None if field.default is PydanticUndefined else field.default
    return ParameterField(
        name=name,
        title=field.title or name,
        description=field.description or "",
        type=_type_name(annotation),
        default=list(default) if isinstance(default, tuple) else default,
        unit=str(extra.get("unit", "")),
        main=bool(extra.get("main", False)),
        minimum=_bound(field, annotated_types.Ge, "ge"),
        maximum=_bound(field, annotated_types.Le, "le"),
        choices=tuple(str(choice) for choice in get_args(annotation)) if get_origin(annotation) is Literal else (),
        optional=optional,
    )


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (Union, types.UnionType):
        kept = [argument for argument in get_args(annotation) if argument is not type(None)]
        return kept[0], len(kept) < len(get_args(annotation))
    return annotation, False


def _type_name(annotation: Any) -> Literal["integer", "number", "boolean", "text", "choice", "list"]:
    if get_origin(annotation) is Literal:
        return "choice"
    if get_origin(annotation) in (tuple, list):
        return "list"
    if annotation is bool:
        return "boolean"
    if annotation is int:
        return "integer"
    return "number" if annotation is float else "text"


def _bound(field: FieldInfo, kind: type, attribute: str) -> float | None:
    for constraint in field.metadata:
        if isinstance(constraint, kind):
            return float(getattr(constraint, attribute))
    return None


def _from_text(field: ParameterField, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if field.optional and value.strip().lower() in ("", "none"):
        return None
    if field.type == "list":
        return [item.strip() for item in value.split(",") if item.strip()]
    return value


def _sentence(fields: Mapping[str, ParameterField], detail: ErrorDetails) -> str:
    if not detail["loc"]:
        return detail["msg"].removeprefix("Value error, ").rstrip(".") + "."
    field = fields[str(detail["loc"][0])]
    expected = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "list": "a list"}
    wanted = expected.get(field.type, "text")
    if field.choices:
        wanted = "one of " + ", ".join(field.choices)
    if field.minimum is not None and field.maximum is not None:
        wanted += f" from {bound_text(field.minimum)} to {bound_text(field.maximum)}"
    elif field.minimum is not None:
        wanted += f" of at least {bound_text(field.minimum)}"
    elif field.maximum is not None:
        wanted += f" of at most {bound_text(field.maximum)}"
    unit = f" ({field.unit})" if field.unit else ""
    return f"{field.title}{unit}: {detail['input']!r} is not accepted; expected {wanted}."
