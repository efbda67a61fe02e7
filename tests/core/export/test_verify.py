"""The check of results that may have been damaged, edited or forged."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.analysis import Source
from core.errors import BadInput
from core.export.html import result_html
from core.export.recompute import relative_distance
from core.export.verify import Verification, verify
from core.export.zip import result_zip
from core.keys import digest_of_file
from core.seal import sealed
from tests.core.export.tiny import TINY


def check(path: Path, **options: Any) -> Verification:
    return verify(path, analyses=(TINY,), **options)


def outcome(verification: Verification) -> dict[str, bool | None]:
    return {one.name: one.ok for one in verification.checks}


def edit(folder: Path, change: Callable[[dict[str, Any]], None], *, seal: bool = False) -> None:
    """Changes result.json as a person with an editor would; with `seal`, as a forger who knows the format."""
    path = folder / "result.json"
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(sealed(document) if seal else document))


@pytest.fixture
def page(write, tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(result_html(write(), TINY, "Mine"), newline="")
    return path


def test_a_good_folder_passes_all_checks(write):
    """A folder as it was written passes, and each check has a sentence."""
    verification = check(write())
    assert outcome(verification) == dict.fromkeys(["analysis", "key", "seal", "files", "summary"], True)
    assert verification.ok and verification.sentence == "Everything agrees."
    assert all(one.sentence.endswith(".") and one.mark == "ok" for one in verification.checks)


def test_a_downloaded_archive_passes_and_an_edited_note_does_not(write, tmp_path: Path):
    """What the archive's own note tells to do works, and the note is no place to hide another file."""
    stream, unpacked = io.BytesIO(), tmp_path / "unpacked"
    result_zip(write(), stream)
    zipfile.ZipFile(stream).extractall(unpacked)
    assert check(unpacked).ok
    (unpacked / "README.txt").write_text("run me")
    assert outcome(check(unpacked))["files"] is False


def test_a_good_page_passes_and_its_text_is_compared(page: Path):
    """An exported page passes the checks of its folder, and its text is that of its data."""
    assert outcome(check(page)) == dict.fromkeys(["analysis", "key", "seal", "files", "summary", "page"], True)


EDITS = {
    "a number of the summary": (lambda one: one["summary"].update(total=11.0), {"seal"}),
    "the answer": (lambda one: one.update(answer="All is well."), {"seal"}),
    "a parameter": (lambda one: one["params"].update(count=5), {"key", "seal"}),
    "a parameter that does not exist": (lambda one: one["params"].update(extra=5), {"analysis", "key", "seal"}),
    "a parameter out of bounds": (lambda one: one["params"].update(count=-5), {"analysis", "key", "seal"}),
    "the version": (lambda one: one.update(version=2), {"key", "seal"}),
    "the digest of an input": (lambda one: one["inputs"]["dataset"].update(digest="0" * 40), {"key", "seal"}),
    "the device": (lambda one: one["provenance"].update(device="H200"), {"seal"}),
    "the list of files": (lambda one: one["files"].pop("tables/sums.parquet"), {"seal", "files"}),
}


@pytest.mark.parametrize("name", EDITS)
def test_each_edit_of_the_description_is_found(write, name: str):
    """Whatever is edited in result.json, a check names it."""
    folder = write()
    change, failed = EDITS[name]
    edit(folder, change)
    found = outcome(check(folder))
    assert {check for check, ok in found.items() if ok is False} == failed


def test_a_number_outside_of_its_interval_is_found(write):
    """A summary that contradicts itself fails even when its seal was made anew."""
    folder = write()
    edit(folder, lambda one: one["summary"].update(total=12.0), seal=True)
    assert outcome(check(folder)) == {"analysis": True, "key": True, "seal": True, "files": True, "summary": False}


def test_a_forged_number_is_found_by_recomputation(write):
    """Numbers that were forged with a new seal, interval included, pass until they are computed again."""
    folder = write()
    edit(folder, lambda one: one["summary"].update(total=12.0, total_low=11.0, total_high=13.0), seal=True)
    assert check(folder).ok
    again = check(folder, recompute=True)
    assert outcome(again)["recomputed summary"] is False and outcome(again)["recomputed tables"] is True
    assert "total" in again.checks[-3].sentence and again.sentence == "This result does not pass: recomputed summary."


def test_a_changed_table_is_found(write):
    """A table of other content fails by its digest, and is not read."""
    folder = write()
    path = folder / "tables" / "sums.parquet"
    table = pd.read_parquet(path)
    table["sum"] += 1
    table.to_parquet(path)
    found = check(folder)
    assert outcome(found)["files"] is False and outcome(found)["summary"] is None
    assert "tables/sums.parquet was changed" in found.checks[3].sentence


