"""The command line, driven in this process through a small analysis of the tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from core import cli
from core.export.citation import in_text
from core.settings import settings
from tests.core.export.tiny import CALLS, TINY


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A catalog with the small analysis alone, and a home folder of its own."""
    monkeypatch.setattr("core.catalog.CATALOG", (TINY,))
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    CALLS.clear()
    yield
    settings.cache_clear()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """Runs a command; gives status, standard output and standard error."""

    def command(*words: str | Path) -> SimpleNamespace:
        capsys.readouterr()
        status = cli.main([str(word) for word in words])
        captured = capsys.readouterr()
        return SimpleNamespace(status=status, out=captured.out, err=captured.err)

    return command


def test_list_is_a_table_or_json(run):
    """`list` prints slug, title and question a line; --json the same as JSON."""
    assert run("list").out == "tiny  Power sums  How large are the sums?\n"
    assert json.loads(run("list", "--json").out) == [
        {"slug": "tiny", "title": "Power sums", "question": "How large are the sums?"}
    ]


def test_describe_has_inputs_parameters_and_references(run):
    """`describe` prints slots, and for each mode the parameters with default and bounds, as JSON."""
    described = json.loads(run("describe", "tiny").out)
    assert list(described) == ["slug", "title", "question", "version", "inputs", "modes", "references"]
    assert described["version"] == 3
    assert described["inputs"][0]["slot"] == "dataset" and described["inputs"][0]["modes"] == ["powers", "broken"]
    count = described["modes"]["powers"]["count"]
    assert (count["default"], count["minimum"], count["maximum"], count["type"]) == (4, 1.0, 5000.0, "integer")
    assert described["references"][0]["authors"] == "Knuth"
    assert (
        in_text(TINY.references[0]) == "Knuth (1993). Johann Faulhaber & sums_of powers. arXiv:math/9207222, section 1."
    )


def test_run_writes_a_result_and_prints_its_summary_alone(run, tmp_path: Path):
    """`run` writes the result folder, and standard output holds one JSON object: the flat summary."""
    done = run("run", "tiny", "--input", "dataset=digits", "--set", "count=3", "--out", tmp_path / "deep" / "out")
    assert done.status == 0
    assert json.loads(done.out) == {
        "total": 6.0,
        "total_low": 5.0,
        "total_high": 7.0,
        "cubes": 36.0,
        "nothing": None,
        "word": "odd",
        "undefined": None,
    }
    assert done.out.count("\n") == 1
    written = json.loads((tmp_path / "deep" / "out" / "result.json").read_text())
    assert written["summary"] == json.loads(done.out)
    assert written["params"]["count"] == 3 and written["inputs"]["dataset"]["name"] == "digits"
    assert written["provenance"]["device"] == "cpu"
    assert pd.read_parquet(tmp_path / "deep" / "out" / "tables" / "sums.parquet")["sum"].tolist() == [6.0, 14.0]
    assert {path.name for path in (tmp_path / "deep").iterdir()} == {"out"}


def test_progress_goes_to_standard_error(run, tmp_path: Path):
    """Progress lines say what has been reached, with fraction and label, and end at 100 %."""
    done = run("run", "tiny", "--input", "dataset=digits", "--out", tmp_path / "out")
    lines = done.err.splitlines()
    assert lines[0] == " 25%  sum of x^2" and lines[-1].startswith("100%  done")


