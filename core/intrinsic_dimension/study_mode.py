"""Mode `study`: the intrinsic dimension of a task for many networks, side by side."""

from __future__ import annotations

from core.analysis import Compute, Estimate, Inputs
from core.intrinsic_dimension.objective_mode import compute_objective, estimate_objective
from core.intrinsic_dimension.study_members import members
from core.intrinsic_dimension.study_params import StudyParams


def compute_study(params: StudyParams, inputs: Inputs) -> Compute:
    """Each network is searched as mode `objective` does it; then their dimensions are compared."""
    from core.intrinsic_dimension.side_by_side import side_by_side
    from core.intrinsic_dimension.study_report import study_result

    searches = members(params, inputs)
    ends = yield from side_by_side(
        {member.name: compute_objective(member.params, member.inputs) for member in searches}
    )
    return study_result(params, [(member, ends[member.name]) for member in searches])


def estimate_study(params: StudyParams, inputs: Inputs) -> Estimate:
    """The cost on one core: that of all searches, and the memory of the largest.

    Raises:
        BadInput: a network does not fit a data set, or a data set can't be learned (see `check_problem`).
    """
    costs = [estimate_objective(member.params, member.inputs) for member in members(params, inputs)]
    return Estimate(
        seconds=sum(cost.seconds for cost in costs),
        memory=max(cost.memory for cost in costs),
        steps=sum(cost.steps for cost in costs),
    )
