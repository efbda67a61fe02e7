"""The names that a notebook imports stay what they are, however often and in whatever order they are imported."""

from __future__ import annotations

import importlib

import pytest

FACES = {
    "core.intrinsic_dimension": (
        "fastfood",
        "projection",
        "occam_bound",
        "estimate_data_dimension",
        "d_int90_from_curve",
    ),
    "core.calibration": ("battery", "fit_temperature", "Thresholdout"),
    "core.telemetry": ("euclid_like", "vus"),
    "core.landscape": ("hessian_spectrum", "linear_cka", "local_learning_coefficient", "mode_connectivity", "phases"),
    "core.topology": (
        "signed_measure",
        "hilbert_function",
        "rank_invariant",
        "landscape",
        "line_barcode",
        "convolve",
        "sliced_wasserstein",
        "s_cdr",
    ),
}


@pytest.mark.parametrize("package", FACES)
def test_offered_names_are_callable_each_time(package: str) -> None:
    """Importing a name loads its module, which must not take the name's place in the package."""
    face = importlib.import_module(package)
    for name in FACES[package]:
        first, second = getattr(face, name), getattr(face, name)
        assert callable(first)
        assert second is first
