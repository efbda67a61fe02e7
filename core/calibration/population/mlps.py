"""The built-in population: small networks of several widths, depths, lengths of training and weight decays.

All runs of one architecture and number of epochs train as one batch, so the whole population takes seconds. Every
network is also tried on disturbed samples, which gives robustness columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.errors import BadInput

if TYPE_CHECKING:
    import torch

DATASET_NAME = "digits"
WIDTHS, DEPTHS, EPOCHS, WEIGHT_DECAYS = (8, 32, 128), (1, 2, 3), (15, 60), (0.0, 0.001, 0.01)
LEARNING_RATE, BATCH_SIZE = 3e-3, 32
REPORT_SHARE, FIT_SHARE = 0.5, 0.15  # of the samples; the networks learn from the rest
DISTURBANCES = ("gaussian_noise", "shot_noise", "brightness", "contrast")  # names of the study's corruption columns
NOISE, BRIGHTER, FLATTER, PHOTONS = 0.25, 0.3, 0.4, 8.0  # of features from 0 to 1


def model_table(seed: int = 0) -> pd.DataFrame:
    """The models with their attributes, grouped as they are trained.

    Returns:
        `model`, `width`, `depth`, `epochs`, `weight_decay`, `seed`; 54 rows.
    """
    rows = [
        (f"w{width}-d{depth}-e{epochs}-l{decay:g}", width, depth, epochs, decay, seed)
        for width, depth, epochs, decay in product(WIDTHS, DEPTHS, EPOCHS, WEIGHT_DECAYS)
    ]
    return pd.DataFrame(rows, columns=["model", "width", "depth", "epochs", "weight_decay", "seed"])


def groups(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Arguments of `train_mlps`, one for each group of models that train together, in the order of the table."""
    found: dict[tuple[int, int, int], dict[str, Any]] = {}
    for row in table.to_dict("records"):
        design = (int(row["width"]), int(row["depth"]), int(row["epochs"]))
        group = found.setdefault(
            design,
            {
                **dict(zip(("width", "depth", "epochs"), design, strict=True)),
                "weight_decays": [],
                "seeds": [],
                "models": [],
            },
        )
        group["weight_decays"].append(float(row["weight_decay"]))
        group["seeds"].append(int(row["seed"]))
        group["models"].append(str(row["model"]))
    return list(found.values())


def train_mlps(
    width: int,
    depth: int,
    epochs: int,
    weight_decays: list[float],
    seeds: list[int],
    models: list[str],
    data_seed: int = 0,
    dataset: str = DATASET_NAME,
) -> dict[str, Any]:
    """Trains networks of one architecture at once on a built-in data set.

    Args:
        width: units of each hidden layer.
        depth: hidden layers.
        epochs: passes over the training rows.
        weight_decays: lambda of each run: lambda / 2 |theta|^2 is added to its loss.
        seeds: of each run: start and data order.
        models: their names.
        data_seed: of the split into rows to learn from, to fit on and to report on.
        dataset: a built-in data set with labels.

    Returns:
        `models`; `logits` [R, n, K] and `labels` [n] of the reported rows; `val_logits` and `val_labels` of the rows
        to fit on (float32, int64); `robustness`: accuracy on each disturbance of the reported rows, [R] by name.

    Raises:
        BadInput: the data set is unknown or has no labels, or the lists differ in length.
    """
    import torch

    from core.models.architectures import Mlp
    from core.models.initialise import fresh_parameters_of_runs
    from core.models.networks import build
    from core.training.ensemble import Examples, Recipe, train
    from core.training.parameters import layout_of

    if not len(weight_decays) == len(seeds) == len(models) > 0:
        raise BadInput(
            f"{len(models)} models, {len(seeds)} seeds and {len(weight_decays)} weight decays were found; as many of each "
            "are expected, and at least one."
        )
    X, y, classes = _data(dataset)
    learned, fitted, reported = parts(y, data_seed)
    mean, spread = X[learned].mean(axis=0), X[learned].std() or 1.0  # one scale: pixels share a unit
    train_X, fit_X, report_X = ((X[rows] - mean) / spread for rows in (learned, fitted, reported))
    module = build(Mlp(inputs=X.shape[1], hidden=(width,) * depth, classes=classes))
    layout = layout_of(module)
    start = layout.join(fresh_parameters_of_runs(module, seeds))
    trained = train(
        module,
        start,
        _decayed(weight_decays),
        [LEARNING_RATE] * len(seeds),
        seeds,
        Examples(torch.from_numpy(train_X), torch.from_numpy(y[learned])),
        Examples(torch.from_numpy(fit_X), torch.from_numpy(y[fitted])),
        Recipe(epochs, BATCH_SIZE),
    )

    def logits(features: np.ndarray) -> np.ndarray:
        rows = torch.from_numpy(np.ascontiguousarray(features, dtype=np.float32))
        with torch.no_grad():
            return np.stack(
                [torch.func.functional_call(module, layout.views(run), (rows,)).numpy() for run in trained.coordinates]
            )

    robustness = {
        name: (logits((disturbed - mean) / spread).argmax(axis=2) == y[reported]).mean(axis=1)
        for name, disturbed in _disturbed(X[reported], data_seed).items()
    }
    return {
        "models": models,
        "logits": logits(report_X),
        "labels": y[reported],
        "val_logits": logits(fit_X),
        "val_labels": y[fitted],
        "robustness": robustness,
    }


