"""One workspace never sees, changes or uses what another has."""

from __future__ import annotations

import pytest

from core.errors import NotFound
from core.store import runs, shares, uploads
from core.store.jobs import claim_job, fail_job
from core.store.rights import look_up


def refused(call) -> str:
    with pytest.raises(NotFound) as error:
        call()
    return str(error.value)


def test_everything_of_another_workspace_is_not_found(store, workspace, stranger, ask, answer, bring):
    """Each function that takes an id answers a foreign one as it answers one that never was."""
    upload = bring(store, workspace)
    run = ask(store, workspace)
    answer(store)
    share, _ = shares.create_share(store, workspace, [run.id], "", None)
    calls = [
        (run.id, lambda who, id: runs.get_run(store, who, id)),
        (run.id, lambda who, id: runs.rename_run(store, who, id, "mine")),
        (run.id, lambda who, id: runs.cancel_run(store, who, id)),
        (run.id, lambda who, id: runs.delete_run(store, who, id)),
        (run.id, lambda who, id: shares.create_share(store, who, [id], "", None)),
        (share.id, lambda who, id: shares.revoke_share(store, who, id)),
        (upload.id, lambda who, id: uploads.get_upload(store, who, id)),
        (upload.id, lambda who, id: uploads.rename_upload(store, who, id, "mine")),
        (upload.id, lambda who, id: uploads.delete_upload(store, who, id)),
        (upload.id, lambda who, id: uploads.attach_labels(store, who, id, id)),
        (upload.id, lambda who, id: uploads.attach_architecture(store, who, id, {})),
    ]
    words = set()
    for id, call in calls:
        words.add(refused(lambda call=call, id=id: call(stranger, id)))
        words.add(refused(lambda call=call: call(workspace, "never")))
        words.add(refused(lambda call=call: call(workspace, "ne\0ver")))
        words.add(refused(lambda call=call: call(workspace, "\ud800")))
        words.add(refused(lambda call=call, id=id: call("no workspace", id)))
    assert len(words) == 1
    assert (
        runs.list_runs(store, stranger),
        shares.list_shares(store, stranger),
        uploads.list_uploads(store, stranger),
    ) == ([], [], [])
    assert (run.title, upload.name) == (
        runs.get_run(store, workspace, run.id).title,
        uploads.get_upload(store, workspace, upload.id).name,
    )


def test_upload_of_another_workspace_is_no_input(store, workspace, stranger, ask, bring):
    """Whoever knows the digest of a stranger's file can't have it analysed."""
    source = uploads.upload_source(bring(store, workspace))
    assert refused(lambda: ask(store, stranger, dataset=source))
    assert runs.list_runs(store, stranger) == []
    assert ask(store, workspace, dataset=source).state == "queued"


def test_unknown_workspace_can_neither_ask_nor_bring(store, ask):
    """A workspace that this installation did not make has no rights at all."""
    refused(lambda: ask(store, "invented"))
    refused(lambda: uploads.begin_upload(store, "invented", "a.csv"))


def test_same_content_in_two_workspaces_tells_neither_of_the_other(store, workspace, stranger, ask, bring):
    """The file is stored once; ids, names and the words of a shared failure are each workspace's own."""
    mine, theirs = bring(store, workspace, name="mine.npz"), bring(store, stranger, name="theirs.npz")
    assert (mine.path, mine.digest) == (theirs.path, theirs.digest)
    assert mine.id != theirs.id
    first = ask(store, workspace, dataset=uploads.upload_source(mine))
    second = ask(store, stranger, dataset=uploads.upload_source(theirs))
    assert first.key == second.key
    job = claim_job(store, "r")
    fail_job(store, "r", job.key, f"{job.inputs['dataset'].name} has no labels.", "")
    assert runs.get_run(store, workspace, first.id).error == "mine.npz has no labels."
    assert runs.get_run(store, stranger, second.id).error == "theirs.npz has no labels."


def test_look_up_needs_proof(store):
    """An id without its workspace is a mistake of the program, not a question."""
    with store.reading() as connection:
        for proof in ({"id": "x"}, {"workspace": "x"}, {"token": "x", "workspace": "y"}, {}):
            with pytest.raises(TypeError):
                look_up(connection, shares.shares, 0.0, **proof)
