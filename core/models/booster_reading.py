"""Loads an uploaded XGBoost model: checked, written anew, and only then given to XGBoost. Call it in a worker."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from core.data.formats import shown
from core.errors import BadInput
from core.models.booster_document import BoosterFormat, read_document
from core.models.booster_structure import BoosterModel, read_structure

if TYPE_CHECKING:
    from xgboost import Booster

    from core.analysis import Source


@dataclass(frozen=True, eq=False)
class LoadedBooster:
    """A model that can predict.

    Attributes:
        filename: as messages show it.
        format: of the file.
        model: what the file says.
        booster: of XGBoost; it takes the columns by position, on one thread.
    """

    filename: str
    format: BoosterFormat
    model: BoosterModel
    booster: Booster


def load_booster(source: Source) -> LoadedBooster:
    """The model in a stored file.

    Raises:
        BadInput: the file is not accepted.
        TooLarge: more than there is memory for.
    """
    return read_booster(Path(source.location), source.name)


def read_booster(path: Path, filename: str) -> LoadedBooster:
    """Reads a model from json or ubj.

    Args:
        path: the file.
        filename: what the person calls it.

    Raises:
        BadInput: no model of XGBoost, a damaged one, or one whose SHAP values can't be had; says what and where.
        TooLarge: more than there is memory for.
    """
    name = shown(filename)
    if not path.is_file():
        raise BadInput(f"{name} does not exist.")
    form, document = read_document(path, name)
    model = read_structure(document, name)
    return LoadedBooster(name, form, model, _load(model, name))


def _load(model: BoosterModel, name: str) -> Booster:
    import xgboost

    booster = xgboost.Booster({"nthread": 1})
    try:
        booster.load_model(bytearray(model.as_ubjson()))
        booster.set_param({"nthread": 1})
        booster.predict(xgboost.DMatrix(np.zeros((1, model.features), dtype=np.float32), nthread=1))
    except xgboost.core.XGBoostError as error:
        raise BadInput(f"{name} is not accepted by XGBoost {xgboost.__version__}: {_reason(error)}.") from None
    return booster


def _reason(error: Exception) -> str:
    """The first line of XGBoost's message that says something, without its time stamp and place in the source."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    first = next((line for line in lines if not line.startswith("Stack trace")), "no reason given")
    return first.rpartition(".cc:")[2].rpartition(".h:")[2].partition(": ")[2][:200].rstrip(". ") or first[:200]
