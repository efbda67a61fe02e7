"""The self-contained page, archive, snippet, command line and citation of a result."""

from __future__ import annotations

import io
import json
import re
import shlex
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from core.analysis import Source, parse_params, result_key
from core.export.citation import bibtex, citation
from core.export.html import TABLE_ROWS, number, result_html
from core.export.reproduce import command_line, snippet
from core.export.zip import result_zip
from core.sources import open_source
from core.store.results import read_result_folder
from tests.core.export.tiny import TINY


class Tags(HTMLParser):
    """Collects tags, attributes and the text outside of scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.silent = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.silent = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self.silent = False

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.text += data


def test_the_page_says_everything(write):
    """Answer, numbers with unit and interval, figures' words, tables, parameters, provenance, citation and command."""
    page = Tags(result_html(write(), TINY, "My run"))
    for words in (
        "My run",
        "How large are the sums?",
        "The numbers of digits sum to 10.",
        "Total",
        "9 – 11",
        "Higher is more.",
        "Faulhaber, eq. 1",
        "Exponents",
        "1.0, 2.0",
        "Scale (m)",
        "1 min 15 s",
        "2023-11-14 22:13:20 UTC",
        "python -m core run tiny --input dataset=builtin:digits --set mode=powers --out result",
        "@misc{knuth1993,",
    ):
        assert words in page.text


def test_the_page_asks_nothing_of_the_network(write):
    """Nothing in the page is loaded from elsewhere, and its policy forbids it."""
    page = Tags(result_html(write(), TINY))
    assert not [value for _, attributes in page.tags for name, value in attributes.items() if name == "src"]
    assert not [tag for tag, _ in page.tags if tag in ("link", "iframe", "object", "base", "form", "img")]
    (policy,) = [one["content"] for tag, one in page.tags if one.get("http-equiv") == "Content-Security-Policy"]
    assert policy is not None and policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-inline" not in policy.split(";")[1]


def test_hostile_text_is_text(write, hostile: Source):
    """Names, notes and titles that try to be markup appear as they are, and add no element."""
    plain = Tags(result_html(write(loud=True), TINY, "Mine"))
    title = '"><script>alert(1)</script><img src=x onerror=alert(1)>' + "😀" * 300
    page = Tags(result_html(write(source=hostile, loud=True), TINY, title))
    assert title in page.text and hostile.name in page.text and "Loud & <clear>." in page.text
    assert "<b>0</b>" in page.text and "Sums </script><b>" in page.text
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in plain.tags]


def test_long_tables_are_cut_and_embedded_whole(write):
    """A table shows its first 1,000 rows and says so; the whole of it is in the page as data."""
    folder = write(count=1500)
    text = result_html(folder, TINY)
    page = Tags(text)
    assert "The first 1,000 of 1,500 rows" in page.text
    assert sum(tag == "tr" for tag, _ in page.tags) == TABLE_ROWS + 1 + 2 + 1
    assert 'data-name="tables/rows.parquet"' in text
    assert len(text) < 5.5e6


def test_the_page_is_a_function_of_the_folder(write):
    """The same folder and title give the same page, byte for byte."""
    folder = write()
    assert result_html(folder, TINY, "a") == result_html(folder, TINY, "a")


