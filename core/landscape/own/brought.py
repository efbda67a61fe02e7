"""What a person brought: checkpoints, the data that they were trained on, and a table that says how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal

from core.analysis import Source
from core.device import torch_device
from core.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd
    import torch
    from torch import nn

    from core.data.preparation import Scaling
    from core.training.ensemble import Examples

FILE_COLUMNS = ("file", "name", "checkpoint")
KNOBS = ("load", "temperature")
MARKS = ("1", "1.0", "true", "yes")  # of the checkpoint in column pretrained from which the others were fine-tuned


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
        device: "cpu" or "gpu", where networks and rows lie.
    """

    checkpoints: Source
    dataset: Source
    table: Source | None
    target: str
    architecture: str
    scaling: Scaling
    most_rows: int
    device: Literal["cpu", "gpu"] = "cpu"


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
    from core.models.checkpoints import read_networks
    from core.training.ensemble import Examples
    from core.training.parameters import layout_of

    device = torch_device(brought.device)
    found = read_networks(Path(brought.checkpoints.location), brought.checkpoints.name, brought.architecture)
    dataset = load_dataset(brought.dataset, brought.target)
    X, y = dataset.X[: brought.most_rows], dataset.labels()[: brought.most_rows]
    _, parts = scaled(Split(X, y, X[:1], y[:1]), brought.scaling)
    rows = Examples(torch.from_numpy(parts.X_train.copy()), torch.from_numpy(y.copy())).to(device)
    module = found.module.to(device)
    layout = layout_of(module)
    states = [
        {name: checkpoint.tensors[name].to(device, value.dtype) for name, value in module.state_dict().items()}
        for checkpoint in found.checkpoints
    ]
    buffers = {name: torch.stack([state[name] for state in states]) for name, _ in module.named_buffers()}
    parameters = sum(layout.sizes)
    networks = Networks(
        module,
        f"{found.description}, {parameters:,} parameters",
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


@dataclass(frozen=True, eq=False)
class Told:
    """What is said of the checkpoints besides their weights.

    Attributes:
        knobs: load and temperature of each checkpoint, in their order, with the other columns of the table; NaN for the
            pretrained one. None where they are not told.
        pretrained: the number of the checkpoint from which the others were fine-tuned; None where there is none.
    """

    knobs: pd.DataFrame | None
    pretrained: int | None


def told_of(brought: Brought, names: tuple[str, ...], pretrained: str) -> Told:
    """Reads the table, and finds the checkpoint that the others were fine-tuned from.

    Args:
        brought: what was brought.
        names: of the checkpoints.
        pretrained: the file of that one; empty: the one that the column `pretrained` of the table marks, if any.

    Raises:
        BadInput: a table without the columns, without a row for a checkpoint or with several pretrained ones, or a name
            that no checkpoint has.
    """
    import pandas as pd

    rows = None if brought.table is None else _rows_of(brought.table, names, bool(pretrained))
    start = _pretrained(brought, names, rows, pretrained)
    if rows is None or brought.table is None or "load" not in rows:
        return Told(None, start)
    others = [place for place in range(len(names)) if place != start]
    for knob in KNOBS:
        numbers = pd.to_numeric(rows[knob], errors="coerce").astype(float)
        if numbers.iloc[others].isna().any():
            raise BadInput(f"{brought.table.name}, column {knob}: a number for each checkpoint is expected.")
        rows[knob] = numbers.where(rows.index != start)
    return Told(rows, start)


def _rows_of(source: Source, names: tuple[str, ...], pretrained: bool) -> pd.DataFrame:
    """The rows of a table, in the order of the checkpoints; one that only says which is pretrained needs no knobs."""
    from core.data.predictions_reading import read_table

    table = read_table(Path(source.location), source.name).columns.to_pandas()
    file = next((column for column in FILE_COLUMNS if column in table), None)
    missing = [knob for knob in KNOBS if knob not in table]
    if missing == list(KNOBS) and (pretrained or "pretrained" in table):
        missing = []
    if file is None or missing:
        wanted = [*(["file"] if file is None else []), *missing]
        raise BadInput(
            f"{source.name} has no column {' nor '.join(wanted)}; a row a checkpoint with file, load, temperature and, where there are "
            f"several, seed is expected; it has {', '.join(map(str, table.columns[:12]))}."
        )
    by_name = {PurePosixPath(str(value)).name: row for row, value in enumerate(table[file])}
    absent = [one for one in names if PurePosixPath(one).name not in by_name]
    if absent:
        raise BadInput(
            f"{source.name} has no row whose {file} is {PurePosixPath(absent[0]).name}; each checkpoint needs one."
        )
    return table.iloc[[by_name[PurePosixPath(one).name] for one in names]].reset_index(drop=True)


def _pretrained(brought: Brought, names: tuple[str, ...], rows: pd.DataFrame | None, said: str) -> int | None:
    if said:
        found = [place for place, name in enumerate(names) if said in (name, PurePosixPath(name).name)]
        if not found:
            raise BadInput(
                f"Pretrained: {brought.checkpoints.name} has no checkpoint {said!r}; it has {', '.join(names[:12])}."
            )
        return found[0]
    if rows is None or brought.table is None or "pretrained" not in rows:
        return None
    marked = rows.index[rows["pretrained"].astype(str).str.strip().str.lower().isin(MARKS)].tolist()
    if len(marked) > 1:
        raise BadInput(
            f"{brought.table.name}, column pretrained: {len(marked)} checkpoints are marked; one is expected, from which the others "
            "were fine-tuned."
        )
    return int(marked[0]) if marked else None
