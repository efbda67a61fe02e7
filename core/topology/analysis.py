"""Topology, as an entry of the catalog."""

from __future__ import annotations

from core.analysis import Analysis, Compute, Estimate, Figure, Input, Inputs, Reference, Result, by_mode
from core.topology.describe_mode import compute_describe, estimate_describe
from core.topology.describe_params import DescribeParams
from core.topology.limits import within_limits
from core.topology.optimise_mode import compute_optimise, estimate_optimise
from core.topology.optimise_params import OptimiseParams
from core.topology.robustness_mode import compute_robustness, estimate_robustness
from core.topology.robustness_params import RobustnessParams
from core.topology.score_mode import compute_score, estimate_score
from core.topology.score_params import ScoreParams
from core.topology.topology_params import TopologyParams
from core.topology.vectorize_mode import compute_vectorize, estimate_vectorize
from core.topology.vectorize_params import VectorizeParams

_compute = by_mode(
    describe=compute_describe,
    vectorize=compute_vectorize,
    score=compute_score,
    optimise=compute_optimise,
    robustness=compute_robustness,
)
_estimate = by_mode(
    describe=estimate_describe,
    vectorize=estimate_vectorize,
    score=estimate_score,
    optimise=estimate_optimise,
    robustness=estimate_robustness,
)


def compute(params: TopologyParams, inputs: Inputs) -> Compute:
    """The generator of the mode.

    Raises:
        TooLarge: more memory or hours than are allowed.
    """
    estimate(params, inputs)
    result: Result = yield from _compute(params, inputs)
    return result


def estimate(params: TopologyParams, inputs: Inputs) -> Estimate:
    """The cost of the mode.

    Raises:
        TooLarge: more memory or hours than are allowed.
    """
    return within_limits(_estimate, params, inputs)


def figures(result: Result) -> dict[str, Figure]:
    """The figures of a result; plotly is imported here at the earliest."""
    from core.topology.figures import figures as drawn

    return drawn(result)


ANALYSIS = Analysis(
    slug="topology",
    title="Topology",
    question="Which multi-scale shape does this data have?",
    params=(DescribeParams, VectorizeParams, ScoreParams, OptimiseParams, RobustnessParams),
    inputs=(
        Input(
            "data",
            "shapes",
            "Shapes",
            "Point clouds, series, graphs, distance matrices or images: csv, parquet, npz, npy, UCR text, ts, gml, or a zip of a TU folder.",
        ),
        Input(
            "function",
            "table",
            "Function",
            "A table with one value for each point, in their order, for second=column.",
            required=False,
        ),
        Input("labels", "table", "Labels", "A table with one label for each item, in their order.", required=False),
    ),
    compute=compute,
    figures=figures,
    estimate=estimate,
    version=2,
    references=(
        Reference(
            "Loiseaux, Scoccola, Carriere, Botnan and Oudot",
            2023,
            "Stable Vectorization of Multiparameter Persistent Homology using Signed Barcodes as Measures",
            "arXiv:2306.03801",
        ),
        Reference(
            "Loiseaux, Carriere and Blumberg",
            2023,
            "A Framework for Fast and Stable Representations of Multiparameter Persistent Homology Decompositions",
            "arXiv:2306.11170",
        ),
        Reference(
            "Scoccola, Setlur, Loiseaux, Carriere and Oudot",
            2024,
            "Differentiability and Optimization of Multiparameter Persistent Homology",
            "arXiv:2406.07224",
        ),
        Reference(
            "Vipond", 2020, "Multiparameter Persistence Landscapes", "Journal of Machine Learning Research 21, 1-38"
        ),
        Reference("Biroli and Mezard", 2024, "Kernel Density Estimators in Large Dimensions", "arXiv:2408.05807"),
    ),
)
