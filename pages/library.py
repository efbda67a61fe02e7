"""The workspace's own data sets and models, and what comes with the workbench."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

import streamlit as st

from core.analysis import Kind, mode_of
from core.catalog import CATALOG
from core.docs.formats import kinds_text
from core.errors import BadInput, NotFound
from core.sources import builtin_sources
from core.store.uploads import Upload, delete_upload, get_upload, list_uploads, rename_upload
from pages.parts.clock import local
from pages.parts.html import definitions, name_line
from pages.parts.library_completion import complete_labels, complete_weights
from pages.parts.library_preview import show_preview
from pages.parts.questions import page_of
from pages.parts.server_folders import server_folders
from pages.parts.sources import architecture, description, facts, lengths, some, span, title, utc
from pages.parts.text import duration, interval, markdown, number, shorten, size
from pages.parts.upload import upload_field
from pages.parts.usage import show_files_used
from pages.parts.workspace import this_store, this_workspace

BUILTIN_KINDS: tuple[tuple[Kind, str], ...] = (
    ("dataset", "Built-in data sets"),
    ("model", "Built-in models"),
    ("predictions", "Built-in predictions"),
    ("population", "Built-in populations"),
    ("telemetry", "Built-in telemetry"),
    ("shapes", "Built-in shapes"),
    ("zoo", "Built-in model zoos"),
)
KINDS = {
    "dataset": "data set",
    "model": "model",
    "weights": "weights without architecture",
    "labels": "labels",
    "table": "column of labels or text",
    "predictions": "predictions",
    "population": "population of models",
    "telemetry": "telemetry",
    "booster": "XGBoost model",
    "shapes": "shapes",
    "checkpoints": "checkpoints",
    "zoo": "model zoo",
}


store, workspace = this_store(), this_workspace()


def show_list(uploads: list[Upload]) -> None:
    """Every file with what was found in it."""
    st.header("Your files", anchor=False)
    if not uploads:
        st.caption("Nothing of your own yet. What comes with the workbench is listed below.")
    for upload in uploads:
        with st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key=f"row-{upload.id}"
        ):
            known = " · ".join(part for part in (KINDS[upload.kind], facts(upload.details), size(upload.bytes)) if part)
            name_line(shorten(upload.name), known)
            st.page_link(
                "library.py", label="Details", icon=":material/arrow_forward:", query_params={"upload": upload.id}
            )


def show_one(upload: Upload) -> None:
    """One file: preview, facts, what can be asked of it, rename and delete."""
    st.page_link("library.py", label="All files", icon=":material/arrow_back:")
    name_line(upload.name, KINDS[upload.kind])
    for problem in (*(upload.details.get("problems") or ()), *(upload.details.get("notes") or ())):
        st.warning(markdown(problem))
    if upload.kind in get_args(Kind):
        with st.container(horizontal=True):
            for analysis in CATALOG:
                slot = next((one for one in analysis.inputs if one.kind == upload.kind), None)
                if slot is not None:
                    mode = (
                        {"mode": slot.modes[0]} if slot.modes and mode_of(analysis.params[0]) not in slot.modes else {}
                    )
                    st.page_link(
                        page_of(analysis.slug),
                        label=f"Ask: {analysis.title.lower()}",
                        icon=":material/arrow_forward:",
                        query_params={**mode, slot.slot: upload.id},
                    )
    if upload.kind == "weights":
        complete_weights(store, workspace, upload)
    if upload.kind == "labels" or upload.details.get("format") == "idx":
        complete_labels(store, workspace, upload)
    left, right = st.columns(2, gap="large")
    with left:
        definitions("What is in it", upload_facts(upload))
    with right:
        definitions("The file", {"Size": size(upload.bytes), "Added": local(upload.created), "Digest": upload.digest})
        edit(upload)
    show_preview(upload.details)


def upload_facts(upload: Upload) -> dict[str, str]:
    """What the inspection found, as words."""
    details = upload.details
    words = {
        "Format": details.get("format"),
        "Models": details.get("models"),
        "Checkpoints": details.get("checkpoints"),
        **zoo_facts(details),
        "Rows": details.get("rows"),
        "Validation rows": details.get("fit_rows") or None,
        "Shape of a sample": lengths(details.get("shape") or ()),
        "Columns": details.get("column_count"),
        **telemetry_facts(details),
        **shapes_facts(details),
        "Label column": details.get("labels"),
        "Classes": details.get("classes") or None,
        "Groups": details.get("groups") or None,
        "Scores": ", ".join(details.get("scores") or ()),
        "Missing values": details.get("missing"),
        "Infinite values": details.get("infinite"),
        "Smallest and largest value": details.get("value_range") and interval(*details["value_range"]),
        "Architecture": details.get("architecture") and architecture(details["architecture"]),
        "Objective": details.get("objective"),
        "Trees": details.get("trees"),
        "Levels of the deepest tree": details.get("max_depth"),
        "Rounds used for predictions": details.get("rounds_used"),
        "Features": details.get("features") if details.get("kind") == "booster" else None,
        "Parameters": details.get("parameters"),
        "Tensors": details.get("tensor_count"),
        "Input of a sample": details.get("input_shape") and lengths(details["input_shape"]),
        "Output of a sample": details.get("output_shape") and lengths(details["output_shape"]),
    }
    return {name: number(value) for name, value in words.items() if value not in (None, "")}


def zoo_facts(details: Mapping[str, Any]) -> dict[str, str]:
    """Epochs, metrics and settings of a model zoo; nothing for other kinds."""
    if details.get("kind") != "zoo":
        return {}
    epochs = details.get("epochs")
    return {
        "Epochs": f"{number(epochs[0])} to {number(epochs[1])}" if epochs else "no results",
        "Metrics": some(details.get("metrics") or (), 12),
        "Settings that differ": some(details.get("settings") or (), 12),
    }


def telemetry_facts(details: Mapping[str, Any]) -> dict[str, str]:
    """Period, step, gaps and proposed roles of telemetry; nothing for other kinds."""
    if details.get("kind") != "telemetry":
        return {}
    gaps = details.get("gaps")
    longest = f", the longest {duration(details['longest_gap'])}" if details.get("longest_gap") else ""
    by_role: dict[str, list[str]] = {}
    for column in details.get("columns") or ():
        by_role.setdefault(str(column.get("role")), []).append(str(column["name"]))
    return {
        "Time column": str(details.get("time") or "none found"),
        "First time": utc(details.get("first")),
        "Last time": utc(details.get("last")),
        "Usual step": span(details["step"]) if details.get("step") else "",
        "Gaps": "" if gaps is None else f"{number(gaps)}{longest}",
        "Proposed targets": some(by_role.get("target", [])),
        "Proposed states": some(by_role.get("state", [])),
        "Proposed labels": str(details.get("labels") or ""),
        "Left out": some(by_role.get("ignore", [])),
    }


def shapes_facts(details: Mapping[str, Any]) -> dict[str, str]:
    """Form, number and sizes of shapes; nothing for other kinds."""
    if details.get("kind") != "shapes":
        return {}
    fewest, median, most = details["points"]
    spread = number(most) if fewest == most else f"{number(fewest)} to {number(most)}, median {number(median)}"
    size = {"graphs": "Vertices of a graph", "series": "Values of a series", "images": "Pixels of an image"}
    edges = details.get("edges")
    return {
        "Form": str(details["form"]),
        "Items": number(details["items"]),
        size.get(str(details["form"]), "Points of an item"): spread,
        "Coordinates or channels": number(details["dimensions"]) if details["dimensions"] else "",
        "Edges of a graph": f"{number(edges[0])} to {number(edges[2])}, median {number(edges[1])}" if edges else "",
        "Split in the file": f"{number(details['train'])} train, {number(details['test'])} test"
        if details.get("train")
        else "",
        "Function": "one value a point" if details.get("function") else "",
    }


def edit(upload: Upload) -> None:
    """Rename and delete."""
    with st.popover("Rename or delete"):
        name = st.text_input("Name", upload.name, max_chars=200, key=f"name.{upload.id}")
        if st.button("Rename", key=f"rename.{upload.id}"):
            rename_upload(store, workspace, upload.id, name)
            st.rerun()
        st.caption("Deleting the file also deletes the runs that used it, their results and their links.")
        if st.button("Delete", key=f"delete.{upload.id}"):
            delete_upload(store, workspace, upload.id)
            st.switch_page("library.py")


def show_builtin() -> None:
    """Data sets and models that need no file."""
    for kind, heading in BUILTIN_KINDS:
        sources = builtin_sources(kind)
        if sources:
            st.header(heading, anchor=False)
        for source in sources:
            with st.container(key=f"row-{kind}-{source.digest}"):
                name_line(title(source).removesuffix(" (built-in)"), description(source), facts(source.details))


def show_formats() -> None:
    """What is accepted, in the words of the documentation."""
    with st.expander("Which files can I bring?"):
        st.markdown(re.sub(r"^## (.*)$", r"**\1**", kinds_text(), flags=re.MULTILINE))
        st.page_link(
            "help.py", label="Formats and limits", icon=":material/menu_book:", query_params={"about": "formats"}
        )


st.title("Library", anchor=False)
try:
    if "upload" in st.query_params:
        show_one(get_upload(store, workspace, st.query_params["upload"]))
    else:
        upload_field(
            "upload",
            "Choose files or drop them here",
            "csv, parquet, zipped csv, npz, npy, idx; ts, gml, zipped TU folders; safetensors, state dict, pt2, zips of these, "
            "zipped model zoos; XGBoost json and ubj; up to "
            f"{size(store.settings.upload_bytes)} each",
        )
        show_files_used(store, workspace)
        server_folders(store, workspace)
        show_formats()
        show_list(list_uploads(store, workspace))
        show_builtin()
except (NotFound, BadInput) as error:
    st.error(markdown(error))
    st.page_link("library.py", label="All files", icon=":material/arrow_back:")
