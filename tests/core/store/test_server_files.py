"""Files from the server's folders: listed, copied within the limits of uploads, and nothing outside can be reached."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import BadInput, NotFound, TooLarge
from core.keys import digest_of_bytes
from core.store.server_files import bring_server_file, list_server_files
from core.store.uploads import list_uploads
from core.store.workspaces import new_workspace

SERIES = b"time,x\n" + b"".join(b"2024-01-01T00:00:%02dZ,%d\n" % (i, i * i) for i in range(40))


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    """Two offered folders, and a secret beside them to which links lead."""
    for name in ("offered/deep", "second", "secret"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "offered" / "b.csv").write_bytes(SERIES)
    (tmp_path / "offered" / "deep" / "a.parquet").write_bytes(b"PAR1")
    (tmp_path / "offered" / "notes.docx").write_bytes(b"x")
    (tmp_path / "offered" / ".hidden.csv").write_bytes(SERIES)
    (tmp_path / "second" / "c.csv").write_bytes(SERIES)
    (tmp_path / "secret" / "keys.csv").write_bytes(SERIES)
    (tmp_path / "offered" / "link.csv").symlink_to(tmp_path / "secret" / "keys.csv")
    (tmp_path / "offered" / "away").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "offered" / "pipe.csv")
    return tmp_path


@pytest.fixture
def offering(folders: Path, make_store):
    return make_store(data_folders=f"{folders / 'offered'}:{folders / 'second'}")


def test_files_are_listed_by_folder(offering):
    """Regular files of accepted endings, below the folders at any depth; no links, pipes or hidden files."""
    listed = list_server_files(offering.settings)
    assert [(one.folder, one.place, one.name) for one in listed] == [
        (0, "b.csv", "offered/b.csv"),
        (0, "deep/a.parquet", "offered/deep/a.parquet"),
        (1, "c.csv", "second/c.csv"),
    ]
    assert listed[0].bytes == len(SERIES)


def test_nothing_is_offered_by_default(make_store):
    """Without the setting there are no folders."""
    store = make_store()
    assert list_server_files(store.settings) == []
    with pytest.raises(NotFound):
        bring_server_file(store, new_workspace(store), 0, "b.csv")


def test_a_file_becomes_an_upload_like_any_other(offering, bring):
    """It is copied, hashed and inspected; the original stays."""
    upload = bring_server_file(offering, new_workspace(offering), 0, "b.csv")
    assert (upload.kind, upload.name, upload.digest) == ("telemetry", "b.csv", digest_of_bytes(SERIES))
    assert upload.path.read_bytes() == SERIES


ESCAPES = [
    (0, "../secret/keys.csv"),
    (0, "deep/../../secret/keys.csv"),
    (0, "link.csv"),
    (0, "away/keys.csv"),
    (0, "pipe.csv"),
    (0, ".hidden.csv"),
    (0, "notes.docx"),
    (0, "deep"),
    (0, "./b.csv"),
    (0, "//b.csv"),
    (0, "b.csv\0.csv"),
    (0, "none.csv"),
    (2, "b.csv"),
    (-1, "c.csv"),
]


@pytest.mark.parametrize(("folder", "place"), ESCAPES)
def test_nothing_outside_can_be_reached(offering, folders: Path, bring, folder: int, place: str):
    """Parents, absolute paths, links, pipes, hidden files and unknown folders are not found, all by one sentence."""
    workspace = new_workspace(offering)
    with pytest.raises(NotFound) as refused:
        bring_server_file(offering, workspace, folder, place)
    assert str(refused.value) == str(NotFound())
    absolute = str(folders / "secret" / "keys.csv")
    with pytest.raises(NotFound):
        bring_server_file(offering, workspace, 0, absolute)
    assert list_uploads(offering, workspace) == [] and list(offering.tmp.iterdir()) == []


def test_the_limits_of_uploads_hold(folders: Path, make_store, bring):
    """A file past the upload limit is refused before it is copied, one that can't be read after; nothing is kept."""
    store = make_store(data_folders=str(folders / "offered"), upload_bytes=100)
    workspace = new_workspace(store)
    with pytest.raises(TooLarge, match=r"b\.csv is too large"):
        bring_server_file(store, workspace, 0, "b.csv")
    with pytest.raises(BadInput, match=r"a\.parquet can't be read as Parquet"):
        bring_server_file(store, workspace, 0, "deep/a.parquet")
    assert list_uploads(store, workspace) == [] and list(store.tmp.iterdir()) == []