def test_finished_steps_stay_within_their_limit(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Steps that a later run could use are kept up to ASSAY_STEP_BYTES, and no further."""
    for allowed, kept in (("1", False), ("1000000", True)):
        monkeypatch.setenv("ASSAY_STEP_BYTES", allowed)
        settings.cache_clear()
        assert run("run", "tiny", "--input", "dataset=digits", "--out", tmp_path / allowed).status == 0
        assert any(path.is_file() for path in (settings().home / "steps").rglob("*")) is kept


def test_what_a_library_prints_does_not_reach_standard_output(run, tmp_path: Path):
    """Standard output stays one JSON object when a step prints."""
    done = run(
        "run",
        "tiny",
        "--input",
        "dataset=digits",
        "--set",
        "mode=broken",
        "--set",
        "how=chatty",
        "--out",
        tmp_path / "o",
    )
    assert json.loads(done.out) == {"value": 1.0}
    assert "a library speaks" in done.err


def test_a_second_run_goes_on_from_finished_steps(run, tmp_path: Path):
    """Steps that an earlier run finished are not run again."""
    run("run", "tiny", "--input", "dataset=digits", "--out", tmp_path / "one")
    run("run", "tiny", "--input", "dataset=digits", "--set", "exponents=1,2,4", "--out", tmp_path / "two")
    assert CALLS == [1.0, 2.0, 3.0, 4.0]


REFUSED = [
    ((), "The following arguments are required: COMMAND."),
    (("fly",), "invalid choice: 'fly'"),
    (("run", "tiny"), "The following arguments are required: --out."),
    (("describe", "none"), "There is no analysis 'none'; there is tiny."),
    (("run", "none", "--out", "o"), "There is no analysis 'none'; there is tiny."),
    (("run", "tiny", "--out", "o"), "Input dataset is missing: a data set whose name is shown."),
    (("run", "tiny", "--out", "o", "--input", "dataset"), "--input 'dataset': expected NAME=VALUE."),
    (("run", "tiny", "--out", "o", "--input", "x=digits"), "--input x: tiny has no such input; it has dataset."),
    (
        ("run", "tiny", "--out", "o", "--input", "dataset=nothing.csv"),
        "nothing.csv is neither a file nor a built-in dataset; built in are digits, ",
    ),
    (("run", "tiny", "--out", "o", "--set", "count=0"), "Numbers: '0' is not accepted; expected a whole number from 1"),
    (("run", "tiny", "--out", "o", "--set", "count=1", "--set", "count=2"), "--set count is given twice."),
    (("run", "tiny", "--out", "o", "--workers", "x"), "nrecognized arguments: --workers x."),
    (("verify", "nothing"), "nothing does not exist; name a result folder or an exported HTML file."),
    (("verify", "nothing", "--input", "a=b"), "--input is used by --recompute only"),
]


@pytest.mark.parametrize(("words", "sentence"), REFUSED, ids=[" ".join(words) or "nothing" for words, _ in REFUSED])
def test_bad_words_are_one_line_and_status_2(run, words: tuple[str, ...], sentence: str):
    """Whatever is wrong with the words, standard error has one clear line, standard output nothing, the status is 2."""
    done = run(*words)
    assert (done.status, done.out) == (2, "")
    assert sentence in done.err and done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("how", "status", "sentence"),
    [
        ("bad", 2, "sheet.csv, row 3: 'x' is not a number. Put a number there."),
        ("explained", 1, "It did not converge; use fewer numbers."),
        ("unforeseen", 1, "Failed for an unforeseen reason (error "),
        ("interrupted", 130, "Interrupted. Finished steps are kept: the same command goes on from there."),
    ],
)
def test_a_step_that_ends_in_an_error_is_told_in_one_line(run, tmp_path: Path, how: str, status: int, sentence: str):
    """An error inside a step gives its status and one last line, no traceback, and no folder."""
    words = ("run", "tiny", "--input", "dataset=digits", "--set", "mode=broken", "--set", f"how={how}")
    done = run(*words, "--out", tmp_path / "out")
    assert (done.status, done.out) == (status, "")
    assert done.err.splitlines()[-1].startswith(sentence)
    assert "Traceback" not in done.err and not (tmp_path / "out").exists()


def test_debug_keeps_the_traceback_in_a_log_file(run, tmp_path: Path):
    """With --debug the last line names the log file that holds the traceback; without, none is written."""
    words = (
        "run",
        "tiny",
        "--input",
        "dataset=digits",
        "--set",
        "mode=broken",
        "--set",
        "how=unforeseen",
        "--out",
        "o",
    )
    assert not (tmp_path / "home" / "logs").exists()
    line = run(*words, "--debug").err.splitlines()[-1]
    (log,) = (tmp_path / "home" / "logs").iterdir()
    assert line.endswith(f"the details are in {log}.") and log.stem.removeprefix("error-") in line
    assert "ZeroDivisionError: a/b with <b> = 0" in log.read_text()


def test_a_result_that_is_there_is_kept_unless_forced(run, tmp_path: Path):
    """A folder with a result is refused before the work starts; --force replaces it whole."""
    words = ("run", "tiny", "--input", "dataset=digits", "--out", tmp_path / "out")
    run(*words)
    before = (tmp_path / "out" / "result.json").read_bytes()
    CALLS.clear()
    done = run(*words, "--set", "count=9")
    assert done.status == 2 and "holds a result already" in done.err
    assert (tmp_path / "out" / "result.json").read_bytes() == before and CALLS == []
    assert run(*words, "--set", "count=2", "--force").status == 0
    assert json.loads((tmp_path / "out" / "result.json").read_text())["params"]["count"] == 2


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_other_files_are_never_deleted(run, tmp_path: Path, force: tuple[str, ...]):
    """A folder that holds anything else is refused, with --force too, and so is a file."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("mine")
    done = run("run", "tiny", "--input", "dataset=digits", "--out", tmp_path / "out", *force)
    assert done.status == 2 and "holds other files (thesis.tex)" in done.err
    assert (tmp_path / "out" / "thesis.tex").read_text() == "mine"
    done = run("run", "tiny", "--input", "dataset=digits", "--out", tmp_path / "out" / "thesis.tex", *force)
    assert done.status == 2 and "is a file" in done.err


def test_an_empty_folder_may_be_written(run, tmp_path: Path):
    """An existing empty folder is taken."""
    (tmp_path / "out").mkdir()
    assert run("run", "tiny", "--input", "dataset=digits", "--out", tmp_path / "out").status == 0


def test_verify_says_what_it_checked(run, tmp_path: Path):
    """`verify` prints a line a check and ends with 0 for a good result and 1 for a changed one."""
    run("run", "tiny", "--input", "dataset=digits", "--out", tmp_path / "out")
    done = run("verify", tmp_path / "out", "--recompute")
    assert done.status == 0 and done.out.splitlines()[-1] == "Everything agrees."
    path = tmp_path / "out" / "result.json"
    path.write_text(path.read_text().replace('"total": 10.0', '"total": 10.5'))
    done = run("verify", tmp_path / "out")
    assert done.status == 1 and done.out.splitlines()[-1] == "This result does not pass: seal."


def test_light_commands_stay_light(tmp_path: Path):
    """`list`, `describe` and `verify` import neither torch nor scikit-learn."""
    code = (
        "import sys; from core.cli import main; status = main(sys.argv[1:]); "
        "heavy = {'torch', 'sklearn', 'xgboost', 'gudhi', 'dask', 'streamlit'} & set(sys.modules); "
        "print(status, sorted(heavy), file=sys.stderr)"
    )
    for words in (["list"], ["describe", "intrinsic-dimension"], ["verify", str(tmp_path)]):
        done = subprocess.run(
            [sys.executable, "-c", code, *words], capture_output=True, text=True, env=dict(os.environ)
        )
        assert done.stderr.splitlines()[-1] == f"{2 if words[0] == 'verify' else 0} []"
