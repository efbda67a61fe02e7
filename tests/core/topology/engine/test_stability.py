"""The stability theorems as properties of random complexes."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from core.topology import complete_mass, convolve, signed_measure, sliced_wasserstein
from core.topology.engine.complex import from_simplices
from core.topology.engine.dependence import euler_diracs, hilbert_diracs
from core.topology.engine.measure import SignedMeasure
from core.topology.engine.transport import kantorovich_rubinstein
from tests.core.topology.engine.naive import Simplex, random_bifiltration


@st.composite
def filtrations_of_one_complex(draw: st.DrawFn) -> tuple[list[Simplex], np.ndarray, np.ndarray]:
    """A complex with two filtrations: the second one moved by noise and made monotone again."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    vertices = draw(st.integers(2, 6))
    size = draw(st.sampled_from([0.01, 0.3, 2.0]))
    simplices, grades = random_bifiltration(rng, vertices, values=4)
    first = _monotone(simplices, grades + rng.uniform(0.0, 1.0, grades.shape))
    second = _monotone(simplices, first + rng.normal(0.0, size, grades.shape))
    return simplices, first, second


def _monotone(simplices: list[Simplex], grades: np.ndarray) -> np.ndarray:
    """Raises grades to those of the faces."""
    grade: dict[Simplex, np.ndarray] = {}
    for simplex, own in zip(simplices, grades, strict=True):
        faces = [grade[f] for f in itertools.combinations(simplex, len(simplex) - 1) if f]
        grade[simplex] = np.maximum.reduce([own, *faces])
    return np.array([grade[s] for s in simplices])


@examples(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(filtrations_of_one_complex())
def test_measures_move_no_further_than_the_filtrations(case: tuple[list[Simplex], np.ndarray, np.ndarray]) -> None:
    """KR(mu f, mu g) <= 2 |f - g|_1 for Hilbert measures of every degree, and <= |f - g|_1 for Euler measures.

    So do their sliced Wasserstein distances, as projections shorten, and their images at a rate that the kernel sets.
    """
    simplices, f, g = case
    moved = np.abs(f - g).sum()
    degrees = tuple(range(max(map(len, simplices))))
    complexes = [from_simplices(simplices, grades) for grades in (f, g)]
    eulers = [euler_diracs(filtered).measure for filtered in complexes]
    assert kantorovich_rubinstein(*eulers) <= moved + 1e-9
    hilberts = [hilbert_diracs(filtered, degrees) for filtered in complexes]
    for degree in degrees:
        first, second = (found[degree].measure for found in hilberts)
        distance = kantorovich_rubinstein(first, second)
        assert distance <= 2 * moved + 1e-9
        assert sliced_wasserstein(*first, *second) <= distance + 1e-9
        assert _difference_of_images(first, second) <= _LIPSCHITZ * distance + 1e-9


_BANDWIDTH = 0.5
_LIPSCHITZ = 1 / (2 * np.pi * _BANDWIDTH**2) / (_BANDWIDTH * np.sqrt(np.e))  # the steepest slope of the kernel


def _difference_of_images(first: SignedMeasure, second: SignedMeasure) -> float:
    """The largest difference of two images at any point of a grid."""
    axes = (np.linspace(-1.0, 6.0, 9), np.linspace(-1.0, 6.0, 8))
    return float(np.abs(convolve(*first, axes, _BANDWIDTH) - convolve(*second, axes, _BANDWIDTH)).max())


@examples(max_examples=100, deadline=None)
@given(filtrations_of_one_complex())
def test_completed_measures_have_no_mass_and_the_same_function_below_the_corner(
    case: tuple[list[Simplex], np.ndarray, np.ndarray],
) -> None:
    """The function is that of the measure below the corner and 0 from it on."""
    simplices, f, _ = case
    corner = (3.0, 2.5)
    measure = signed_measure(simplices=(simplices, f), degrees=(0,))[0]
    completed = complete_mass(*measure, corner)
    assert completed.weights.sum() == 0
    for at in itertools.product((0.5, 1.5, 2.9, 3.0, 4.0), (0.5, 2.4, 2.5, 9.0)):
        before = measure.weights[(measure.positions <= at).all(axis=1)].sum()
        after = completed.weights[(completed.positions <= at).all(axis=1)].sum()
        assert after == (before if (np.array(at) < corner).all() else 0)
