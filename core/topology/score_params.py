"""The parameters of mode `score`, with their defaults and bounds."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import model_validator

from core.analysis import parameter
from core.topology.topology_params import LARGEST
from core.topology.vectorization_params import VectorizationParams

Classifier = Literal["svm", "random_forest", "xgboost", "linear"]
MOST_TRIED = 10  # values of one bandwidth
PAPER_BANDWIDTHS = (-0.001, -0.01, -0.1, -0.2, -0.3)  # of the published code, as are the values below
PAPER_KERNEL_BANDWIDTHS = (0.01, 0.1, 1.0)
PAPER_RESOLUTION, PAPER_FOLDS = 100, 10


class ScoreParams(VectorizationParams):
    """How well a classifier tells the classes apart by two parameters, beside the same by one parameter and by simple
    means, with intervals and the probability that the difference is chance. Whatever is chosen or fitted, is so in the
    training part."""

    mode: Literal["score"] = "score"
    classifiers: tuple[Classifier, ...] = parameter(
        ("svm", "random_forest", "linear"),
        title="Classifiers",
        description="Any of svm, random_forest, xgboost, linear. The answer speaks of the first; the others stand beside it.",
        main=True,
        max_length=4,
    )
    protocol: Literal["honest", "paper"] = parameter(
        "honest",
        title="Protocol",
        description="honest: nothing is learned from test items. paper: as published code has it, to reproduce its figures: scale "
        "and grid have seen the test items, mean reduction, the last value of a series is left out, XGBoost alone; it sets "
        "bandwidths, resolution and folds by itself.",
    )
    split: Literal["auto", "given", "folds"] = parameter(
        "auto",
        title="Split",
        description="given: the training and test part of the file; folds: cross-validation over all items. auto: given "
        "where there is one.",
    )
    folds: int = parameter(
        10, title="Folds", description="Of the cross-validation.", unit="folds", minimum=2, maximum=100
    )
    repeats: int = parameter(
        1, title="Repeats", description="How often the items are dealt into folds anew.", minimum=1, maximum=50
    )
    other_bandwidths: tuple[float, ...] = parameter(
        (-0.1, -0.3),
        title="Other bandwidths",
        description="Of the codensity, tried beside the bandwidth; the folds of the training part choose. Empty: none.",
        max_length=MOST_TRIED,
    )
    other_kernel_bandwidths: tuple[float, ...] = parameter(
        (0.05, 0.2),
        title="Other kernel bandwidths",
        description="Tried beside the kernel bandwidth; the folds of the training part choose. Empty: none.",
        max_length=MOST_TRIED,
    )
    tuning_folds: int = parameter(
        5,
        title="Tuning folds",
        description="Of the training part, by which bandwidths and settings of classifiers are chosen.",
        unit="folds",
        minimum=2,
        maximum=20,
    )
    resamples: int = parameter(
        2000,
        title="Resamples",
        description="Of the bootstrap over items, for intervals of accuracies and of their difference.",
        minimum=100,
        maximum=100_000,
    )

    @model_validator(mode="after")
    def _lists_can_be_used(self) -> Self:
        if not self.classifiers or len(set(self.classifiers)) < len(self.classifiers):
            raise ValueError("Classifiers: name at least one, each once, such as svm, random_forest.")
        if any(not 0 < abs(value) <= LARGEST for value in self.other_bandwidths):
            raise ValueError("Other bandwidths: lengths above 0, or shares of the diameter below 0, are expected.")
        if any(not 1e-4 <= value <= 10 for value in self.other_kernel_bandwidths):
            raise ValueError("Other kernel bandwidths: numbers from 0.0001 to 10 are expected.")
        if self.protocol == "paper" and self.vectorization != "convolution":
            raise ValueError(
                "Protocol: paper is published for vectorization=convolution; choose that, or protocol=honest."
            )
        return self

    @property
    def is_paper(self) -> bool:
        """Is this the protocol of the published code?"""
        return self.protocol == "paper"

    def used_classifiers(self) -> tuple[str, ...]:
        """The classifiers, the one of the answer first."""
        return ("xgboost",) if self.is_paper else self.classifiers

    def used_tuning_folds(self) -> int:
        """Folds of the training part."""
        return PAPER_FOLDS if self.is_paper else self.tuning_folds

    def bandwidths(self) -> tuple[float, ...]:
        """The bandwidths of the codensity that are tried, each once."""
        return PAPER_BANDWIDTHS if self.is_paper else tuple(dict.fromkeys((self.bandwidth, *self.other_bandwidths)))

    def kernel_bandwidths(self) -> tuple[float, ...]:
        """The kernel bandwidths that are tried, each once."""
        if self.is_paper:
            return PAPER_KERNEL_BANDWIDTHS
        return tuple(dict.fromkeys((self.kernel_bandwidth, *self.other_kernel_bandwidths)))

    def grid(self) -> int:
        """The resolution, automatic or chosen."""
        return self.resolution or (PAPER_RESOLUTION if self.is_paper else super().grid())

    def preparation(self) -> dict[str, Any]:
        """Fields of `core.topology.inputs.Preparation`."""
        return {**super().preparation(), "drop_ends": self.is_paper}

    def vectorizations(self) -> list[dict[str, Any]]:
        """The arguments of the transformers that are tried."""
        settings = self.transformer_settings()
        if self.is_paper:
            settings["reduction"] = "mean"
        name = {"convolution": "bandwidth", "rectangles": "bandwidth", "s_cdr": "delta"}.get(self.vectorization)
        return [settings] if name is None else [{**settings, name: value} for value in self.kernel_bandwidths()]
