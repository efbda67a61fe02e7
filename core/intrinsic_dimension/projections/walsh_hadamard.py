"""The unnormalised Walsh-Hadamard transform, as a few small matrix products."""

from __future__ import annotations

from functools import cache

import torch

LARGEST_FACTOR = 6  # log2 of 64: larger factors waste multiplications, smaller ones waste passes over memory


def hadamard_matrix(order: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Sylvester's matrix: H_1 = [1], H_2n = [[H_n, H_n], [H_n, -H_n]].

    Args:
        order: a power of two, n.
        dtype: of the entries, which are +1 and -1.

    Returns:
        H_n, [n, n], with H_n H_n = n I.
    """
    matrix = torch.ones(1, 1, dtype=dtype)
    while matrix.shape[0] < order:
        matrix = torch.cat([torch.cat([matrix, matrix], 1), torch.cat([matrix, -matrix], 1)], 0)
    return matrix


def walsh_hadamard(vectors: torch.Tensor) -> torch.Tensor:
    """H_n x along the last axis, in n * (sum of the factors) multiplications.

    H_n is the Kronecker product of smaller Sylvester matrices, H_n = H_a (x) H_b (x) ..., so the vector is
    reshaped to [a, b, ...] and each axis is multiplied by its own small matrix.

    Args:
        vectors: [..., n], n a power of two.

    Returns:
        [..., n], of the same dtype and device.

    Raises:
        ValueError: n is not a power of two.
    """
    length = vectors.shape[-1]
    if length < 1 or length & (length - 1):
        raise ValueError(f"walsh_hadamard: the last axis has {length} entries; a power of two is needed.")
    left = 1  # product of the factors on the left of the axis that is multiplied
    transformed = vectors
    for factor in _factors(length):
        right = length // (left * factor)
        matrix = _matrix(factor, vectors.dtype, vectors.device)
        if right == 1:
            transformed = transformed.reshape(-1, factor) @ matrix
        else:
            transformed = torch.matmul(matrix, transformed.reshape(-1, factor, right))
        left *= factor
    return transformed.reshape(vectors.shape)


@cache
def _factors(length: int) -> tuple[int, ...]:
    """Splits log2 n as evenly as possible into parts of at most LARGEST_FACTOR, the smaller ones first.

    The last factor is one matrix product over everything, the others are many small ones, which cost more.
    """
    exponent = length.bit_length() - 1
    parts = max(1, -(-exponent // LARGEST_FACTOR))
    return tuple(1 << ((exponent + place) // parts) for place in range(parts))


@cache
def _matrix(order: int, dtype: torch.dtype, device: torch.device) -> torch.Tensor:
    return hadamard_matrix(order, dtype).to(device)
