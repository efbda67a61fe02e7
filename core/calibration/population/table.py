"""A population as one validated table: a row a model and data set, columns in the published names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.calibration.population.kendall import tau_b
from core.calibration.population.schema import (
    ACCURACY,
    DATASET,
    MODEL,
    MODEL_NAMES,
    STAGES,
    ZERO_ON_FAILURE,
    bin_counts,
    is_measured,
    is_metric,
    is_robustness,
    metric_column,
    published_order,
)
from core.data.predictions import Place, counted_from_zero
from core.errors import BadInput

METRICS_TABLE, MODEL_TABLE = "The metrics table", "The model table"
FEWEST_MODELS = 3
SAME_ROWS = 1e-9  # a temperature never changes an accuracy
FEWEST_FOR_ALIGNMENT = 10
WORST_ALIGNMENT = 0.3  # tau between accuracy before and after; models that were joined rightly lie far above


@dataclass(frozen=True, eq=False)
class Given:
    """A table as a person handed it in, so that messages can point into it.

    Attributes:
        frame: its rows and columns.
        name: what messages call it: the name of its file.
        place: where a row stands in that file.
    """

    frame: pd.DataFrame
    name: str
    place: Place = counted_from_zero


@dataclass(frozen=True, eq=False)
class Population:
    """Metrics of many models.

    Attributes:
        table: `dataset`, `model`, `acc` (0 to 1), metrics, robustness, attributes; a metric that failed is missing.
        notes: what the reader must know of this table.
        first_halves: as `table`, measured on one random half of the rows, once a `split`; None where only metrics
            are known.
        second_halves: the same on the other half, in the same order.
    """

    table: pd.DataFrame
    notes: tuple[str, ...] = ()
    first_halves: pd.DataFrame | None = None
    second_halves: pd.DataFrame | None = None

    @property
    def datasets(self) -> tuple[str, ...]:
        """Names of the data sets, in order of appearance."""
        return tuple(self.table[DATASET].unique())

    @property
    def metrics(self) -> tuple[str, ...]:
        """Columns that hold a calibration metric."""
        return tuple(column for column in names(self.table) if is_metric(column))

    @property
    def robustness(self) -> tuple[str, ...]:
        """Columns that hold a robustness measure."""
        return tuple(column for column in names(self.table) if is_robustness(column))

    @property
    def attributes(self) -> tuple[str, ...]:
        """Columns that describe a model: whatever is neither measured nor a name."""
        return tuple(
            column
            for column in names(self.table)
            if column not in (MODEL, DATASET)
            and not is_metric(column)
            and not is_robustness(column)
            and not is_measured(column)
            and not column.startswith("Unnamed")  # the row numbers of a saved DataFrame
            and self.table[column].nunique(dropna=True) > 1
        )

    @property
    def bins(self) -> tuple[int, ...]:
        """Numbers of bins that the ECE is known for."""
        return bin_counts(self.table.columns)

    def of(self, dataset: str) -> pd.DataFrame:
        """The rows of one data set, indexed by model."""
        return self.table[self.table[DATASET] == dataset].set_index(MODEL)


def population(
    metrics: Given | pd.DataFrame,
    models: Given | pd.DataFrame | None = None,
    first_halves: pd.DataFrame | None = None,
    second_halves: pd.DataFrame | None = None,
) -> Population:
    """Validates a table of metrics and joins the table of models to it.

    Args:
        metrics: a row a model (and data set): one of the columns model, config, id, name; `acc` or `pre_acc`; metrics
            in the published names; optionally `dataset`, robustness and attributes.
        models: attributes of the models, by the same id.
        first_halves: metrics on random halves of the rows, by `model`, `dataset` and `split`.
        second_halves: on the other halves.

    Raises:
        BadInput: no ids, an id twice, no metrics, fewer than three models, values that are no numbers, models of the
            other table unknown, or rows before and after temperature scaling that belong to different models.
    """
    given = _given(metrics, METRICS_TABLE)
    table = _identified(given)
    if DATASET not in table:
        table.insert(0, DATASET, "")
    table[DATASET] = table[DATASET].fillna("").astype(str)
    _refuse_duplicates(table, [DATASET, MODEL], given)
    if not any(is_metric(column) for column in names(table)):
        raise BadInput(
            f"{given.name} has no metric column; names such as pre_ECE_15, post_cwCE_em_200 or pre_KSCE are expected."
        )
    notes = _complete_accuracy(table, given)
    if models is not None:
        table = join_models(Given(table, given.name, given.place), models)
    fewest = table[DATASET].value_counts().min()
    if fewest < FEWEST_MODELS:
        raise BadInput(
            f"The population has {fewest} models; at least {FEWEST_MODELS} are expected, and 20 for a study."
        )
    notes += _alignment(table)
    if first_halves is None:  # what was measured here is missing where it failed
        notes += _failures(table)
    notes += _infinities(table)
    return Population(table.reset_index(drop=True).copy(), tuple(notes), first_halves, second_halves)


def at_least(found: Population, accuracy: float) -> Population:
    """The models of at least an accuracy, on each data set for itself; how many are left out is noted.

    Raises:
        BadInput: fewer than three models are left.
    """
    keep = found.table[ACCURACY] >= accuracy
    if keep.all():
        return found
    left = found.table[keep].groupby(DATASET).size().reindex(found.datasets, fill_value=0)
    if left.min() < FEWEST_MODELS:
        raise BadInput(
            f"Least accuracy: {accuracy:g} leaves {int(left.min())} models; at least {FEWEST_MODELS} are expected: their "
            f"accuracies go from {found.table[ACCURACY].min():.4g} to {found.table[ACCURACY].max():.4g}."
        )
    kept = pd.MultiIndex.from_frame(found.table.loc[keep, [DATASET, MODEL]])

    def of_kept(halves: pd.DataFrame | None) -> pd.DataFrame | None:
        if halves is None:
            return None
        return halves[pd.MultiIndex.from_frame(halves[[DATASET, MODEL]]).isin(kept)].reset_index(drop=True)

    note = (
        f"{int((~keep).sum()):,} models with an accuracy below {accuracy:g} are left out of every question, as asked."
    )
    return Population(
        found.table[keep].reset_index(drop=True),
        (*found.notes, note),
        of_kept(found.first_halves),
        of_kept(found.second_halves),
    )


def join_models(metrics: Given | pd.DataFrame, models: Given | pd.DataFrame) -> pd.DataFrame:
    """Adds the attributes of the models, by id and never by position.

    Raises:
        BadInput: an id that appears twice, that has no attributes, or a column that both tables have.
    """
    measured, described = _given(metrics, METRICS_TABLE), _given(models, MODEL_TABLE)
    table, own = _identified(measured), _identified(described)
    keys = [MODEL, DATASET] if DATASET in own and DATASET in table else [MODEL]
    own = own.assign(**{key: own[key].astype(str) for key in keys})
    _refuse_duplicates(own, keys, described)
    both = [column for column in own if column in table and column not in keys]
    if both:
        raise BadInput(
            f"{described.name} has a column {both[0]!r}, which {_inside(measured.name)} has too; remove one of the two."
        )
    known = set(map(tuple, own[keys].to_numpy()))
    unknown = [key for key in map(tuple, table[keys].to_numpy()) if key not in known]
    if unknown:
        raise BadInput(
            f"{described.name} has no row for model {' / '.join(unknown[0])!r} ({len(unknown):,} of {len(table):,} models "
            "have none); one row a model is expected."
        )
    return table.merge(own, on=keys, how="left", validate="many_to_one")


def join_stages(pre: Given | pd.DataFrame, post: Given | pd.DataFrame) -> pd.DataFrame:
    """One table from the metrics before and those after temperature scaling, joined by id.

    Raises:
        BadInput: an id that appears twice, or that only one of the two has.
    """
    tables = {}
    for stage, frame in zip(STAGES, (pre, post), strict=True):
        given = _given(frame, f"The table {stage}")
        table = _identified(given)
        keys = [key for key in (DATASET, MODEL) if key in table]
        _refuse_duplicates(table, keys, given)
        tables[stage] = table.set_index(keys)
    only = tables["pre"].index.symmetric_difference(tables["post"].index)
    if len(only):
        raise BadInput(
            f"Model {only[0]!r} is in one of the tables before and after temperature scaling only ({len(only):,} models "
            "are); the same models are expected in both."
        )
    shared = [column for column in tables["post"] if column in tables["pre"]]
    return tables["pre"].join(tables["post"].drop(columns=shared)).reset_index()


def export(table: pd.DataFrame) -> pd.DataFrame:
    """The table in the names and order of the published ones: `config` for the model, then their columns."""
    renamed = table.rename(columns={MODEL: "config"})
    if set(renamed[DATASET]) == {""}:
        renamed = renamed.drop(columns=DATASET)
    return renamed[published_order(list(renamed.columns))]


def names(table: pd.DataFrame) -> list[str]:
    """The columns as text."""
    return [str(column) for column in table.columns]


def _given(table: Given | pd.DataFrame, name: str) -> Given:
    return table if isinstance(table, Given) else Given(table, name)


def _inside(name: str) -> str:
    """The name of a table within a sentence."""
    return name[0].lower() + name[1:] if name in (METRICS_TABLE, MODEL_TABLE) else name


def _identified(given: Given) -> pd.DataFrame:
    """A copy whose column `model` is text, and whose metrics and other measured columns are numbers."""
    frame = given.frame
    found = next((column for column in MODEL_NAMES if column in frame), None)
    if found is None:
        raise BadInput(
            f"{given.name} has no column that names the models; one of {', '.join(MODEL_NAMES)} is expected."
        )
    if frame[found].isna().any():
        where = given.place(int(np.flatnonzero(frame[found].isna())[0]))
        raise BadInput(f"{given.name}: {where} has no {found}; every model needs a name.")
    table = frame.rename(columns={found: MODEL})
    measured = [name for name in names(table) if is_metric(name) or is_robustness(name) or is_measured(name)]
    return table.assign(**{MODEL: table[MODEL].map(_name)}, **{name: _numbers(table[name], given) for name in measured})


def _name(value: Any) -> str:
    """1 and 1.0 are one name: a column of numbers with gaps elsewhere was read as floats."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _refuse_duplicates(table: pd.DataFrame, keys: list[str], given: Given) -> None:
    twice = np.flatnonzero(table.duplicated(keys, keep=False))
    if twice.size:
        ids = list(map(tuple, table[keys].iloc[twice].to_numpy()))
        rows = [int(row) for row, own in zip(twice, ids, strict=True) if own == ids[0]]
        name = " / ".join(str(value) for value in ids[0] if str(value))
        raise BadInput(
            f"{given.name}: model {name!r} appears {len(rows)} times, in {given.place(rows[0])} and {given.place(rows[1])} "
            f"first ({twice.size:,} rows share an id); one row a model is expected."
        )


