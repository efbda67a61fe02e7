"""Curvature of a LeNet beside PyHessian and curvlinops: `python -m benchmarks landscape_curvature`.

Needs an environment with the peers (see requirements-bench.txt). LeNet-5 on digits scaled to 32 x 32 pixels, 61,706
parameters, briefly trained, 256 samples in float32, in one process on one thread (OMP_NUM_THREADS=1), in turns; CPU
seconds of the fastest turn. The truth is ARPACK on a plain double backward pass in float64.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from sklearn.datasets import load_digits
from torch import nn

from core.landscape import hessian_eigenvalues, hessian_spectrum, module_loss
from core.landscape.curvature.density import spectral_density
from core.landscape.curvature.eigenvalues import start_lanczos
from core.landscape.curvature.probes import Rademacher
from core.landscape.curvature.products import HessianProducts
from core.landscape.curvature.trace import mean_and_error
from core.models.architectures import LeNet5
from core.models.networks import build

TURNS = 2
SAMPLES = 256
TOP = 5
PRODUCTS = 60


def main() -> None:
    torch.set_num_threads(1)
    module, batch = lenet()
    truth = double_backward_eigenvalues(module, batch)
    loss = nn.functional.cross_entropy(module(batch[0]), batch[1]).item()
    print(f"loss {loss:.4f}, largest eigenvalues {np.round(truth, 3)}")
    _against_peers(module, batch, truth)
    _together(module, batch)


def lenet() -> tuple[nn.Module, tuple[torch.Tensor, torch.Tensor]]:
    """A trained LeNet and the samples on which it is measured."""
    torch.manual_seed(0)
    features, labels = load_digits(return_X_y=True)
    images = torch.tensor(features, dtype=torch.float32).reshape(-1, 1, 8, 8) / 16
    images = nn.functional.interpolate(images[:SAMPLES], size=32, mode="bilinear")
    batch = images, torch.tensor(labels[:SAMPLES])
    module = build(LeNet5(channels=1, height=32, width=32, classes=10))
    optimiser = torch.optim.Adam(module.parameters(), lr=2e-3)
    for _ in range(40):
        optimiser.zero_grad()
        nn.functional.cross_entropy(module(batch[0]), batch[1]).backward()
        optimiser.step()
    module.zero_grad()
    return module.eval(), batch


def double_backward_eigenvalues(module: nn.Module, batch: tuple[torch.Tensor, torch.Tensor]) -> np.ndarray:
    """The largest eigenvalues in float64 with nothing of ours."""
    module = copy.deepcopy(module).double()
    weights = list(module.parameters())
    size = sum(weight.numel() for weight in weights)

    def product(vector: np.ndarray) -> np.ndarray:
        loss = nn.functional.cross_entropy(module(batch[0].double()), batch[1])
        gradient = torch.cat([part.flatten() for part in torch.autograd.grad(loss, weights, create_graph=True)])
        second = torch.autograd.grad(gradient @ torch.tensor(vector), weights)
        return torch.cat([part.flatten() for part in second]).numpy()

    operator = LinearOperator((size, size), matvec=lambda vector: product(vector.ravel()), dtype=np.float64)
    return np.sort(eigsh(operator, k=TOP, which="LA", tol=1e-8)[0])[::-1]


def _against_peers(module: nn.Module, batch: tuple[torch.Tensor, torch.Tensor], truth: np.ndarray) -> None:
    from curvlinops import HessianLinearOperator
    from pyhessian import hessian

    criterion = nn.functional.cross_entropy
    loss, parameters = module_loss(module)

    def pyhessian() -> tuple[np.ndarray, str]:
        module.zero_grad()
        values, _ = hessian(module, criterion, data=batch, cuda=False).eigenvalues(maxIter=1000, tol=1e-6, top_n=TOP)
        module.zero_grad()
        return np.array(values), ""

    def curvlinops(tolerance: float) -> tuple[np.ndarray, str]:
        weights = [weight for weight in module.parameters() if weight.requires_grad]
        operator = HessianLinearOperator(module, nn.CrossEntropyLoss(), weights, [batch], check_deterministic=False)
        return np.sort(eigsh(operator.to_scipy(), k=TOP, which="LA", tol=tolerance)[0])[::-1], ""

    def ours() -> tuple[np.ndarray, str]:
        found = hessian_eigenvalues(loss, parameters, [batch], top=TOP)
        return found.values, f"{found.products} products"

    def ours_with_trace() -> tuple[np.ndarray, str]:
        run = hessian_spectrum(loss, parameters, [batch], top=TOP)
        return run.eigenvalues, f"{run.products} products, trace {run.trace:.3f} +- {run.trace_standard_error:.3f}"

    _table(
        {
            "ours, eigenvalues": ours,
            "ours, with density, trace, layers": ours_with_trace,
            "PyHessian, tol 1e-6": pyhessian,
            "curvlinops + eigsh, tol 1e-4": lambda: curvlinops(1e-4),
            "curvlinops + eigsh, tol 0": lambda: curvlinops(0),
        },
        lambda values: f"largest relative error {np.max(np.abs(values - truth) / truth):.1e}",
    )


def _together(module: nn.Module, batch: tuple[torch.Tensor, torch.Tensor]) -> None:
    """The whole pass beside its parts, each with the products that the whole has."""
    loss, parameters = module_loss(module)

    def trace() -> tuple[float, str]:
        product = HessianProducts(loss, parameters, [batch])
        draw = Rademacher(0, 1, product.layout.size, product.dtype, product.device)
        samples = []
        for _ in range(PRODUCTS):
            probe = draw()
            samples.append(float(torch.dot(probe, product(probe))))
        mean, error = mean_and_error(np.array(samples))
        return float(mean), f"+- {float(error):.3f}"

    def density() -> tuple[float, str]:
        product = HessianProducts(loss, parameters, [batch])
        lanczos = start_lanczos(product, 0)
        for _ in range(PRODUCTS):
            lanczos.step()
        found = spectral_density(lanczos.ritz(), lanczos.size)
        return float(found.nodes @ found.weights) * lanczos.size, "from the density"

    def eigenvalues() -> tuple[float, str]:
        return float(hessian_eigenvalues(loss, parameters, [batch]).values.sum()), "the top five alone"

    def together() -> tuple[float, str]:
        run = hessian_spectrum(loss, parameters, [batch], goal=1e-9)
        return run.trace, f"+- {run.trace_standard_error:.3f}, {run.products} products"

    _table(
        {"trace by Hutchinson": trace, "density": density, "eigenvalues": eigenvalues, "all in one pass": together},
        lambda value: f"{value:.3f}",
    )


def _table(programs: dict[str, Callable[[], tuple[Any, str]]], tell: Callable[[Any], str]) -> None:
    seconds = dict.fromkeys(programs, np.inf)
    said = {}
    for _ in range(TURNS):
        for name, program in programs.items():
            start = time.process_time()
            value, more = program()
            seconds[name] = min(seconds[name], time.process_time() - start)
            said[name] = f"{tell(value)} {more}"
    for name, spent in seconds.items():
        print(f"{name:40} {spent:8.2f} s  {said[name]}", flush=True)


if __name__ == "__main__":
    main()
