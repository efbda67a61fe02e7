"""Result folders and exported pages from anywhere, opened without trust: names, sizes and structure come first."""

from __future__ import annotations

import base64
import json
import re
import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core.data.limits import check_memory
from core.errors import BadInput, TooLarge
from core.export.folder import RESULT, files_below, is_result_file
from core.settings import GIB, MIB

PAGE_BYTES = 1 * GIB  # largest exported page
JSON_BYTES = 256 * MIB  # largest result.json or figures.json
TABLE_BYTES = 4 * GIB  # largest table or set of arrays, once unpacked
MOST_DEPTH = 100  # levels of nesting in result.json; Assay writes about ten

_PAGE = re.compile(r'<script type="application/json" id="assay-page">([^<]*)</script>')
_FILE = re.compile(
    r'<script type="application/json" class="assay-file" data-name="([^"<>&]{1,130})">"([^"<]*)"</script>'
)


@dataclass(frozen=True)
class Opened:
    """A result that was opened for checking.

    Attributes:
        folder: holds its files; names and sizes are screened, contents are not.
        names: relative paths of all files in it.
        document: `result.json`.
        page: the text of the exported page, None for a folder.
        title: the title of the exported page.
    """

    folder: Path
    names: tuple[str, ...]
    document: dict[str, Any]
    page: str | None = None
    title: str = ""


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Opens a result folder or an exported page.

    Raises:
        BadInput: there is nothing, or nothing of ours, or it is damaged so that it can't be read.
    """
    if not path.exists():
        raise BadInput(f"{path} does not exist; name a result folder or an exported HTML file.")
    if path.is_dir():
        names = tuple(files_below(path))
        _refuse_special(path, names)
        if RESULT not in names:
            raise BadInput(f"{path} is not a result folder: there is no {RESULT} in it.")
        yield Opened(path, names, read_document(path / RESULT))
        return
    text = _page_text(path)
    with TemporaryDirectory(prefix="assay-verify-") as temporary:
        folder = Path(temporary)
        names = _extract(text, folder, path.name)
        yield Opened(folder, names, read_document(folder / RESULT), text, _title(text, path.name))


def read_document(path: Path) -> dict[str, Any]:
    """`result.json` or `figures.json` as a mapping.

    Raises:
        TooLarge: larger than any that Assay writes.
        BadInput: not a JSON object, or nested as none that Assay writes.
    """
    if path.stat().st_size > JSON_BYTES:
        raise TooLarge(f"{path.name} is larger than {JSON_BYTES // MIB} MiB; such a file is not written by Assay.")
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise BadInput(f"{path.name} can't be read: it is not JSON; the file is damaged or truncated.") from None
    if not isinstance(document, dict):
        raise BadInput(f"{path.name} can't be read: expected a JSON object, found a {type(document).__name__}.")
    if _depth(document) > MOST_DEPTH:
        raise BadInput(
            f"{path.name} can't be read: it is nested more than {MOST_DEPTH} levels deep; it is not of Assay."
        )
    return document


def refuse_oversized(folder: Path, names: tuple[str, ...]) -> None:
    """Looks at the declared sizes of tables and arrays before anything unpacks them.

    Raises:
        TooLarge: one declares more than this check allows, or than there is memory.
        BadInput: one is not what its name says.
    """
    import pyarrow.parquet as parquet
    from pyarrow import ArrowException

    for name in names:
        try:
            if name.endswith(".parquet"):
                metadata = parquet.read_metadata(folder / name)
                size = sum(metadata.row_group(place).total_byte_size for place in range(metadata.num_row_groups))
                size = max(size, metadata.num_rows * metadata.num_columns)
            elif name.endswith(".npz"):
                with zipfile.ZipFile(folder / name) as archive:
                    size = sum(member.file_size for member in archive.infolist())
            else:
                continue
        except (ArrowException, OSError, ValueError, NotImplementedError, struct.error, zipfile.BadZipFile) as error:
            raise BadInput(f"{name} can't be read: {_first_line(error)}.") from None
        if size > TABLE_BYTES:
            raise TooLarge(f"{name} declares {size / GIB:.1f} GiB; the check reads at most {TABLE_BYTES // GIB} GiB.")
        check_memory(name, size)


def _refuse_special(folder: Path, names: tuple[str, ...]) -> None:
    """A link could lead anywhere, and a pipe would be waited for: what an archive of a stranger may have left there."""
    for name in names:
        if (folder / name).is_symlink() or not (folder / name).is_file():
            raise BadInput(
                f"{folder}: {name[:80]!r} is a link or no plain file; a result folder holds plain files only."
            )


def _depth(document: Any) -> int:
    """Levels of nesting, counted without recursion."""
    level, depth = [document], 0
    while level:
        depth += 1
        inner = [one for one in level if isinstance(one, dict | list)]
        level = [item for one in inner for item in (one.values() if isinstance(one, dict) else one)]
    return depth


def _page_text(path: Path) -> str:
    if path.stat().st_size > PAGE_BYTES:
        raise TooLarge(f"{path.name} is larger than {PAGE_BYTES // GIB} GiB; an exported page is not.")
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            text = stream.read()
    except UnicodeDecodeError:
        if zipfile.is_zipfile(path):
            raise BadInput(f"{path.name} is a zip archive; unpack it and name the folder with its {RESULT}.") from None
        raise BadInput(f"{path.name} is not a page exported by Assay: it is not text.") from None
    if 'class="assay-file"' not in text and "assay-page" not in text:
        raise BadInput(f"{path.name} is not a page exported by Assay: it holds no result.")
    if not text.rstrip().endswith("</html>"):
        raise BadInput(f"{path.name} is truncated: the end of the page is missing; export or download it again.")
    return text


def _extract(text: str, folder: Path, filename: str) -> tuple[str, ...]:
    names: list[str] = []
    for name, content in _FILE.findall(text):
        if not is_result_file(name) or name in names:
            raise BadInput(f"{filename} is not a page exported by Assay: it carries an unexpected file {name!r}.")
        try:
            data = base64.b64decode(content, validate=True)
        except ValueError:  # binascii.Error is one, and so is a letter beyond ASCII
            raise BadInput(f"{filename}: the embedded file {name} is damaged; export or download it again.") from None
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(data)
        names.append(name)
    if RESULT not in names:
        raise BadInput(f"{filename} is not a page exported by Assay: it carries no {RESULT}.")
    return tuple(sorted(names))


def _title(text: str, filename: str) -> str:
    found = _PAGE.findall(text)
    try:
        (block,) = found
        return str(json.loads(block)["title"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadInput(f"{filename} is not a page exported by Assay: its title can't be read.") from None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
