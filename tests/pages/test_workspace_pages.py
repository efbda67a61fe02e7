"""Home, library, runs, compare and shared in each of their states."""

from __future__ import annotations

import json
from urllib.parse import unquote

import numpy as np
import pytest
from safetensors.numpy import save
from streamlit.testing.v1 import AppTest

import pages.parts.workspace as workspace_part
from core.catalog import CATALOG
from core.models.architectures import ARCHITECTURES, parse_architecture
from core.store.runs import list_runs
from core.store.shares import create_share, list_shares, revoke_share
from core.store.uploads import list_uploads
from core.store.workspaces import new_workspace
from pages.parts.library_completion import CONFIGURATIONS
from pages.parts.questions import page_of
from tests.pages.conftest import Desk, plain, words

CSV = b"width,height,kind\n" + b"".join(f"{i / 7},{i % 5},{'ab'[i % 2]}\n".encode() for i in range(20))


def press(app: AppTest, label: str) -> AppTest:
    next(one for one in app.button if one.label == label).click()
    return app.run()


def test_home_shows_each_question_of_the_catalog(desk: Desk) -> None:
    """Home lists what can be asked, and says that nothing ran yet."""
    said = words(desk.open())
    assert all(analysis.question in said for analysis in CATALOG)
    assert "Nothing yet" in said


def test_home_shows_what_ran_lately(desk: Desk) -> None:
    """Home lists the last runs by name."""
    desk.finish(desk.ask("First try"), 3.0)
    assert "First try" in words(desk.open())


def test_without_a_cookie_the_page_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that keeps no cookie, or sends a forged one, gets a sentence and no workspace."""
    for text in (None, f"{desk.workspace}.forged"):
        monkeypatch.setattr(workspace_part, "cookie_text", lambda text=text: text)
        app = desk.open()
        assert "keeps no cookie" in app.warning[0].value
        assert not app.title


def test_library_lists_files_and_built_ins(desk: Desk) -> None:
    """The library names the workspace's files and what comes with the workbench."""
    desk.bring("plants.csv", CSV)
    said = words(desk.open("library.py"))
    assert "plants.csv" in said and "20 rows" in said and "2 classes" in said
    assert "Wine" in said and "LeNet-5" in said


def test_library_shows_weights_and_takes_their_architecture(desk: Desk) -> None:
    """Bare weights show their tensors and the form for their architecture, which makes a model of them."""
    tensors = {"layers.0.weight": (3, 2), "layers.0.bias": (3,), "layers.1.weight": (2, 3), "layers.1.bias": (2,)}
    upload = desk.bring("net.safetensors", save({name: np.ones(shape, "f4") for name, shape in tensors.items()}))
    app = desk.open("library.py", {"upload": upload.id})
    assert [len(frame.value) for frame in app.dataframe] == [4]
    app.text_area[0].set_value('{"architecture": "mlp", "inputs": 2, "hidden": [3], "classes": 2}')
    app = press(app, "Attach")
    said = words(app)
    assert not app.error and "hidden 3" in said and "Ask: intrinsic dimension" in said


def test_the_form_for_architectures_shows_lines_that_work() -> None:
    """Each configuration that the form shows is one of the built-in architectures."""
    assert {parse_architecture(line).architecture for line in CONFIGURATIONS} == set(ARCHITECTURES)


def test_library_shows_renames_and_deletes_a_file(desk: Desk) -> None:
    """One file's page shows preview, digest and facts; it can be renamed and deleted."""
    upload = desk.bring("plants.csv", CSV)
    app = desk.open("library.py", {"upload": upload.id})
    said = words(app)
    assert upload.digest in said and "First rows" in said
    assert list(app.dataframe[0].value.columns) == ["width", "height", "kind"]
    next(one for one in app.text_input if one.label == "Name").input("<b>flowers</b>")
    press(app, "Rename")
    assert [one.name for one in list_uploads(desk.store, desk.workspace)] == ["<b>flowers</b>"]
    press(app, "Delete")
    assert list_uploads(desk.store, desk.workspace) == []


def test_library_hides_what_is_foreign(desk: Desk) -> None:
    """Another workspace's file is not found, by the same sentence as one that never was."""
    upload = desk.bring("plants.csv", CSV)
    desk.workspace = new_workspace(desk.store)
    texts = [desk.open("library.py", {"upload": name}).error[0].value for name in (upload.id, "nothing")]
    assert texts[0] == texts[1]


def test_runs_is_empty_at_first(desk: Desk) -> None:
    """Without runs the page points to the questions."""
    assert "Nothing has run" in words(desk.open("runs.py"))


