"""The steps of mode `population`: census, measurement in parts, and the seven questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import report
from core.calibration.evaluate_steps import plain
from core.calibration.reading import Scores, classifier

if TYPE_CHECKING:
    import pandas as pd

    from core.analysis import Device, Source, Stored
    from core.calibration.conventions import Convention
    from core.calibration.population.comparison import Options
    from core.calibration.population.measure import Measurement
    from core.calibration.population.table import Given, Population
    from core.calibration.predictions import Predictions

Tables = Mapping[str, "pd.DataFrame"]
NOTES_SHOWN = 5  # on single models


def census_step(source: Source, seed: int) -> dict[str, Any]:
    """Who is there: `form`, `models` (how many), `datasets`, `rows` and `classes` by data set; of a built-in `groups`."""
    if source.builtin:
        from core.calibration.population.mlps import DATASET_NAME, groups, model_table

        table = model_table(seed)
        return {
            "form": "trained",
            "models": len(table),
            "datasets": [DATASET_NAME],
            "groups": groups(table),
        }
    from core.data.population import open_population

    found = open_population(source)
    return {
        "form": found.form,
        "models": len(found.models),
        "datasets": list(found.datasets),
        "rows": found.rows,
        "classes": found.classes,
    }


census_step.version = 2  # type: ignore[attr-defined]  # 2: counts the models and does not name them


def train_step(
    group: dict[str, Any],
    convention: Convention,
    temperature: str,
    fit_share: float,
    splits: int,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Trains the networks of one architecture and measures them; `models` has what they are and how robust."""
    from core.calibration.population.measure import measure_models
    from core.calibration.population.mlps import DATASET_NAME, attributes, model_table, train_mlps
    from core.calibration.predictions import from_logits

    trained = train_mlps(**group, data_seed=seed)
    report(0.6, "Measuring the networks")

    def models() -> Iterator[tuple[str, Predictions, Predictions | None]]:
        for index, name in enumerate(trained["models"]):
            fit = from_logits(trained["val_logits"][index], trained["val_labels"])
            yield name, from_logits(trained["logits"][index], trained["labels"]), fit

    tables = measure_models(models(), DATASET_NAME, measurement(convention, temperature, fit_share, splits, seed))
    own = model_table(seed)
    tables["models"] = attributes(own[own.model.isin(trained["models"])], [trained]).drop(columns="seed")
    return {name: plain(table) for name, table in tables.items()}


def measure_step(
    source: Source,
    scores: Scores,
    start: int,
    stop: int,
    dataset: str,
    convention: Convention,
    temperature: str,
    fit_share: float,
    splits: int,
    seed: int,
    device: Device = "cpu",
) -> dict[str, pd.DataFrame]:
    """Measures some models of a file: one in memory at a time, or as many as a graphics card takes."""
    from core.calibration.device import card_of
    from core.calibration.population.measure import measure_models
    from core.data.population import open_population, read_models
    from core.errors import BadInput

    where = card_of(device)
    names = open_population(source).models[start:stop]

    def models() -> Iterator[tuple[str, Predictions, Predictions | None]]:
        for index, (name, file) in enumerate(zip(names, read_models(source, start, stop, dataset), strict=True)):
            try:
                model = classifier(file, scores)
            except BadInput as error:
                raise BadInput(f"Model {name}: {error}") from None
            yield name, model.report, model.fit
            report((index + 1) / len(names), f"Model {name}")

    tables = measure_models(models(), dataset, measurement(convention, temperature, fit_share, splits, seed), where)
    return {name: plain(table) for name, table in tables.items()}


def gather_step(parts: list[Stored]) -> dict[str, dict[str, np.ndarray]]:
    """The tables of all parts, each as columns of float64 or text."""
    import pandas as pd

    collected: dict[str, list[pd.DataFrame]] = {}
    for place, part in enumerate(parts):
        for name, table in part.load().items():
            collected.setdefault(name, []).append(table)
        report((place + 1) / len(parts))
    return {name: _columns(pd.concat(tables, ignore_index=True)) for name, tables in collected.items()}


def _columns(table: pd.DataFrame) -> dict[str, np.ndarray]:
    import pandas as pd

    return {
        str(name): table[name].to_numpy(np.float64)
        if pd.api.types.is_numeric_dtype(table[name])
        else table[name].astype(str).to_numpy(str)
        for name in table
    }


def question_step(
    question: str,
    source: Source,
    model_table: Source | None,
    measured: Stored | None,
    least_accuracy: float,
    bins: int,
    resamples: int,
    level: float,
    seed: int,
    accurate: float,
) -> pd.DataFrame:
    """One question's rank correlations."""
    from core.calibration.population.questions import QUESTIONS

    people = assembled(source, model_table, tables_of(measured), least_accuracy)
    return plain(QUESTIONS[question](people, options(bins, resamples, level, seed, accurate)))


