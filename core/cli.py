"""The command line: list, describe, run, verify and docs, with the exit status that scripts rely on.

Exit status: 0 done; 1 failed; 2 bad input or parameter (one line on standard error); 130 interrupted.
Standard output carries the answer alone; progress and errors go to standard error.
"""

from __future__ import annotations

import argparse
import json
import math
import secrets
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NoReturn

from core import catalog
from core.analysis import Analysis, Inputs, Source, mode_of, parameter_fields, parse_params
from core.errors import BadInput, NotFound, StepFailed
from core.progress import ProgressLine
from core.serial import serially
from core.settings import settings
from core.sources import open_source

DONE, FAILED, BAD, INTERRUPTED = 0, 1, 2, 130


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, as all others here."""

    def error(self, message: str) -> NoReturn:
        """Raises the message as bad input."""
        raise BadInput(f"{message[:1].upper()}{message[1:].rstrip('.')}. See {self.prog} --help.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        options = parser().parse_args(arguments)
        command: Callable[[argparse.Namespace], int] = options.command
        return command(options)
    except (BadInput, NotFound) as error:
        complain(str(error))
        return BAD
    except StepFailed as error:
        complain(str(error))
        return FAILED
    except KeyboardInterrupt:
        complain("Interrupted. Finished steps are kept: the same command goes on from there.")
        return INTERRUPTED
    except Exception as error:
        complain(unexpected(error, "--debug" in arguments))
        return FAILED


def parser() -> Parser:
    """The commands and their options."""
    top = Parser(prog="python -m core", description="Assay on the command line.")
    commands = top.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)

    one = commands.add_parser("list", help="the questions that can be asked")
    one.add_argument("--json", action="store_true", help="as JSON")
    one.set_defaults(command=list_command)

    one = commands.add_parser("describe", help="inputs and parameters of a question, as JSON")
    one.add_argument("slug", metavar="SLUG")
    one.set_defaults(command=describe_command)

    one = commands.add_parser("run", help="answer a question and write the result to a folder")
    one.add_argument("slug", metavar="SLUG")
    add_inputs(one)
    one.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter; may be repeated")
    one.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="where the result is written")
    one.add_argument("--force", action="store_true", help="replace a result that is there already")
    one.set_defaults(command=run_command)

    one = commands.add_parser("verify", help="check a result folder or an exported HTML file")
    one.add_argument("path", type=Path, metavar="FOLDER_OR_HTML")
    one.add_argument("--recompute", action="store_true", help="run the analysis again and compare")
    add_inputs(one)
    one.set_defaults(command=verify_command)

    one = commands.add_parser("docs", help="write the documentation as Markdown")
    one.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="where the pages are written")
    one.set_defaults(command=docs_command)

    for name in commands.choices.values():
        name.add_argument("--debug", action="store_true", help="write the traceback of a failure to a log file")
    return top


def add_inputs(one: argparse.ArgumentParser) -> None:
    """Adds --input, which `run` and `verify --recompute` share."""
    one.add_argument(
        "--input", action="append", default=[], metavar="SLOT=FILE_OR_BUILTIN", help="what to measure; may be repeated"
    )


def list_command(options: argparse.Namespace) -> int:
    """Prints slug, title and question of each analysis."""
    rows = [{"slug": one.slug, "title": one.title, "question": one.question} for one in catalog.CATALOG]
    if options.json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return DONE
    widths = [max(len(row[name]) for row in rows) for name in ("slug", "title")]
    for row in rows:
        print(f"{row['slug']:<{widths[0]}}  {row['title']:<{widths[1]}}  {row['question']}")
    return DONE


def describe_command(options: argparse.Namespace) -> int:
    """Prints what an analysis takes, as JSON."""
    print(json.dumps(description(catalog.analysis_by_slug(options.slug)), indent=2, ensure_ascii=False))
    return DONE


def description(analysis: Analysis) -> dict[str, Any]:
    """What an analysis takes, as JSON values: inputs, and for each mode its parameters."""
    return {
        "slug": analysis.slug,
        "title": analysis.title,
        "question": analysis.question,
        "version": analysis.version,
        "inputs": [
            {
                "slot": slot.slot,
                "kind": slot.kind,
                "title": slot.title,
                "description": slot.description,
                "required": slot.required,
                "modes": list(slot.modes) or [mode_of(model) for model in analysis.params],
            }
            for slot in analysis.inputs
        ],
        "modes": {
            mode_of(model): {field.name: field.as_json() for field in parameter_fields(model)}
            for model in analysis.params
        },
        "references": [
            {"authors": one.authors, "year": one.year, "title": one.title, "where": one.where}
            for one in analysis.references
        ],
    }


def run_command(options: argparse.Namespace) -> int:
    """Answers a question, writes the result folder and prints the summary."""
    analysis = catalog.analysis_by_slug(options.slug)
    params = parse_params(analysis.params, pairs(options.set, "--set"))
    inputs = open_inputs(analysis, params.mode, pairs(options.input, "--input"))
    analysis.check_inputs(params, inputs)

    # Only now the parts that are heavy or touch the disk.
    from core.export.figures import figures_json
    from core.export.folder import refuse_occupied, replace_folder
    from core.provenance import provenance
    from core.store.eviction import evict_steps
    from core.store.shelves import open_shelves
    from core.store.steps import Steps

    refuse_occupied(options.out, options.force)
    started = time.time()
    with ProgressLine(sys.stderr) as progress, redirect_stdout(sys.stderr):
        steps = Steps(open_shelves(settings()).steps)
        result = serially(analysis, params, inputs, cache=steps, progress=progress)
        made = provenance(device_used(), started, time.time() - started)
        replace_folder(options.out, analysis, params, inputs, result, made, figures_json(analysis, result))
    evict_steps(steps.shelf, settings().step_bytes)
    print(json.dumps(plain_values(result.values()), ensure_ascii=False))
    return DONE


def verify_command(options: argparse.Namespace) -> int:
    """Checks a result folder or an exported page and prints one line a check."""
    from core.export.verify import verify

    sources = pairs(options.input, "--input")
    if sources and not options.recompute:
        raise BadInput("--input is used by --recompute only; add --recompute or leave --input out.")
    with ProgressLine(sys.stderr) as progress, redirect_stdout(sys.stderr):
        verification = verify(options.path, recompute=options.recompute, inputs=sources, progress=progress)
    for check in verification.checks:
        print(f"{check.mark:<7}  {check.name}: {check.sentence}")
    print(verification.sentence)
    return DONE if verification.ok else FAILED


def docs_command(options: argparse.Namespace) -> int:
    """Writes what the Help page shows as files, and prints their names."""
    from core.docs.pages import write_documentation

    if options.out.is_file():
        raise BadInput(f"--out {options.out} is a file; name a folder.")
    for path in write_documentation(options.out):
        print(path)
    return DONE


def pairs(texts: Sequence[str], option: str) -> dict[str, str]:
    """NAME=VALUE texts as a mapping.

    Raises:
        BadInput: a text without "=", or a name given twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise BadInput(f"{option} {text!r}: expected NAME=VALUE.")
        if name in found:
            raise BadInput(f"{option} {name} is given twice.")
        found[name] = value
    return found


