"""What the metrics need of numpy and torch alike, so that each metric is written once.

An `Array` is a numpy array [n] (one model) or a torch tensor [..., n] on any device (many models, classes or resamples
at once). The last axis is always that of the samples. Where numpy and torch agree on a name (`exp`, `where`, `amax`, ...)
the metrics call it on `namespace(array)`; the functions here are those that differ.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = Any  # numpy.ndarray or torch.Tensor
Value: TypeAlias = Any  # of a metric: a float of one model, a tensor [...] of many


def is_numpy(array: Array) -> bool:
    """Whether an array (or a number out of one) is of numpy."""
    return isinstance(array, np.ndarray | np.generic)


def namespace(array: Array) -> ModuleType:
    """numpy or torch, whichever an array is of."""
    if is_numpy(array):
        return np
    import torch  # heavy, and needed only where a tensor came in

    return torch


def fourier(array: Array) -> ModuleType:
    """The Fourier transforms of `array`: scipy's, twice as fast as numpy's, or torch's."""
    if is_numpy(array):
        import scipy.fft

        return scipy.fft
    import torch

    return torch.fft


def like(values: np.ndarray, array: Array) -> Array:
    """Numpy values as they are, or as a tensor where `array` lies."""
    if is_numpy(array):
        return values
    import torch

    return torch.as_tensor(values, device=array.device)


def rounded_to_single(array: Array) -> Array:
    """The same values in float32."""
    return array.astype(np.float32) if is_numpy(array) else array.float()


def whole(array: Array) -> Array:
    """The whole part of values that are not below zero, as int64."""
    return array.astype(np.int64) if is_numpy(array) else array.long()


def before(values: Array) -> Array:
    """[..., n + 1] sums of the values before each position, from 0 to n: the sum of a run is a difference of two."""
    if is_numpy(values):
        return np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1)], axis=-1)
    from torch.nn.functional import pad

    return pad(values.cumsum(-1), (1, 0))


def take(values: Array, index: Array) -> Array:
    """Values at positions [k] or, of tensors, [..., k] along the last axis."""
    if is_numpy(values):
        return np.take(values, index, axis=-1)
    return values.take_along_dim(index.expand(*values.shape[:-1], index.shape[-1]), -1)


def bisect(ascending: Array, values: Array, side: str) -> Array:
    """Positions of values [k] or [..., k] in ascending rows [..., n], as `numpy.searchsorted` has them."""
    if is_numpy(ascending):
        return np.searchsorted(ascending, values, side=side)  # type: ignore[call-overload]
    import torch

    rows = values.expand(*ascending.shape[:-1], values.shape[-1])
    return torch.searchsorted(ascending.contiguous(), rows.contiguous(), side=side)


def bounded(cuts: Array, n: int) -> Array:
    """Cuts [..., k] with 0 before and n behind them."""
    if is_numpy(cuts):
        return np.concatenate([[0], cuts, [n]]).astype(np.int64)
    from torch.nn.functional import pad

    return pad(pad(cuts, (1, 0)), (0, 1), value=n)


def tie_bounds(ascending: Array) -> tuple[Array, Array]:
    """For each of the ascending values, where its group of equal ones begins and where it ends, both [..., n]."""
    if is_numpy(ascending):
        cuts = np.concatenate([[0], np.flatnonzero(ascending[1:] != ascending[:-1]) + 1, [ascending.size]])
        sizes = np.diff(cuts)
        return np.repeat(cuts[:-1], sizes), np.repeat(cuts[1:], sizes)
    return bisect(ascending, ascending, "left"), bisect(ascending, ascending, "right")


def running_max(values: Array) -> Array:
    """The largest value up to each position."""
    if is_numpy(values):
        return np.maximum.accumulate(values, axis=-1)
    return values.cummax(-1).values


def deposit(index: Array, weights: Array, size: int) -> Array:
    """[..., size] sums of the weights of each index."""
    if is_numpy(weights):
        return np.bincount(index, weights, minlength=size)
    zeros = weights.new_zeros((*weights.shape[:-1], size))
    return zeros.scatter_add_(-1, index.expand(weights.shape), weights)


def even_transform(values: Array) -> Array:
    """Discrete cosine transform of type I: that of a sequence mirrored at both ends, v_0 + 2 sum v_k cos(...) +- v_N."""
    if is_numpy(values):
        from scipy.fft import dct

        transformed: np.ndarray = dct(values, type=1, axis=-1)
        return transformed
    import torch

    return torch.fft.rfft(torch.cat([values, values[..., 1:-1].flip(-1)], -1)).real


def normal_distribution(values: Array) -> Array:
    """Phi, the distribution function of the standard normal."""
    if is_numpy(values):
        from scipy.special import ndtr

        return ndtr(values)
    import torch

    return torch.special.ndtr(values)


def as_numpy(values: Value) -> np.ndarray:
    """A value of one model or of many as numpy has it, on the processor."""
    return np.asarray(values) if is_numpy(values) or isinstance(values, float) else values.cpu().numpy()
