"""A small but whole analysis: two modes, steps in two rounds, every part of a result. Nothing of it is known to core."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.analysis import Analysis, Compute, Estimate, Figure, Input, Inputs, Reference, Result, Scalar, Step
from core.errors import BadInput, StepFailed
from core.parameters import Params, parameter

CALLS: list[float] = []


class Powers(Params):
    """Sums of powers of 1..n."""

    mode: Literal["powers"] = "powers"
    count: int = parameter(4, title="Numbers", description="How many.", main=True, minimum=1, maximum=5000)
    exponents: tuple[float, ...] = parameter((1.0, 2.0), title="Exponents", description="One sum each.", max_length=5)
    scale: float | None = parameter(None, title="Scale", description="Divides.", unit="m", minimum=0.5)
    loud: bool = parameter(False, title="Loud", description="Adds a note.")


class Broken(Params):
    """Ends in an error of the chosen kind."""

    mode: Literal["broken"] = "broken"
    how: Literal["bad", "explained", "unforeseen", "interrupted", "chatty"] = parameter(
        "bad", title="How", description="Kind of end."
    )


def power_sum(count: int, exponent: float) -> float:
    CALLS.append(exponent)
    return float(np.sum(np.arange(1, count + 1) ** exponent))


def broken(how: str) -> float:
    if how == "bad":
        raise BadInput("sheet.csv, row 3: 'x' is not a number.\nPut a number there.")
    if how == "explained":
        raise StepFailed("It did not converge; use fewer numbers.")
    if how == "interrupted":
        raise KeyboardInterrupt
    if how == "chatty":
        print("a library speaks")
        return 1.0
    raise ZeroDivisionError("a/b with <b> = 0")


def compute(params: Params, inputs: Inputs) -> Compute:
    if isinstance(params, Broken):
        (value,) = yield [Step(broken, {"how": params.how}, label="breaking", share=1.0)]
        return Result("Not broken.", {"value": Scalar(value, "Value")})
    assert isinstance(params, Powers)
    share = 0.5 / len(params.exponents)
    sums = yield [
        Step(power_sum, {"count": params.count, "exponent": exponent}, label=f"sum of x^{exponent:g}", share=share)
        for exponent in params.exponents
    ]
    (largest,) = yield [Step(power_sum, {"count": params.count, "exponent": 3.0}, label="cubes", share=0.5)]
    table = pd.DataFrame({"exponent": list(params.exponents), "sum": sums})
    rows = pd.DataFrame(
        {"number": np.arange(1, params.count + 1), "name": [f"<b>{n}</b>" for n in range(params.count)]}
    )
    return Result(
        f"The numbers of {inputs['dataset'].name} sum to {sums[0]:g}.",
        {
            "total": Scalar(
                sums[0], "Total", "m", low=sums[0] - 1, high=sums[0] + 1, description="Of the first exponent."
            ),
            "cubes": Scalar(largest, "Sum of cubes"),
            "nothing": Scalar(None, "Not defined"),
            "word": Scalar("odd", "Word"),
            "undefined": Scalar(float("nan"), "Not a number"),
        },
        {"sums": table, "rows": rows},
        {"squares": np.arange(params.count) ** 2.0},
        ("Loud & <clear>.",) if params.loud else (),
    )


def figures(result: Result) -> dict[str, Figure]:
    if "sums" not in result.tables:
        return {}
    table = result.tables["sums"]
    plot = go.Figure(go.Scatter(x=table["exponent"], y=table["sum"]))
    plot.update_layout(xaxis_title="exponent", yaxis_title="sum", template="plotly_dark")
    return {
        "sums": Figure(
            "Sums </script><b>",
            plot,
            "Higher is more.",
            "n = 2.",
            f"Total {result.values()['total']}",
            "Faulhaber, eq. 1",
        )
    }


TINY = Analysis(
    slug="tiny",
    title="Power sums",
    question="How large are the sums?",
    params=(Powers, Broken),
    inputs=(Input("dataset", "dataset", "Data", "a data set whose name is shown."),),
    compute=compute,
    figures=figures,
    estimate=lambda params, inputs: Estimate(0.1, 1000, 3),
    version=3,
    references=(
        Reference("Knuth", 1993, "Johann Faulhaber & sums_of powers", "arXiv:math/9207222, section 1"),
        Reference("Li, Farkhoor, Liu and Yosinski", 2018, "Measuring", "arXiv:1804.08838, section 2"),
    ),
)
