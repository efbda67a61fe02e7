"""A model zoo in one zip: a folder a model with its settings, its results of every epoch and its checkpoints.

The layout is that of Falk et al. 2025 (arXiv:2504.18072), as Ray Tune writes it: `params.json`, `result.json` with one JSON
object a line, an epoch each, and `checkpoint_000150/checkpoints`. Weights are not touched here.
"""

from __future__ import annotations

import json
import re
import stat
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os.path import commonpath
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from core.data.archive import check_archive, member, names_in_zip, open_zip
from core.data.limits import check_size
from core.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd


SETTINGS = ("params.json", "config.json")
RESULTS = "result.json"
WEIGHTS = "checkpoints"
MOST_FILES = 100_000
MOST_SETTINGS_BYTES = 1 << 20
MOST_LINE_BYTES = 1 << 20
MOST_METRICS = 500
EPOCH_NAMES = ("training_iteration", "epoch")
BOOKKEEPING = ("timestamp", "pid", "iterations_since_restore", "done")  # of Ray Tune; times as well
LAYOUT = (
    f"a folder a model with {SETTINGS[0]}, {RESULTS} (one JSON object a line, an epoch each) and, where weights are kept, "
    f"checkpoint_000150/{WEIGHTS}"
)
_FOLDER = re.compile(r"checkpoint_(\d{1,9})")

Setting = float | str


