"""Each projection as a whole matrix in float64, built from its seed by its definition: nothing of the fast code is used."""

from __future__ import annotations

import numpy as np
import torch
from scipy.linalg import hadamard


def naive_matrix(kind: str, full: int, small: int, seed: int) -> np.ndarray:
    """P, [D, d], with columns of unit length."""
    generator = torch.Generator().manual_seed(seed)
    if kind == "fastfood":
        columns = _fastfood(full, small, 2 ** max(1, int(np.ceil(np.log2(small)))), generator)
    elif kind == "fastfood_global":
        columns = _fastfood(full, small, 2 ** max(1, int(np.ceil(np.log2(full)))), generator)
    elif kind == "dense":
        columns = np.stack([torch.empty(full).normal_(generator=generator).double().numpy() for _ in range(small)], 1)
    elif kind == "sparse":
        columns = _sparse(full, small, generator)
    else:
        columns = _tied(full, small, generator)
    columns = columns[:full, :small]
    return columns / np.linalg.norm(columns, axis=0)


def _fastfood(full: int, small: int, length: int, generator: torch.Generator) -> np.ndarray:
    """H diag(G) Pi H diag(B), block below block."""
    count = int(np.ceil(full / length))
    signs = torch.randint(0, 2, (count, length), generator=generator, dtype=torch.int8).numpy() * 2.0 - 1
    permutation = torch.randperm(length, generator=generator).numpy()
    real, imaginary = (torch.randn(count, length, generator=generator).double().numpy() for _ in range(2))
    gains = np.sign(real) * np.abs(real + 1j * imaginary)
    transform = hadamard(length).astype(float)
    blocks = []
    for sign, gain in zip(signs, gains, strict=True):
        mixed = (transform * sign)[permutation, :small]
        blocks.append(transform @ (gain[:, None] / np.linalg.norm(gain) * mixed))
    return np.concatenate(blocks)


def _sparse(full: int, small: int, generator: torch.Generator) -> np.ndarray:
    """Walks through the matrix column by column, from entry to entry, by geometric gaps."""
    flat = np.zeros(full * small)
    uniform = torch.rand(1 << 16, generator=generator, dtype=torch.float64).numpy()
    signs = torch.randint(0, 2, (1 << 16,), generator=generator).numpy() * 2.0 - 1
    place = -1
    for u, sign in zip(uniform, signs, strict=True):
        place += 1 + int(np.log(1 - u) / np.log(1 - 1 / np.sqrt(full)))
        if place >= full * small:
            break
        flat[place] = sign
    else:
        raise ValueError("This reference draws 65,536 entries; take a smaller matrix.")
    columns = flat.reshape(small, full).T
    for j in np.flatnonzero(~columns.any(axis=0)):
        columns[j % full, j] = 1
    return columns


def _tied(full: int, small: int, generator: torch.Generator) -> np.ndarray:
    groups = torch.randperm(full, generator=generator).numpy() % small
    signs = torch.randint(0, 2, (full,), generator=generator).numpy() * 2.0 - 1
    return signs[:, None] * (groups[:, None] == np.arange(small))
