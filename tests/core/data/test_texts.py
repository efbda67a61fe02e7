"""Texts with labels: a column of a table, a built-in set, and words as numbers."""

from pathlib import Path

import numpy as np
import pytest

from core.analysis import Source
from core.data.builtin import builtin_dataset_source
from core.data.columns import check_columns
from core.data.docstrings import LIBRARIES
from core.data.inspection import inspect_dataset
from core.data.texts import as_bytes, docstrings, load_texts, text_column
from core.data.vocabulary import MASK, PADDING, UNKNOWN, vocabulary_of
from core.errors import BadInput


def table(folder: Path, text: str) -> Source:
    path = folder / "reviews.csv"
    path.write_text(text)
    return Source("dataset", path.name, "digest", str(path), inspect_dataset(path, path.name))


def test_a_table_of_texts(tmp_path: Path) -> None:
    """A csv with texts and labels is read by its columns; columns of numbers are left out; other questions refuse it."""
    source = table(tmp_path, "review,stars,label\ngood film,5,yes\nbad film,1,no\nfine,4,yes\n")
    assert text_column(source) == "review"
    found = load_texts(source, "review")
    assert list(found.X) == ["good film", "bad film", "fine"]
    assert found.classes == ("no", "yes") and found.labels().tolist() == [1, 0, 1]
    with pytest.raises(BadInput, match="column 'review' holds text"):
        check_columns(source, "")


def test_texts_need_no_column_of_numbers(tmp_path: Path) -> None:
    """A table of one column of texts and one of labels, both text, is a data set."""
    source = table(tmp_path, "text,label\na b,x\nb c,y\n")
    assert (text_column(source), source.details["kind"], source.details["classes"]) == ("text", "dataset", 2)


def test_labels_with_a_name_of_their_own_are_chosen(tmp_path: Path) -> None:
    """Where no column is called label, one of the columns of text is chosen as the labels; the other holds the texts."""
    source = table(tmp_path, "review,feeling\na b,x\nb c,y\nc d,x\n")
    with pytest.raises(BadInput, match="the columns review, feeling hold text; choose the one that holds the labels"):
        text_column(source)
    assert text_column(source, target="feeling") == "review"
    assert load_texts(source, "review", "feeling").classes == ("x", "y")


def test_columns_that_do_not_fit(tmp_path: Path) -> None:
    """A text column that is missing, of numbers, or one of several is named with what to do; so is an empty text."""
    source = table(tmp_path, "title,body,stars,label\nx,a b,1,p\ny,,2,q\n")
    with pytest.raises(BadInput, match=r"has no column 'review'; it has title, body, stars, label"):
        text_column(source, "review")
    with pytest.raises(BadInput, match="column 'stars' holds numbers"):
        text_column(source, "stars")
    with pytest.raises(BadInput, match="the columns title, body hold text; name the one"):
        text_column(source)
    with pytest.raises(BadInput, match=r"row 2 \(line 3\) has no text"):
        load_texts(source, text_column(source, "body"))
    assert text_column(builtin_dataset_source("digits")) == ""


def test_docstrings_are_sentences_of_libraries() -> None:
    """250 sentences of each library; none names one; as bytes they are the same characters."""
    texts = docstrings()
    assert texts.classes == LIBRARIES
    assert np.bincount(texts.labels()).tolist() == [250] * len(LIBRARIES)
    assert not any("numpy" in text.lower().split() or "pandas" in text.lower().split() for text in texts.X)
    assert text_column(builtin_dataset_source("docstrings")) == "text"
    rows = as_bytes(texts.X)
    assert bytes(rows[0].astype(np.uint8)).rstrip(b"\0").decode() == texts.X[0][:120]


def test_words_as_numbers() -> None:
    """Frequent words come first, one that occurs once is unknown, short texts are padded and long ones cut."""
    vocabulary = vocabulary_of(["the cat, the dog", "the cat sat"], most=10)
    assert vocabulary.words == ("the", "cat")
    assert vocabulary.size == 2 + 3
    assert vocabulary.encode(["The CAT slept", "cat"], 2).tolist() == [[3, 4], [4, PADDING]]
    assert vocabulary.encode(["dog"], 1).tolist() == [[UNKNOWN]]
    assert MASK not in vocabulary.encode(["the cat [mask]"], 6)
    assert vocabulary_of(["b a b a"], most=1).words == ("a",)
