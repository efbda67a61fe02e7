"""Uploads: within limits, inspected, stored once, deleted with what was derived from them."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from safetensors.numpy import save

from core.errors import BadInput, TooLarge
from core.keys import digest_of_bytes
from core.store.names import LONGEST, file_suffix, shown
from core.store.results import has_result
from core.store.runs import get_run, list_runs
from core.store.shares import create_share, list_shares
from core.store.uploads import (
    attach_architecture,
    attach_labels,
    begin_upload,
    delete_upload,
    finish_upload,
    get_upload,
    list_uploads,
    rename_upload,
    upload_source,
)
from core.store.workspaces import new_workspace


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.astype("u1").tobytes()


IMAGES, LABELS = idx(np.arange(10 * 4 * 4).reshape(10, 4, 4)), idx(np.arange(10) % 3)


def test_file_is_stored_under_its_digest(store, workspace, bring, npz):
    """The place of a file follows from its content alone; the row has what the inspection found."""
    upload = bring(store, workspace)
    digest = digest_of_bytes(npz())
    assert [f"{digest[:2]}/{digest}/content.npz"] == files_below(store.home / "uploads")
    assert npz() == upload.path.read_bytes()
    assert ("dataset", "data.npz", len(npz()), 20) == (upload.kind, upload.name, upload.bytes, upload.details["rows"])
    assert [upload] == list_uploads(store, workspace, "dataset")
    assert list_uploads(store, workspace, "model") == []
    assert list(store.tmp.iterdir()) == []


def test_same_file_twice_is_the_same_upload(store, workspace, bring):
    """Bringing a file again gives the upload that is there."""
    assert bring(store, workspace) == bring(store, workspace, name="other.npz")
    assert len(list_uploads(store, workspace)) == 1


def test_chunks_are_hashed_as_they_come(store, workspace, npz):
    """However the bytes are cut, the digest is that of the file (which is read in a process of its own)."""
    incoming = begin_upload(store, workspace, "data.npz", len(npz()))
    for start in range(0, len(npz()), 100):
        incoming.write(npz()[start : start + 100])
    assert digest_of_bytes(npz()) == finish_upload(store, incoming).digest


def test_abandoned_file_leaves_nothing(store, workspace):
    """A connection that ends in the middle leaves no file."""
    incoming = begin_upload(store, workspace, "data.npz")
    incoming.write(b"half")
    incoming.abandon()
    assert files_below(store.home / "uploads") + files_below(store.tmp) == []


def test_file_past_the_limit_is_stopped_while_it_comes(make_store):
    """The limit holds for what is declared and for what comes; nothing of the file is kept."""
    store = make_store(upload_bytes=1000)
    workspace = new_workspace(store)
    with pytest.raises(TooLarge, match=r"a\.csv is too large: one upload may have 1000 bytes and all of a workspace"):
        begin_upload(store, workspace, "a.csv", 1001)
    incoming = begin_upload(store, workspace, "a.csv", 10)
    incoming.write(b"x" * 1000)
    with pytest.raises(TooLarge, match="too large"):
        incoming.write(b"x")
    assert files_below(store.tmp) == []


def test_workspace_has_a_quota_of_its_own(make_store, bring, npz):
    """A full workspace takes no more; another one does; deleting makes room."""
    store = make_store(workspace_bytes=len(npz()) + 100)
    full, other = new_workspace(store), new_workspace(store)
    upload = bring(store, full)
    with pytest.raises(TooLarge, match="workspace"):
        bring(store, full, npz(seed=1))
    bring(store, other, npz(seed=1))
    delete_upload(store, full, upload.id)
    bring(store, full, npz(seed=1))


def test_file_is_refused_by_the_reading_process(store, workspace):
    """The readers' sentence comes back from their process as it is, and nothing is kept."""
    incoming = begin_upload(store, workspace, "<b>.csv")
    incoming.write(b"a,b\n1,2\n3,x\n")
    with pytest.raises(BadInput, match=r"<b>\.csv: column 'b'"):
        finish_upload(store, incoming)
    assert files_below(store.home / "uploads") + list(store.tmp.iterdir()) == []


