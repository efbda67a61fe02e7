"""A run that needs more memory or hours than are allowed is refused before it starts, with a size that fits."""

from __future__ import annotations

from collections.abc import Callable

from core.analysis import Estimate, Inputs
from core.errors import TooLarge
from core.parameters import parameter_fields
from core.settings import settings
from core.sizes import in_bytes
from core.topology.topology_params import TopologyParams

MOST_SECONDS = 24 * 3600.0  # on one core
THINNED = ("cloud", "clouds", "series", "distances")  # forms that Most points makes smaller

EstimateOf = Callable[[TopologyParams, Inputs], Estimate]


def within_limits(estimate_of: EstimateOf, params: TopologyParams, inputs: Inputs) -> Estimate:
    """The estimate of a run that is allowed.

    Args:
        estimate_of: of the mode.
        params: of the run.
        inputs: its sources.

    Raises:
        TooLarge: says what the run needs, what is allowed, and the largest number of points that fits.
    """
    estimate = estimate_of(params, inputs)
    memory = settings().job_memory
    if estimate.memory <= memory and estimate.seconds <= MOST_SECONDS:
        return estimate
    raise TooLarge(
        f"Mode {params.mode} on {inputs['data'].name} needs about {_duration(estimate.seconds)} of computing and "
        f"{in_bytes(estimate.memory)} of memory; {_duration(MOST_SECONDS)} and {in_bytes(memory)} are allowed: "
        f"{_offer(estimate_of, params, inputs, memory)}"
    )


def _offer(estimate_of: EstimateOf, params: TopologyParams, inputs: Inputs, memory: int) -> str:
    """What to change: the largest value of Most points that fits, where there is one."""
    from core.topology.inputs import Preparation, outline

    found = outline(inputs["data"].details, Preparation(**{**params.preparation(), "most_points": None}), params.form)
    if found.form not in THINNED:
        what = "graphs" if found.form == "graphs" else "images"
        return f"bring smaller {what}, or fewer of them."

    def fits(points: int) -> bool:
        tried = estimate_of(params.model_copy(update={"most_points": points}), inputs)
        return tried.memory <= memory and tried.seconds <= MOST_SECONDS

    accepted = next(field.maximum for field in parameter_fields(type(params)) if field.name == "most_points")
    least, beyond = 2, min(found.most_points, params.most_points or found.most_points, int(accepted or 0) + 1)
    if not fits(least):
        return "bring fewer items or points, or ask for less."
    while beyond - least > 1:
        middle = (least + beyond) // 2
        least, beyond = (middle, beyond) if fits(middle) else (least, middle)
    return f"set Most points (most_points) to at most {least:,}, and the clouds are thinned out; fewer levels or lower degrees cost less too."


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:,.0f} h"
