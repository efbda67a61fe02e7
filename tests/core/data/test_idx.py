"""idx files, alone, in pairs and in a zip."""

from __future__ import annotations

import gzip
import struct
from typing import Any

import numpy as np
import pytest

from core.data.inspection import inspect_dataset
from core.data.pairing import pair_with_labels
from core.data.reading import load_dataset
from core.errors import BadInput, TooLarge
from tests.core.data.conftest import source_of

IMAGES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
LABELS = np.array([7, 3], dtype=np.uint8)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_images(files: Any, idx: Any, pack: Any) -> None:
    """Images alone, plain or compressed, are samples from 0 to 1 without labels."""
    dataset = files.load("train-images-idx3-ubyte.gz", pack(idx(IMAGES)))
    np.testing.assert_allclose(dataset.X, IMAGES / 255, rtol=1e-6)
    with pytest.raises(BadInput, match=r"has no labels; bring its labels file too and pair the two"):
        dataset.labels()


@pytest.mark.parametrize("kind", ["u1", "i1", "i2", "i4", "f4", "f8"])
def test_types(files: Any, idx: Any, kind: str) -> None:
    """Every value type of the format is read in the right byte order."""
    values = np.array([[1, 2, 3], [4, 5, 100]], dtype=kind)
    np.testing.assert_array_equal(files.load("points.idx", idx(values)).X, values.astype(np.float32))


def test_labels_file(files: Any, idx: Any) -> None:
    """A labels file is recognised as such, and is no data set."""
    path = files.put("train-labels-idx1-ubyte.gz", gzip.compress(idx(LABELS)))
    details = inspect_dataset(path, path.name)
    assert (details["kind"], details["rows"], details["class_counts"]) == ("labels", 2, {"3": 1, "7": 1})
    with pytest.raises(
        BadInput, match=r"train-labels-idx1-ubyte.gz holds labels without images; pair it with its images"
    ):
        load_dataset(source_of(path))


def test_pair(files: Any, idx: Any) -> None:
    """Images and labels become one labelled npz; the same pair gives the same bytes."""
    images, labels = files.put("i.gz", gzip.compress(idx(IMAGES))), files.put("l", idx(LABELS))
    written = []
    for name in ("one.npz", "two.npz"):
        pair_with_labels(images, labels, files.folder / name)
        written.append((files.folder / name).read_bytes())
    assert written[0] == written[1]
    dataset = load_dataset(source_of(files.folder / "one.npz"))
    np.testing.assert_allclose(dataset.X, IMAGES / 255, rtol=1e-6)
    assert (dataset.classes, dataset.labels().tolist()) == (("3", "7"), [1, 0])


@pytest.mark.parametrize(
    ("images", "labels", "sentence"),
    [
        (IMAGES, LABELS[:1], "i.idx and l.idx do not belong together: 2 images, 1 labels."),
        (LABELS, LABELS, "i.idx holds labels (shape (2,)) where images are expected."),
        (IMAGES, IMAGES, "l.idx holds shape (2, 3, 4) where one label a row is expected."),
    ],
    ids=["lengths", "no images", "no labels"],
)
def test_refused_pairs(files: Any, idx: Any, images: np.ndarray, labels: np.ndarray, sentence: str) -> None:
    """Files that do not belong together are refused, and nothing is written."""
    with pytest.raises(BadInput) as refusal:
        pair_with_labels(
            files.put("a", idx(images)),
            files.put("b", idx(labels)),
            files.folder / "c",
            images_name="i.idx",
            labels_name="l.idx",
        )
    assert str(refusal.value) == sentence
    assert not (files.folder / "c").exists()


