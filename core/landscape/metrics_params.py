"""The parameters of mode `metrics`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal

from core.analysis import Params, parameter

LONGEST = 300


class MetricsParams(Params):
    """A table of metrics that were measured elsewhere, such as a model zoo's: each cell of its plane gets its phase, how
    sure that is, and what to turn next. No weights are needed."""

    mode: Literal["metrics"] = "metrics"
    load: str = parameter(
        "",
        title="Load column",
        description="How much each parameter has to carry; empty: the one called load, width or model_dim.",
        main=True,
        max_length=LONGEST,
    )
    temperature: str = parameter(
        "",
        title="Temperature column",
        description="How noisy training was; empty: the one called temperature, learning_rate, lr, batch_size or epochs.",
        main=True,
        max_length=LONGEST,
    )
    classes: int | None = parameter(
        10,
        title="Classes",
        description="Of the task, by which runs that learned nothing are told. Empty: no classification.",
        main=True,
        minimum=2,
        maximum=1_000_000,
    )
    epoch: int | None = parameter(
        None,
        title="Epoch",
        description="Of a table with a row an epoch, in a column called epoch; empty: the last.",
        minimum=0,
        maximum=1_000_000_000,
    )
    train_loss: str = parameter(
        "", title="Training loss column", description="In nats; empty: by its usual names.", max_length=LONGEST
    )
    trace: str = parameter(
        "",
        title="Trace column",
        description="Of the Hessian; a column whose name begins with log holds its natural logarithm. Empty: by its usual names.",
        max_length=LONGEST,
    )
    mode_connectivity: str = parameter(
        "",
        title="Connectivity column",
        description="Of curves, in points of training error, below 0 for a barrier; empty: by its usual names.",
        max_length=LONGEST,
    )
    cka: str = parameter(
        "", title="CKA column", description="Similarity of seeds; empty: by its usual names.", max_length=LONGEST
    )
    test_error: str = parameter(
        "",
        title="Test column",
        description="Test error in points, or an accuracy, where its name says so. Empty: by its usual names.",
        max_length=LONGEST,
    )
    seed: int = parameter(0, title="Seed", description="Of the resamples.", minimum=0, maximum=2**31 - 1)
