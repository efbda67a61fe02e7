"""Intrinsic dimensions that others have published, to read a new one against."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

LI = "Li et al. 2018, arXiv:1804.08838"
AGHAJANYAN = "Aghajanyan et al. 2020, arXiv:2012.13255, table 1"


class Published(NamedTuple):
    """One row: a problem, a network, its number of parameters (None: not stated) and its d_int90."""

    problem: str
    network: str
    full_dimension: int | None
    d_int90: int
    baseline: str
    source: str


FAMILY_SIZES, FAMILY_DIMENSIONS = 24.1, 1.33  # largest over smallest D and d_int90 of 20 MLPs on MNIST: LI, figure 3

PUBLISHED = (
    Published("MNIST", "FC 784-200-200-10", 199_210, 750, "global 1.0", LI),
    Published("MNIST", "LeNet", 44_426, 290, "global 1.0", LI),
    Published("MNIST", "LeNet", 44_426, 275, "own", LI),
    Published("MNIST, shuffled pixels", "FC 784-200-200-10", 199_210, 750, "global 1.0", LI),
    Published("MNIST, shuffled pixels", "LeNet", 44_426, 1_400, "global 1.0", LI),
    Published("MNIST, shuffled pixels", "LeNet", 44_426, 750, "own", LI),
    Published("MNIST, 100 % shuffled labels", "FC-5", 959_610, 190_000, "training accuracy", LI),
    Published("MNIST, 50 % shuffled labels", "FC-5", 959_610, 130_000, "training accuracy", LI),
    Published("MNIST, 10 % shuffled labels", "FC-5", 959_610, 90_000, "training accuracy", LI),
    Published("CIFAR-10", "FC", 656_810, 9_000, "global 0.5", LI),
    Published("CIFAR-10", "LeNet", 62_006, 2_900, "own", LI),
    Published("CIFAR-10", "LeNet", 62_006, 1_000, "global 0.5", LI),
    Published("MNIST", "untied LeNet", 286_334, 600, "global 1.0", LI),
    Published("MNIST", "untied LeNet", 286_334, 450, "own", LI),
    Published("MNIST", "FC-LeNet", 3_640_574, 2_000, "global 1.0", LI),
    Published("MNIST", "FC-LeNet", 3_640_574, 1_400, "own", LI),
    Published("CIFAR-10", "untied LeNet", 658_238, 15_000, "own", LI),
    Published("CIFAR-10", "untied LeNet", 658_238, 2_750, "global 0.5", LI),
    Published("CartPole", "FC (DQN)", 199_210, 25, "solved", LI),
    Published("Pole", "FC (DQN)", 199_210, 23, "solved", LI),
    Published("Cart", "FC (DQN)", 199_210, 9, "solved", LI),
    Published("InvertedPendulum", "FC (ES)", 562, 4, "solved", LI),
    Published("Humanoid", "FC (ES)", 166_673, 700, "solved", LI),
    Published("Pong", "convolutional (ES)", 1_005_974, 6_000, "solved", LI),
    Published("MRPC", "BERT-Base, SAID", None, 1_608, "own", AGHAJANYAN),
    Published("MRPC", "BERT-Large, SAID", None, 1_037, "own", AGHAJANYAN),
    Published("MRPC", "RoBERTa-Base, SAID", None, 896, "own", AGHAJANYAN),
    Published("MRPC", "RoBERTa-Large, SAID", None, 207, "own", AGHAJANYAN),
    Published("QQP", "BERT-Base, SAID", None, 8_030, "own", AGHAJANYAN),
    Published("QQP", "BERT-Large, SAID", None, 1_200, "own", AGHAJANYAN),
    Published("QQP", "RoBERTa-Base, SAID", None, 896, "own", AGHAJANYAN),
    Published("QQP", "RoBERTa-Large, SAID", None, 774, "own", AGHAJANYAN),
)


def published_table() -> pd.DataFrame:
    """problem, network, full_dimension (missing where the paper does not state it), d_int90, baseline, source."""
    table = pd.DataFrame(PUBLISHED, columns=Published._fields)
    return table.astype({"full_dimension": "Int64"})