def test_two_files_at_once_do_not_pass_the_quota_together(make_store, npz):
    """Both fit when they begin; the second one to end finds the workspace full."""
    store = make_store(workspace_bytes=len(npz()) + 100)
    workspace = new_workspace(store)
    first, second = (begin_upload(store, workspace, "a.npz") for _ in range(2))
    first.write(npz(seed=1))
    second.write(npz(seed=2))
    finish_upload(store, first)
    with pytest.raises(TooLarge):
        finish_upload(store, second)
    assert len(files_below(store.home / "uploads")) == 1
    assert list(store.tmp.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("text.csv", b"a,b\n1,2\n3,x\n"),
        ("cut.npz", b"PK\x03\x04cut"),
        ("model.pkl", b"\x80\x04N."),
        ("data", b"a,b\n1,2\n"),
    ],
)
def test_refused_file_leaves_nothing(store, workspace, bring, name, content):
    """A refusal names the file in one sentence, and nothing is kept of it."""
    with pytest.raises(BadInput, match=name):
        bring(store, workspace, content, name)
    assert (list_uploads(store, workspace), files_below(store.home / "uploads")) == ([], [])
    assert list(store.tmp.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>.csv",
        "../../../../etc/passwd.csv",
        "/etc/passwd.csv",
        "..\\..\\x.csv",
        "🦉 données ‮.csv",
        "x" * 300 + ".csv",
        "a\0b\n\r\x1b[31m.csv",
        ".csv",
        "",
        "\ud800.csv",
        "-rf.csv",
        "x" * 300,
    ],
)
def test_name_is_text_and_never_a_path(store, workspace, bring, name):
    """Whatever a file is called: it lies under its digest, and its name is at most 200 harmless characters."""
    try:
        upload = bring(store, workspace, b"a,b\n1,2\n3,4\n", name)
    except BadInput as refusal:  # by its ending it may be no data set
        assert not name.endswith(".csv")
        assert len(str(refusal)) < 600
        return
    (file,) = files_below(store.home / "uploads")
    assert file in {f"{upload.digest[:2]}/{upload.digest}/content{suffix}" for suffix in (".csv", ".bin")}
    assert 1 <= len(upload.name) <= LONGEST
    assert upload.name.isprintable()
    assert store.home in upload.path.resolve().parents
    assert [upload] == list_uploads(store, workspace)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain.csv", "plain.csv"),
        ("../<b>.csv", "../<b>.csv"),
        (" \t ", "untitled"),
        ("a\0b", "a�b"),
        ("‮gnp.csv", "�gnp.csv"),
        ("👩‍🔬", "👩‍🔬"),
        ("\ud800", "�"),
        ("x" * 201, "x" * 149 + "…" + "x" * 50),
        ("y" * 200, "y" * 200),
    ],
)
def test_shown_names(text, seen):
    """Markup stays text, what can't be seen is replaced, long names are cut in the middle."""
    assert seen == shown(text)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.csv", ".csv"),
        ("a.CSV.GZ", ".csv.gz"),
        ("a", ".bin"),
        ("a./../b", ".bin"),
        ("a.c/s", ".bin"),
        ("a.é", ".bin"),
    ],
)
def test_suffix_of_stored_files(name, suffix):
    """Only plain letters and digits of a name get into the stored file's suffix."""
    assert suffix == file_suffix(name)


def test_deleting_takes_along_what_was_derived(store, workspace, bring, ask, answer, npz):
    """Runs on the upload, their results and links go; those on other data stay."""
    upload, other = bring(store, workspace), bring(store, workspace, npz(seed=1), "other.npz")
    kept = ask(store, workspace, 1, dataset=upload_source(other))
    answer(store)
    doomed = ask(store, workspace, 2, dataset=upload_source(upload))
    answer(store)
    waiting = ask(store, workspace, 3, dataset=upload_source(upload))
    create_share(store, workspace, [kept.id, doomed.id], "both", None)
    link, _ = create_share(store, workspace, [kept.id], "kept", None)
    delete_upload(store, workspace, upload.id)
    assert [kept.id] == [run.id for run in list_runs(store, workspace)]
    assert [link.id] == [share.id for share in list_shares(store, workspace)]
    assert (has_result(store, kept.key), has_result(store, doomed.key)) == (True, False)
    assert [other] == list_uploads(store, workspace)
    assert [other.digest] == [path.parent.name for path in (store.home / "uploads").rglob("content.*")]
    assert list(store.tmp.iterdir()) == []
    again = ask(store, workspace, 1, dataset=upload_source(other))
    assert ("done", kept.id) == (again.state, again.id)
    assert waiting.id not in {run.id for run in list_runs(store, workspace)}


def test_deleting_leaves_what_others_have(store, workspace, stranger, bring, ask, answer):
    """Another workspace that brought the same file keeps file, run and result."""
    mine, theirs = bring(store, workspace), bring(store, stranger)
    ask(store, workspace, dataset=upload_source(mine))
    run = ask(store, stranger, dataset=upload_source(theirs))
    key = answer(store)
    delete_upload(store, workspace, mine.id)
    assert theirs.path.exists()
    assert has_result(store, key)
    assert get_run(store, stranger, run.id).state == "done"
    delete_upload(store, stranger, theirs.id)
    assert (files_below(store.home / "uploads"), files_below(store.home / "results")) == ([], [])


