"""From text to a `Source`: built-ins by name, files by path. The one place that knows data sets and models alike."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from core.analysis import BUILTIN, Kind, Source
from core.errors import BadInput
from core.keys import digest_of_file
from core.settings import settings

MODEL_SUFFIXES = (".safetensors", ".pt", ".pth", ".pt2", ".json")
BOOSTER_SUFFIXES = (".ubj",)
_BOOSTER_START = re.compile(rb'\s*\{\s*("version"\s*:\s*\[[^]]*\]\s*,\s*)?"learner"')  # XGBoost's own JSON


def builtin_sources(kind: Kind) -> tuple[Source, ...]:
    """The built-ins of a kind, in the order in which a menu shows them; nothing is loaded."""
    if kind == "dataset":
        from core.data.builtin import BUILTIN_DATASETS, builtin_dataset_source

        return tuple(builtin_dataset_source(dataset.name) for dataset in BUILTIN_DATASETS)
    if kind == "model":
        from core.models.builtin import BUILTIN_MODELS, builtin_model_source

        return tuple(builtin_model_source(model.name) for model in BUILTIN_MODELS)
    if kind in ("predictions", "population"):
        from core.data.builtin_predictions import BUILTIN_PREDICTIONS, builtin_predictions_source

        return tuple(builtin_predictions_source(one.name) for one in BUILTIN_PREDICTIONS if one.kind == kind)
    if kind == "telemetry":
        from core.data.builtin_telemetry import BUILTIN_TELEMETRY, builtin_telemetry_source

        return tuple(builtin_telemetry_source(one.name) for one in BUILTIN_TELEMETRY)
    if kind == "shapes":
        from core.data.builtin_shapes import BUILTIN_SHAPES, builtin_shapes_source

        return tuple(builtin_shapes_source(one.name) for one in BUILTIN_SHAPES)
    if kind == "zoo":
        from core.models.builtin_zoo import BUILTIN_ZOOS, builtin_zoo_source

        return tuple(builtin_zoo_source(one.name) for one in BUILTIN_ZOOS)
    return ()


def open_source(kind: Kind, text: str) -> Source:
    """What stands behind a text such as `digits`, `builtin:digits` or `folder/data.csv`.

    A bare name means the built-in; `./digits` means the file. Of a folder that holds a model zoo settings and results are
    read. A model that holds weights alone takes its
    architecture from the file of the same name that ends in .json.

    Raises:
        BadInput: neither a built-in nor a file, or a file that can't be used.
    """
    known = {source.location: source for source in builtin_sources(kind)}
    if text.startswith(BUILTIN):
        if text not in known:
            raise BadInput(f"There is no built-in {kind} {text.removeprefix(BUILTIN)!r}; {_listed(known)}.")
        return known[text]
    if BUILTIN + text in known:
        return known[BUILTIN + text]
    path = Path(text).expanduser()
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except OSError:  # a text that is too long for a name
        is_folder = is_file = False
    if is_folder and kind == "zoo":
        return _open_zoo(path.resolve())
    if is_folder:
        raise BadInput(f"{text} is a folder; name a file.")
    if not is_file:
        raise BadInput(f"{text} is neither a file nor a built-in {kind}; {_listed(known)}.")
    return _open_file(kind, path.resolve())


def inspect_file(
    path: Path, filename: str, kind_hint: str | None = None, copy: Path | None = None
) -> tuple[str, dict[str, Any]]:
    """Reads a file and says what it is.

    Args:
        path: the file.
        filename: what the person calls it; its ending counts where there is no hint.
        kind_hint: "dataset", "labels", "table", "predictions", "population", "telemetry", "booster", "shapes",
            "checkpoints", "zoo", "model" or "weights", where the person said so.
        copy: where the Parquet copy of telemetry is put; None: where `copy_place` has it.

    Returns:
        The kind ("dataset", "labels", "table", "predictions", "population", "telemetry", "booster", "shapes",
        "checkpoints", "zoo", "model" or "weights") and what was found, as plain JSON values.

    Raises:
        BadInput: the file can't be used.
    """
    hint = kind_hint or _kind_of_model(path, filename)
    if hint in ("model", "weights"):
        from core.models.inspection import inspect_model

        details = inspect_model(path, filename)
    elif hint == "zoo" or (hint is None and _holds_zoo(path)):
        from core.models.model_zoo import inspect_zoo

        details = inspect_zoo(path, filename)
    elif hint == "checkpoints" or (hint is None and _holds_checkpoints(path)):
        from core.models.checkpoints import inspect_checkpoints

        details = inspect_checkpoints(path, filename)
    elif hint == "booster":
        from core.models.booster_inspection import inspect_booster

        details = {**inspect_booster(path, filename), "kind": "booster"}
    else:
        details = _inspect_data(path, filename, hint, copy)
    return str(details["kind"]), details


def _holds_zoo(path: Path) -> bool:
    from core.models.model_zoo import holds_zoo

    return holds_zoo(path)


def _holds_checkpoints(path: Path) -> bool:
    from core.models.formats import holds_checkpoints

    return holds_checkpoints(path)


def _kind_of_model(path: Path, filename: str) -> str | None:
    """ "model" or "booster" by the ending of the name, and of JSON by how it begins; None: data."""
    name = filename.lower()
    if name.endswith(BOOSTER_SUFFIXES):
        return "booster"
    if name.endswith(".json") and path.is_file():
        with path.open("rb") as stream:
            return "booster" if _BOOSTER_START.match(stream.read(1024)) else "model"
    return "model" if name.endswith(MODEL_SUFFIXES) else None


def _inspect_data(path: Path, filename: str, kind_hint: str | None, copy: Path | None) -> dict[str, Any]:
    from core.calibration.inspection import inspect_population, inspect_predictions
    from core.data.inspection import inspect_dataset
    from core.data.predictions_reading import kind_of_arrays, kind_of_columns
    from core.data.shapes_reading import holds_shapes, inspect_shapes

    if kind_hint == "shapes" or (kind_hint is None and holds_shapes(path, filename)):
        return inspect_shapes(path, filename)
    kind = kind_hint or kind_of_arrays(path, filename)
    if kind == "predictions":
        return inspect_predictions(path, filename)
    if kind == "population":
        return inspect_population(path, filename)
    if kind == "telemetry" or (kind is None and _is_telemetry(path, filename)):
        from core.data.telemetry_copy import copy_place
        from core.telemetry.inspection import inspect_telemetry

        return inspect_telemetry(path, filename, copy or copy_place(path, digest_of_file(path)))
    details = inspect_dataset(path, filename)
    kind = None if kind_hint else kind_of_columns([str(column["name"]) for column in details["columns"]])
    return _inspect_data(path, filename, kind, copy) if kind else details


def _is_telemetry(path: Path, filename: str) -> bool:
    from core.telemetry.inspection import holds_telemetry

    return holds_telemetry(path, filename)


def _open_file(kind: Kind, path: Path) -> Source:
    found, details = inspect_file(path, path.name, kind)
    if found == "weights":
        return _with_architecture(path)
    if found == "labels":
        raise BadInput(
            f"{path.name} holds labels alone; put images and labels into one zip file, or into an npz as X and y."
        )
    if found == "table" and kind != "table":
        raise BadInput(
            f"{path.name} holds a single column, {details['columns'][0]['name']!r}, that is no feature; at least one "
            "column of numbers besides the labels is needed."
        )
    return Source(kind, path.name, digest_of_file(path), str(path), details)


def _open_zoo(folder: Path) -> Source:
    """Settings and results below a folder, as one zip, kept under its digest."""
    from core.models.model_zoo import pack_zoo

    home = settings().home / "models"
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home) as scratch:
        draft = Path(scratch) / "zoo.zip"
        pack_zoo(folder, draft)
        digest = digest_of_file(draft)
        whole = draft.rename(home / f"{digest}.zip")
    _, details = inspect_file(whole, folder.name, "zoo")
    return Source("zoo", folder.name, digest, str(whole), details)


def _with_architecture(path: Path) -> Source:
    """Weights and the architecture beside them, as one file that describes itself, kept under its digest."""
    from core.models.inspection import read_architecture
    from core.models.weights import attach_architecture

    beside = path.with_suffix(".json")
    if not beside.is_file():
        raise BadInput(
            f"{path.name} holds weights alone; put their architecture beside them as {beside.name}, "
            'such as {"architecture": "mlp", "inputs": 784, "hidden": [200, 200], "classes": 10}.'
        )
    folder = settings().home / "models"
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f"{digest_of_file(path)}-{digest_of_file(beside)}.safetensors"
    attach_architecture(path, read_architecture(beside, beside.name), draft, path.name)
    digest = digest_of_file(draft)
    whole = draft.rename(folder / f"{digest}.safetensors")
    _, details = inspect_file(whole, whole.name, "model")
    return Source("model", path.name, digest, str(whole), details)


def _listed(known: dict[str, Source]) -> str:
    if not known:
        return "name a file that exists"
    return f"built in are {', '.join(name.removeprefix(BUILTIN) for name in known)}"
