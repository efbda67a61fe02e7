"""Files in the form of torch.export.save that run code when torch opens them: one for each way that is known."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from tests.core.models.pt2_files import CONSTANTS, PROGRAM, WEIGHTS, Payload, changed, members

Attack = Callable[[Path, Path], dict[str, bytes]]


def torch_pickle(value: Any) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream)
    return stream.getvalue()


def code(marker: Path) -> str:
    return f"__import__('os').mkdir({str(marker)!r})"


def in_sample_inputs(honest: Path, marker: Path) -> dict[str, bytes]:
    return {**members(honest), "data/sample_inputs/model.pt": torch_pickle(((Payload(marker),), {}))}


def in_pickled_weights(honest: Path, marker: Path) -> dict[str, bytes]:
    def change(weights: Any) -> None:
        weights["config"]["0.bias"]["use_pickle"] = True

    contents = changed(honest, WEIGHTS, change)
    name = json.loads(contents[WEIGHTS])["config"]["0.bias"]["path_name"]
    return {**contents, f"data/weights/{name}": torch_pickle(Payload(marker))}


def _constant(honest: Path, path_name: str, content: bytes) -> dict[str, bytes]:
    def change(constants: Any) -> None:
        constants["config"]["thing"] = {
            "path_name": path_name,
            "is_param": False,
            "use_pickle": True,
            "tensor_meta": None,
        }

    return {**changed(honest, CONSTANTS, change), f"data/constants/{path_name}": content}


def in_opaque_object(honest: Path, marker: Path) -> dict[str, bytes]:
    return _constant(honest, "opaque_obj_0", pickle.dumps(Payload(marker)))


def in_pickled_constant(honest: Path, marker: Path) -> dict[str, bytes]:
    return _constant(honest, "tensor_0", torch_pickle(Payload(marker)))


def in_legacy_weights(honest: Path, marker: Path) -> dict[str, bytes]:
    return {**members(honest), "data/weights/model.pt": torch_pickle({"0.bias": Payload(marker)})}


def in_legacy_weights_alone(honest: Path, marker: Path) -> dict[str, bytes]:
    contents = in_legacy_weights(honest, marker)
    del contents[WEIGHTS]
    return contents


def in_legacy_constants(honest: Path, marker: Path) -> dict[str, bytes]:
    return {**members(honest), "data/constants/model.pt": torch_pickle({"c": Payload(marker)})}


def in_shape_expression(honest: Path, marker: Path) -> dict[str, bytes]:
    def change(program: Any) -> None:
        sizes = program["graph_module"]["graph"]["tensor_values"]["input"]["sizes"]
        sizes[0]["as_expr"]["expr_str"] = f"({code(marker)}, Symbol('s77', positive=True, integer=True))[1]"

    return changed(honest, PROGRAM, change)


def in_guards(honest: Path, marker: Path) -> dict[str, bytes]:
    def change(program: Any) -> None:
        program["guards_code"] = [f"{code(marker)} is None"]

    return changed(honest, PROGRAM, change)


def in_name_of_input(honest: Path, marker: Path) -> dict[str, bytes]:
    name = f"input=[{code(marker)}]"
    contents = members(honest)
    contents[PROGRAM] = contents[PROGRAM].replace(b'"name": "input"}', json.dumps({"name": name})[1:].encode())
    program = json.loads(contents[PROGRAM])
    for node in program["graph_module"]["graph"]["nodes"]:
        for argument in node["inputs"]:
            argument["name"] = "input" if argument["name"] == name else argument["name"]
    values = program["graph_module"]["graph"]["tensor_values"]
    values[name] = values.pop("input")
    contents[PROGRAM] = json.dumps(program).encode()
    return contents


def in_tree_specification(honest: Path, marker: Path) -> dict[str, bytes]:
    module = marker.parent / f"imported_{marker.name}.py"
    module.write_text(f"import os, enum\nos.mkdir({str(marker)!r})\nclass E(enum.Enum):\n    A = 1\n")

    def change(program: Any) -> None:
        call = program["graph_module"]["module_call_graph"][0]["signature"]
        tree = json.loads(call["in_spec"])
        tree[1]["children_spec"][0]["context"] = json.dumps({"__enum__": 1, "fqn": f"{module.stem}:E", "name": "A"})
        call["in_spec"] = json.dumps(tree)

    return changed(honest, PROGRAM, change)


ATTACKS: dict[str, tuple[Attack, bool]] = {  # name: (attack, it is refused; otherwise the file is loaded without it)
    "pickle in sample inputs": (in_sample_inputs, False),
    "weights with use_pickle": (in_pickled_weights, True),
    "opaque object": (in_opaque_object, True),
    "pickled constant": (in_pickled_constant, True),
    "legacy weights beside the new ones": (in_legacy_weights, False),
    "legacy weights": (in_legacy_weights_alone, True),
    "legacy constants": (in_legacy_constants, False),
    "shape expression": (in_shape_expression, True),
    "guards": (in_guards, False),
    "name of an input": (in_name_of_input, True),
    "tree specification": (in_tree_specification, True),
}
