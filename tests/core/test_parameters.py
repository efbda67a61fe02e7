"""Parameters: from text to values, and the sentences that refuse."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import BadInput
from core.parameters import bound_text, mode_of, parameter_fields, parse_params
from tests.core.export.tiny import TINY, Broken, Powers


def test_the_first_mode_is_the_default():
    """Without a mode the first model is taken, with its defaults."""
    assert parse_params(TINY.params, {}) == Powers()
    assert parse_params(TINY.params, {"mode": "broken"}) == Broken()
    assert [mode_of(model) for model in TINY.params] == ["powers", "broken"]


def test_text_and_values_mean_the_same():
    """Text as the command line has it gives the same parameters as typed values."""
    text = {"mode": "powers", "count": "7", "exponents": "1, 2.5,3", "scale": "2", "loud": "true"}
    typed = {"mode": "powers", "count": 7, "exponents": [1, 2.5, 3], "scale": 2.0, "loud": True}
    assert parse_params(TINY.params, text) == parse_params(TINY.params, typed)


@pytest.mark.parametrize("text", ["none", "None", ""])
def test_an_optional_parameter_takes_none(text: str):
    """`none` unsets a parameter that may be unset."""
    assert parse_params(TINY.params, {"scale": text}).model_dump()["scale"] is None


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"mode": "mystery"}, "mode: 'mystery' is not one of powers, broken."),
        ({"cuont": 3}, "Parameter 'cuont' does not exist in mode powers; it has count, exponents, scale, loud."),
        ({"how": "bad"}, "Parameter 'how' does not exist in mode powers; it has count, exponents, scale, loud."),
        ({"count": 0}, "Numbers: 0 is not accepted; expected a whole number from 1 to 5000."),
        ({"count": "many"}, "Numbers: 'many' is not accepted; expected a whole number from 1 to 5000."),
        ({"count": "2.5"}, "Numbers: '2.5' is not accepted; expected a whole number from 1 to 5000."),
        ({"scale": "0.1"}, "Scale (m): '0.1' is not accepted; expected a number of at least 0.5."),
        ({"scale": "nan"}, "Scale (m): 'nan' is not accepted; expected a number of at least 0.5."),
        ({"scale": "inf"}, "Scale (m): 'inf' is not accepted; expected a number of at least 0.5."),
        ({"loud": "very"}, "Loud: 'very' is not accepted; expected true or false."),
        (
            {"mode": "broken", "how": "x"},
            "How: 'x' is not accepted; expected one of bad, explained, unforeseen, interrupted, chatty.",
        ),
    ],
)
def test_a_refusal_names_title_value_and_bounds(values: dict[str, Any], sentence: str):
    """A value that is out of bounds or of the wrong kind is refused with title, unit, value and bounds."""
    with pytest.raises(BadInput) as refusal:
        parse_params(TINY.params, values)
    assert str(refusal.value) == sentence


def test_several_refusals_come_together():
    """Every wrong value is named at once."""
    with pytest.raises(BadInput) as refusal:
        parse_params(TINY.params, {"count": 0, "loud": "very"})
    assert str(refusal.value).startswith("Numbers: 0") and "Loud: 'very'" in str(refusal.value)


def test_fields_say_what_a_form_needs():
    """A field has name, words, type, default, unit and bounds; as JSON only what applies."""
    fields = {field.name: field.as_json() for field in parameter_fields(Powers)}
    assert list(fields) == ["count", "exponents", "scale", "loud"]
    assert fields["count"] == {
        "name": "count",
        "title": "Numbers",
        "description": "How many.",
        "type": "integer",
        "default": 4,
        "main": True,
        "minimum": 1.0,
        "maximum": 5000.0,
    }
    assert fields["exponents"]["type"] == "list" and fields["exponents"]["default"] == [1.0, 2.0]
    assert fields["scale"] == {
        "name": "scale",
        "title": "Scale",
        "description": "Divides.",
        "type": "number",
        "default": None,
        "unit": "m",
        "minimum": 0.5,
        "optional": True,
    }
    (how,) = parameter_fields(Broken)
    assert how.type == "choice" and how.choices[0] == "bad"


def test_parameters_can_not_be_changed():
    """A validated model is frozen."""
    with pytest.raises(ValueError, match="frozen"):
        parse_params(TINY.params, {}).mode = "broken"


def test_a_bound_is_written_as_it_may_be_typed():
    """Whole bounds have all their digits, others as many as they need."""
    assert [bound_text(bound) for bound in (2147483647.0, 5000.0, 0.005)] == ["2147483647", "5000", "0.005"]
