"""The parameters of mode `degeneracy`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal

from core.analysis import Params, parameter


class DegeneracyParams(Params):
    """How many directions of a network make no difference: of checkpoints that you bring, or, where you bring none, of
    networks trained here. Dead directions, units that fire together, modules, effective parameters and the learning
    coefficient, with a verdict on the chains that it comes from."""

    mode: Literal["degeneracy"] = "degeneracy"
    target: str = parameter(
        "",
        title="Label column",
        description="Column of the data set that holds the classes; empty: the one called y, label, target or class.",
        main=True,
        max_length=300,
    )
    network: Literal["mlp", "cnn"] = parameter(
        "mlp",
        title="Network",
        description="What is trained where no checkpoints are brought. mlp: two hidden layers; cnn: two convolutions.",
        main=True,
    )
    width: int = parameter(
        16,
        title="Width",
        description="Of the layers of that network (the second convolution has twice as many channels).",
        unit="units",
        main=True,
        minimum=1,
        maximum=2048,
    )
    seeds: int = parameter(
        3, title="Seeds", description="How many of them are trained.", unit="networks", main=True, minimum=1, maximum=20
    )
    architecture: str = parameter(
        "",
        title="Architecture",
        description='Of checkpoints: JSON such as {"architecture": "cnn", "channels": 1, "width": 8, "classes": 10}, where neither '
        "the files nor their tensors say it.",
        max_length=2000,
    )
    scaling: Literal["automatic", "none", "columns", "common"] = parameter(
        "automatic",
        title="Scaling",
        description="Of the features, as training had them. automatic: none for checkpoints; for networks trained here common for "
        "images, else columns. columns: each to mean 0 and variance 1; common: one mean and variance for all.",
    )
    tolerance: float = parameter(
        1e-5,
        title="Threshold",
        description="A direction is dead where its eigenvalue is at most this share of the largest.",
        minimum=1e-12,
        maximum=0.5,
    )
    layer_rows: int = parameter(
        1000,
        title="Rows for layers",
        description="Rows that ranks, firing patterns and interactions are taken over, the first ones.",
        unit="rows",
        minimum=10,
        maximum=100_000,
    )
    behaviour_rows: int = parameter(
        200,
        title="Rows for effective parameters",
        description="Rows whose outputs a direction has to change; rows times outputs bound how many can be seen.",
        unit="rows",
        minimum=2,
        maximum=100_000,
    )
    chains: int = parameter(
        4, title="Chains", description="That sample the loss around each network, all at once.", minimum=2, maximum=100
    )
    burn_in: int = parameter(
        1000,
        title="Burn-in",
        description="First steps of each chain, which are left out; more where chains still fall or rise.",
        unit="steps",
        minimum=0,
        maximum=1_000_000,
    )
    draws: int = parameter(
        1000,
        title="Draws",
        description="Steps of each chain that count; more make the standard error smaller.",
        unit="steps",
        minimum=20,
        maximum=1_000_000,
    )
    gamma: float = parameter(
        100.0,
        title="Gamma",
        description="Pull of the chains towards the network; directions whose curvature is well below gamma / (n beta) do not count.",
        minimum=1e-3,
        maximum=1e9,
    )
    nbeta: float | None = parameter(
        None,
        title="n beta",
        description="Inverse temperature of the chains times rows; empty: n / ln n.",
        minimum=1e-3,
        maximum=1e9,
    )
    step: float | None = parameter(
        None,
        title="Step",
        description="Of the chains; empty: a tenth of what is safe at the largest curvature.",
        minimum=1e-15,
        maximum=1e3,
    )
    chain_batch: int = parameter(
        64,
        title="Batch of a chain",
        description="Rows of one gradient; more where the noise of small batches is too large.",
        unit="rows",
        minimum=1,
        maximum=100_000,
    )
    epochs: int = parameter(
        100,
        title="Epochs",
        description="Of training; too few leave the networks above a minimum, where the learning coefficient is not defined.",
        minimum=1,
        maximum=10_000,
    )
    learning_rate: float = parameter(
        0.05,
        title="Learning rate",
        description="Of SGD with momentum 0.9 at the start; it falls to 0 along half a cosine.",
        minimum=1e-6,
        maximum=1000.0,
    )
    batch_size: int = parameter(
        64, title="Batch size", description="Rows of one gradient of training.", unit="rows", minimum=1, maximum=100_000
    )
    weight_decay: float = parameter(
        0.0,
        title="Weight decay",
        description="Of training; the chains sample the loss without it.",
        minimum=0.0,
        maximum=10.0,
    )
    most_rows: int = parameter(
        10_000,
        title="Most rows",
        description="A larger data set is reduced to so many rows; a fifth of them is left out of training.",
        unit="rows",
        minimum=20,
        maximum=10_000_000,
    )
    device: Literal["cpu", "gpu"] = parameter(
        "cpu", title="Device", description="Where it runs; gpu waits for a worker that has one."
    )
    seed: int = parameter(
        0, title="Seed", description="Of starts, orders, chains and shuffles.", minimum=0, maximum=2**31 - 1
    )
