"""Random vectors from generators of their own, equal on every device."""

from __future__ import annotations

import numpy as np
import torch


class Rademacher:
    """Vectors of independent signs. The global random state is neither read nor changed."""

    def __init__(self, seed: int, stream: int, size: int, dtype: torch.dtype, device: torch.device) -> None:
        """Vectors of one stream of a seed; streams are independent of each other."""
        state = np.random.SeedSequence((seed, stream)).generate_state(1, np.uint64)[0]
        self._generator = torch.Generator().manual_seed(int(state >> np.uint64(1)))
        self._size, self._dtype, self._device = size, dtype, device

    def __call__(self) -> torch.Tensor:
        """The next vector, [D]."""
        signs = torch.randint(0, 2, (self._size,), generator=self._generator, dtype=torch.int8)
        return (2 * signs - 1).to(device=self._device, dtype=self._dtype)