def _numbers(column: pd.Series, given: Given) -> pd.Series:
    """Floats, with what is missing as NaN."""
    numbers = pd.to_numeric(column, errors="coerce").astype(np.float64)
    wrong = numbers.isna() & column.notna() & (column.astype(str).str.strip().str.lower() != "nan")
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise BadInput(
            f"{given.name}: column {column.name!r} holds {str(column.iloc[row])[:40]!r} in {given.place(row)}; a number is "
            "expected."
        )
    return numbers


def _complete_accuracy(table: pd.DataFrame, given: Given) -> list[str]:
    """Adds `acc` from `pre_acc` where it is missing; brings percent to shares."""
    found = next((column for column in (ACCURACY, "pre_acc") if column in table), None)
    if found is None:
        raise BadInput(f"{given.name} has no column acc (or pre_acc); every question needs the accuracy.")
    table[ACCURACY] = table[found]
    if table[ACCURACY].isna().any():
        where = given.place(int(np.flatnonzero(table[ACCURACY].isna())[0]))
        raise BadInput(f"{given.name}: column {found!r} is empty in {where}; every question needs the accuracy.")
    percent = [c for c in (ACCURACY, "pre_acc", "post_acc") if c in table and table[c].max() > 1]
    for column in percent:
        table[column] /= 100
    outside = np.flatnonzero(~table[ACCURACY].between(0, 1))
    if outside.size:
        row, unit = int(outside[0]), 100 if percent else 1
        raise BadInput(
            f"{given.name}: column {found!r} holds {unit * table[ACCURACY].iloc[row]:g} in {given.place(row)}; an accuracy "
            "from 0 to 1, or from 0 to 100 %, is expected."
        )
    return [f"Column {', '.join(percent)} was read as percent."] if percent else []


