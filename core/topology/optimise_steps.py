"""The steps of mode `optimise`: the problem, some iterations at a time, the check of the gradient, before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import report, report_value
from core.topology.asked import Asked

if TYPE_CHECKING:
    import pandas as pd

    from core.topology.engine.measure import SignedMeasure

STEP = 1e-6  # of the scale, of central differences


def start_step(asked: Asked, number: int, choice: Mapping[str, Any]) -> dict[str, Any]:
    """The problem, see `core.topology.optimise_start.posed`.

    Args:
        asked: the data and the two parameters.
        number: of the item, from 1.
        choice: fields of `LossChoice`.

    Returns:
        `problem` by field; `name`, `items`, `points`, `cover_radius`, `notes`.

    Raises:
        BadInput: data or choices that can't be used.
        TooLarge: more points than can be optimised.
    """
    from core.topology.optimise_start import LossChoice, posed

    problem, known = posed(asked, number, LossChoice(**choice))
    return {"problem": problem.plain(), **known}


def begin(problem: Mapping[str, Any], start: int, noise: float, seed: int) -> dict[str, Any]:
    """The state before the first iteration: the data for the first start, with noise for the others.

    Returns:
        `variables`, `moments` of Adam, `iteration`.
    """
    from core.topology.optimise_problem import Problem

    posed = Problem.of(problem)
    variables = posed.start.copy()
    if start:
        rng = np.random.default_rng((seed, start))
        variables += noise * posed.scale * rng.standard_normal(variables.shape)
    return {"variables": variables, "moments": np.zeros((2, *variables.shape)), "iteration": 0}


def iterate_step(
    problem: Mapping[str, Any],
    state: Mapping[str, Any],
    count: int,
    total: int,
    learning_rate: float,
    every: int,
    start: int,
) -> dict[str, Any]:
    """Some iterations of Adam from a state on.

    Args:
        problem: by field.
        state: `variables`, `moments`, `iteration`.
        count: iterations.
        total: of the whole run; after the last of them the loss is measured once more.
        learning_rate: as a share of the scale.
        every: iterations between two frames of the film.
        start: its number; the first one draws the live curve.

    Returns:
        `state` after them; `rows` of the losses, a DataFrame (iteration, loss, topology, box, anchor, gradient_norm);
        `frames` [f, ...] and `frame_function` [f, n] float32 at the iterations `frame_at` [f].

    Raises:
        BadInput: the loss is not finite any more.
    """
    import pandas as pd

    from core.topology.optimise_objective import adam, evaluate, one_thread
    from core.topology.optimise_problem import Problem

    posed = Problem.of(problem)
    step = learning_rate * posed.scale
    variables, moments, first = np.array(state["variables"]), np.array(state["moments"]), int(state["iteration"])
    last = first + count == total
    rows, frames, functions, at = [], [], [], []
    with one_thread():
        for iteration in range(first, first + count + last):
            value = evaluate(posed, variables)
            rows.append((iteration, value.loss, value.topology, value.box, value.anchor, value.gradient_norm))
            if iteration % every == 0 or iteration == total:
                frames.append(variables.astype(np.float32))
                functions.append(value.function.astype(np.float32))
                at.append(iteration)
            if start == 0:
                report_value(iteration, value.loss, "Loss", "iteration")
            report((iteration - first) / max(count, 1), f"iteration {iteration:,} of {total:,}, loss {value.loss:.4g}")
            if iteration < first + count:
                variables, moments = adam(variables, value.gradient, moments, iteration + 1, step)
    return {
        "state": {"variables": variables, "moments": moments, "iteration": first + count},
        "rows": pd.DataFrame(rows, columns=["iteration", "loss", "topology", "box", "anchor", "gradient_norm"]),
        "frames": np.array(frames, dtype=np.float32).reshape(len(frames), *variables.shape),
        "frame_function": np.array(functions, dtype=np.float32).reshape(len(frames), len(variables)),
        "frame_at": np.array(at, dtype=np.int64),
    }


def check_step(problem: Mapping[str, Any], variables: np.ndarray, count: int, seed: int) -> pd.DataFrame:
    """Derivatives beside central differences of the loss.

    Args:
        problem: by field.
        variables: where.
        count: how many coordinates, drawn by the seed.
        seed: of the draw.

    Returns:
        point (from 1), coordinate (from 1; 0 of a value of the function), autograd, central_difference, relative_error:
        their difference as a share of the largest derivative of all.
    """
    import pandas as pd

    from core.topology.optimise_objective import evaluate, one_thread
    from core.topology.optimise_problem import Problem

    posed = Problem.of(problem)
    step = STEP * posed.scale
    with one_thread():
        gradient = evaluate(posed, variables).gradient
        chosen = np.random.default_rng(seed).choice(variables.size, min(count, variables.size), replace=False)
        rows = []
        for done, number in enumerate(np.sort(chosen)):
            place = np.unravel_index(number, variables.shape)
            losses = []
            for sign in (1, -1):
                moved = variables.copy()
                moved[place] += sign * step
                losses.append(evaluate(posed, moved).loss)
            central = (losses[0] - losses[1]) / (2 * step)
            point, coordinate = int(place[0]) + 1, int(place[1]) + 1 if len(place) > 1 else 0
            rows.append((point, coordinate, float(gradient[place]), central))
            report((done + 1) / len(chosen), f"coordinate {done + 1:,} of {len(chosen):,}")
    table = pd.DataFrame(rows, columns=["point", "coordinate", "autograd", "central_difference"])
    largest = float(np.abs(gradient).max())
    difference = (table.autograd - table.central_difference).abs()
    return table.assign(relative_error=difference / largest if largest > 0 else difference)


def compare_step(problem: Mapping[str, Any], before: np.ndarray, after: np.ndarray, resolution: int) -> dict[str, Any]:
    """Signed measures and Hilbert functions before and after, on one grid.

    Args:
        problem: by field.
        before: variables at the start.
        after: variables at the end.
        resolution: grid values on each axis.

    Returns:
        `function_before`, `function_after` [n]; `measures`: a DataFrame (when, degree, radius, level, weight); `radii`,
        `levels_axis`; `hilbert`: by name such as "before_H1" [radii, levels].
    """
    import pandas as pd
    import torch

    from core.topology.engine.measure import evaluate as sampled
    from core.topology.engine.signed_measure import signed_measure
    from core.topology.optimise_objective import second_parameter
    from core.topology.optimise_problem import Problem
    from core.topology.vectorize.box import fit_box

    posed = Problem.of(problem)
    functions: dict[str, np.ndarray] = {}
    measures: dict[tuple[str, int], SignedMeasure] = {}
    for when, variables in (("before", before), ("after", after)):
        moving = posed.variables == "points"
        points = variables if moving else posed.points
        function = second_parameter(posed, torch.tensor(points)).numpy() if moving else variables
        functions[when] = function
        found = signed_measure(points, function, posed.degrees, posed.filtration, threshold=posed.threshold)
        measures |= {(when, int(degree)): measure for degree, measure in found.items()}
    box = fit_box([measure.positions for measure in measures.values()], 2, dropped=0.0)
    radii, levels = box.axes(resolution)
    parts = [
        pd.DataFrame(
            {"when": when, "degree": degree, "radius": p[:, 0], "level": p[:, 1], "weight": np.asarray(weights)}
        )
        for (when, degree), (p, weights) in measures.items()
    ]
    return {
        "function_before": functions["before"],
        "function_after": functions["after"],
        "measures": pd.concat(parts, ignore_index=True),
        "radii": radii,
        "levels_axis": levels,
        "hilbert": {f"{when}_H{degree}": sampled(m, radii, levels) for (when, degree), m in measures.items()},
    }