def attributes(table: pd.DataFrame, trained: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """The model table with the robustness columns of the trained groups, joined by name."""
    measured = pd.concat([pd.DataFrame({"model": one["models"], **one["robustness"]}) for one in trained])
    return table.merge(measured, on="model", validate="one_to_one")


def parts(labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows to learn from, to fit on and to report on, each with its share of every class."""
    from core.calibration.repair.split import stratified_mask

    reported = stratified_mask(labels, REPORT_SHARE, seed)
    others = np.flatnonzero(~reported)
    fitted = stratified_mask(labels[others], FIT_SHARE / (1 - REPORT_SHARE), seed)
    return others[~fitted], others[fitted], np.flatnonzero(reported)


def _data(dataset: str) -> tuple[np.ndarray, np.ndarray, int]:
    """Features [n, d] scaled to 0..1 as a whole, labels and number of classes."""
    from core.data.builtin_loaders import load_builtin

    loaded = load_builtin(dataset)
    if loaded.y is None:
        raise BadInput(f"{dataset} has no labels; choose a labelled built-in data set, such as digits.")
    X = np.asarray(loaded.X, dtype=np.float32).reshape(len(loaded.X), -1)
    low, high = X.min(axis=0), X.max(axis=0)
    if loaded.X.ndim > 2:
        low, high = low.min(), high.max()
    return (X - low) / np.where(high > low, high - low, 1).astype(np.float32), loaded.y, len(loaded.classes)


def _disturbed(features: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """The same samples with noise, with photon noise, brighter, and with less contrast; float32, [n, d] each."""
    generator = np.random.default_rng([seed, len(features)])
    return {
        "gaussian_noise": (features + NOISE * generator.standard_normal(features.shape)).astype(np.float32),
        "shot_noise": (generator.poisson(PHOTONS * np.clip(features, 0, None)) / PHOTONS).astype(np.float32),
        "brightness": features + np.float32(BRIGHTER),
        "contrast": features.mean() + np.float32(FLATTER) * (features - features.mean()),
    }


def _decayed(weight_decays: Sequence[float]) -> Any:
    """The identity, whose gradient has lambda theta added: that of a loss with lambda / 2 |theta|^2 more."""
    import torch

    class Decayed(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, coordinates: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(coordinates)
            return coordinates.clone()

        @staticmethod
        def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
            (coordinates,) = ctx.saved_tensors
            return gradient + torch.tensor(weight_decays, dtype=gradient.dtype).unsqueeze(1) * coordinates

    return Decayed.apply