def test_missing_and_foreign_files_are_found(write):
    """A file that is listed and missing, and one that is there unlisted, both fail."""
    folder = write()
    (folder / "notes.exe").write_bytes(b"MZ")
    assert "'notes.exe' does not belong to this result." in check(folder).checks[3].sentence
    (folder / "notes.exe").unlink()
    (folder / "figures.json").unlink()
    assert "figures.json is missing." in check(folder).checks[3].sentence


def test_a_truncated_table_is_found(write):
    """A table that was cut off fails by its digest; with digest and seal forged it is refused as unreadable."""
    folder = write()
    path = folder / "tables" / "rows.parquet"
    path.write_bytes(path.read_bytes()[:-40])
    assert outcome(check(folder))["files"] is False
    digest = digest_of_file(path)
    edit(folder, lambda one: one["files"].update({"tables/rows.parquet": digest}), seal=True)
    with pytest.raises(BadInput, match=r"tables/rows\.parquet can't be read"):
        check(folder)


def test_an_array_bomb_is_refused_before_it_is_unpacked(write, monkeypatch: pytest.MonkeyPatch):
    """Arrays that declare more than the limit are refused by their table of contents."""
    folder = write()
    monkeypatch.setattr("core.export.unpack.TABLE_BYTES", 1 << 20)
    np.savez_compressed(folder / "arrays.npz", squares=np.zeros(1 << 20))
    digest = digest_of_file(folder / "arrays.npz")
    edit(folder, lambda one: one["files"].update({"arrays.npz": digest}), seal=True)
    with pytest.raises(BadInput, match=r"arrays\.npz declares 0\.0 GiB"):
        check(folder)


