"""Predictions of many models: what a file holds, and one model of it at a time, so that memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.data.formats import shown
from core.data.npz_arrays import NpzArrays, open_npz
from core.data.predictions import Place, ScoreFile, ScoreKind, ScorePart, check_disjoint
from core.data.predictions_npz import SCORE_NAMES, check_scores
from core.data.predictions_reading import STUDY_COLUMN, prediction_format, read_table
from core.data.predictions_table import label_column, matrix, place_in, score_columns, split_parts, words
from core.data.table import Table, listed
from core.errors import BadInput

if TYPE_CHECKING:
    from core.analysis import Source

SAVE = "numpy.savez(path, logits=logits, labels=labels, models=names)"
ONE = ""  # the name of the data set of a file that has only one and does not name it
MODEL_COLUMNS = ("model", "config", "id", "name")
Form = Literal["arrays", "long", "metrics"]


@dataclass(frozen=True)
class Population:
    """What a file of many models holds.

    Attributes:
        filename: as messages show it.
        form: "arrays" (npz), "long" (a table with one row a model and sample) or "metrics" (one row a model).
        models: their names, in the order of the file, each once.
        datasets: names of the data sets that they were evaluated on; one that is not named is "".
        rows: samples that are reported on, by data set; 0 where only metrics are known.
        fit_rows: samples of the validation part, by data set.
        classes: K by data set; 0 where only metrics are known.
    """

    filename: str
    form: Form
    models: tuple[str, ...]
    datasets: tuple[str, ...]
    rows: dict[str, int]
    fit_rows: dict[str, int]
    classes: dict[str, int]


def open_population(source: Source) -> Population:
    """What the file of a source holds; of an npz only headers, names and labels are read.

    Raises:
        BadInput: the file can't be used.
    """
    return inspect_population_file(Path(source.location), source.name)


def inspect_population_file(path: Path, filename: str) -> Population:
    """What a file of many models holds.

    Raises:
        BadInput: a missing array or column, duplicate models, or a damaged file.
        TooLarge: more than the limits, or than there is memory.
    """
    if prediction_format(path, filename).name == "npz":
        with open_npz(path, shown(filename), SAVE) as held:
            return _of_arrays(held)
    table = read_table(path, filename)
    return _of_metrics(table) if is_metrics(table) else _of_long(table)


def read_models(source: Source, start: int, stop: int, dataset: str = ONE) -> Iterator[ScoreFile]:
    """The predictions of some models on one data set, one model at a time.

    Of an uncompressed npz only these models' bytes are read; a compressed one is unpacked up to them; a table is read
    whole.

    Raises:
        BadInput: the file can't be used.
    """
    path, filename = Path(source.location), shown(source.name)
    if prediction_format(path, source.name).name == "npz":
        with open_npz(path, filename, SAVE) as held:
            yield from _models_of_arrays(held, start, stop, dataset)
        return
    table = read_table(path, source.name)
    models = _of_long(table).models[start:stop]
    rows = _rows_by_model(table, models, dataset)
    for model in models:
        yield model_of_long(table, rows[model])


def is_metrics(table: Table) -> bool:
    """Does a table hold metrics of models instead of their predictions?"""
    return any(STUDY_COLUMN.fullmatch(name) for name in table.names)


# Arrays --------------------------------------------------------------------------------------------------------------


def _of_arrays(held: NpzArrays) -> Population:
    datasets = tuple(dict.fromkeys(_dataset_of(name) for name in held.headers if _is_scores(name)))
    if not datasets:
        raise BadInput(
            f"{held.filename} has no array called logits or probs (it holds {held.held}); save it with {SAVE}, logits "
            "[models, rows, classes]; for several data sets call the arrays DATASET/logits and DATASET/labels."
        )
    counts = set()
    for dataset in datasets:
        for prefix in ("", "val_"):
            for name in _score_names(held, dataset, prefix).values():
                counts.add(_check_models(held, name, _name(dataset, prefix + "labels")))
    if len(counts) > 1:
        raise BadInput(
            f"{held.filename}: its arrays hold {' and '.join(map(str, sorted(counts)))} models; the same models are "
            "expected in all of them."
        )
    shapes = {dataset: _shape(held, dataset, "") for dataset in datasets}
    fits = {dataset: _shape(held, dataset, "val_") for dataset in datasets}
    return Population(
        held.filename,
        "arrays",
        _names(held, counts.pop()),
        datasets,
        {dataset: shape[1] if shape else 0 for dataset, shape in shapes.items()},
        {dataset: shape[1] if shape else 0 for dataset, shape in fits.items()},
        {dataset: shape[2] if shape else 0 for dataset, shape in shapes.items()},
    )


def _name(dataset: str, name: str) -> str:
    return f"{dataset}/{name}" if dataset else name


def _dataset_of(name: str) -> str:
    return name.rpartition("/")[0]


def _is_scores(name: str) -> bool:
    return name.rpartition("/")[2] in SCORE_NAMES


def _score_names(held: NpzArrays, dataset: str, prefix: str) -> dict[ScoreKind, str]:
    names = {kind: _name(dataset, prefix + name) for name, kind in SCORE_NAMES.items()}
    return {kind: name for kind, name in names.items() if name in held}


def _check_models(held: NpzArrays, name: str, labels: str) -> int:
    check_scores(held, name, "[models, rows, classes]")
    shape = held.headers[name].shape
    if len(shape) != 3:
        raise BadInput(
            f"{held.filename}: {name} has shape {shape}; [models, rows, classes] is expected: one model is handed in as "
            "predictions, or stacked with numpy.stack."
        )
    if labels not in held:
        raise BadInput(f"{held.filename} has {name} and no array called {labels}; add the true class of each row.")
    if held.headers[labels].shape != shape[1:2]:
        raise BadInput(
            f"{held.filename}: {labels} has shape {held.headers[labels].shape} and {name} {shape}; one label for each of "
            f"{shape[1]:,} rows is expected, the same rows in the same order for every model."
        )
    return shape[0]


def _shape(held: NpzArrays, dataset: str, prefix: str) -> tuple[int, ...]:
    names = _score_names(held, dataset, prefix)
    return held.headers[next(iter(names.values()))].shape if names else ()


def _names(held: NpzArrays, count: int) -> tuple[str, ...]:
    if "models" not in held:
        return tuple(str(index) for index in range(count))
    if held.headers["models"].shape != (count,):
        raise BadInput(
            f"{held.filename}: models has shape {held.headers['models'].shape}; {count:,} names are expected, one for "
            "each model."
        )
    return check_names(
        [str(name) for name in held.read("models")], held.filename, lambda index: f"model {index:,} (counted from 0)"
    )


def _models_of_arrays(held: NpzArrays, start: int, stop: int, dataset: str) -> Iterator[ScoreFile]:
    parts = {prefix: _ranges(held, dataset, prefix, start, stop) for prefix in ("", "val_")}
    if parts[""] is None:
        raise BadInput(f"{held.filename} has no predictions for data set {dataset!r}.")
    for _ in range(start, stop):
        report, fit = (None if part is None else next(part) for part in parts.values())
        assert report is not None
        yield ScoreFile(held.filename, report, fit)


def _ranges(held: NpzArrays, dataset: str, prefix: str, start: int, stop: int) -> Iterator[ScorePart] | None:
    """The same part of each model; None where the file has no such part."""
    names = _score_names(held, dataset, prefix)
    if not names:
        return None
    labels, groups = held.read(_name(dataset, prefix + "labels")), _name(dataset, prefix + "groups")
    of_group = held.read(groups) if groups in held else None
    streams = {kind: held.read_items(name, start, stop) for kind, name in names.items()}
    return (
        ScorePart(dict(zip(streams, values, strict=True)), labels, of_group)
        for values in zip(*streams.values(), strict=True)
    )


# Tables --------------------------------------------------------------------------------------------------------------


def _of_long(table: Table) -> Population:
    columns = score_columns(table)
    if "model" not in table.names:
        raise BadInput(
            f"{table.filename} has no column 'model'; a population has one row for each model and sample, with columns "
            f"model, label, p_0, p_1, ...; it has {listed(table.names)}."
        )
    frame = pd.DataFrame({"model": words(table, "model"), "label": label_column(table)})
    for name in ("dataset", "split", "sample"):
        if name in table.names:
            frame[name] = words(table, name)
    if "dataset" not in frame:
        frame["dataset"] = ONE
    frame["fit"] = split_parts(table) if "split" in frame else False
    models = tuple(dict.fromkeys(frame.model))
    datasets = tuple(dict.fromkeys(frame.dataset))
    rows: dict[str, int] = {}
    fit_rows: dict[str, int] = {}
    for (dataset, fit), part in frame.groupby(["dataset", "fit"], sort=False):
        (fit_rows if fit else rows)[str(dataset)] = _common_rows(table.filename, str(dataset), part, models)
    classes = len(next(iter(columns.values())))
    return Population(
        table.filename,
        "long",
        models,
        datasets,
        {dataset: rows.get(dataset, 0) for dataset in datasets},
        {dataset: fit_rows.get(dataset, 0) for dataset in datasets},
        dict.fromkeys(datasets, classes),
    )


def _common_rows(filename: str, dataset: str, part: pd.DataFrame, models: tuple[str, ...]) -> int:
    """Rows of each model on one data set; all models must have the same samples."""
    where = f" on data set {dataset}" if dataset else ""
    counts = part.model.value_counts()
    first = models[0]
    for model in models:
        if counts.get(model, 0) != counts.get(first, 0):
            raise BadInput(
                f"{filename}: model {model!r} has {counts.get(model, 0):,} rows{where} and model {first!r} "
                f"{counts.get(first, 0):,}; the same samples are expected for every model."
            )
    if "sample" in part:
        twice = part.duplicated(["model", "sample"])
        if twice.any():
            one = part[twice].iloc[0]
            raise BadInput(
                f"{filename}: sample {one['sample']!r} of model {one.model!r} stands twice{where}; drop the duplicates, or "
                "give each model a name of its own."
            )
        if part["sample"].nunique() != counts.get(first, 0):
            raise BadInput(
                f"{filename}: the models{where} have different samples; the same ones are expected for each."
            )
        if (part.groupby("sample").label.nunique() > 1).any():
            name = part.groupby("sample").label.nunique().idxmax()
            raise BadInput(
                f"{filename}: sample {name!r}{where} has different labels in different models; the rows are misaligned."
            )
    return int(counts.get(first, 0))


def _rows_by_model(table: Table, models: tuple[str, ...], dataset: str) -> dict[str, np.ndarray]:
    """Numbers of the rows of some models on one data set, ascending."""
    number = {model: place for place, model in enumerate(models)}
    owner = np.array([number.get(name, -1) for name in words(table, "model").tolist()])
    if dataset:
        owner[words(table, "dataset") != dataset] = -1
    order = np.argsort(owner, kind="stable")
    edges = np.searchsorted(owner[order], np.arange(len(models) + 1))
    return {model: order[edges[place] : edges[place + 1]] for model, place in number.items()}


def model_of_long(table: Table, index: np.ndarray) -> ScoreFile:
    """The predictions of one model in a long table, its samples in the order of their names where they have any.

    Args:
        table: of all models.
        index: the rows of the model, ascending.

    Raises:
        BadInput: values that can't be used.
    """
    if "sample" in table.names:
        samples = table.columns["sample"].take(index)
        if pa.types.is_dictionary(samples.type):  # as Parquet keeps words that return; they have no order there
            samples = samples.cast(samples.type.value_type)
        index = index[pc.sort_indices(samples).to_numpy()]
    part, place = Table(table.filename, table.columns.take(index), None), place_in(table)
    scores = {kind: matrix(part, names) for kind, names in score_columns(part).items()}
    whole = ScorePart(scores, label_column(part), place=lambda row: place(int(index[row])))
    if "split" not in part.names:
        return check_disjoint(ScoreFile(table.filename, whole))
    fit = split_parts(part)
    return ScoreFile(table.filename, whole.rows(~fit), whole.rows(fit) if fit.any() else None)


def _of_metrics(table: Table) -> Population:
    column = next((name for name in MODEL_COLUMNS if name in table.names), None)
    if column is None:
        raise BadInput(
            f"{table.filename} has no column that names the models; one of {', '.join(MODEL_COLUMNS)} is expected: "
            "results are joined by name, never by position."
        )
    names = words(table, column)
    datasets = words(table, "dataset") if "dataset" in table.names else np.full(len(names), ONE)
    for dataset in dict.fromkeys(datasets):
        rows = np.flatnonzero(datasets == dataset).tolist()
        places = [table.place(row) for row in rows]
        check_names(list(names[rows]), table.filename, places.__getitem__)
    unique = tuple(dict.fromkeys(datasets))
    empty = dict.fromkeys(unique, 0)
    return Population(table.filename, "metrics", tuple(dict.fromkeys(names)), unique, empty, empty, empty)


def check_names(names: list[str], filename: str, place: Place) -> tuple[str, ...]:
    """Names of models, each once.

    Args:
        names: in the order of the file.
        filename: as messages show it.
        place: where the model of an index stands in the file.

    Raises:
        BadInput: an empty name, or a model that stands there twice.
    """
    seen: dict[str, int] = {}
    for position, name in enumerate(names):
        if not name:
            raise BadInput(f"{filename}: {place(position)} has no name; every model needs one.")
        if name in seen:
            raise BadInput(
                f"{filename}: {place(seen[name])} and {place(position)} are both called {name[:60]!r}; results are joined "
                "by name, so give each model a name of its own."
            )
        seen[name] = position
    return tuple(names)
