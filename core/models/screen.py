"""What an exported program may say. `torch.export.load` trusts its file; this reads it first and trusts nothing.

The program of a .pt2 file is JSON, and loading turns parts of it into Python: shape expressions and guards are
evaluated, names become source code of the module, tree specifications import modules, metadata resolves functions.
So every text in it has to match the rule of its place, and a text in a place without a rule is refused.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from typing import Any

from core.errors import BadInput
from core.models.formats import SAVE_PROGRAM, convert_with
from core.models.operators import is_allowed

MOST_EXPRESSION = 2000  # characters
MOST_DEPTH = 60

_IDENTIFIER = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_]{0,300}", re.ASCII)
_PATH = re.compile(r"(?!__)[A-Za-z0-9_]{1,300}(\.(?!__)[A-Za-z0-9_]{1,300}){0,60}", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9_ ,.>-]{0,100}", re.ASCII)  # "zeros", "bij,bjk->bik"
_VERSION = re.compile(r"(<=)?[A-Za-z0-9.+]{0,62}", re.ASCII)  # "2.13.0+cpu", and "<=2.4" of old ones
_SYMBOL = re.compile(r"s[0-9]{1,6}", re.ASCII)
_INFINITE = re.compile(r"-?Infinity|NaN")

_EMPTIED: dict[str, Any] = {"metadata": {}, "guards_code": []}
_FORBIDDEN = {
    "as_graph": "a sub-graph (as torch.cond and torch.no_grad make)",
    "as_operator": "an operator as a value",
    "as_custom_obj": "a custom object",
    "custom_obj": "a custom object",
    "token": "an effect token",
    "as_token": "an effect token",
    "user_input_mutation": "a change of its own input",
    "parameter_mutation": "a change of its own parameters",
    "gradient_to_parameter": "a backward pass",
    "gradient_to_user_input": "a backward pass",
    "loss_output": "a backward pass",
}
_FORBIDDEN_UNLESS_EMPTY = {
    "custom_obj_values": "custom objects",
    "treespec_namedtuple_fields": "named tuples",
}
_ARITHMETIC = """
Symbol Integer Rational Add Mul Pow Max Min Mod PythonMod FloorDiv CeilDiv CleanDiv ModularIndexing Where ToFloat
IntTrueDiv TruncToInt FloorToInt CeilToInt Identity Equality Unequality Eq Ne Lt Le Gt Ge StrictLessThan LessThan
StrictGreaterThan GreaterThan And Or Not
"""
_FUNCTIONS = frozenset(_ARITHMETIC.split())
_ASSUMPTIONS = frozenset(("positive", "nonnegative", "integer", "real", "nonzero"))


def screened(document: Any, filename: str) -> Any:
    """A copy of a program or of a weights configuration in which every text is harmless.

    Args:
        document: parsed JSON.
        filename: for the messages.

    Returns:
        the same, without metadata and guards.

    Raises:
        BadInput: something in it is not allowed; names it.
    """
    return _walk(document, "", filename, 0)


def check_expression(text: str, filename: str) -> None:
    """Allows symbols, whole numbers and arithmetic on them in the expression of a size.

    Raises:
        BadInput: anything else.
    """
    try:
        allowed = len(text) <= MOST_EXPRESSION and _is_arithmetic(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        allowed = False
    if not allowed:
        raise _refusal(filename, f"a shape expression that is not plain arithmetic on sizes ({_short(text)})")


def check_treespec(text: str, filename: str) -> None:
    """Allows tuples, lists and dicts of values in the specification of inputs and outputs.

    Raises:
        BadInput: any other container.
    """
    try:
        protocol, tree = json.loads(text)
        allowed = protocol == 1 and _is_plain_tree(tree, 0)
    except (ValueError, TypeError, KeyError, RecursionError):
        allowed = False
    if not allowed:
        raise _refusal(filename, f"inputs or outputs in a container other than tuple, list and dict ({_short(text)})")


def _walk(value: Any, key: str, filename: str, depth: int) -> Any:
    if depth > MOST_DEPTH:
        raise _refusal(filename, f"values nested more than {MOST_DEPTH} levels deep")
    if isinstance(value, dict):
        return {_checked_key(name, item, filename): _entry(name, item, filename, depth) for name, item in value.items()}
    if isinstance(value, list):
        return [_walk(item, key, filename, depth + 1) for item in value]
    if isinstance(value, str):
        _check_text(key, value, filename)
    return value


def _entry(name: str, item: Any, filename: str, depth: int) -> Any:
    return _EMPTIED[name] if name in _EMPTIED else _walk(item, name, filename, depth + 1)


def _checked_key(name: str, item: Any, filename: str) -> str:
    if name in _FORBIDDEN or (name in _FORBIDDEN_UNLESS_EMPTY and item):
        raise _refusal(filename, _FORBIDDEN.get(name) or _FORBIDDEN_UNLESS_EMPTY[name])
    if name == "use_pickle" and item is not False:
        raise _refusal(filename, "a pickled tensor")
    if name == "range_constraints" and not (
        isinstance(item, dict) and all(_SYMBOL.fullmatch(symbol) for symbol in item)
    ):
        raise _refusal(filename, "sizes that depend on the data")
    if not _PATH.fullmatch(name):
        raise _refusal(filename, f"the name {_short(name)}, where letters, digits, _ and . are expected")
    return name


def _check_text(key: str, text: str, filename: str) -> None:
    if key == "target":
        if not is_allowed(text):
            raise _refusal(filename, f"the operator {_short(text)}, which is not on the list of layers and arithmetic")
    elif key == "expr_str":
        check_expression(text, filename)
    elif key in ("in_spec", "out_spec"):
        check_treespec(text, filename)
    elif key == "type":
        if text != "cpu":
            raise _refusal(filename, f"tensors on the device {_short(text)}; export model.cpu()")
    elif key not in _TEXTS:
        raise _refusal(filename, f"a text where none is expected ({_short(key)}: {_short(text)})")
    elif not _TEXTS[key](text):
        raise _refusal(filename, f"{_short(text)} as {key}")


def _is_identifier(text: str) -> bool:
    return not text or _IDENTIFIER.fullmatch(text) is not None


def _is_path(text: str) -> bool:
    return not text or _PATH.fullmatch(text) is not None


def _is_word(text: str) -> bool:
    return _WORD.fullmatch(text) is not None


def _is_infinite(text: str) -> bool:
    return _INFINITE.fullmatch(text) is not None


_TEXTS: dict[str, Callable[[str], bool]] = {
    "name": _is_identifier,
    "as_name": _is_identifier,
    "forward_arg_names": _is_identifier,
    "verifiers": _is_identifier,
    "parameter_name": _is_path,
    "buffer_name": _is_path,
    "tensor_constant_name": _is_path,
    "fqn": _is_path,
    "path_name": lambda text: re.fullmatch(r"(weight|tensor)_[0-9]{1,6}", text, re.ASCII) is not None,
    "as_string": _is_word,
    "as_strings": _is_word,
    "as_float": _is_infinite,
    "as_floats": _is_infinite,
    "torch_version": lambda text: _VERSION.fullmatch(text) is not None,
}


def _is_arithmetic(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return _is_whole(node)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and _is_arithmetic(node.operand)
    if isinstance(node, ast.BinOp):
        plain = isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.FloorDiv)
        return plain and _is_arithmetic(node.left) and _is_arithmetic(node.right)
    if isinstance(node, ast.Name):
        return _SYMBOL.fullmatch(node.id) is not None or node.id in ("true", "false")
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS):
        return False
    if node.func.id == "Symbol":
        return _is_one_symbol(node)
    if node.keywords:
        return False
    if node.func.id == "Pow":  # of a symbol to a small exponent: numbers would be computed, and towers of them explode
        return len(node.args) == 2 and _is_one_symbol(node.args[0]) and _is_small_exponent(node.args[1])
    return all(_is_arithmetic(argument) for argument in node.args)


def _is_one_symbol(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return _SYMBOL.fullmatch(node.id) is not None
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Symbol"):
        return False
    if len(node.args) != 1 or not isinstance(node.args[0], ast.Constant):
        return False
    name = node.args[0].value
    named = isinstance(name, str) and _SYMBOL.fullmatch(name) is not None
    return named and all(_is_assumption(keyword) for keyword in node.keywords)


def _is_assumption(keyword: ast.keyword) -> bool:
    given = isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, bool)
    return given and keyword.arg in _ASSUMPTIONS


def _is_whole(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and abs(node.value) < 2**63


def _is_small_exponent(node: ast.expr) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Integer":
        return len(node.args) == 1 and not node.keywords and _is_small_exponent(node.args[0])
    return isinstance(node, ast.Constant) and type(node.value) is int and 0 <= node.value <= 4


def _is_plain_tree(tree: Any, depth: int) -> bool:
    if depth > 8 or not isinstance(tree, dict) or set(tree) != {"type", "context", "children_spec"}:
        return False
    children = tree["children_spec"]
    if not isinstance(children, list) or not all(_is_plain_tree(child, depth + 1) for child in children):
        return False
    if tree["type"] is None:
        return tree["context"] is None and not children
    if tree["type"] in ("builtins.tuple", "builtins.list"):
        return tree["context"] == "null"
    if tree["type"] != "builtins.dict":
        return False
    names = json.loads(tree["context"])
    return isinstance(names, list) and all(isinstance(name, str) and _IDENTIFIER.fullmatch(name) for name in names)


def _refusal(filename: str, found: str) -> BadInput:
    return BadInput(
        f"{filename} is not loaded: the program holds {found}. Only tensors, layers and arithmetic are accepted. "
        + convert_with(SAVE_PROGRAM)
    )


def _short(text: str) -> str:
    return repr(text) if len(text) <= 80 else repr(text[:80]) + "..."