def test_zip(files: Any, idx: Any, zipped: Any) -> None:
    """The parts of a zip are joined, train first, and folders and hidden files in it do not count."""
    dataset = files.load(
        "mnist.zip",
        zipped(
            {
                "mnist/": b"",
                "mnist/.DS_Store": b"x",
                "__MACOSX/mnist/._train-images": b"x",
                "mnist/t10k-images-idx3-ubyte.gz": gzip.compress(idx(IMAGES)),
                "mnist/t10k-labels-idx1-ubyte.gz": gzip.compress(idx(LABELS)),
                "mnist/train-images.idx3-ubyte": idx(IMAGES + 100),
                "mnist/train-labels.idx1-ubyte": idx(LABELS[::-1].copy()),
            }
        ),
    )
    np.testing.assert_allclose(dataset.X, np.concatenate([IMAGES + 100, IMAGES]) / 255, rtol=1e-6)
    assert [dataset.classes[label] for label in dataset.labels()] == ["3", "7", "7", "3"]


def test_zip_refusals(files: Any, idx: Any, zipped: Any) -> None:
    """A zip that is not idx images with their labels is refused with what it holds."""
    images, labels = idx(IMAGES), idx(LABELS)
    wide = idx(np.zeros((2, 3, 5), np.uint8))
    for members, sentence in (
        ({}, "holds no idx images"),
        ({"cat.png": b"x"}, "holds 'cat.png'; a zip of idx files is expected"),
        ({"labels.idx": labels}, "holds no idx images"),
        ({"train-images": images, "train-labels": labels, "t10k-images": images}, "do not pair up: t10k has no partner."),
        ({"train-images": images, "train-labels": idx(LABELS[:1])}, "do not belong together: 2 images, 1 labels."),
        ({"a-images": images, "a-labels": labels, "b-images": wide, "b-labels": labels}, "of b have shape (3, 5), those of a (3, 4)"),
        ({"images": images[:-1], "labels": labels}, "images declares shape (2, 3, 4), 24 bytes, and 23 are there: it was cut off"),
        ({"images.a": images, "images.b": images}, "holds two files of images"),
    ):  # fmt: skip
        with pytest.raises(BadInput) as refusal:
            files.load("mnist.zip", zipped(members))
        assert str(refusal.value).startswith("mnist.zip")
        assert sentence in str(refusal.value)


BAD = {
    "cut off": (
        lambda content: content[:-1],
        "points.idx declares shape (2, 3, 4), 24 bytes, and 23 are there: it was cut off",
    ),
    "too long": (lambda content: content + b"x", "points.idx declares shape (2, 3, 4), 24 bytes, and more are there"),
    "cut off in the header": (lambda content: content[:7], "points.idx is damaged or was cut off"),
    "cut off in gzip": (lambda content: gzip.compress(content)[:-9], "points.idx is damaged or was cut off"),
    "changed in gzip": (lambda content: gzip.compress(content)[:-8] + bytes(8), "points.idx is damaged or was cut off"),
    "text in gzip": (
        lambda content: gzip.compress(b"hello"),
        "points.idx is not an idx file: it starts with 68 65 6c 6c",
    ),
    "unknown type": (
        lambda content: b"\0\0\x07" + content[3:],
        "points.idx is not an idx file: it starts with 00 00 07 03",
    ),
    "text": (lambda content: b"hello", "points.idx is not an idx file: it starts like none."),
}


@pytest.mark.parametrize(("damage", "sentence"), BAD.values(), ids=BAD.keys())
def test_refusals(files: Any, idx: Any, damage: Any, sentence: str) -> None:
    """Each fault of an idx file is refused with a sentence that names the file and what is there."""
    with pytest.raises(BadInput) as refusal:
        files.load("points.idx", damage(idx(IMAGES)))
    assert sentence in str(refusal.value)


def test_bomb(files: Any) -> None:
    """A compressed idx file that declares more than the limits is refused before it is unpacked."""
    head = struct.pack(">HBB3I", 0, 8, 3, 4_000_000, 100, 100)
    with pytest.raises(
        TooLarge, match=r"points.idx.gz has 40,000,000,000 values; at most 500,000,000 are accepted here"
    ):
        files.load("points.idx.gz", gzip.compress(head + bytes(10_000_000)))
