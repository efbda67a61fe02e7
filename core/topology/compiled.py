"""Compiles what topology runs ahead of its first use: `python -m core.topology.compiled`.

numba compiles a function when it is first called, half a minute for all of them, and keeps the machine code beside the
source (in `__pycache__`), where the workers find it. Set-up runs this once, so that nobody waits for it later. Only
functions that Python calls are kept on disk: each has arguments of one type. numba's files of a function
with several, written by two processes at once, can hold the code of one under the name of another.
"""

from __future__ import annotations

import numpy as np


def compile_all() -> None:
    """Calls everything that is compiled, on a few points; what is compiled already is loaded, in two seconds."""
    from core.topology.engine.bifiltration import bifiltration
    from core.topology.engine.candidate import candidate_decomposition
    from core.topology.engine.representation import KERNELS, t_cdr
    from core.topology.engine.signed_measure import signed_measure
    from core.topology.engine.sliced_wasserstein import sliced_wasserstein_matrix
    from core.topology.robustness.bounds import over_simplices
    from core.topology.robustness.common_complex import Grading
    from core.topology.scoring.dtw import dtw, nearest, side_by_side
    from core.topology.vectorize.box import Box

    points = np.random.default_rng(0).normal(size=(20, 3))
    function = points[:, 0].copy()
    axis = np.linspace(0.0, 2.0, 3)
    measures = [signed_measure(points, function)[0]] * 2
    signed_measure(points, function, (0,))
    signed_measure(points, function, (2,))
    signed_measure(points, function, invariant="euler")
    for dimension in (2, 3):
        signed_measure(points[:, :dimension], function, filtration="alpha")
    intervals = candidate_decomposition(bifiltration(points, function, (0,)), 0, ((0.0, -1.0), (2.0, 1.0)), lines=3)
    for kernel in KERNELS:
        t_cdr(intervals, axis, axis, kernel)
    sliced_wasserstein_matrix(measures)
    sliced_wasserstein_matrix(measures, measures)
    series = side_by_side([row[None] for row in points])
    dtw(points[:1], points[1:2])
    nearest(series, series)
    grading = Grading(np.linalg.norm(points[:, None] - points, axis=2), function)
    over_simplices((grading, grading), 1, Box(np.zeros(2), np.ones(2)))


if __name__ == "__main__":
    compile_all()