def test_the_archive_holds_all_files_and_how_to_read_them(write):
    """The zip holds each file of the folder unchanged, and a README.txt."""
    folder = write()
    stream = io.BytesIO()
    result_zip(folder, stream)
    with zipfile.ZipFile(stream) as archive:
        names = archive.namelist()
        assert names[:2] == ["README.txt", "result.json"]
        assert set(names[1:]) == {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        assert all(archive.read(name) == (folder / name).read_bytes() for name in names[1:])
        assert "python -m core verify FOLDER" in archive.read("README.txt").decode()


def test_figures_are_kept_without_a_template(write):
    """figures.json has the words and the plot of each figure; light or dark is left to the viewer."""
    figures = json.loads((write() / "figures.json").read_text())
    assert list(figures["sums"]) == ["title", "reading", "caption", "alt", "reference", "group", "plot"]
    assert figures["sums"]["plot"]["layout"] == {
        "xaxis": {"title": {"text": "exponent"}},
        "yaxis": {"title": {"text": "sum"}},
    }
    assert "bdata" in json.dumps(figures["sums"]["plot"]["data"]) or figures["sums"]["plot"]["data"][0]["x"]


def test_the_snippet_gives_the_same_result(write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """The snippet runs as it stands, and prints the same answer."""
    monkeypatch.setattr("core.catalog.CATALOG", (TINY,))
    stored = read_result_folder(write(exponents="1,3", scale="2.5"))
    exec(compile(snippet(stored), "snippet", "exec"), {"__name__": "__main__"})
    printed = capsys.readouterr().out
    assert printed.startswith(stored.result.answer) and "cubes 100.0" in printed


def test_the_snippet_refuses_other_circumstances(write, monkeypatch: pytest.MonkeyPatch):
    """Under another version of the analysis the snippet stops before it computes."""
    stored = read_result_folder(write())
    monkeypatch.setattr("core.catalog.CATALOG", (replace(TINY, version=4),))
    with pytest.raises(AssertionError, match="another version or other inputs"):
        exec(compile(snippet(stored), "snippet", "exec"), {"__name__": "__main__"})


def test_the_command_line_asks_the_same_question(write):
    """The words of the command line, read as the shell reads them, give the same key."""
    stored = read_result_folder(write(exponents="1,3", scale="2.5", loud=True))
    words = shlex.split(command_line(stored, TINY))
    assert words[:5] == ["python", "-m", "core", "run", "tiny"] and words[-2:] == ["--out", "result"]
    values = dict(words[place + 1].split("=", 1) for place, word in enumerate(words) if word == "--set")
    assert values == {"mode": "powers", "exponents": "1.0,3.0", "scale": "2.5", "loud": "true"}
    (source,) = [words[place + 1] for place, word in enumerate(words) if word == "--input"]
    inputs = {"dataset": open_source("dataset", source.removeprefix("dataset="))}
    assert result_key(TINY, parse_params(TINY.params, values), inputs) == stored.key


@pytest.mark.parametrize(
    "name", ["a b;rm -rf $HOME.csv", "'\"`$(touch x)`.csv", "../../etc/pass wd", "x\ny.csv", "-rf.csv"]
)
def test_hostile_names_are_quoted(write, hostile: Source, name: str):
    """A file name is one word to the shell and one literal to Python, without the folders in it."""
    stored = read_result_folder(write(source=replace(hostile, name=name)))
    words = shlex.split(command_line(stored, TINY))
    plain = f"dataset=./{name.rsplit('/', 1)[-1]}"
    assert plain in words
    code = compile(snippet(stored), "snippet", "exec")
    assert f"./{name.rsplit('/', 1)[-1]}" in code.co_consts


def test_the_citation_names_result_and_papers(write):
    """The citation has version, date, key and papers; BibTeX is escaped, with distinct keys and arXiv numbers."""
    stored = read_result_folder(write())
    text = citation(stored, TINY)
    assert f'analysis "Power sums" (version 3), on 2023-11-14; result {stored.key}.' in text
    assert r"title = {{Johann Faulhaber \& sums\_of powers}}" in text
    assert "author = {Li and Farkhoor and Liu and Yosinski}" in text and "eprint = {1804.08838}" in text
    twice = replace(TINY, references=(TINY.references[0], TINY.references[0]))
    assert re.findall(r"@misc\{(.*),", bibtex(twice)) == ["knuth1993", "knuth1993-2"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (199210, "199,210"),
        (199210.0, "199,210"),
        (123456.7, "123,457"),
        (0.123456789, "0.123457"),
        (1e-9, "1e-09"),
        (float("nan"), "–"),
        (float("inf"), "inf"),
        (None, "–"),
        (True, "True"),
        ("text", "text"),
    ],
)
def test_numbers_are_shown_as_people_read_them(value: object, shown: str):
    """Six significant digits, thousands separated, a dash for nothing."""
    assert number(value) == shown


def test_the_answer_is_shown_with_fewer_digits():
    """Four significant digits, where the number is below 10,000; whole numbers stay whole."""
    assert [number(value, 4) for value in (9.04928, 0.98765, 12345.6, 1797)] == ["9.049", "0.9877", "12,346", "1,797"]


def test_a_folder_without_a_result_is_refused(tmp_path: Path):
    """No archive is made of a folder that holds no result."""
    with pytest.raises(ValueError, match="holds no result"):
        result_zip(tmp_path, io.BytesIO())