def test_pickled_arrays_are_never_opened(write):
    """An array of objects, which numpy would unpickle, is refused."""
    folder = write()
    stream = io.BytesIO()
    np.save(stream, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(folder / "arrays.npz", "w") as archive:
        archive.writestr("squares.npy", stream.getvalue())
    digest = digest_of_file(folder / "arrays.npz")
    edit(folder, lambda one: one["files"].update({"arrays.npz": digest}), seal=True)
    with pytest.raises(BadInput, match="can't be read"):
        check(folder)


PAGE_EDITS = {
    "a script in the title": lambda text: text.replace("<h1>Mine", "<h1>Mine<script>alert(1)</script>"),
    "the answer": lambda text: text.replace("digits sum to 10", "digits sum to 11", 1),
    "a number": lambda text: text.replace("<dd>10 ", "<dd>11 ", 1),
    "the content policy": lambda text: text.replace("default-src 'none'", "default-src *", 1),
    "a line of the drawing script": lambda text: text.replace("displaylogo: false", "displaylogo: true"),
}


@pytest.mark.parametrize("name", PAGE_EDITS)
def test_each_edit_of_the_visible_page_is_found(page: Path, name: str):
    """A page whose text says anything else than its data fails, although the data are whole."""
    text = page.read_text()
    changed = PAGE_EDITS[name](text)
    assert changed != text
    page.write_text(changed, newline="")
    found = outcome(check(page))
    assert found.pop("page") is False and all(found.values())


def test_a_changed_embedded_file_is_found(page: Path):
    """A page whose embedded table was replaced fails as the folder would."""
    text = page.read_text()
    stream = io.BytesIO()
    pd.DataFrame({"exponent": [1.0], "sum": [7.0]}).to_parquet(stream)
    block = re.compile(r'(data-name="tables/sums.parquet">")[^"]*')
    page.write_text(block.sub(lambda found: found[1] + base64.b64encode(stream.getvalue()).decode(), text), newline="")
    assert outcome(check(page))["files"] is False


UNREADABLE = {
    "truncated": (lambda text: text[: len(text) // 2], "is truncated"),
    "not a page": (lambda text: "<!doctype html><title>Hello</title></html>", "is not a page exported by Assay"),
    "without its description": (
        lambda text: text.replace('data-name="result.json"', 'data-name="arrays.npz"', 1),
        "is not a page exported by Assay",
    ),
    "with a path that leads away": (
        lambda text: text.replace('data-name="arrays.npz"', 'data-name="../../arrays.npz"'),
        "unexpected file '../../arrays.npz'",
    ),
    "with damaged base64": (
        lambda text: text.replace('data-name="arrays.npz">"', 'data-name="arrays.npz">"A'),
        "embedded file arrays.npz is damaged",
    ),
    "without a title": (lambda text: text.replace('id="assay-page">{', 'id="assay-page">['), "title can't be read"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_page_that_can_not_be_read_is_refused(page: Path, name: str):
    """A page that is cut off, of something else or mangled is refused with one sentence."""
    change, sentence = UNREADABLE[name]
    page.write_text(change(page.read_text()), newline="")
    with pytest.raises(BadInput, match=re.escape(sentence)):
        check(page)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{", "result.json can't be read: it is not JSON"),
        (b"\xff\xfe", "result.json can't be read: it is not JSON"),
        (b"[" * 100_000, "result.json can't be read: it is not JSON"),
        (b"[1]", "expected a JSON object, found a list"),
        (b"{}", "has no proper 'analysis'"),
        (b'{"analysis": "tiny", "version": "3"}', "has no proper 'version'"),
    ],
)
def test_a_folder_that_is_not_ours_is_refused(tmp_path: Path, content: bytes, sentence: str):
    """A folder whose result.json is none is refused with one sentence."""
    (tmp_path / "result.json").write_bytes(content)
    with pytest.raises(BadInput, match=re.escape(sentence)):
        check(tmp_path)


def test_nothing_empty_and_binary_are_refused(tmp_path: Path):
    """A path that is not there, an empty folder and a file that is no text are refused."""
    with pytest.raises(BadInput, match="does not exist"):
        check(tmp_path / "nothing")
    with pytest.raises(BadInput, match="is not a result folder"):
        check(tmp_path)
    (tmp_path / "x.html").write_bytes(b"\x89PNG\xff")
    with pytest.raises(BadInput, match="it is not text"):
        check(tmp_path / "x.html")


@pytest.mark.parametrize("quantity", [5, {}, {"title": 1}])
def test_a_summary_of_another_shape_is_refused(write, quantity: Any):
    """A description that is sealed anew and yet not of our shape is refused, not met with a traceback."""
    folder = write()
    edit(folder, lambda one: one["quantities"].update(total=quantity), seal=True)
    with pytest.raises(BadInput, match="not a result of Assay"):
        check(folder)


def test_another_version_is_not_judged_but_said(write):
    """A result of another version keeps its key and seal; that version and parameters were not checked is said."""
    folder = write()
    verification = verify(folder, analyses=(replace(TINY, version=4),))
    assert outcome(verification)["analysis"] is None and verification.ok
    assert verification.sentence == "What could be checked agrees; not checked: analysis."
    with pytest.raises(BadInput, match="from version 3 of tiny, here is version 4"):
        verify(folder, recompute=True, analyses=(replace(TINY, version=4),))


def test_an_unknown_analysis_can_be_checked_but_not_recomputed(write):
    """Without the analysis the files are checked all the same."""
    folder = write()
    assert verify(folder, analyses=()).ok
    with pytest.raises(BadInput, match="There is no analysis 'tiny'"):
        verify(folder, recompute=True, analyses=())


def test_recomputation_agrees_exactly_on_the_same_machine(write):
    """The same versions on the same kind of machine give the same numbers to the last bit."""
    verification = check(write(), recompute=True)
    assert verification.ok and [one.sentence for one in verification.checks[-3:]] == [
        "7 agree exactly.",
        "4 agree exactly.",
        "1 agree exactly.",
    ]


def test_recomputation_elsewhere_has_a_stated_tolerance(write):
    """A result of a graphics card is compared within the tolerance, which the sentence states."""
    verification = check(write(device="NVIDIA H200"), recompute=True)
    assert verification.checks[-1].sentence == "1 agree within 5%, as it was made on NVIDIA H200."


def test_a_brought_file_is_asked_for_and_must_be_the_same(write, hostile: Source, tmp_path: Path):
    """Recomputing from a file needs the file, and it must have the digest of the one that was measured."""
    folder = write(source=hostile)
    with pytest.raises(BadInput, match="hand the file in with --input dataset=FILE"):
        check(folder, recompute=True)
    with pytest.raises(BadInput, match="is not what was measured"):
        check(folder, recompute=True, inputs={"dataset": "digits"})
    with pytest.raises(BadInput, match="has no such input; it has dataset"):
        check(folder, recompute=True, inputs={"model": "digits"})
    (tmp_path / "data.csv").write_text("a,b\n1,2\n3,4\n5,6\n")
    own = replace(hostile, digest=digest_of_file(tmp_path / "data.csv"))
    folder = write(source=own)
    again = check(folder, recompute=True, inputs={"dataset": str(tmp_path / "data.csv")})
    assert outcome(again)["recomputed tables"] is True


@pytest.mark.parametrize(
    ("then", "now", "distance"),
    [
        (2.0, 2.0, 0.0),
        (2.0, 1.0, 0.5),
        (None, None, 0.0),
        (None, 1.0, np.inf),
        ("a", "a", 0.0),
        ("a", "b", np.inf),
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), 0.0),
        (np.array([1.0, np.nan]), np.array([np.nan, 1.0]), np.inf),
        (np.array([1.0, np.inf]), np.array([1.0, -np.inf]), np.inf),
        (np.array([1, 2]), np.array([1, 2, 3]), np.inf),
        (np.array([True, False]), np.array([True, True]), 1.0),
        (np.array([0.0, 10.0]), np.array([0.1, 10.0]), 0.01),
        (np.array(["x", None], dtype=object), np.array(["x", None], dtype=object), 0.0),
    ],
)
def test_distances_are_relative_to_the_largest_value(then: Any, now: Any, distance: float):
    """The distance of two parts of a result is relative; anything but finite numbers must be equal."""
    assert relative_distance(then, now) == pytest.approx(distance)
