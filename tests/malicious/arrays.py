"""Arrays that lie: npy, npz and idx, and files that only are called so."""

from __future__ import annotations

import gzip
import io
import struct
from collections.abc import Iterator

import numpy as np

from fuzz.honest import idx, npy, npz, zipped
from tests.malicious.case import Case, Ingredients, Make, Payload, fixed, nested

MIB = 1 << 20


def array_cases() -> Iterator[Case]:
    """Attacks on the readers of arrays."""
    yield Case("a pickle in npy", "x.npy", _objects, "object array|pickle")
    yield Case("a pickle as X in npz", "x.npz", lambda given: zipped({"X.npy": _objects(given)}), "object array|pickle")
    yield Case(
        "a pickle beside X in npz",
        "x.npz",
        lambda given: zipped({"X.npy": _plain(), "z.npy": _objects(given)}),
        "object array",
    )
    for name, header in HEADERS.items():
        yield Case(f"header with {name}", "x.npy", _headed(header), "")
        yield Case(
            f"npz header with {name}",
            "x.npz",
            lambda _, header=header: zipped({"X.npy": _header(header) + bytes(48)}),
            "",
        )
    yield Case("a header of 2 GiB", "x.npy", fixed(b"\x93NUMPY\x02\x00" + struct.pack("<I", 2**31) + b"{"), "header")
    yield Case("version 9.9", "x.npy", fixed(b"\x93NUMPY\x09\x09" + bytes(64)), "header")
    yield Case("NaN and infinity", "x.npy", lambda _: npy(np.array([[np.nan, np.inf], [-np.inf, 1]])), None)
    yield Case("denormals", "x.npy", lambda _: npy(np.full((3, 2), 5e-324)), None)
    yield Case("moments in time", "x.npy", lambda _: npy(np.array(["2024-01-01"], dtype="datetime64[s]")), "type")
    yield Case("complex numbers", "x.npy", lambda _: npy(np.ones((2, 2), dtype=complex)), "type")
    yield Case("a name that leads upwards", "x.npz", lambda _: npz(**{"../../x": np.ones(3)}), "")
    yield Case("a name of markup", "x.npz", lambda _: npz(**{"<script>": np.ones(3)}), "")
    yield Case("a million names of models", "x.npz", _many_models, "", "population")
    yield Case(
        "labels of -1 and 10^12",
        "x.npz",
        lambda _: npz(logits=np.ones((2, 3)), labels=np.array([-1, 10**12])),
        "",
        "predictions",
    )
    yield Case(
        "scores that are NaN",
        "x.npz",
        lambda _: npz(logits=np.full((2, 3), np.nan), labels=np.array([0, 1])),
        "",
        "predictions",
    )
    yield Case("infinite series", "x.npz", lambda _: npz(series=np.full((3, 5), np.inf)), "", "shapes")
    yield Case("images without size", "x.npz", lambda _: npz(X=np.ones((2, 0, 5))), "holds no samples")

    yield Case("idx of 10^12 images", "x.idx", fixed(struct.pack(">HBBIII", 0, 8, 3, 10**6, 1000, 1000)), "")
    yield Case(
        "idx of 2^96 values", "x.idx", fixed(struct.pack(">HBBIII", 0, 8, 3, 2**32 - 1, 2**32 - 1, 2**32 - 1)), ""
    )
    yield Case("idx of 200 axes", "x.idx", fixed(b"\0\0\x08\xc8" + bytes(800)), "not an idx file")
    yield Case("idx that goes on", "x.idx", lambda _: idx(np.zeros((2, 3, 3))) + bytes(1000), "more are there")
    yield Case("idx in a gzip bomb", "x.idx.gz", lambda _: gzip.compress(bytes(200 * MIB)), "")
    yield Case(
        "honest idx with a gzip bomb after it",
        "x.idx.gz",
        lambda _: gzip.compress(idx(np.zeros((2, 3, 3))) + bytes(200 * MIB)),
        "more are there",
    )
    yield Case("gzip cut off", "x.idx.gz", lambda given: given.honest["labels.idx.gz"][:-9], "damaged")
    for name, start in PICTURES.items():
        yield Case(f"{name} as a data set", "x.npy", fixed(start + bytes(200)), "")
        yield Case(f"{name} by its own name", f"x.{name}", fixed(start + bytes(200)), "")


HEADERS = {
    "10^12 values": "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000)}",
    "2^200 values": f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({2**100}, {2**100})}}",
    "a negative size": "{'descr': '<f8', 'fortran_order': False, 'shape': (-6, -1)}",
    "code": "{'descr': __import__('os').system('true'), 'fortran_order': False, 'shape': (6,)}",
    "brackets in brackets": nested(4000, b"(", b")").decode(),
    "records": "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (6,)}",
    "values of no size": "{'descr': '<V0', 'fortran_order': False, 'shape': (6,)}",
    "a size that is a text": "{'descr': '<f8', 'fortran_order': False, 'shape': ('6',)}",
    "a size that is no whole number": "{'descr': '<f8', 'fortran_order': False, 'shape': (6.5,)}",
    "a hundred axes": f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({'1,' * 99}6)}}",
    "a truth value for a size": "{'descr': '<f8', 'fortran_order': False, 'shape': (True, 6)}",
}
PICTURES = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff\xe0", "gif": b"GIF89a", "svg": b"<svg onload=alert(1)>"}


def _header(text: str) -> bytes:
    line = text.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(line)) + line


def _headed(text: str) -> Make:
    return fixed(_header(text) + bytes(48))


def _objects(given: Ingredients) -> bytes:
    return npy(np.array([Payload(given.canary)], dtype=object))


def _plain() -> bytes:
    return npy(np.ones((4, 2)))


def _many_models(given: Ingredients) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, logits=np.zeros((2, 3, 2)), labels=np.zeros(3, dtype=int), models=np.full(10**5, "a" * 20))
    return stream.getvalue()
