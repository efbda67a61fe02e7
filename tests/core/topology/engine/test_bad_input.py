"""Every input that peers crash on, hang on or answer wrongly gets one sentence, or the right answer."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import core.topology
from core.errors import BadInput, TooLarge
from core.topology import (
    complete_mass,
    convolve,
    hilbert_function,
    landscape,
    line_barcode,
    rank_invariant,
    s_cdr,
    signed_measure,
    sliced_wasserstein,
)
from core.topology.engine.flag import flag_complex
from core.topology.engine.mass import upper_corner
from core.topology.engine.measure import SignedMeasure
from core.topology.engine.representation import t_cdr
from core.topology.engine.sliced_wasserstein import sliced_wasserstein_kernel, sliced_wasserstein_matrix
from core.topology.engine.transport import kantorovich_rubinstein

POINTS = np.random.default_rng(0).normal(size=(6, 2))
FUNCTION = np.arange(6.0)
EDGE = ([(0,), (1,), (0, 1)], [(0, 0), (0, 0), (1, 1)])


def changed(values: np.ndarray, place: Any, value: float) -> np.ndarray:
    """A copy with one value replaced."""
    copy = values.copy()
    copy[place] = value
    return copy


def of_some(count: int) -> SignedMeasure:
    """The measure of the first points in degree 0, with edges left out: its mass is their number."""
    return signed_measure(POINTS[:count], FUNCTION[:count], (0,), threshold=0.0)[0]


REFUSED: list[tuple[str, Callable[[], Any], str]] = [
    (
        "function shorter",
        lambda: signed_measure(POINTS, FUNCTION[:4]),
        r"function has shape \(4,\) and there are 6 points",
    ),
    ("function missing", lambda: signed_measure(POINTS), "function is missing"),
    ("function longer", lambda: signed_measure(POINTS, np.zeros(7)), r"function has shape \(7,\)"),
    ("nan point", lambda: signed_measure(changed(POINTS, (3, 1), np.nan), FUNCTION), "nan in row 3, column 1"),
    ("infinite point", lambda: signed_measure(changed(POINTS, (0, 0), np.inf), FUNCTION), "inf in row 0, column 0"),
    ("nan function", lambda: signed_measure(POINTS, changed(FUNCTION, 2, np.nan)), "nan in row 2"),
    ("infinite function", lambda: signed_measure(POINTS, changed(FUNCTION, 5, -np.inf)), "-inf in row 5"),
    ("no points", lambda: signed_measure(np.zeros((0, 2)), []), "no rows"),
    ("one list", lambda: signed_measure(FUNCTION, FUNCTION), "reshape"),
    ("ragged", lambda: signed_measure([[0.0], [1.0, 2.0]], [0, 1]), "not a regular table"),
    ("text", lambda: signed_measure([["a"]], [0]), "not a regular table"),
    ("nothing", lambda: signed_measure(), "nothing to filter"),
    ("degree above alpha", lambda: signed_measure(POINTS, FUNCTION, (3,), "alpha"), "it is at most 2"),
    ("degree above rips", lambda: signed_measure(POINTS, FUNCTION, (4,)), "it is at most 3"),
    ("degree above simplices", lambda: signed_measure(degrees=(2,), simplices=EDGE), "it is at most 1 in this complex"),
    ("negative degree", lambda: signed_measure(POINTS, FUNCTION, (-1,)), "whole numbers from 0"),
    ("half degree", lambda: signed_measure(POINTS, FUNCTION, (0.5,)), "whole numbers from 0"),  # type: ignore[arg-type]
    ("no degree", lambda: signed_measure(POINTS, FUNCTION, ()), "degrees is empty"),
    ("degree twice", lambda: signed_measure(POINTS, FUNCTION, (1, 1)), "names a degree twice"),
    ("unknown filtration", lambda: signed_measure(POINTS, FUNCTION, filtration="cech"), "one of rips, alpha"),
    ("unknown invariant", lambda: signed_measure(POINTS, FUNCTION, invariant="betti"), "one of hilbert, euler, rank"),
    ("levels fall", lambda: signed_measure(POINTS, FUNCTION, levels=[1, 1, 2]), "levels must increase"),
    ("levels nan", lambda: signed_measure(POINTS, FUNCTION, levels=[np.nan]), "levels holds nan"),
    ("no levels", lambda: signed_measure(POINTS, FUNCTION, levels=[]), "levels has shape"),
    ("no radii", lambda: hilbert_function(POINTS, FUNCTION, levels=[1.0]), "radii has shape"),
    ("threshold nan", lambda: signed_measure(POINTS, FUNCTION, threshold=np.nan), "threshold is nan"),
    (
        "threshold alpha",
        lambda: signed_measure(POINTS, FUNCTION, filtration="alpha", threshold=1.0),
        "threshold is for",
    ),
    ("alpha in 4-D", lambda: signed_measure(np.eye(4), np.zeros(4), filtration="alpha"), "at most 3"),
    ("alpha distances", lambda: signed_measure(None, [0], filtration="alpha", distances=[[0]]), "needs points"),
    ("both", lambda: signed_measure(POINTS, FUNCTION, distances=np.zeros((6, 6))), "Both points and distances"),
    ("simplices and points", lambda: signed_measure(POINTS, simplices=EDGE), "Both simplices and points"),
    ("distances not square", lambda: signed_measure(None, [0], distances=[[0.0, 1.0]]), "square"),
    ("distances not symmetric", lambda: signed_measure(None, [0, 0], distances=[[0, 1], [2, 0]]), "symmetric"),
    ("distances negative", lambda: signed_measure(None, [0, 0], distances=[[0, -1], [-1, 0]]), "at least 0"),
    ("distances diagonal", lambda: signed_measure(None, [0], distances=[[1.0]]), "distance 0 from itself"),
    ("no simplices", lambda: signed_measure(simplices=([], np.zeros((0, 2)))), "simplices is empty"),
    ("not a pair", lambda: signed_measure(simplices=[(0,)]), "as a pair"),  # type: ignore[arg-type]
    ("grades missing", lambda: signed_measure(simplices=(EDGE[0], [(0, 0)])), "a pair .radius, level. for each"),
    ("grade nan", lambda: signed_measure(simplices=(EDGE[0], [(0, 0), (0, 0), (np.nan, 1)])), "finite numbers"),
    ("face missing", lambda: signed_measure(simplices=([(0,), (0, 1)], [(0, 0), (1, 1)])), r"lacks its face \(1,\)"),
    ("face late", lambda: signed_measure(simplices=(EDGE[0], [(0, 0), (0, 2), (1, 1)])), r"before its face \(1,\)"),
    ("twice", lambda: signed_measure(simplices=([(0,), (0,)], [(0, 0), (1, 1)])), "listed twice"),
    ("vertex twice", lambda: signed_measure(simplices=([(0, 0)], [(0, 0)])), "none twice"),
    ("vertex no number", lambda: signed_measure(simplices=([(0.5,)], [(0, 0)])), "whole numbers"),  # type: ignore[list-item]
    ("level line", lambda: line_barcode(POINTS, FUNCTION, direction=(1, 0)), "rises in both"),
    ("line nan", lambda: line_barcode(POINTS, FUNCTION, basepoint=(np.nan, 0)), "two finite numbers"),
    ("layers", lambda: landscape(POINTS, FUNCTION, [1], [1], layers=0), "from 1"),
    ("delta", lambda: s_cdr(POINTS, FUNCTION, [1, 2], [1, 2], delta=0.0), "delta is 0"),
    ("p", lambda: s_cdr(POINTS, FUNCTION, [1, 2], [1, 2], p=-1.0), "p is -1"),
    ("box", lambda: s_cdr(POINTS, FUNCTION, [1, 2], [1, 2], box=((0, 0), (0, 1))), "box is"),
    ("operation", lambda: t_cdr([], np.array([1.0]), np.array([1.0]), operation="median"), "operation is"),
    ("bandwidth", lambda: convolve([[0, 0]], [1], ([0], [0]), 0.0), "bandwidth is 0"),
    ("bandwidths", lambda: convolve([[0, 0]], [1], ([0], [0]), (1, 1, 1)), "bandwidth has 3 values"),
    ("weights", lambda: convolve([[0, 0]], [1, 2], ([0], [0]), 1.0), "one weight each"),
    ("coordinates", lambda: convolve([[0, 0, 0]], [1], ([0], [0]), 1.0), r"\[Diracs, 2\]"),
    ("infinite Dirac", lambda: convolve([[0, np.inf]], [1], ([0], [0]), 1.0), "complete_mass"),
    ("reduction", lambda: convolve([[0, 0]], [1], ([0], [0]), 1.0, "median"), "one of sum, mean"),
    ("unequal masses", lambda: sliced_wasserstein([[0, 0]], [1], [[0, 0]], [2]), "needs equal masses"),
    ("a measure and nothing", lambda: sliced_wasserstein([[0, 0]], [1], [], []), "needs equal masses"),
    ("no directions", lambda: sliced_wasserstein([[0, 0]], [1], [[0, 0]], [1], 0), "at least one"),
    ("long direction", lambda: sliced_wasserstein([[0, 0]], [1], [[0, 0]], [1], [[1, 1]]), "length 1"),
    ("no measures", lambda: sliced_wasserstein_matrix([]), "no measures"),
    ("sigma", lambda: sliced_wasserstein_kernel([np.zeros((1, 1))], [1.0], 0.0), "sigma is 0"),
    ("corner", lambda: complete_mass([[0, 0]], [1], (np.inf, 1)), "corner is"),
    ("fractions", lambda: complete_mass([[0, 0]], [0.5], (1, 1)), "whole numbers"),
    ("no Diracs", lambda: upper_corner([np.zeros((0, 2))]), "no Diracs"),
    ("transport", lambda: kantorovich_rubinstein(*(of_some(n) for n in (2, 1))), "needs equal masses"),
]


@pytest.mark.parametrize(("call", "sentence"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED])
def test_bad_input_gets_one_sentence(call: Callable[[], Any], sentence: str) -> None:
    """It says what was found and what to do, and nothing crashes."""
    with pytest.raises(BadInput, match=sentence) as raised:
        call()
    assert "\n" not in str(raised.value)
    assert str(raised.value).endswith(".")


def test_too_many_simplices_are_refused_before_they_are_stored() -> None:
    """The cliques of a complete graph, and the pairs of a fine grid."""
    lengths = np.ones((60, 60)) - np.eye(60)
    with pytest.raises(TooLarge, match="more than 1,000 simplices"):
        flag_complex(lengths, np.zeros(60), 3, most=1_000)
    with pytest.raises(TooLarge, match="coarser radii and levels"):
        rank_invariant(POINTS, FUNCTION, np.arange(200.0), np.arange(200.0))


def weights_of(points: Any, function: Any, **more: Any) -> dict[int | str, list[int]]:
    """The weights alone."""
    return {degree: m.weights.tolist() for degree, m in signed_measure(points, function, **more).items()}


@pytest.mark.parametrize("filtration", ["rips", "alpha"])
@pytest.mark.parametrize("levels", [None, [0.0, 5.0]])
def test_degenerate_clouds_have_the_obvious_answer(filtration: str, levels: list[float] | None) -> None:
    """One point, two points, duplicates, all points equal, a constant function."""
    more = {"filtration": filtration, "levels": levels}
    assert weights_of([[1.0, 2.0]], [0.0], **more) == {0: [1], 1: []}
    assert weights_of([[0.0], [1.0]], [0.0, 0.0], **more) == {0: [2, -1], 1: []}
    assert weights_of(np.zeros((5, 2)), np.zeros(5), **more) == {0: [1], 1: []}
    assert weights_of(np.zeros((5, 2)), np.arange(5.0), **more) == {0: [1], 1: []}
    square = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    once = signed_measure(square, np.zeros(4), **more)
    twice = signed_measure(np.repeat(square, 2, axis=0), np.zeros(8), **more)
    for degree in (0, 1):
        assert twice[degree].positions == pytest.approx(once[degree].positions)
        assert twice[degree].weights.tolist() == once[degree].weights.tolist()


def test_levels_below_all_values_give_empty_measures() -> None:
    """Nothing has entered."""
    for filtration in ("rips", "alpha"):
        for invariant in ("hilbert", "euler"):
            found = signed_measure(POINTS, FUNCTION, filtration=filtration, invariant=invariant, levels=[-1.0])
            assert all(m.positions.shape == (0, 2) and m.weights.shape == (0,) for m in found.values())
    assert signed_measure(POINTS, FUNCTION, (2,), levels=[-1.0])[2].weights.shape == (0,)


def test_a_constant_axis_is_cut_one_unit_above_it() -> None:
    """So that a corner lies beyond every Dirac."""
    assert upper_corner([np.array([[0.0, 3.0], [2.0, 3.0]])]).tolist() == pytest.approx([2.2, 4.0])


GRID = np.linspace(0.0, 5.0, 4)
PUBLIC: dict[str, Callable[[np.ndarray, np.ndarray], Any]] = {
    "complete_mass": lambda points, function: complete_mass(points, function.astype(int), (9.0, 9.0)),
    "convolve": lambda points, function: convolve(points, function, (GRID, GRID), 0.5),
    "hilbert_function": lambda points, function: hilbert_function(points, function, GRID, GRID),
    "landscape": lambda points, function: landscape(points, function, GRID, GRID),
    "line_barcode": lambda points, function: line_barcode(points, function),
    "rank_invariant": lambda points, function: rank_invariant(points, function, GRID, GRID),
    "s_cdr": lambda points, function: s_cdr(points, function, GRID, GRID, lines=9),
    "signed_measure": lambda points, function: [
        signed_measure(points, function, (0, 1), filtration, invariant)
        for filtration in ("rips", "alpha")
        for invariant in ("hilbert", "euler", "rank")
    ],
    "sliced_wasserstein": lambda points, function: [
        sliced_wasserstein(points, function, points[::-1], function),
        sliced_wasserstein(np.eye(3), [1, 1, 1], -np.eye(3), [1, 1, 1]),  # of three coordinates: directions are drawn
    ],
}


@pytest.mark.parametrize("name", core.topology.__all__)
def test_inputs_and_the_global_generators_stay_as_they_are(name: str) -> None:
    """Of every public function: nothing is drawn from them, and nothing that is handed in is changed."""
    points, function = POINTS.copy(), FUNCTION.copy()
    np.random.seed(7)
    random.seed(7)
    before = np.random.get_state()[1].tolist(), random.getstate()
    PUBLIC[name](points, function)
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before
    assert (points.tolist(), function.tolist()) == (POINTS.tolist(), FUNCTION.tolist())
