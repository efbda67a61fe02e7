"""The steps of mode `checkpoints` that average weights: a family of checkpoints, and a fine-tuned one with its start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.analysis import Source, report
from core.landscape.own.brought import Brought, Networks, networks_of
from core.landscape.own.reported import reported_rows

if TYPE_CHECKING:
    import torch

    from core.landscape.averaging.scores import Scores
    from core.landscape.connectivity.units import Units
    from core.training.ensemble import Examples


def average_step(
    brought: Brought,
    held_out: Source | None,
    members: Sequence[int],
    choosing_share: float,
    fisher_rows: int,
    seed: int,
) -> dict[str, Any]:
    """All averages of some checkpoints.

    Returns:
        `rows`: of each average and metric `method`, `alignment`, `used` (how many members are in it), `metric`, `value`
        (points of accuracy, or nats) with its `value_standard_error`, `best_member`, `mean_member`, `gain` over the mean
        member with its `standard_error`, and `gain_over_best` with its `standard_error_over_best`; `best`: the number of
        the member that does best on the rows by which things are chosen; `reported`: number of rows.
    """
    from core.landscape.averaging.recipes import averages
    from core.landscape.averaging.scores import compared, scores_of

    networks = networks_of(brought)
    rows = reported_rows(brought, held_out, choosing_share, seed)
    training, module = networks.rows.features, networks.module
    best = best_member(networks, members, rows.choosing)
    own = [_own_scores(networks, member, rows.reported) for member in members]
    report(0.1, "averaging")
    found = averages(
        module,
        [{**views, **networks.state(member)} for member, views in zip(members, _views(networks, members), strict=True)],
        _units(networks),
        training,
        rows.choosing,
        fisher_rows,
        seed,
    )
    report(0.9, "measuring averages")
    table = []
    for one in found:
        scores = scores_of(module, one.weights[None], rows.reported, statistics_from=training)
        told = {"method": one.method, "alignment": one.alignment, "used": len(one.used)}
        table += [{**told, **row} for row in compared(scores.networks(0), own, best)]
    return {"rows": table, "best": members[best], "reported": len(rows.reported.labels)}


def fine_tuning_step(
    brought: Brought,
    held_out: Source | None,
    before: int,
    after: int,
    points: int,
    choosing_share: float,
    seed: int,
) -> dict[str, Any]:
    """The line from one checkpoint to another, which was fine-tuned from it.

    Returns:
        `rows` as of `average_step`, of the middle and of the alpha that does best on the rows to choose by, with
        `alpha` besides; `curve`: of each set of rows and alpha `data`, `alpha`, `accuracy` with its `standard_error`, `loss`
        and `chosen` (whether this alpha was); `best`, `reported`.
    """
    import numpy as np

    from core.landscape.averaging.fine_tuning import RECOMMENDED, along, alphas
    from core.landscape.averaging.scores import compared

    networks = networks_of(brought)
    rows = reported_rows(brought, held_out, choosing_share, seed)
    training, (start, end) = networks.rows.features, _views(networks, (before, after))
    places = alphas(points)
    choosing = along(networks.module, start, end, places, training, rows.choosing)
    chosen = int(choosing.accuracy.mean(axis=1).argmax())
    sets = {"held-out data" if held_out else "data set": rows.reported}
    if held_out:
        sets["data set"] = networks.rows
    curve, seen = [], {}
    for name, examples in sets.items():
        seen[name] = along(networks.module, start, end, places, training, examples)
        for number, alpha in enumerate(places):
            accuracy = seen[name].accuracy[number]
            curve.append(
                {
                    "data": name,
                    "alpha": float(alpha),
                    "accuracy": float(accuracy.mean()),
                    "standard_error": float(accuracy.std(ddof=1) / np.sqrt(len(accuracy))),
                    "loss": float(seen[name].loss[number].mean()),
                    "chosen": number == chosen,
                }
            )
    own = [_own_scores(networks, member, rows.reported) for member in (before, after)]
    best = best_member(networks, (before, after), rows.choosing)
    table = []
    middle = along(networks.module, start, end, np.array([RECOMMENDED]), training, rows.reported).networks(0)
    for method, alpha, scores in (
        ("WiSE-FT, alpha 0.5", RECOMMENDED, middle),
        ("WiSE-FT, alpha chosen", float(places[chosen]), next(iter(seen.values())).networks(chosen)),
    ):
        told = {"method": method, "alignment": "none", "used": 2, "alpha": alpha}
        table += [{**told, **row} for row in compared(scores, own, best)]
    return {"rows": table, "curve": curve, "best": (before, after)[best], "reported": len(rows.reported.labels)}


def best_member(networks: Networks, members: Sequence[int], choosing: Examples) -> int:
    """The place among the members of the one with the best accuracy; of equals the one with the lowest loss."""
    from core.landscape.averaging.scores import best_of

    return best_of([_own_scores(networks, member, choosing) for member in members])


def _own_scores(networks: Networks, member: int, rows: Examples) -> Scores:
    """Of a checkpoint, with statistics of normalisation computed anew as for averages: a gain is one of weights alone."""
    from core.landscape.averaging.scores import scores_of

    weights, training = networks.weights[member : member + 1], networks.rows.features
    return scores_of(networks.module, weights, rows, statistics_from=training).networks(0)


def _views(networks: Networks, members: Sequence[int]) -> list[dict[str, torch.Tensor]]:
    from core.training.parameters import layout_of

    layout = layout_of(networks.module)
    return [layout.views(networks.weights[member]) for member in members]


def _units(networks: Networks) -> Units | None:
    """Of the architecture; None where they are not known, so that the result says that nothing was aligned."""
    from core.errors import BadInput
    from core.landscape.connectivity.units import units_of

    try:
        return units_of(networks.module)
    except BadInput:
        return None