@dataclass(frozen=True, eq=False)
class ModelZoo:
    """What a zoo says of its M models; all tuples are [M].

    Attributes:
        models: their folders, below the one that they share.
        settings: by name; numbers and text.
        history: a row an epoch of a model: `model` (its position), `epoch`, and a column a metric.
        checkpoints: epochs of which there are weights.
        remarks: what could not be read, or was taken from elsewhere.
    """

    models: tuple[str, ...]
    settings: tuple[dict[str, Setting], ...]
    history: pd.DataFrame
    checkpoints: tuple[tuple[int, ...], ...]
    remarks: tuple[tuple[str, ...], ...]

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics."""
        return tuple(str(name) for name in self.history.columns if name not in ("model", "epoch"))


def holds_zoo(path: Path) -> bool:
    """Whether a file is a zip in the layout of a model zoo, from its list of contents."""
    return any(PurePosixPath(name).name == RESULTS or checkpoint_of(name) for name in names_in_zip(path))


def checkpoint_of(name: str) -> tuple[str, int] | None:
    """Folder of the model and epoch of a file of weights in the layout of a zoo; None for any other file."""
    parts = PurePosixPath(name).parts
    if len(parts) < 2 or parts[-1] != WEIGHTS:
        return None
    epoch = _FOLDER.fullmatch(parts[-2])
    return ("/".join(parts[:-2]), int(epoch.group(1))) if epoch else None


def read_zoo(path: Path, filename: str) -> ModelZoo:
    """Reads settings and results of all models; of checkpoints only their names.

    A line that is cut off or is no JSON object is left out and said so in the model's remarks.

    Raises:
        BadInput: no zip, no model in it, damaged, or a file that is no text of this kind.
        TooLarge: more than the limits allow.
    """
    if not zipfile.is_zipfile(path):
        raise BadInput(f"{filename} is no zip archive; a model zoo is {LAYOUT}, packed into one zip.")
    with open_zip(path, filename) as archive:
        members = check_archive(archive, filename, MOST_FILES, _is_text)
        names = [name for name in archive.namelist() if "__MACOSX" not in PurePosixPath(name).parts]
        weights = [found for found in map(checkpoint_of, names) if found]
        folders = sorted({*_folders_of_models(members), *(folder for folder, _ in weights)}, key=natural)
        if not folders:
            raise BadInput(f"{filename} holds no model of a zoo; expected is {LAYOUT}.")
        found = [_read_model(archive, members, folder, filename) for folder in folders]
    kept: dict[str, list[int]] = {}
    for folder, epoch in weights:
        kept.setdefault(folder, []).append(epoch)
    return ModelZoo(
        models=short_names(folders, filename),
        settings=tuple(settings for settings, _, _ in found),
        history=_history([lines for _, lines, _ in found], filename),
        checkpoints=tuple(tuple(sorted(kept.get(folder, ()))) for folder in folders),
        remarks=tuple(tuple(remarks) for _, _, remarks in found),
    )


def pack_zoo(folder: Path, out: Path) -> None:
    """Packs settings and results of all models below a folder, without weights and links; same content, same bytes."""
    names = sorted(
        path for path in folder.rglob("*.json") if _is_text(path.name) and path.is_file() and not path.is_symlink()
    )
    with zipfile.ZipFile(out, "w") as archive:
        for path in names:
            info = zipfile.ZipInfo(path.relative_to(folder).as_posix())  # without the time of day
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())


def inspect_zoo(path: Path, filename: str) -> dict[str, Any]:
    """What a zoo holds.

    Returns:
        format ("zip"); kind ("zoo"); models (how many); epochs, the first and the last, None without results; metrics and
        settings (names; of settings those that differ between models); checkpoints (how many); notes on what could not
        be read.

    Raises:
        BadInput: as `read_zoo`.
    """
    zoo = read_zoo(path, filename)
    epochs = zoo.history.epoch
    count = sum(map(len, zoo.checkpoints))
    remarks = [f"{model}: {one}" for model, own in zip(zoo.models, zoo.remarks, strict=True) for one in own]
    more = [f"{len(remarks) - 5:,} more remarks of this kind."] if len(remarks) > 5 else []
    return {
        "format": "zip",
        "kind": "zoo",
        "models": len(zoo.models),
        "epochs": [int(epochs.min()), int(epochs.max())] if len(epochs) else None,
        "epoch_rows": len(epochs),
        "metrics": list(zoo.metrics),
        "settings": differing(zoo.settings),
        **({"checkpoints": count} if count else {}),
        "notes": [*remarks[:5], *more],
    }


def differing(settings: Sequence[dict[str, Setting]]) -> list[str]:
    """Names of the numbers that are not the same in all models, in the order of the first model that has them."""
    names = dict.fromkeys(name for one in settings for name, value in one.items() if isinstance(value, float))
    return [name for name in names if len({one.get(name) for one in settings if name in one}) > 1]


def natural(name: str) -> list[tuple[int, str]]:
    """Sorts epoch2 before epoch10; names that count the same, as lr=0.1 and lr=0.01, by their characters."""
    parts = [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split("([0-9]+)", name)]
    return [*parts, (-1, name)]


def short_names(folders: Sequence[str], filename: str) -> tuple[str, ...]:
    """Folders without what all share; a model that lies in the root of the zip is called after it."""
    shared = commonpath(folders) if len(folders) > 1 and all(folders) else _folder(folders[0])
    return tuple(folder.removeprefix(shared).strip("/") or PurePosixPath(filename).stem for folder in folders)


def _is_text(name: str) -> bool:
    path = PurePosixPath(name)
    return path.name in (RESULTS, *SETTINGS) and "__MACOSX" not in path.parts


def _folders_of_models(members: dict[str, zipfile.ZipInfo]) -> set[str]:
    """Folders with results or params.json; a config.json alone is that of the whole zoo."""
    return {_folder(name) for name in members if PurePosixPath(name).name in (RESULTS, SETTINGS[0])}


def _folder(name: str) -> str:
    return "/".join(PurePosixPath(name).parts[:-1])


def _read_model(
    archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], folder: str, filename: str
) -> tuple[dict[str, Setting], list[dict[str, float]], list[str]]:
    """Settings, results of each epoch, and remarks."""
    places = {name: f"{folder}/{name}" if folder else name for name in (RESULTS, *SETTINGS)}
    for place in places.values():
        if place in members and stat.S_ISLNK(members[place].external_attr >> 16):
            raise BadInput(f"{filename}: {place} is a symbolic link; pack the files themselves.")
    remarks: list[str] = []
    lines: list[dict[str, float]] = []
    config: dict[str, Any] = {}
    if places[RESULTS] in members:
        lines, config = _lines(archive, members[places[RESULTS]], f"{filename}: {places[RESULTS]}", remarks)
    else:
        remarks.append(f"there is no {RESULTS}")
    settings = next((places[name] for name in SETTINGS if places[name] in members), None)
    if settings is not None:
        config = _settings(archive, members[settings], f"{filename}: {settings}")
    elif config:
        remarks.append(f"there is no {SETTINGS[0]}; settings are those in {RESULTS}")
    else:
        remarks.append(f"there is no {SETTINGS[0]}")
    return _flat(config), lines, remarks


def _settings(archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: str) -> dict[str, Any]:
    if info.file_size > MOST_SETTINGS_BYTES:
        raise BadInput(f"{place} has {info.file_size:,} bytes; settings have at most {MOST_SETTINGS_BYTES:,}.")
    with member(archive, info, place) as stream:
        found = _json(stream.read())
    if not isinstance(found, dict):
        raise BadInput(
            f'{place} is no JSON object; the settings of a model are expected, such as {{"model::width": 8}}.'
        )
    return found


def _lines(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: str, remarks: list[str]
) -> tuple[list[dict[str, float]], dict[str, Any]]:
    """Numbers of each epoch, the last of two lines of one epoch, and the settings that the last line repeats."""
    found: dict[int, dict[str, float]] = {}
    config: dict[str, Any] = {}
    broken, repeated, number = [], 0, 0
    for number, raw in enumerate(_raw_lines(archive, info, place), start=1):
        if not raw.strip():
            continue
        line = _json(raw)
        if not isinstance(line, dict):
            broken.append(number)
            continue
        epoch = next((int(line[name]) for name in EPOCH_NAMES if _is_whole(line.get(name))), number)
        repeated += epoch in found
        found[epoch] = {"epoch": float(epoch), **_numbers(line)}
        config = line["config"] if isinstance(line.get("config"), dict) else config
    if broken:
        torn = broken == [number]
        what = f"the last line, {number}, of {RESULTS} is cut off" if torn else _broken(broken)
        remarks.append(f"{what}, and is left out" if torn else what)
    if repeated:
        remarks.append(f"{repeated:,} epochs stand twice in {RESULTS}; the later line counts")
    if not found and not broken:
        remarks.append(f"{RESULTS} is empty")
    return [found[epoch] for epoch in sorted(found)], config


def _broken(lines: list[int]) -> str:
    first, count = f"line {lines[0]} of {RESULTS}", len(lines)
    if count == 1:
        return f"{first} is no JSON object, and is left out"
    return f"{first} and {count - 1:,} more are no JSON objects, and are left out"


def _raw_lines(archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: str) -> Iterator[bytes]:
    with member(archive, info, place) as stream:
        while raw := stream.readline(MOST_LINE_BYTES):
            if len(raw) == MOST_LINE_BYTES:
                raise BadInput(
                    f"{place} has a line of more than {MOST_LINE_BYTES:,} bytes; one JSON object a line is expected."
                )
            yield raw


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9 and value == int(value)


def _numbers(line: dict[str, Any]) -> dict[str, float]:
    """The metrics of an epoch; a list of numbers, one a batch or a pair, counts as its mean."""
    found = {}
    for name, value in line.items():
        if name in (*EPOCH_NAMES, *BOOKKEEPING) or name.startswith("time_"):
            continue
        if isinstance(value, list) and value and all(_is_number(one) for one in value):
            found[name] = float(np.mean(value))
        elif _is_number(value):
            found[name] = float(value)
    return found


def _is_number(value: Any) -> bool:
    """Numbers that float64 has; NaN and infinity, which a loss may be, among them."""
    return isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1e300)


def _flat(config: dict[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Setting]:
    """Numbers and text by name, those of an object inside with its name before theirs."""
    found: dict[str, Setting] = {}
    for name, value in config.items():
        if isinstance(value, dict) and depth < 3:
            found |= _flat(value, f"{prefix}{name}::", depth + 1)
        elif isinstance(value, str):
            found[prefix + name] = value
        elif _is_number(value):
            found[prefix + name] = float(value)
    return found


def _history(models: Sequence[Sequence[dict[str, float]]], filename: str) -> pd.DataFrame:
    import pandas as pd

    names = dict.fromkeys(name for lines in models for line in lines for name in line)
    if len(names) - 1 > MOST_METRICS:
        raise BadInput(
            f"{filename} has {len(names) - 1:,} different metrics in its results; at most {MOST_METRICS} are read."
        )
    check_size(filename, sum(map(len, models)), max(len(names), 1))
    rows = [{"model": position, **line} for position, lines in enumerate(models) for line in lines]
    table = pd.DataFrame(rows, columns=["model", *(names or {"epoch": None})])
    return table.astype({"model": int, "epoch": int})
