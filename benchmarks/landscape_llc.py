"""Local learning coefficient: our chains, run at once, against devinterp 1.3.2, whose chains run one after another.

The same network, data, step, temperature, pull, batch size and number of steps, one thread, in turns in one process.
devinterp needs an environment of its own; without it only our own figures are printed. On a CPU seconds of the processor
count, with `--device cuda` those of the wall.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")

import argparse
import sys
import time
import warnings
from collections.abc import Callable, Sequence

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.func import functional_call

from benchmarks.turns import fastest
from core.landscape.degeneracy.learning_coefficient import LearningCoefficient, local_learning_coefficient

CHAINS, BURN_IN, DRAWS, BATCH, GAMMA, TURNS = 4, 300, 700, 64, 100.0, 2


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    device = parser.parse_args([] if arguments is None else arguments).device
    torch.set_num_threads(1)
    clock = time.process_time if device == "cpu" else time.perf_counter
    _quadratic()
    for title, (model, features, labels) in (("MLP 64-40-20-10", _mlp()), ("LeNet-like, 8x8 digits", _convolutional())):
        _compare(title, model.to(device), features.to(device), labels.to(device), clock)


def _quadratic() -> None:
    """Curvatures over two decades, full batch: the closed form is half the sum of nb h / (nb h + gamma)."""
    h, nbeta, gamma = torch.logspace(-1, 1, 100, dtype=torch.float64), 100.0, 300.0
    data = [(torch.zeros(8, 100, dtype=torch.float64),)]
    exact = float((nbeta * h / (nbeta * h + gamma)).sum() / 2)

    def loss(parameters, batch):
        return (h * (parameters["w"] - batch[0]) ** 2).sum(dim=1).mean() / 2

    started = time.process_time()
    found = local_learning_coefficient(
        loss,
        {"w": torch.zeros(100, dtype=torch.float64)},
        data,
        nbeta=nbeta,
        gamma=gamma,
        chains=40,
        burn_in=300,
        draws=700,
    )
    print(
        f"quadratic: {found.value:.3f} +- {found.standard_error:.3f}, closed form {exact:.3f} "
        f"({100 * (found.value / exact - 1):+.1f} %), {time.process_time() - started:.1f} s"
    )


def _compare(
    title: str, model: nn.Module, features: torch.Tensor, labels: torch.Tensor, clock: Callable[[], float]
) -> None:
    parameters = {name: tensor.detach().clone() for name, tensor in model.named_parameters()}
    batches = [(features[i : i + BATCH], labels[i : i + BATCH]) for i in range(0, len(labels), BATCH)]

    def loss(named, batch):
        return nn.functional.cross_entropy(functional_call(model, dict(named), (batch[0],)), batch[1])

    first = local_learning_coefficient(loss, parameters, batches, burn_in=10, draws=10, gamma=GAMMA)
    nbeta, step = first.nbeta, first.step

    def own() -> LearningCoefficient:
        return local_learning_coefficient(
            loss, parameters, batches, chains=CHAINS, burn_in=BURN_IN, draws=DRAWS, nbeta=nbeta, gamma=GAMMA, step=step
        )

    programs = {"own": own}
    try:
        programs["devinterp"] = _devinterp(model, features, labels, nbeta, step)
    except ImportError:
        print("devinterp 1.3.2 is not installed")
    found = fastest(programs, TURNS, clock)
    size = sum(tensor.numel() for tensor in parameters.values())
    seconds, result = found["own"]
    print(
        f"{title}: {size} parameters, loss {result.loss:.4f}, n beta {nbeta:.0f}, lambda_max {result.largest_curvature:.1f}, "
        f"step {step:.2e}\n  own {result.value:.2f} +- {result.standard_error:.2f} (chains {result.of_chains.std(ddof=1):.2f}), "
        f"R-hat {result.r_hat:.3f}, {result.effective_draws:.0f} effective draws, acceptance {result.acceptance:.2f}, {seconds:.2f} s; notes: {result.notes}"
    )
    if "devinterp" in found:
        peer_seconds, (mean, spread) = found["devinterp"]
        print(f"  devinterp {mean:.2f}, chains {spread:.2f}, {peer_seconds:.2f} s: {peer_seconds / seconds:.1f} x")


def _devinterp(model: nn.Module, features: torch.Tensor, labels: torch.Tensor, nbeta: float, step: float):
    from devinterp.optim.sgld import SGLD
    from devinterp.slt.sampler import estimate_learning_coeff_with_summary
    from torch.utils.data import DataLoader, TensorDataset

    loader = DataLoader(TensorDataset(features, labels), batch_size=BATCH, shuffle=True)

    def evaluate(network, batch):
        return nn.functional.cross_entropy(network(batch[0]), batch[1])

    with torch.no_grad():
        initial = float(nn.functional.cross_entropy(model(features), labels))

    def program() -> tuple[float, float]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = estimate_learning_coeff_with_summary(
                model,
                loader,
                evaluate=evaluate,
                sampling_method=SGLD,
                optimizer_kwargs={"lr": step, "localization": GAMMA, "nbeta": nbeta},
                num_chains=CHAINS,
                num_draws=DRAWS,
                num_burnin_steps=BURN_IN,
                init_loss=initial,
                seed=0,
                device=str(features.device),
                verbose=False,
            )
        return float(np.mean(found["llc/mean"])), float(found["llc/std"])

    return program


def _mlp() -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 40), nn.ReLU(), nn.Linear(40, 20), nn.ReLU(), nn.Linear(20, 10))
    features, labels = _digits()
    return _trained(model, features, labels)


def _convolutional() -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)),
        nn.Conv2d(1, 6, 3, padding=1),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Conv2d(6, 12, 3, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(192, 10),
    )
    return _trained(model, *_digits())


def _digits() -> tuple[torch.Tensor, torch.Tensor]:
    bunch = load_digits()
    return torch.tensor(bunch.data / 16, dtype=torch.float32), torch.tensor(bunch.target)


def _trained(
    model: nn.Module, features: torch.Tensor, labels: torch.Tensor
) -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    optimiser = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(1000):
        chosen = torch.randint(len(labels), (256,))
        optimiser.zero_grad()
        nn.functional.cross_entropy(model(features[chosen]), labels[chosen]).backward()
        optimiser.step()
    return model, features, labels


if __name__ == "__main__":
    main(sys.argv[1:])