def test_renamed_upload_is_the_same_input(store, workspace, bring, ask):
    """A name is no part of a key."""
    upload = bring(store, workspace)
    first = ask(store, workspace, dataset=upload_source(upload))
    rename_upload(store, workspace, upload.id, "better\0name")
    renamed = get_upload(store, workspace, upload.id)
    assert renamed.name == "better�name"
    assert first.key == ask(store, workspace, dataset=upload_source(renamed)).key


def test_images_and_labels_become_one_data_set(store, workspace, bring):
    """Two idx files become a labelled data set, which goes when one of them is deleted."""
    images = bring(store, workspace, IMAGES, "train-images-idx3-ubyte")
    labels = bring(store, workspace, LABELS, "train-labels-idx1-ubyte")
    assert (images.kind, labels.kind) == ("dataset", "labels")
    pair = attach_labels(store, workspace, images.id, labels.id)
    assert (pair.kind, pair.name, pair.details["classes"]) == ("dataset", "train-images-idx3-ubyte", 3)
    assert pair == attach_labels(store, workspace, images.id, labels.id)
    delete_upload(store, workspace, labels.id)
    assert [images] == list_uploads(store, workspace)


def test_files_that_do_not_belong_together_are_refused(store, workspace, bring):
    """Labels of another number than the images, and what is no labels file, are refused; nothing is added."""
    images = bring(store, workspace, IMAGES, "images-idx3-ubyte")
    labels = bring(store, workspace, idx(np.arange(9)), "labels-idx1-ubyte")
    with pytest.raises(BadInput, match="do not belong together"):
        attach_labels(store, workspace, images.id, labels.id)
    with pytest.raises(BadInput, match="labels"):
        attach_labels(store, workspace, images.id, images.id)
    assert len(list_uploads(store, workspace)) == 2


def test_labels_alone_are_no_input(store, workspace, bring):
    """What is missing is said, with the page where it is added."""
    labels = bring(store, workspace, LABELS, "labels-idx1-ubyte")
    with pytest.raises(BadInput, match="Library"):
        upload_source(labels)


def test_architecture_goes_to_weights_only(store, workspace, bring):
    """A data set can't become a model."""
    with pytest.raises(BadInput, match="weights only"):
        attach_architecture(store, workspace, bring(store, workspace).id, {"architecture": "mlp"})


def test_weights_become_a_model(store, workspace):
    """Weights and an architecture become a model that describes itself; it goes when the weights are deleted."""
    tensors = {
        "layers.0.weight": np.ones((5, 4), np.float32),
        "layers.0.bias": np.ones(5, np.float32),
        "layers.1.weight": np.ones((3, 5), np.float32),
        "layers.1.bias": np.ones(3, np.float32),
    }
    incoming = begin_upload(store, workspace, "net.safetensors")
    incoming.write(save(tensors))
    weights = finish_upload(store, incoming)
    assert weights.kind == "weights"
    with pytest.raises(BadInput, match="architecture"):
        upload_source(weights)
    with pytest.raises(BadInput, match=r"net\.safetensors does not fit"):
        attach_architecture(
            store, workspace, weights.id, {"architecture": "mlp", "inputs": 4, "hidden": [6], "classes": 3}
        )
    config = {"architecture": "mlp", "inputs": 4, "hidden": [5], "classes": 3}
    model = attach_architecture(store, workspace, weights.id, config)
    assert (model.kind, model.name, model.details["parameters"]) == ("model", "net.safetensors", 43)
    assert upload_source(model).kind == "model"
    assert list_uploads(store, workspace, "weights") == [weights]
    delete_upload(store, workspace, weights.id)
    assert list_uploads(store, workspace) == []


SERIES = b"time,x\n" + b"".join(b"2024-01-01T00:00:%02dZ,%d\n" % (i, i * i) for i in range(40))


def test_the_copy_of_telemetry_comes_and_goes_with_its_file(store, workspace, bring):
    """Inspection writes the Parquet copy beside the content; deleting the upload deletes both."""
    upload = bring(store, workspace, SERIES, "series.csv")
    assert upload.kind == "telemetry" and upload.bytes == len(SERIES)
    assert sorted(path.name for path in upload.path.parent.iterdir()) == ["columns.parquet", "content.csv"]
    delete_upload(store, workspace, upload.id)
    assert files_below(store.home / "uploads") == []


def test_the_copy_is_added_to_content_that_was_there_without_it(store, workspace, bring):
    """The same content, brought as a data set by one workspace and as telemetry by another, gets its copy then."""
    incoming = begin_upload(store, workspace, "series.csv", len(SERIES))
    incoming.write(SERIES)
    first = finish_upload(store, incoming, "dataset")
    assert [path.name for path in first.path.parent.iterdir()] == ["content.csv"]
    bring(store, new_workspace(store), SERIES, "series.csv")
    assert sorted(path.name for path in first.path.parent.iterdir()) == ["columns.parquet", "content.csv"]
