"""The check of a result: is it whole, unchanged, and the answer to the question that it names?

Without recomputation the check shows damage and edits; it can't show that the numbers were right to begin with.
That needs `recompute`, which runs the analysis again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.analysis import Analysis, Reporter, parse_params
from core.errors import BadInput
from core.export.checks import Check, Verification
from core.export.folder import RESULT
from core.export.html import generator, result_html
from core.export.recompute import recomputed
from core.export.unpack import Opened, opened, refuse_oversized
from core.export.zip import README, README_NAME
from core.keys import content_key, digest_of_file
from core.seal import FIELD, seal_of
from core.store.results import StoredResult, read_result_folder

FIELDS: dict[str, type | tuple[type, ...]] = {
    "analysis": str,
    "version": int,
    "key": str,
    "params": dict,
    "inputs": dict,
    "answer": str,
    "summary": dict,
    "quantities": dict,
    "notes": list,
    "provenance": dict,
    "files": dict,
}


def verify(
    path: Path,
    *,
    recompute: bool = False,
    inputs: Mapping[str, str] | None = None,
    progress: Reporter | None = None,
    analyses: Sequence[Analysis] | None = None,
) -> Verification:
    """Checks a result folder or an exported page.

    Args:
        path: a result folder, or an exported HTML file.
        recompute: run the analysis again and compare.
        inputs: for the recomputation: slot -> file or built-in; built-ins are found without.
        progress: is told how far the recomputation is.
        analyses: where the analysis is looked up; None: the catalog.

    Raises:
        BadInput: the path holds nothing of ours, or is damaged so that it can't be read.
    """
    if analyses is None:
        from core.catalog import CATALOG

        analyses = CATALOG
    with opened(path) as found:
        _refuse_foreign(found, path.name)
        analysis = next((one for one in analyses if one.slug == found.document["analysis"]), None)
        checks = list(_checks(found, analysis))
        if recompute and all(check.ok is not False for check in checks):
            if analysis is None:
                raise BadInput(f"There is no analysis {found.document['analysis']!r} here to compute it again with.")
            checks += recomputed(read_result_folder(found.folder), analysis, inputs or {}, progress)
    return Verification(tuple(checks))


def _refuse_foreign(found: Opened, name: str) -> None:
    for field, kind in FIELDS.items():
        if not isinstance(found.document.get(field), kind):
            raise BadInput(f"{name} is not a result of Assay: {RESULT} has no proper {field!r}.")
    for slot, one in found.document["inputs"].items():
        if not isinstance(one, dict) or not all(isinstance(one.get(part), str) for part in ("kind", "name", "digest")):
            raise BadInput(f"{name} is not a result of Assay: {RESULT} has no proper input {slot!r}.")


def _checks(found: Opened, analysis: Analysis | None) -> Iterator[Check]:
    yield _analysis(found.document, analysis)
    yield _key(found.document)
    yield _seal(found.document)
    files = _files(found)
    yield files
    if not files.ok:
        yield Check("summary", None, "The files are not as they were written, so they were not read.")
        return
    refuse_oversized(found.folder, found.names)
    stored = _read(found)
    yield _summary(found.document, stored)
    if found.page is not None:
        yield _page(found, stored, analysis)


def _read(found: Opened) -> StoredResult:
    try:
        return read_result_folder(found.folder)
    except Exception as error:  # numpy, pandas and pyarrow raise whatever they stumble over in a forged file
        reason = " ".join(str(error).split())[:200].rstrip(".")
        raise BadInput(f"This is not a result of Assay, or a damaged one; it can't be read: {reason}.") from None


def _analysis(document: Mapping[str, Any], analysis: Analysis | None) -> Check:
    slug, version = document["analysis"], document["version"]
    if analysis is None:
        return Check("analysis", None, f"There is no analysis {slug!r} here; the result may be from a newer Assay.")
    if version != analysis.version:
        return Check("analysis", None, f"Made by version {version} of {slug}; here is version {analysis.version}.")
    try:
        params = parse_params(analysis.params, document["params"])
    except BadInput as error:
        return Check("analysis", False, f"Its parameters are not ones of {slug}: {error}")
    if params.model_dump(mode="json") != document["params"]:
        return Check("analysis", False, f"Its parameters are not complete for version {version} of {slug}.")
    return Check("analysis", True, f"{analysis.title}, version {version}, with accepted parameters.")


def _key(document: Mapping[str, Any]) -> Check:
    digests = {slot: one["digest"] for slot, one in document["inputs"].items()}
    try:
        key = content_key(document["analysis"], document["version"], document["params"], digests)
    except (TypeError, ValueError):
        key = ""
    if key != document["key"]:
        return Check("key", False, "The key does not belong to this analysis, version, parameters and inputs.")
    return Check("key", True, f"{key} belongs to this analysis, version, parameters and inputs.")


def _seal(document: Mapping[str, Any]) -> Check:
    if document.get(FIELD) != seal_of(document):
        return Check("seal", False, f"{RESULT} was changed after it was written: its seal does not fit.")
    return Check("seal", True, f"{RESULT} is as it was written.")


def _files(found: Opened) -> Check:
    listed = found.document["files"]
    present = [name for name in found.names if name != RESULT and not _is_readme(found, name)]
    for name in listed:
        if name not in present:
            return Check("files", False, f"{name} is missing.")
    for name in present:
        if name not in listed:
            return Check("files", False, f"{name!r} does not belong to this result.")
        if digest_of_file(found.folder / name) != listed[name]:
            return Check("files", False, f"{name} was changed after it was written: its digest differs.")
    return Check("files", True, f"All {len(present)} files are as they were written.")


def _is_readme(found: Opened, name: str) -> bool:
    """Whether a file is the note that a downloaded archive carries."""
    path = found.folder / name
    return name == README_NAME and path.stat().st_size == len(README.encode()) and path.read_text("utf-8") == README


def _summary(document: Mapping[str, Any], stored: StoredResult) -> Check:
    if set(stored.result.values()) != set(document["summary"]):
        return Check("summary", False, "The named numbers and their descriptions do not match.")
    for name, scalar in stored.result.summary.items():
        value, low, high = scalar.value, scalar.low, scalar.high
        if not isinstance(value, str | int | float | None) or not all(
            isinstance(end, int | float | None) for end in (low, high)
        ):
            return Check("summary", False, f"{scalar.title} ({name}) is no number or word with an interval of numbers.")
        if isinstance(value, str) or value is None:
            continue
        if (low is not None and low > value) or (high is not None and high < value):
            return Check("summary", False, f"{scalar.title} ({name}) lies outside its own interval.")
    return Check("summary", True, f"{len(stored.result.summary)} numbers, each within its interval.")


def _page(found: Opened, stored: StoredResult, analysis: Analysis | None) -> Check:
    if analysis is None or stored.version != analysis.version or generator() not in (found.page or ""):
        return Check("page", None, "The visible page was made by another version, so its text can't be compared.")
    try:
        page = result_html(found.folder, analysis, found.title)
    except Exception:  # the template takes for granted what a result of Assay has
        return Check("page", False, "The visible page can't be written again from the data in it, so it is not theirs.")
    if page != found.page:
        return Check("page", False, "The visible page was changed: it does not say what the data in it say.")
    return Check("page", True, "The visible page says what the data in it say.")
