"""What a person brought: checkpoints, the data that they were trained on, and a table that says how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pandas as pd

from core.analysis import Source
from core.errors import BadInput

if TYPE_CHECKING:
    import torch
    from torch import nn

    from core.data.preparation import Scaling
    from core.training.ensemble import Examples

FILE_COLUMNS = ("file", "name", "checkpoint")
KNOBS = ("load", "temperature", "seed")


@dataclass(frozen=True)
class Brought:
    """The sources of a run, and how they are read.

    Attributes:
        checkpoints: a zip of weights, or one file.
        dataset: with labels.
        table: a row a checkpoint: `file`, `load`, `temperature` and what else was measured; None without.
        target: label column of the data set.
        architecture: JSON; empty: as the files say.
        scaling: of the features.
        most_rows: a larger data set is reduced to its first rows.
    """

    checkpoints: Source
    dataset: Source
    table: Source | None
    target: str
    architecture: str
    scaling: Scaling
    most_rows: int


@dataclass(frozen=True, eq=False)
class Networks:
    """Checkpoints in memory.

    Attributes:
        module: of their architecture, in evaluation mode; shared, so never changed.
        description: of it, in one line.
        names: of the checkpoints.
        weights: [checkpoints, D] trainable parameters.
        buffers: by name [checkpoints, ...].
        rows: of the data set that they classify.
    """

    module: nn.Module
    description: str
    names: tuple[str, ...]
    weights: torch.Tensor
    buffers: Mapping[str, torch.Tensor]
    rows: Examples

    def state(self, place: int) -> dict[str, torch.Tensor]:
        """Running statistics and the like of one checkpoint."""
        return {name: values[place] for name, values in self.buffers.items()}

    def network(self, place: int) -> nn.Module:
        """One checkpoint as a module of its own."""
        import copy

        from core.training.parameters import layout_of

        module = copy.deepcopy(self.module)
        module.load_state_dict({**layout_of(module).views(self.weights[place]), **self.state(place)}, strict=False)
        return module.eval()


@lru_cache(maxsize=1)
def networks_of(brought: Brought) -> Networks:
    """Reads checkpoints and data; the last ones of a process are kept.

    Raises:
        BadInput: files that can't be used, checkpoints of different architectures, or data that do not fit them.
        TooLarge: more than fits.
    """
    import torch

    from core.data import Split, load_dataset, scaled
    from core.models.checkpoints import read_checkpoints
    from core.models.networks import build
    from core.training.ensemble import Examples
    from core.training.parameters import layout_of

    found = read_checkpoints(Path(brought.checkpoints.location), brought.checkpoints.name, brought.architecture)
    dataset = load_dataset(brought.dataset, brought.target)
    X, y = dataset.X[: brought.most_rows], dataset.labels()[: brought.most_rows]
    _, parts = scaled(Split(X, y, X[:1], y[:1]), brought.scaling)
    rows = Examples(torch.from_numpy(parts.X_train.copy()), torch.from_numpy(y.copy()))
    with torch.random.fork_rng(devices=[]):
        module = build(found.architecture).eval()
    layout = layout_of(module)
    states = [
        {name: checkpoint.tensors[name].to(value.dtype) for name, value in module.state_dict().items()}
        for checkpoint in found.checkpoints
    ]
    buffers = {name: torch.stack([state[name] for state in states]) for name, _ in module.named_buffers()}
    parameters = sum(layout.sizes)
    networks = Networks(
        module,
        f"{found.architecture.architecture}, {parameters:,} parameters",
        tuple(checkpoint.name for checkpoint in found.checkpoints),
        torch.stack([layout.join(state) for state in states]),
        buffers,
        rows,
    )
    _check_fit(networks, brought, len(dataset.classes))
    return networks


def _check_fit(networks: Networks, brought: Brought, classes: int) -> None:
    import torch

    sample = networks.rows.features[:2]
    try:
        with torch.no_grad():
            outputs = networks.module(sample).shape[1]
    except RuntimeError:
        raise BadInput(
            f"{brought.dataset.name} has samples of shape {tuple(sample.shape[1:])}, which the checkpoints ({networks.description}) "
            "do not take; bring the data that they were trained on."
        ) from None
    if outputs != classes:
        raise BadInput(
            f"The checkpoints have {outputs:,} outputs and {brought.dataset.name} has {classes:,} classes; bring the data that they "
            "were trained on."
        )


def knobs_of(brought: Brought, names: tuple[str, ...]) -> pd.DataFrame | None:
    """Load, temperature and seed of each checkpoint, in their order, with the other columns of the table.

    Raises:
        BadInput: a table without the columns, or without a row for a checkpoint.
    """
    if brought.table is None:
        return None
    from core.data.predictions_reading import read_table

    name = brought.table.name
    table = read_table(Path(brought.table.location), name).columns.to_pandas()
    file = next((column for column in FILE_COLUMNS if column in table), None)
    missing = [column for column in ("load", "temperature") if column not in table]
    if file is None or missing:
        wanted = [*(["file"] if file is None else []), *missing]
        raise BadInput(
            f"{name} has no column {' nor '.join(wanted)}; a row a checkpoint with file, load, temperature and, where there are "
            f"several, seed is expected; it has {', '.join(map(str, table.columns[:12]))}."
        )
    by_name = {PurePosixPath(str(value)).name: row for row, value in enumerate(table[file])}
    absent = [one for one in names if PurePosixPath(one).name not in by_name]
    if absent:
        raise BadInput(f"{name} has no row whose {file} is {PurePosixPath(absent[0]).name}; each checkpoint needs one.")
    rows = table.iloc[[by_name[PurePosixPath(one).name] for one in names]].reset_index(drop=True)
    for knob in ("load", "temperature"):
        if not pd.api.types.is_numeric_dtype(rows[knob]) or rows[knob].isna().any():
            raise BadInput(f"{name}, column {knob}: a number for each checkpoint is expected.")
    return rows
