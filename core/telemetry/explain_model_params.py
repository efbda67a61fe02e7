"""The parameters of mode `explain_model`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal

from core.analysis import Params, parameter

MOST_CHOSEN = 50  # rows with a waterfall; SHAP interactions are computed for as many at most


class ExplainModelParams(Params):
    """What moves the predictions of a model that a person brought, row by row and in all."""

    mode: Literal["explain_model"] = "explain_model"
    rows: int = parameter(
        2000,
        title="Rows",
        description="Rows that are explained, spread evenly over the table; time grows in proportion.",
        unit="rows",
        main=True,
        minimum=1,
        maximum=200_000,
    )
    chosen: tuple[int, ...] = parameter(
        (),
        title="Rows to show",
        description="Rows with a waterfall of their own, counted from 0 as in the file; none chosen: the five whose prediction "
        "is moved most.",
        main=True,
        max_length=MOST_CHOSEN,
    )
    columns: tuple[str, ...] = parameter(
        (),
        title="Columns of the model",
        description="For a model whose file names no columns: those of the table in the order in which it was trained on them. "
        "None chosen: all columns of numbers, in the order of the table.",
        max_length=20_000,
    )
    interactions: bool = parameter(
        False,
        title="Interactions",
        description="How much pairs of columns do together, for the rows that are shown; slow for wide tables.",
    )
