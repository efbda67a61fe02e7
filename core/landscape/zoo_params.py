"""The parameters of mode `zoo`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal

from core.analysis import Params, parameter

LONGEST = 300


class ZooParams(Params):
    """A model zoo, as a zip with a folder a model: its phases from the metrics that it stores, training curves of every cell,
    and what averaging gained in each phase. Weights are not needed."""

    mode: Literal["zoo"] = "zoo"
    load: str = parameter(
        "",
        title="Load",
        description="Setting in params.json, such as model::width; empty: the one with a usual name that differs between models.",
        main=True,
        max_length=LONGEST,
    )
    temperature: str = parameter(
        "",
        title="Temperature",
        description="Setting in params.json, such as training::batchsize; empty: the one with a usual name that differs.",
        main=True,
        max_length=LONGEST,
    )
    epoch: int | None = parameter(
        None,
        title="Epoch",
        description="Whose results count; empty: the last of each model.",
        main=True,
        minimum=0,
        maximum=1_000_000_000,
    )
    classes: int | None = parameter(
        None,
        title="Classes",
        description="Of the task, by which runs that learned nothing are told. Empty: as the settings say (model::o_dim); where "
        "they do not, only a loss that is not finite tells.",
        minimum=2,
        maximum=1_000_000,
    )
    train_loss: str = parameter(
        "", title="Training loss", description="Name in result.json; empty: train_loss.", max_length=LONGEST
    )
    trace: str = parameter(
        "",
        title="Trace",
        description="Name in result.json; one that begins with log holds its natural logarithm. Empty: hessian_trace_train_mean or "
        "log_hessian_trace_train.",
        max_length=LONGEST,
    )
    mode_connectivity: str = parameter(
        "",
        title="Connectivity",
        description="Name in result.json, of curves, in points of training error; empty: curve_mc_train_error.",
        max_length=LONGEST,
    )
    cka: str = parameter(
        "", title="CKA", description="Name in result.json; empty: representation_similarity.", max_length=LONGEST
    )
    test_error: str = parameter(
        "",
        title="Test error",
        description="Name in result.json, of an error in points or an accuracy; empty: test_acc.",
        max_length=LONGEST,
    )
    seed: int = parameter(0, title="Seed", description="Of the resamples.", minimum=0, maximum=2**31 - 1)
