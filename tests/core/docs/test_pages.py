"""The documentation says what the code declares, all of it, and the committed files are those that it makes now."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from core.analysis import Analysis, Kind, mode_of, parameter_fields
from core.catalog import CATALOG
from core.cli import main
from core.data.formats import FORMATS
from core.docs.formats import formats_text
from core.docs.kinds import KINDS
from core.docs.pages import documentation, in_folder, index_text, page_names, page_text
from core.docs.question import question_text
from core.docs.settings import settings_text, variable
from core.docs.text import plain
from core.export.citation import in_text
from core.settings import Settings
from core.sources import BOOSTER_SUFFIXES, MODEL_SUFFIXES, builtin_sources

DOCS = Path(__file__).resolve().parents[3] / "docs"
STALE = "run `make docs` and commit what it writes"


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    """Every file as the code makes it now."""
    return dict(documentation())


def test_the_committed_files_are_those_of_today(made: dict[str, str]) -> None:
    """Whoever changes a parameter, a setting or an example of the gallery writes the documentation anew."""
    for name, text in made.items():
        assert (DOCS / name).read_text("utf-8") == text, f"{name} is stale: {STALE}"


@pytest.mark.parametrize("analysis", CATALOG, ids=lambda analysis: analysis.slug)
def test_a_question_is_told_whole(analysis: Analysis, made: dict[str, str]) -> None:
    """Modes, inputs with their built-ins, every parameter with words and default, references, and how to run each mode."""
    text = made[f"{analysis.slug}.md"]
    assert plain(analysis.question) in text
    parts = dict(zip(*[iter(re.split(r"^## Mode `(\w+)`$", text, flags=re.MULTILINE)[1:])] * 2, strict=True))
    assert list(parts) == [mode_of(model) for model in analysis.params]
    for model in analysis.params:
        part = parts[mode_of(model)]
        for field in parameter_fields(model):
            assert f"- **{plain(field.title)}** (`{field.name}`): " in part and plain(field.description) in part
            assert all(f"`{choice}`" in part for choice in field.choices)
        for slot in analysis.inputs_of(mode_of(model)):
            assert f"(`{slot.slot}`, {'needed' if slot.required else 'may be left out'};" in part
            assert all(f"`{source.builtin}`" in part for source in builtin_sources(slot.kind))
        assert f"python -m core run {analysis.slug}" in part and f"mode={mode_of(model)}" in part
    for reference in analysis.references:
        assert plain(in_text(reference)) in text


def test_every_setting_is_listed() -> None:
    """With its meaning; the home folder of whoever writes the page is not in it."""
    text = settings_text()
    for name, field in Settings.model_fields.items():
        assert f"- `{variable(name)}`: {plain(field.description or '')}" in text
    assert "`ASSAY_KEEP_DAYS`: " in text and "Default: `~/.assay`." in text
    assert text.count("\n- ") == len(Settings.model_fields)


def test_every_kind_and_format_is_listed() -> None:
    """Every kind that an input can have, every ending that a reader knows, every built-in by name."""
    text = formats_text(in_folder)
    assert {one.kind for one in KINDS} == set(get_args(Kind))
    assert all(f"Kind `{kind}`;" in text for kind in get_args(Kind))
    endings = {suffix for format_ in FORMATS for suffix in format_.suffixes} | {*MODEL_SUFFIXES, *BOOSTER_SUFFIXES}
    assert all(f"`{suffix}`" in text for suffix in endings)
    assert all(f"`{source.builtin}`" in text for kind in get_args(Kind) for source in builtin_sources(kind))


def test_links_lead_somewhere(made: dict[str, str]) -> None:
    """Each link between the pages names a page, and a place in it a heading."""
    for text in made.values():
        for name, place in re.findall(r"\]\(([\w-]+\.md)(?:#([\w-]+))?\)", text):
            assert (DOCS / name).is_file()
            headings = re.findall(r"^#+ (.*)$", made.get(name, ""), flags=re.MULTILINE)
            assert not place or place in {heading.lower().replace(" ", "-") for heading in headings}, (name, place)


def test_the_index_names_every_page() -> None:
    """And nothing is a page that it does not name."""
    assert re.findall(r"\(([\w-]+)\.md\)", index_text(in_folder)) == [*page_names(), "scale"]
    assert page_text("nothing", in_folder) is None


def test_nothing_of_a_text_is_taken_for_markup() -> None:
    """A description with signs of Markdown stands as it was written."""
    assert plain("a*b, $x$ and <name> of a_file |") == r"a\*b, \$x\$ and \<name\> of a_file \|"


def test_what_is_run_is_what_the_example_asks() -> None:
    """The lines of a mode are those of its example; a mode without one names files."""
    calibration = next(one for one in CATALOG if one.slug == "calibration")
    text = question_text(calibration, in_folder)
    assert "run calibration --input predictions=overconfident --set mode=repair --out result" in text
    telemetry = next(one for one in CATALOG if one.slug == "telemetry")
    assert "--input telemetry=telemetry.csv --input model=model.json" in question_text(telemetry, in_folder)


def test_the_command_writes_the_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str], made: dict[str, str]) -> None:
    """`python -m core docs` writes every page and prints its name; other files of the folder are left alone."""
    (tmp_path / "scale.md").write_text("mine")
    assert main(["docs", "--out", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {*made, "scale.md"}
    assert len(capsys.readouterr().out.splitlines()) == len(made)
    assert main(["docs", "--out", str(tmp_path / "scale.md")]) == 2