def details_step(
    source: Source,
    model_table: Source | None,
    measured: Stored | None,
    least_accuracy: float,
    bins: int,
    resamples: int,
    level: float,
    seed: int,
    accurate: float,
    beta: float,
    samples: int | None,
) -> dict[str, Any]:
    """Box statistics, effects of attributes, the hybrid score, reliabilities, the table itself, and notes.

    Returns:
        tables; notes; models, bins, robustness, attributes and error (the column) that they were made of; model_notes,
        the first on single models, and model_notes_count.
    """
    import pandas as pd

    from core.calibration.population.attributes import attribute_effects
    from core.calibration.population.boxes import attribute_boxes, bin_boxes
    from core.calibration.population.hcs import top_by_hcs
    from core.calibration.population.reliability import reliability_table
    from core.calibration.population.schema import STAGES, metric_column
    from core.calibration.population.table import export, missing_metrics

    given = tables_of(measured)
    people = assembled(source, model_table, given, least_accuracy)
    of_models = given.get("notes", pd.DataFrame({"model": [], "note": []}))
    nearest = min(people.bins, key=lambda b: abs(b - bins), default=0)
    errors = [metric_column(stage, "ece", nearest) for stage in STAGES]
    errors = [name for name in errors if name in people.table]
    tables = {
        "population": export(people.table),
        "bin_boxes": bin_boxes(people, samples),
        "split_half": reliability_table(people),
    }
    report(0.3, "Effects of attributes")
    if errors:
        tables["hcs"] = top_by_hcs(people, errors[0], beta)
        if people.attributes:
            tables["attribute_boxes"] = attribute_boxes(people, errors[0])
            tables["attribute_effects"] = attribute_effects(
                people, errors, options(bins, resamples, level, seed, accurate)
            )
    return {
        "tables": {name: _storable(table) for name, table in tables.items() if len(table)},
        "notes": [*people.notes, *missing_metrics(people.table)],
        "models": int(people.table["model"].nunique()),
        "bins": list(people.bins),
        "robustness": list(people.robustness),
        "attributes": list(people.attributes),
        "error": errors[0] if errors else "",
        "model_notes": [f"{line.model}: {line.note}" for line in of_models.head(NOTES_SHOWN).itertuples()],
        "model_notes_count": len(of_models),
    }


def measurement(convention: Convention, temperature: str, fit_share: float, splits: int, seed: int) -> Measurement:
    """How every model is measured."""
    from core.calibration.population.measure import Measurement

    return Measurement(
        convention=convention,
        temperature="study" if temperature == "study" else "likelihood",
        fit_share=fit_share,
        splits=splits,
        seed=seed,
    )


def options(bins: int, resamples: int, level: float, seed: int, accurate: float) -> Options:
    """How the study is made."""
    from core.calibration.population.comparison import Options

    return Options(bins=bins, resamples=resamples, level=level, seed=seed, accurate=accurate)


def tables_of(measured: Stored | None) -> dict[str, pd.DataFrame]:
    """What `gather_step` put together; nothing where only metrics are known."""
    import pandas as pd

    columns = {} if measured is None else measured.load()
    return {name: pd.DataFrame(own) for name, own in columns.items()}


def assembled(source: Source, model_table: Source | None, tables: Tables, least_accuracy: float = 0.0) -> Population:
    """The population that the questions are asked of: measured here, or read from a table of metrics.

    Raises:
        BadInput: tables that can't be used or joined.
    """
    from core.calibration.population.table import at_least, join_models, population

    models: Given | pd.DataFrame | None = None if model_table is None else given_table(model_table)
    if not tables:
        return at_least(population(given_table(source), models), least_accuracy)
    own = tables.get("models")
    if own is not None:
        models = own if models is None else join_models(own, models)
    found = population(tables["metrics"], models, tables["first_halves"], tables["second_halves"])
    return at_least(found, least_accuracy)


def given_table(source: Source) -> Given:
    """A csv or parquet file as it stands, with the places of its rows.

    Raises:
        BadInput: the file can't be used.
    """
    from core.calibration.population.table import Given
    from core.data.predictions_reading import read_table
    from core.data.predictions_table import place_in

    table = read_table(Path(source.location), source.name)
    return Given(table.columns.to_pandas(), table.filename, place_in(table))


def _storable(table: pd.DataFrame) -> pd.DataFrame:
    """Columns of mixed types (such as an attribute of numbers and words) as text."""
    mixed = [name for name in table if table[name].dtype == object]
    as_text = {str(name): table[name].map(lambda value: None if value is None else str(value)) for name in mixed}
    return plain(table.assign(**as_text))
