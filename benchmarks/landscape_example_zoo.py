"""Writes `core/models/builtin_zoo.zip`: a small model zoo of MLPs on digits, in the layout of arXiv:2504.18072.

Six widths, six learning rates, three seeds; results of every epoch, and metrics of the landscape and gains of averaging at the
last one. `python benchmarks/landscape_example_zoo.py`; a minute or two on one core.
"""

from __future__ import annotations

import json
import math
import zipfile
from pathlib import Path

import numpy as np
import torch

from core.data import builtin_dataset_source, load_dataset
from core.landscape.connectivity.alignment import aligned
from core.landscape.connectivity.connect import CurveTraining, mode_connectivity
from core.landscape.curvature.module_loss import module_loss
from core.landscape.curvature.spectrum import hessian_spectrum
from core.landscape.similarity.flavours import Flavour, logits_of, pairwise_cka
from core.models.architectures import Mlp
from core.models.networks import build
from core.training.ensemble import Examples, measure
from core.training.networks import copies_of
from core.training.parameters import flatten, layout_of

OUT = Path(__file__).parents[1] / "core" / "models" / "builtin_zoo.zip"
WIDTHS = (4, 8, 16, 32, 64, 128)
RATES = (0.003, 0.01, 0.03, 0.1, 0.2, 0.4)
SEEDS = (0, 1, 2)
EPOCHS, BATCH, MOMENTUM, TEST_ROWS = 30, 32, 0.9, 360
EARLIER = 20  # epoch whose weights are averaged with the last ones
CKA = Flavour("logits", "plain", "biased")


