"""Models that lie: weights, exported programs, XGBoost files, zoos and checkpoints."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fuzz.honest import ARCHITECTURE, torch_file, zipped
from tests.core.models.pt2_attacks import ATTACKS as PROGRAM_ATTACKS
from tests.core.models.pt2_attacks import Attack
from tests.core.models.pt2_files import write
from tests.malicious.case import Case, Ingredients, Make, Payload, fixed, nested

MIB = 1 << 20


def model_cases() -> Iterator[Case]:
    """Attacks on the readers of models."""
    for name, (attack, refused) in PROGRAM_ATTACKS.items():
        yield Case(f"pt2 with code in {name}", "x.pt2", _program(attack), "torch.export.save" if refused else None)

    for name, header in HEADERS.items():
        yield Case(f"safetensors with {name}", "x.safetensors", _safetensors(header), "")
    yield Case("a header of 2^63 bytes", "x.safetensors", fixed(struct.pack("<Q", 2**63) + b"{}"), "header")
    yield Case("NaN as a weight", "x.safetensors", _safetensors({"a": _tensor([1], 4)}, b"\x00\x00\xc0\x7f"), "NaN")
    yield Case("markup for a name", "x.safetensors", _safetensors({"<script>\u202e": _tensor([1], 4)}, bytes(4)), None)
    yield Case("an architecture of 10^9 units", "x.json", _architecture(hidden=[10**9]), "")
    yield Case("an architecture of a million layers", "x.json", _architecture(hidden=[1] * 150_000), "")
    yield Case("an architecture nested 100,000 deep", "x.json", fixed(b"{" + nested(100_000)), "")

    yield Case("a pickle called pt", "x.pt", lambda given: pickle.dumps(Payload(given.canary)), "pickle")
    yield Case("a pickle of torch before 1.6", "x.pt", _legacy, "bare pickle")
    yield Case(
        "a state dict with a payload", "x.pt", lambda given: torch_file({"a": Payload(given.canary)}), "Python objects"
    )
    yield Case("a whole model", "x.pt", lambda given: torch_file(_module()), "Python objects")
    yield Case(
        "an index nested 100,000 deep",
        "x.pt",
        lambda _: zipped({"a/data.pkl": b"\x80\x02" + b"]" * 10**5 + b"a" * 99_999 + b"."}),
        "",
    )
    yield Case(
        "a tensor of 10^12 values over one",
        "x.pt",
        lambda _: torch_file({"a": _endless()}),
        "more values than the file",
    )
    yield Case(
        "TorchScript", "x.pt", lambda _: zipped({"a/constants.pkl": b"", "a/code/a.py": b"import os"}), "TorchScript"
    )
    yield Case("Keras", "x.pt", lambda _: zipped({"model.weights.h5": b"\x89HDF"}), "Keras")

    for name, change in TREES.items():
        yield Case(f"XGBoost {name}", "x.json", _booster(change), "x.json")
    yield Case("XGBoost of 10^9 nodes by its own count", "x.json", _booster(_boast), None)
    yield Case("XGBoost nested 100,000 deep", "x.json", fixed(b'{"learner":' + nested(100_000)), "damaged")
    yield Case(
        "UBJSON of 10^12 numbers",
        "x.ubj",
        fixed(b"{L" + struct.pack(">q", 1) + b"a[$d#L" + struct.pack(">q", 10**12)),
        "announces",
    )
    yield Case(
        "UBJSON nested 100,000 deep",
        "x.ubj",
        fixed(b"{L" + struct.pack(">q", 1) + b"a" + b"[" * 100_000),
        "levels deep",
    )
    yield Case("UBJSON of negative length", "x.ubj", fixed(b"{L" + struct.pack(">q", -1)), "announces")
    yield Case("a pickle called XGBoost", "x.ubj", lambda given: pickle.dumps(Payload(given.canary)), "pickle")

    yield Case("zoo with a line nested 100,000 deep", "x.zip", lambda _: _zoo(result=nested(100_000) + b"\n"), None)
    yield Case(
        "zoo with settings nested 100,000 deep", "x.zip", lambda _: _zoo(params=nested(100_000)), "no JSON object"
    )
    yield Case(
        "zoo with a line of 2 MB",
        "x.zip",
        lambda _: _zoo(result=b'{"a":"' + b"a" * (2 * MIB) + b'"}'),
        "more than 1,048,576 bytes",
    )
    yield Case(
        "zoo with 2,000 metrics",
        "x.zip",
        lambda _: _zoo(result=json.dumps({f"m{n}": 1.0 for n in range(2000)}).encode()),
        "at most 500",
    )
    yield Case(
        "zoo with NaN, 10^400 and 1e308",
        "x.zip",
        lambda _: _zoo(result=b'{"a":NaN,"b":1e308,"c":1' + b"0" * 400 + b"}\n"),
        None,
    )
    yield Case("zoo with epoch 10^400", "x.zip", lambda _: _zoo(result=b'{"epoch":1' + b"0" * 400 + b',"a":1}\n'), None)
    yield Case(
        "zoo with settings of markup", "x.zip", lambda _: _zoo(params=b'{"<script>":"\\u202egpj","=1+1":2}'), None
    )
    yield Case(
        "checkpoints with a pickle",
        "x.zip",
        lambda given: zipped({"a.pt": pickle.dumps(Payload(given.canary))}),
        "pickle",
    )
    yield Case(
        "checkpoints with a payload",
        "x.zip",
        lambda given: zipped({"a.pt": torch_file({"a": Payload(given.canary)})}),
        "Python objects",
    )


def _tensor(shape: list[int], end: int, start: int = 0, dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


HEADERS: dict[str, Any] = {
    "10^12 values": {"a": _tensor([10**6, 10**6], 4 * 10**12)},
    "sizes beyond 64 bits": {"a": _tensor([2**40, 2**40], 8)},
    "tensors that share bytes": {"a": _tensor([2], 8), "b": _tensor([2], 12, 4)},
    "bytes beyond the end": {"a": _tensor([2], 10**6 + 8, 10**6)},
    "offsets that run backwards": {"a": _tensor([2], 0, 8)},
    "a type nobody knows": {"a": _tensor([2], 8, dtype="os.system")},
    "a list for metadata": {"__metadata__": [1], "a": _tensor([2], 8)},
    "an architecture that is none": {"__metadata__": {"architecture": "{"}, "a": _tensor([2], 8)},
    "brackets in brackets": nested(100_000),
}
TREES: dict[str, Callable[[Any], None]] = {
    "child beyond the end": lambda tree: tree["left_children"].__setitem__(0, 10**6),
    "child of negative number": lambda tree: tree["right_children"].__setitem__(0, -7),
    "cycle": lambda tree: tree["left_children"].__setitem__(0, 0),
    "shared child": lambda tree: tree["left_children"].__setitem__(0, tree["right_children"][0]),
    "column beyond the end": lambda tree: tree["split_indices"].__setitem__(0, 10**6),
    "column of negative number": lambda tree: tree["split_indices"].__setitem__(0, -1),
    "column of 2^63": lambda tree: tree["split_indices"].__setitem__(0, 2**63),
    "threshold that is NaN": lambda tree: tree["split_conditions"].__setitem__(0, float("nan")),
    "threshold that is a text": lambda tree: tree["split_conditions"].__setitem__(0, "1"),
    "array cut off": lambda tree: tree["split_conditions"].pop(),
    "categories": lambda tree: tree.update(split_type=[1] * len(tree["split_type"])),
}


def _boast(tree: Any) -> None:
    tree["tree_param"]["num_nodes"] = "1000000000"


def _program(attack: Attack) -> Make:
    def make(given: Ingredients) -> bytes:
        with TemporaryDirectory() as temporary:
            honest, out = Path(temporary) / "honest.pt2", Path(temporary) / "attack.pt2"
            honest.write_bytes(given.honest["model.pt2"])
            return write(out, attack(honest, given.canary)).read_bytes()

    return make


def _safetensors(header: Any, content: bytes = bytes(8)) -> Make:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return fixed(struct.pack("<Q", len(text)) + text + content)


def _architecture(**changed: Any) -> Make:
    return fixed(json.dumps({**ARCHITECTURE, **changed}).encode())


def _legacy(given: Ingredients) -> bytes:
    import torch

    stream = io.BytesIO()
    torch.save({"a": Payload(given.canary)}, stream, _use_new_zipfile_serialization=False)
    return stream.getvalue()


def _module() -> Any:
    from torch import nn

    return nn.Linear(2, 2)


def _endless() -> Any:
    import torch

    return torch.zeros(1).expand(10**12)


def _booster(change: Callable[[Any], None]) -> Make:
    def make(given: Ingredients) -> bytes:
        document = json.loads(given.honest["booster.json"])
        change(document["learner"]["gradient_booster"]["model"]["trees"][0])
        return json.dumps(document).encode()

    return make


def _zoo(params: bytes = b'{"width": 8}', result: bytes = b'{"epoch": 1, "a": 0.5}\n') -> bytes:
    return zipped({"a/params.json": params, "a/result.json": result}, zipfile.ZIP_DEFLATED)
