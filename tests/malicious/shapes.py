"""Graphs and series that lie: gml, TU folders, .ts and the text of the UCR archive."""

from __future__ import annotations

from collections.abc import Iterator

from fuzz.honest import TU, UCR, zipped
from tests.malicious.case import Case, fixed, nested

MIB = 1 << 20


def shape_cases() -> Iterator[Case]:
    """Attacks on the readers of shapes."""
    yield Case("gml nested 100,000 deep", "x.gml", fixed(b"graph [" + b" a [" * 100_000), "nested|cut off")
    yield Case("gml with brackets for an id", "x.gml", fixed(b"graph [ node [ id [ a 1 ] ] ]"), "node 1 has brackets")
    yield Case(
        "gml with brackets for an end",
        "x.gml",
        fixed(b"graph [ node [ id 1 ] edge [ source [ a 1 ] target 1 ] ]"),
        "edge 1 has brackets",
    )
    yield Case(
        "gml with a number of 400 digits", "x.gml", fixed(b"graph [ node [ id 1 x " + b"9" * 400 + b" ] ]"), None
    )
    yield Case("gml with a number of 5,000 digits", "x.gml", fixed(b"graph [ node [ id " + b"9" * 5000 + b" ] ]"), None)
    yield Case(
        "gml with a quote left open over megabytes",
        "x.gml",
        lambda _: b'graph [ node [ id "' + b"a " * (2 * MIB),
        "quote",
    )
    yield Case("gml of a million brackets", "x.gml", lambda _: b"graph [ " + b"a 1 " * 500_000 + b"]", "no nodes")
    yield Case("gml with markup", "x.gml", fixed(b'graph [ node [ id 1 label "<script>" <b> 1 ] ]'), None)
    yield Case("gml with zero bytes", "x.gml", fixed(b"graph [ \0 ]"), "zero bytes")
    yield Case(
        "TU folder of 10^12 graphs",
        "x.zip",
        lambda _: _tu(graph_indicator=b"1\n1\n2\n1000000000000\n"),
        "graph_indicator",
    )
    yield Case("TU folder with vertex 10^18", "x.zip", lambda _: _tu(A=b"1, 1000000000000000000\n"), "vertex")
    yield Case("TU folder with vertices that are NaN", "x.zip", lambda _: _tu(A=b"nan, 1\n"), "not finite")
    yield Case("TU folder with vertices of 1e300", "x.zip", lambda _: _tu(A=b"1e300, 1\n"), "")
    yield Case("TU folder with a cut line", "x.zip", lambda _: _tu(A=b"1, 2\n2\n"), "equal lengths")
    yield Case("ts of a million channels", "x.ts", lambda _: b"@data\n" + b"1,2:" * 10**6 + b"3,4\n", "")
    yield Case("ts with infinite values", "x.ts", fixed(b"@data\ninf,1e400\n1,2\n"), "")
    yield Case("ts with a word of a megabyte", "x.ts", lambda _: b"@data\n" + b"a" * MIB + b"\n", "number is expected")
    yield Case("UCR of one line of 8 MB", "X_TRAIN.txt", lambda _: b"1 " * (4 * MIB) + b"\n" + b"2 " * (4 * MIB), "")
    yield Case("UCR of no UTF-8", "X_TRAIN.txt", fixed(UCR + b"\xff\xff\n"), "UTF-8")
    yield Case("UCR of infinite values", "X_TRAIN.txt", fixed(b"1 inf 2\n1 3 4\n2 -inf 1\n2 1 1\n"), "")
    yield Case("brackets in brackets called ts", "x.ts", fixed(nested(100_000)), "@data")


def _tu(**parts: bytes) -> bytes:
    return zipped(TU | {f"T_{name}.txt": content for name, content in parts.items()})
