"""Changes to inputs that keep their outer form: a zip stays a zip, JSON stays JSON, digests and seals are made anew.

libFuzzer's own changes of bytes would break a checksum at the door and never meet what lies behind.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import struct
import zipfile
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

from core.keys import digest_of_bytes
from core.seal import FIELD, seal_of

Bytewise = Callable[[bytes], bytes]  # changes a few bytes, as libFuzzer does
Mutator = Callable[[bytes, Random, Bytewise], bytes]

NASTY: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**63, -(2**63), 10**12, 10**400, 0.5, 1e308, float("nan"), float("inf"), "", "0",
    "-1", "nan", "\0", "a" * 3000, "=1+1", "<script>alert(1)</script>", "\u202egpj", "__import__('os').mkdir('x')",
    "../../x", [], [[]], [1, 2], {}, {"a": {}}, [[[[[[[[[[]]]]]]]]]], "\ud800",
)  # fmt: skip
_FILE = re.compile(rb'data-name="([^"]*)">"([^"<]*)"</script>')


def mutate(form: str, content: bytes, random: Random, bytewise: Bytewise) -> bytes:
    """Another input of a form; now and then of none."""
    if random.random() < 0.15:
        return bytewise(content)
    try:
        return _MUTATORS[form](content, random, bytewise)
    except Exception:  # what was changed before may no longer be of the form
        return bytewise(content)


def _json(content: bytes, random: Random, bytewise: Bytewise) -> bytes:
    document = json.loads(content)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        document = _changed(document, random)
    return json.dumps(document).encode()


def _changed(document: Any, random: Random) -> Any:
    """A document with one value in it replaced, dropped, doubled, renamed or swapped with another."""
    places = list(_places(document))
    if not places or random.random() < 0.01:
        return _nasty(random)
    parent, key = random.choice(places)
    what = random.random()
    if what < 0.55:
        parent[key] = _other(parent[key], random)
    elif what < 0.7:
        del parent[key]
    elif what < 0.8 and isinstance(parent, list):
        parent.insert(key, parent[key])
    elif what < 0.9:
        other, place = random.choice(places)
        if isinstance(other, dict) or place < len(other):
            parent[key] = json.loads(json.dumps(other[place]))
    elif isinstance(parent, dict):
        parent[random.choice((*map(str, NASTY[:20]), f"{key}_", "use_pickle", "__class__"))] = parent[key]
    return document


def _other(value: Any, random: Random) -> Any:
    if isinstance(value, bool) or random.random() < 0.5:
        return _nasty(random)
    if isinstance(value, int | float):
        return value + random.choice((-1, 1, 2, 100, -100))
    if isinstance(value, str) and value:
        at = random.randrange(len(value))
        return value[:at] + random.choice(("", "(", "'", "__", "0", ".", ",", " ", "[", "\u00e9")) + value[at + 1 :]
    return _nasty(random)


def _nasty(random: Random) -> Any:
    return deepcopy(random.choice(NASTY))  # the document it goes into is changed further


def _places(value: Any) -> Any:
    stack = [value]
    while stack:
        one = stack.pop()
        entries = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
        for key, item in entries:
            yield one, key
            if isinstance(item, dict | list):
                stack.append(item)


def _inner(name: str, content: bytes, random: Random, bytewise: Bytewise) -> bytes:
    """A part of an archive, changed in the way that suits its name."""
    if name.endswith((".json", ".safetensors")) and random.random() < 0.8:
        return mutate("json" if name.endswith(".json") else "safetensors", content, random, bytewise)
    return bytewise(content)


def _zip(content: bytes, random: Random, bytewise: Bytewise) -> bytes:
    if content[:2] != b"PK":
        return bytewise(content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist() if info.file_size < 1 << 20]
    place, what = random.randrange(len(members)), random.random()
    info, held = members[place]
    if what < 0.8:
        members[place] = (info, _inner(info.filename, held, random, bytewise))
    elif what < 0.86:
        del members[place]
    elif what < 0.92:
        members.append((zipfile.ZipInfo(random.choice(("../x", "/x", "a" * 300, "x.json", "\u202ex"))), held))
    else:
        info.filename = random.choice([one.filename for one, _ in members]) + random.choice(("", "x", "/", ".json"))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for one, part in members:
            archive.writestr(one.filename, part)
    return stream.getvalue()


def _safetensors(content: bytes, random: Random, bytewise: Bytewise) -> bytes:
    if content[:2] == b"PK":
        return _zip(content, random, bytewise)
    (length,) = struct.unpack("<Q", content[:8])
    if random.random() < 0.2:
        return content[: 8 + length] + bytewise(content[8 + length :])
    header = _json(content[8 : 8 + length], random, bytewise)
    return struct.pack("<Q", len(header)) + header + content[8 + length :]


def _page(content: bytes, random: Random, bytewise: Bytewise) -> bytes:
    """One of the files in a page is changed; mostly as a forger would, who makes digests and seal anew."""
    files = {name: base64.b64decode(coded) for name, coded in _FILE.findall(content)}
    name = random.choice(sorted(files))
    files[name] = _inner(name.decode("latin-1"), files[name], random, bytewise)
    if name == b"arrays.npz" and random.random() < 0.8:
        files[name] = mutate("zip", files[name], random, bytewise)
    if random.random() < 0.85:
        document = json.loads(files[b"result.json"])
        if isinstance(document.get("files"), dict):
            for one, held in files.items():
                if one != b"result.json":
                    document["files"][one.decode("latin-1")] = digest_of_bytes(held)
        document[FIELD] = seal_of(document)
        files[b"result.json"] = json.dumps(document).encode()
    return _FILE.sub(lambda one: b'data-name="%b">"%b"</script>' % (one[1], base64.b64encode(files[one[1]])), content)


_MUTATORS: dict[str, Mutator] = {
    "bytes": lambda content, random, bytewise: bytewise(content),
    "json": _json,
    "zip": _zip,
    "safetensors": _safetensors,
    "page": _page,
}


def flipped(content: bytes, random: Random) -> bytes:
    """Some bytes changed, cut out or repeated; where libFuzzer is not there to do it."""
    if not content:
        return bytes([random.randrange(256)])
    changed, at = bytearray(content), random.randrange(len(content))
    what = random.randrange(5)
    if what == 0:
        changed[at] ^= 1 << random.randrange(8)
    elif what == 1:
        changed[at] = random.choice((0, 0x7F, 0x80, 0xFF))
    elif what == 2:
        del changed[at : at + random.choice((1, 4, 64))]
    elif what == 3:
        changed[at:at] = changed[at : at + random.choice((1, 4, 64))]
    else:
        changed[at : at + 4] = random.choice((b"\xff\xff\xff\xff", b"\0\0\0\x80", b"9999", b"-1,,", b'"\n\r\0'))
    return bytes(changed)


def seed_name(content: bytes) -> str:
    """A file name for an input."""
    return hashlib.sha256(content).hexdigest()[:20]
