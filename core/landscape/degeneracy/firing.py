"""Synchronised nonlinearities: ReLUs that fire on the same samples (Bushnaq et al. 2024, section 3.3).

Units of a layer with identical patterns act as one linear map together; a unit that never fires does nothing, one that
always fires is linear.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from core.errors import BadInput
from core.landscape.degeneracy.layer_grams import CHUNK, evaluating

_RELU = (torch.ops.aten.relu.default, torch.ops.aten.relu_.default)


def firing_patterns(model: nn.Module, inputs: torch.Tensor) -> pd.DataFrame:
    """Counts the patterns of each ReLU, whether it is a module, a function or part of an exported graph.

    Args:
        model: [n, ...] -> outputs; run in evaluation mode, without gradients.
        inputs: [n, ...].

    Returns:
        A row a ReLU in the order of the pass: `relu` (from 1), `units` (entries of a sample), `patterns` (different
        ones), `synchronised` (units that share theirs with another, those that are constant left out), `never` and
        `always` (units that fire on none or on all samples), `firing` (mean share of samples).

    Raises:
        BadInput: the pass meets no ReLU.
    """
    parts: list[list[np.ndarray]] = []
    with evaluating(model), torch.no_grad():
        for part in inputs.split(CHUNK):
            with _Recorder() as recorder:
                model(part)
            parts.append(recorder.seen)
    if not parts or not parts[0]:
        raise BadInput("The model has no ReLU: there are no firing patterns to compare.")
    rows = []
    for place in range(len(parts[0])):
        fires = np.concatenate([part[place] for part in parts]).T  # [units, samples]
        rows.append((place + 1, len(fires), *count_patterns(fires), float(fires.mean())))
    return pd.DataFrame(rows, columns=["relu", "units", "patterns", "synchronised", "never", "always", "firing"])


def count_patterns(fires: np.ndarray) -> tuple[int, int, int, int]:
    """Different patterns; units that share a pattern that varies; units that never fire; units that always do.

    Args:
        fires: [units, samples] of booleans.
    """
    never, always = ~fires.any(axis=1), fires.all(axis=1)
    _, which, count = np.unique(np.packbits(fires, axis=1), axis=0, return_inverse=True, return_counts=True)
    shared = count[which.reshape(-1)] > 1
    return len(count), int((shared & ~never & ~always).sum()), int(never.sum()), int(always.sum())


class _Recorder(TorchDispatchMode):
    """Notes where the argument of each ReLU is positive: [n, units]."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[np.ndarray] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        if func in _RELU:
            self.seen.append((args[0] > 0).flatten(1).cpu().numpy())
        return func(*args, **(kwargs or {}))
