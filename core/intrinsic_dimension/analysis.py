"""Intrinsic dimension, as an entry of the catalog."""

from __future__ import annotations

from core.analysis import Analysis, Estimate, Figure, Input, Inputs, Params, Reference, Result, by_mode
from core.data.columns import check_columns
from core.intrinsic_dimension.control_mode import compute_control, estimate_control
from core.intrinsic_dimension.control_params import ControlParams
from core.intrinsic_dimension.data_mode import compute_data, estimate_data
from core.intrinsic_dimension.data_params import DataParams
from core.intrinsic_dimension.fine_tuning_mode import compute_fine_tuning, estimate_fine_tuning
from core.intrinsic_dimension.fine_tuning_params import FineTuningParams
from core.intrinsic_dimension.objective_mode import compute_objective, estimate_objective
from core.intrinsic_dimension.objective_params import ObjectiveParams
from core.intrinsic_dimension.study_mode import compute_study, estimate_study
from core.intrinsic_dimension.study_params import StudyParams

compute = by_mode(
    objective=compute_objective,
    data=compute_data,
    study=compute_study,
    fine_tuning=compute_fine_tuning,
    control=compute_control,
)
_estimate = by_mode(
    objective=estimate_objective,
    data=estimate_data,
    study=estimate_study,
    fine_tuning=estimate_fine_tuning,
    control=estimate_control,
)


def estimate(params: Params, inputs: Inputs) -> Estimate:
    """The cost of the mode.

    Raises:
        BadInput: the details of the data set already say that it can't be used like this.
    """
    if "dataset" in inputs and not isinstance(params, FineTuningParams):  # which reads text, too
        check_columns(inputs["dataset"], getattr(params, "target", ""))
    return _estimate(params, inputs)


def figures(result: Result) -> dict[str, Figure]:
    """The figures of a result; plotly is imported here at the earliest."""
    from core.intrinsic_dimension.figures import figures as drawn

    return drawn(result)


ANALYSIS = Analysis(
    slug="intrinsic-dimension",
    title="Intrinsic dimension",
    question="How many parameters does this task really need, and how many dimensions do these data have?",
    params=(ObjectiveParams, DataParams, StudyParams, FineTuningParams, ControlParams),
    inputs=(
        Input(
            "dataset",
            "dataset",
            "Data set",
            "Rows with features; only mode data does without a class for each row.",
            modes=("objective", "data", "study", "fine_tuning"),
        ),
        Input(
            "model",
            "model",
            "Network",
            "The network that learns; without one it is an MLP with the hidden layers given. Mode objective draws its weights "
            "anew; mode fine_tuning starts from the weights that it brings, or pretrains it first where it brings none; "
            "mode data looks at the points in each of its layers.",
            required=False,
            modes=("objective", "fine_tuning", "data"),
        ),
    ),
    compute=compute,
    figures=figures,
    estimate=estimate,
    version=4,
    references=(
        Reference(
            "Li, Farkhoor, Liu and Yosinski",
            2018,
            "Measuring the Intrinsic Dimension of Objective Landscapes",
            "arXiv:1804.08838, section 2",
        ),
        Reference(
            "Le, Sarlos and Smola",
            2013,
            "Fastfood: Approximate Kernel Expansions in Loglinear Time",
            "arXiv:1408.3060, section 3",
        ),
        Reference(
            "Aghajanyan, Zettlemoyer and Gupta",
            2020,
            "Intrinsic Dimensionality Explains the Effectiveness of Language Model Fine-Tuning",
            "arXiv:2012.13255, table 1",
        ),
        Reference(
            "Langford",
            2005,
            "Tutorial on Practical Prediction Theory for Classification",
            "Journal of Machine Learning Research 6, theorem 4.1",
        ),
        Reference(
            "Facco, d'Errico, Rodriguez and Laio",
            2017,
            "Estimating the intrinsic dimension of datasets by a minimal neighborhood information",
            "Scientific Reports 7:12140, equations 4 to 7",
        ),
        Reference(
            "Levina and Bickel",
            2004,
            "Maximum Likelihood Estimation of Intrinsic Dimension",
            "NIPS 17, equation 8",
        ),
        Reference(
            "Hansen",
            2016,
            "The CMA Evolution Strategy: A Tutorial",
            "arXiv:1604.00772, figure 6 and table 1",
        ),
        Reference(
            "Florian",
            2007,
            "Correct equations for the dynamics of the cart-pole system",
            "Center for Cognitive and Neural Studies, equations 23 and 24",
        ),
        Reference(
            "Ansuini, Laio, Macke and Zoccolan",
            2019,
            "Intrinsic dimension of data representations in deep neural networks",
            "arXiv:1905.12784, figures 2 and 3",
        ),
        Reference(
            "Denti, Doimo, Laio and Mira",
            2022,
            "The generalized ratios intrinsic dimension estimator",
            "Scientific Reports 12:20005, equation 5",
        ),
    ),
)