def open_inputs(analysis: Analysis, mode: str, texts: Mapping[str, str]) -> Inputs:
    """Opens what stands behind each --input of a mode.

    Raises:
        BadInput: an unknown slot, or a source that can't be used.
    """
    kinds = {slot.slot: slot.kind for slot in (*analysis.inputs, *analysis.inputs_of(mode))}  # those of the mode count
    inputs: dict[str, Source] = {}
    for slot, text in texts.items():
        if slot not in kinds:
            raise BadInput(f"--input {slot}: {analysis.slug} has no such input; it has {', '.join(kinds)}.")
        inputs[slot] = open_source(kinds[slot], text)
    return inputs


def device_used() -> str:
    """The graphics card that this process used, or "cpu"."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available() and torch.cuda.max_memory_allocated() > 0:
        return str(torch.cuda.get_device_name())
    return "cpu"


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """A summary as JSON has it: numbers that JSON does not know are null."""
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in values.items()
    }


def complain(sentence: str) -> None:
    """One line on standard error."""
    print(" ".join(sentence.split()), file=sys.stderr)


def unexpected(error: Exception, keep: bool) -> str:
    """The sentence for an error that nobody foresaw; its traceback goes to a log file where asked for."""
    identifier = secrets.token_hex(4)
    if not keep:
        return f"Failed for an unforeseen reason (error {identifier}); add --debug to keep the details in a log file."
    log = settings().home / "logs" / f"error-{identifier}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text("".join(traceback.format_exception(error)))
    return f"Failed for an unforeseen reason (error {identifier}); the details are in {log}."
