"""How wide the layers of an architecture are, known before a network is built."""

from __future__ import annotations

from core.errors import TooLarge
from core.models.architectures import Architecture, Cnn, LeNet5, Mlp

MOST_DIRECTIONS = 4100  # of a layer: its eigenvalues take a minute and half a gigabyte


def widest(architecture: Architecture) -> int:
    """The most directions that go into or come out of a layer, the bias included.

    >>> widest(Mlp(inputs=64, hidden=(16, 16), classes=10))
    65
    """
    if isinstance(architecture, Mlp):
        return max(architecture.inputs, *architecture.hidden, architecture.classes) + 1
    if isinstance(architecture, LeNet5):
        return max(architecture.flattened, architecture.classes, 150) + 1
    if isinstance(architecture, Cnn):
        return max(9 * architecture.width, 9 * architecture.channels, architecture.classes) + 1
    return max(36 * architecture.width, 9 * architecture.channels, architecture.classes) + 1


def check_width(architecture: Architecture, name: str) -> None:
    """Refuses what has layers too wide for their eigenvalues.

    Raises:
        TooLarge: names the width and what is accepted.
    """
    if widest(architecture) > MOST_DIRECTIONS:
        raise TooLarge(
            f"{name}: its widest layer has {widest(architecture):,} directions; ranks and interactions are computed for at most "
            f"{MOST_DIRECTIONS:,}: take a narrower network or smaller images."
        )
