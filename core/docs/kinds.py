"""What can be brought, a kind at a time: in which files, what they hold, and the line that saves them."""

from __future__ import annotations

from dataclasses import dataclass

from core.analysis import Kind
from core.data.archive import MOST_MEMBERS as MOST_DATA_MEMBERS
from core.data.formats import FORMATS
from core.data.labels import LABEL_NAMES, LONGEST_LABEL
from core.data.population import SAVE as SAVE_POPULATION
from core.data.predictions_npz import SAVE as SAVE_PREDICTIONS
from core.data.shapes_checks import MOST_CHANNELS
from core.models.architectures import ARCHITECTURES, MOST_PARAMETERS
from core.models.formats import MOST_MEMBERS, SAVE_PROGRAM, SAVE_WEIGHTS
from core.models.model_zoo import LAYOUT, MOST_FILES, MOST_METRICS
from core.telemetry.ingest.assignment import MOST_COLUMNS


@dataclass(frozen=True)
class Brought:
    """One kind of input.

    Attributes:
        kind: as inputs name it.
        title: in the plural.
        suffixes: how the names of its files end.
        holds: what is in them, as Markdown.
        limit: what is accepted at most, besides the limits that all share.
        saved_by: the line of Python that writes such a file, "" where none is needed.
        file: a name for examples.
    """

    kind: Kind
    title: str
    suffixes: tuple[str, ...]
    holds: str
    limit: str
    saved_by: str
    file: str


DATA_SUFFIXES = tuple(suffix for format_ in FORMATS for suffix in format_.suffixes)
TABLES = (".csv", ".tsv", ".txt", ".parquet", ".pq")

KINDS: tuple[Brought, ...] = (
    Brought(
        "dataset",
        "Data sets",
        DATA_SUFFIXES,
        "Rows of numbers, images or texts, with labels or without. Of a table the label column is the one that the parameter *Label "
        f"column* names, else one called {', '.join(f'`{name}`' for name in LABEL_NAMES)}; one column of text is read as text.",
        f"A label has at most {LONGEST_LABEL} characters; a zip file has at most {MOST_DATA_MEMBERS:,} members.",
        "numpy.savez('data.npz', X=X, y=y)",
        "my.csv",
    ),
    Brought(
        "model",
        "Models",
        (".safetensors", ".pt", ".pth", ".json", ".pt2"),
        "A network: weights (safetensors, or a state dict that holds weights alone) of a built-in architecture "
        f"({', '.join(ARCHITECTURES)}), whose configuration is chosen after the upload or lies beside the file as JSON; a JSON "
        "configuration alone, for an untrained network; or a program of any architecture, exported by `torch.export` with a "
        "dynamic batch, which is screened operator by operator before it is loaded.",
        f"At most {MOST_PARAMETERS:,} parameters.",
        f"{SAVE_WEIGHTS}\n{SAVE_PROGRAM}",
        "model.safetensors",
    ),
    Brought(
        "table",
        "Tables",
        TABLES,
        "A column or a few: labels or a function of shapes, the load and temperature of checkpoints, metrics of models. Which columns "
        "are expected stands beside the input that takes it.",
        "",
        "table.to_csv('table.csv', index=False)",
        "table.csv",
    ),
    Brought(
        "predictions",
        "Predictions",
        (".npz", ".csv", ".parquet"),
        "What a classifier said and what was right: `logits` or `probs` [rows, classes] and `labels` [rows]; for repairs also "
        "`val_logits` or `val_probs` and `val_labels`, rows that it was not trained on. As a table: `label`, `p_0`, `p_1`, ... or "
        "`logit_0`, `logit_1`, ..., and `split`, which tells validation rows apart. Of a regression: `mean`, `std` and `target`.",
        "",
        SAVE_PREDICTIONS,
        "predictions.npz",
    ),
    Brought(
        "population",
        "Populations of models",
        (".npz", ".csv", ".parquet"),
        "Predictions of many models on the same rows: `logits` or `probs` [models, rows, classes] and `labels`; a long table with a "
        "column `model`; or a table of metrics, a model a row, in the column names of the benchmark study.",
        "",
        SAVE_POPULATION,
        "models.csv",
    ),
    Brought(
        "telemetry",
        "Telemetry",
        (".csv", ".parquet", ".zip"),
        "A row a point in time, a column a channel, and one column with the times: ISO stamps, epoch numbers or stored times. Units may "
        "stand in the names, as in `Temperature [K]`. Gaps, uneven steps and disorder are handled and reported.",
        f"One run reads at most {MOST_COLUMNS} columns.",
        "table.to_parquet('telemetry.parquet')",
        "telemetry.csv",
    ),
    Brought(
        "booster",
        "XGBoost models",
        (".json", ".ubj"),
        "A model as XGBoost has saved it. It is checked node by node before XGBoost sees it.",
        "",
        "booster.save_model('model.ubj')",
        "model.json",
    ),
    Brought(
        "shapes",
        "Shapes",
        (".csv", ".parquet", ".npz", ".npy", ".ts", ".txt", ".tsv", ".gml", ".zip"),
        "Point clouds (a table with columns `cloud`, `x`, `y`, ..., or an npz), matrices of distances, series (`.ts`, UCR text, a table with "
        "a series a row), graphs (a table of edges, gml, a zipped TU folder) or images. A zip file with `NAME_TRAIN` and `NAME_TEST` keeps "
        "the split.",
        f"At most {MOST_CHANNELS} channels of a series or an image.",
        "numpy.savez('shapes.npz', X=X, y=y)",
        "GunPoint.zip",
    ),
    Brought(
        "checkpoints",
        "Checkpoints",
        (".zip",),
        "A zip file of networks of one architecture: safetensors, weights-only state dicts or exported programs. `architecture.json` beside "
        "the weights says which, where it is no MLP.",
        f"At most {MOST_MEMBERS:,} members.",
        SAVE_WEIGHTS,
        "runs.zip",
    ),
    Brought(
        "zoo",
        "Model zoos",
        (".zip",),
        f"A zip file (on the command line a folder too): {LAYOUT}. Weights may be left out; summary tables of the published zoo are read too.",
        f"At most {MOST_FILES:,} files and {MOST_METRICS} metrics.",
        "",
        "zoo.zip",
    ),
)


def kind_of(kind: str) -> Brought:
    """What is said of a kind."""
    return next(one for one in KINDS if one.kind == kind)
