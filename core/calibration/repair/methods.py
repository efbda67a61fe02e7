"""The recalibrators that a board compares, in one tuple; each module is loaded when its method is first fitted."""

from __future__ import annotations

from core.calibration.repair.method import Method
from core.errors import BadInput

GUO = "Guo et al. 2017, arXiv 1706.04599, section 4"

METHODS: tuple[Method, ...] = (
    Method("temperature", "Temperature", "temperature:fit", GUO),
    Method(
        "study_temperature",
        "Temperature by ECE (grid of the study)",
        "study_temperature:fit",
        "A Benchmark Study on Calibration, arXiv 2308.11838",
    ),
    Method(
        "ensemble_temperature",
        "Ensemble temperature",
        "ensemble_temperature:fit",
        "Zhang, Kailkhura and Han 2020, arXiv 2003.07329, section 4",
    ),
    Method(
        "entropy_temperature",
        "Per-example temperature (entropy)",
        "per_example_temperature:fit",
        "Balanya, Maronas and Ramos 2022, arXiv 2208.00461",
    ),
    Method(
        "tempnet_nll",
        "TempNet (likelihood)",
        "tempnet:fit_likelihood",
        "Qiu et al. 2024, arXiv 2404.04575, the network of section 4",
        seeded=True,
    ),
    Method(
        "tempnet_robust",
        "TempNet (robust loss)",
        "tempnet:fit_robust",
        "Qiu et al. 2024, arXiv 2404.04575, section 4",
        seeded=True,
    ),
    Method("vector", "Vector scaling", "vector_scaling:fit", GUO, uses_logits=True),
    Method("matrix_l2", "Matrix scaling (L2)", "matrix_scaling:fit_matrix_l2", GUO, uses_logits=True),
    Method(
        "matrix_odir",
        "Matrix scaling (ODIR)",
        "matrix_scaling:fit_matrix_odir",
        "Kull et al. 2019, arXiv 1910.12656, section 3",
        uses_logits=True,
    ),
    Method(
        "dirichlet",
        "Dirichlet calibration (ODIR)",
        "matrix_scaling:fit_dirichlet",
        "Kull et al. 2019, arXiv 1910.12656, section 3",
    ),
    Method("platt", "Platt scaling", "beta:fit_platt", "Platt 1999; one map a class, renormalised"),
    Method("beta", "Beta calibration", "beta:fit_beta", "Kull, Silva Filho and Flach 2017 (AISTATS), section 4"),
    Method("isotonic", "Isotonic regression", "isotonic:fit", "Zadrozny and Elkan 2002 (KDD)"),
    Method("corp", "CORP (isotonic confidence)", "isotonic:fit_corp", "Dimitriadis, Gneiting and Jordan 2021 (PNAS)"),
    Method("histogram", "Histogram binning", "histogram:fit", "Zadrozny and Elkan 2001 (ICML)"),
    Method("bbq", "Bayesian binning (BBQ)", "bbq:fit", "Naeini, Cooper and Hauskrecht 2015 (AAAI), equations 1 to 4"),
    Method("enir", "Near-isotonic ensemble (ENIR)", "enir:fit", "Naeini and Cooper 2016, arXiv 1511.05191"),
    Method("spline", "CDF spline", "spline:fit", "Gupta et al. 2021, arXiv 2006.12800, section 4"),
    Method("venn_abers", "Venn-Abers", "venn_abers:fit", "Vovk, Petej and Fedorova 2015, arXiv 1511.00213"),
)


def available_methods() -> tuple[Method, ...]:
    """`METHODS`, and those of optional packages that are installed here, titled with their version."""
    from core.calibration.repair.peers import installed

    return METHODS + installed()


def method_named(name: str) -> Method:
    """The method with this name.

    Raises:
        BadInput: There is none; says which there are.
    """
    known = {method.name: method for method in available_methods()}
    if name not in known:
        raise BadInput(f"Repair method {name!r} does not exist; one of {', '.join(known)} is expected.")
    return known[name]