def main() -> None:
    """Trains, measures, writes."""
    torch.set_num_threads(1)
    data = load_dataset(builtin_dataset_source("digits"))
    order = np.random.default_rng(0).permutation(len(data.X))
    X, y = torch.from_numpy(data.X[order].copy()), torch.from_numpy(data.labels()[order].copy())
    test, train = Examples(X[:TEST_ROWS], y[:TEST_ROWS]), Examples(X[TEST_ROWS:], y[TEST_ROWS:])
    runs = [(rate, seed) for rate in RATES for seed in SEEDS]
    with zipfile.ZipFile(OUT, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for width in WIDTHS:
            module, weights, earlier, history = trained(width, runs, train, test)
            last = measured(module, weights, earlier, train, test)
            for run, (rate, seed) in enumerate(runs):
                settings = {
                    "model::type": "MLP", "model::width": width, "model::o_dim": 10, "optim::optimizer": "sgd",
                    "optim::lr": rate, "optim::momentum": MOMENTUM, "training::batchsize": BATCH,
                    "training::epochs_train": EPOCHS, "seed": seed,
                }  # fmt: skip
                lines = [{**line[run], "training_iteration": epoch} for epoch, line in enumerate(history)]
                lines[-1] |= last[run]
                folder = f"digits-mlp/mlp_width={width},lr={rate:g},seed={seed}"
                write(archive, f"{folder}/params.json", json.dumps(settings))
                write(archive, f"{folder}/result.json", "".join(json.dumps(line) + "\n" for line in lines))
            print(f"width {width}: best test accuracy {max(line['test_acc'] for line in history[-1]):.3f}", flush=True)


def trained(
    width: int, runs: list[tuple[float, int]], train: Examples, test: Examples
) -> tuple[torch.nn.Module, torch.Tensor, torch.Tensor, list[list[dict[str, float]]]]:
    """SGD with momentum, learning rates that fall along half a cosine; results after every epoch, the untrained ones first."""
    starts = []
    for _, seed in runs:
        torch.manual_seed(1000 * width + seed)
        module = build(Mlp(inputs=64, hidden=(width, width), classes=10))
        starts.append(flatten(module))
    weights = torch.stack(starts)
    rates = torch.tensor([rate for rate, _ in runs])[:, None]
    copies, velocity = copies_of(module, len(runs)), torch.zeros_like(weights)
    generators = [torch.Generator().manual_seed(seed) for _, seed in runs]
    history, earlier, rows = [results(module, weights, train, test)], weights, len(train.labels)
    steps, step = EPOCHS * (rows // BATCH), 0
    for epoch in range(1, EPOCHS + 1):
        orders = torch.stack([torch.randperm(rows, generator=generator) for generator in generators])
        for start in range(0, rows - BATCH + 1, BATCH):
            chosen = orders[:, start : start + BATCH]
            _, gradient = copies.loss_and_gradient(weights, train.features[chosen], train.labels[chosen])
            velocity = MOMENTUM * velocity + gradient
            weights = weights - rates * 0.5 * (1 + math.cos(math.pi * step / steps)) * velocity
            step += 1
        history.append(results(module, weights, train, test))
        earlier = weights if epoch == EARLIER else earlier
    return module, weights, earlier, history


def results(module: torch.nn.Module, weights: torch.Tensor, train: Examples, test: Examples) -> list[dict[str, float]]:
    """Loss and accuracy of each run on training and test rows."""
    copies = copies_of(module, len(weights))
    (train_acc, train_loss), (test_acc, test_loss) = (measure(copies, weights, rows) for rows in (train, test))
    named = {"train_loss": train_loss, "train_acc": train_acc, "test_loss": test_loss, "test_acc": test_acc}
    return [{name: short(values[run]) for name, values in named.items()} for run in range(len(weights))]


def measured(
    module: torch.nn.Module, weights: torch.Tensor, earlier: torch.Tensor, train: Examples, test: Examples
) -> list[dict[str, float]]:
    """Trace of each run, connectivity and CKA with its two neighbours of the cell, and gains of averaging."""
    finite = torch.isfinite(weights).all(dim=1)
    found: list[dict[str, float]] = [{} for _ in weights]
    for run in range(len(weights)):
        if finite[run]:
            module.load_state_dict(layout_of(module).views(weights[run]))
            loss, parameters = module_loss(module)
            spectrum = hessian_spectrum(
                loss, parameters, [(train.features, train.labels)], top=1, seed=run, products=30
            )
            found[run] = {
                "hessian_trace_train_mean": short(spectrum.trace),
                "hessian_top_eigenvalues_train_mean": short(spectrum.eigenvalues[0]),
            }
    cells = [range(start, start + len(SEEDS)) for start in range(0, len(weights), len(SEEDS))]
    whole = [cell for cell in cells if bool(finite[list(cell)].all())]
    pairs = [(cell[one], cell[other]) for cell in whole for one, other in ((0, 1), (1, 2), (2, 0))]
    first, second = (weights[[pair[end] for pair in pairs]] for end in (0, 1))
    curves = mode_connectivity(
        module, first, second, train, curve_training=CurveTraining(30, 64, 0.03)
    ).mode_connectivity
    for cell in whole:
        members = list(cell)
        own = {run: [curves[number] for number, pair in enumerate(pairs) if run in pair] for run in members}
        outputs = logits_of(module, weights[members], test.features)
        alike = pairwise_cka(outputs, CKA)
        mean = accuracy(module, averaged(module, weights[members]), test)
        alone = float(np.mean([accuracy(module, weights[run], test) for run in members]))
        for number, run in enumerate(members):
            similar = [value for one, other, value in alike if number in (one, other) and not math.isnan(value)]
            half = accuracy(module, 0.5 * (weights[run] + earlier[run]), test)
            found[run] |= {
                "curve_mc_train_error": short(float(np.mean(own[run]))),
                "wiseft_acc_test": short(half),
                "wiseft_acc_test_delta": short(half - accuracy(module, weights[run], test)),
                "gitrebasin_acc_test": short(mean),
                "gitrebasin_acc_test_delta": short(mean - alone),
                **({"representation_similarity": short(float(np.mean(similar)))} if similar else {}),
            }
    return found


def averaged(module: torch.nn.Module, weights: torch.Tensor) -> torch.Tensor:
    """The mean of networks whose units are put in the order of the first's."""
    return torch.stack([weights[0], *(aligned(module, weights[0], other) for other in weights[1:])]).mean(0)


def accuracy(module: torch.nn.Module, weights: torch.Tensor, rows: Examples) -> float:
    """Of one network."""
    return float(measure(copies_of(module, 1), weights[None], rows)[0][0])


def write(archive: zipfile.ZipFile, name: str, text: str) -> None:
    """A member without the time of day, so that equal content gives equal files."""
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, text, compresslevel=9)


def short(value: float) -> float:
    """Five digits."""
    return float(f"{float(value):.5g}")


if __name__ == "__main__":
    main()