def test_runs_shows_queue_and_history(desk: Desk) -> None:
    """Active runs show progress and can be cancelled; past ones can be renamed and deleted."""
    desk.finish(desk.ask("Old", "digits"), 9.0, "digits")
    active = desk.ask("New")
    desk.progress(active, 0.25, "2NN", 8.0)
    app = desk.open("runs.py")
    said = words(app)
    assert "25 %" in said and "New" in said and "Old" in said
    press(app, "Cancel")
    assert {run.title: run.state for run in list_runs(desk.store, desk.workspace)}["New"] == "cancelled"
    app = desk.open("runs.py")
    old = next(run for run in list_runs(desk.store, desk.workspace) if run.title == "Old")
    app.text_input(key=f"title.{old.id}").input("Older")
    app.button(key=f"rename.{old.id}").click().run()
    assert "Older" in words(app)
    app.button(key=f"delete.{old.id}").click().run()
    assert [run.title for run in list_runs(desk.store, desk.workspace)] == ["New"]


def test_my_links_are_listed_and_revoked(desk: Desk) -> None:
    """Links are listed with their state, and one click revokes them."""
    run = desk.ask()
    desk.finish(run, 3.0)
    create_share(desk.store, desk.workspace, [run.id], "For Ada", 7)
    app = desk.open("runs.py")
    assert "For Ada" in words(app) and "valid until" in words(app)
    press(app, "Revoke")
    assert list_shares(desk.store, desk.workspace)[0].revoked is not None
    assert "revoked" in words(app)


def test_share_box_makes_a_link_that_opens(desk: Desk) -> None:
    """The link from the share box shows the result to a stranger."""
    run = desk.ask()
    desk.finish(run, 3.25)
    app = press(desk.open(page_of(run.slug), {"run": run.id}), "Create link")
    address = next(code.value for code in app.code if "share=" in code.value)
    desk.workspace = new_workspace(desk.store)
    assert "about 3.25 dimensions" in words(desk.open("shared.py", {"share": address.partition("share=")[2]}))


def test_compare_needs_two_results(desk: Desk) -> None:
    """With fewer than two results the page says what is needed."""
    assert "Two finished results are needed" in words(desk.open("compare.py"))


def test_compare_marks_what_differs(desk: Desk) -> None:
    """Two results stand side by side; quantities and settings that differ are marked."""
    first, second = desk.ask("Wine"), desk.ask("Digits", "digits")
    desk.finish(first, 3.0)
    desk.finish(second, 9.0, "digits")
    app = desk.open("compare.py", {"runs": f"{first.id},{second.id}"})
    said = words(app)
    assert "about 3 dimensions" in said and "about 9 dimensions" in said
    assert "differs: intervals apart" in said
    numbers, *scales = (json.loads(chart.proto.spec) for chart in app.get("plotly_chart"))
    assert numbers["data"][0]["y"] == [3.0, 9.0]
    ranges = [scale["layout"]["yaxis"]["range"] for scale in scales]
    assert len(ranges) == 2 and ranges[0] == ranges[1]
    assert ranges[0][0] < 3.1 and ranges[0][1] > 9.4
    assert said.count("Wine") >= 2


def test_one_result_is_offered_others_of_its_question(desk: Desk) -> None:
    """Whoever comes from a result finds the other answers to the same question as links."""
    first, second = desk.ask("Wine"), desk.ask("Digits", "digits")
    desk.finish(first, 3.0)
    desk.finish(second, 9.0, "digits")
    app = desk.open("compare.py", {"runs": first.id})
    links = [link.proto for link in app.main.get("page_link")]
    assert [plain(link.label).partition(" (")[0] for link in links] == ["with Digits"]
    assert f"{first.id},{second.id}" in unquote(links[0].query_string)


def test_a_shared_comparison_shows_both(desk: Desk) -> None:
    """A link to two results shows them side by side, read-only."""
    first, second = desk.ask("Wine"), desk.ask("Digits", "digits")
    desk.finish(first, 3.0)
    desk.finish(second, 9.0, "digits")
    _, token = create_share(desk.store, desk.workspace, [first.id, second.id], "Both", None)
    desk.workspace = new_workspace(desk.store)
    app = desk.open("shared.py", {"share": token})
    assert "about 3 dimensions" in words(app) and "about 9 dimensions" in words(app)
    assert not app.button


def test_bad_links_all_look_the_same(desk: Desk) -> None:
    """Unknown, revoked and missing tokens give one and the same page."""
    run = desk.ask()
    desk.finish(run, 3.0)
    share, token = create_share(desk.store, desk.workspace, [run.id], "x", None)
    revoke_share(desk.store, desk.workspace, share.id)
    pages = [words(desk.open("shared.py", {"share": text})) for text in (token, "unknown", run.id, run.key)]
    assert len(set(pages)) == 1
    assert "Not found" in pages[0]