def _failures(table: pd.DataFrame) -> list[str]:
    """Takes exact zeros of metrics that the study's code sets to zero on failure as missing."""
    found = 0
    for stage in STAGES:
        for metric in ZERO_ON_FAILURE:
            column = metric_column(stage, metric)
            if column in table:
                zero = table[column] == 0
                found += int(zero.sum())
                table.loc[zero, column] = np.nan
    if not found:
        return []
    return [
        f"{found:,} values of KSCE, KDECE and MMCE are exactly 0, which the study's code writes where a metric failed; "
        "they are taken as missing."
    ]


def _infinities(table: pd.DataFrame) -> list[str]:
    infinite = [column for column in names(table) if is_metric(column) and np.isinf(table[column]).any()]
    return [f"{', '.join(infinite)}: infinite for some models; they rank last."] if infinite else []


def _alignment(table: pd.DataFrame) -> list[str]:
    """Refuses rows whose accuracy before and after scaling can't be the same model's."""
    if "pre_acc" not in table or "post_acc" not in table:
        return []
    both = table[["pre_acc", "post_acc"]].dropna()
    gap = (both["pre_acc"] - both["post_acc"]).abs()
    if not len(both) or gap.max() <= SAME_ROWS:
        return []
    tau = tau_b(both["pre_acc"].to_numpy(), both["post_acc"].to_numpy())
    if len(both) >= FEWEST_FOR_ALIGNMENT and not tau >= WORST_ALIGNMENT:
        raise BadInput(
            f"Accuracy before and after temperature scaling hardly agree in rank (tau {tau:.2f}), although a temperature "
            "changes no prediction: the rows are misaligned; join the two tables by model, not by position."
        )
    return [
        f"Accuracy before and after temperature scaling differ by up to {gap.max():.3g}: they were measured on "
        "different samples, so differences between the two stages carry that noise too."
    ]


def missing_metrics(table: pd.DataFrame) -> list[str]:
    """A note for each metric that is missing for some models."""
    return [
        f"{column}: missing for {int(table[column].isna().sum()):,} of {len(table):,} models."
        for column in names(table)
        if is_metric(column) and table[column].isna().any() and not table[column].isna().all()
    ]


def resonance_note(bins: tuple[int, ...], classes: int) -> str:
    """Why cwCE_em can't be compared across these numbers of bins, or nothing.

    With B below K the top bin of a class mixes its positives with negatives and their errors cancel; with B no
    multiple of K the edge of a class of prior 1/K falls inside a bin (methods of the study, finding iii).
    """
    if classes < 2:
        return ""
    below = [b for b in bins if b < classes]
    uneven = [b for b in bins if b >= classes and b % classes]
    parts = []
    if below:
        parts.append(f"fewer bins than classes ({', '.join(map(str, below))} < {classes})")
    if uneven:
        parts.append(f"no multiple of the {classes} classes ({', '.join(map(str, uneven))})")
    if not parts:
        return ""
    return f"cwCE_em resonates with the class prior: {' and '.join(parts)}; errors cancel inside a bin, so don't rank by it there."
