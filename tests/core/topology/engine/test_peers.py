"""Values of multipers 2.3.2, stored by benchmarks/topology_reference.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.topology import convolve, hilbert_function, landscape, line_barcode, signed_measure, sliced_wasserstein
from core.topology.engine.bifiltration import bifiltration
from core.topology.engine.candidate import Interval, candidate_decomposition
from core.topology.engine.measure import SignedMeasure
from core.topology.engine.representation import s_cdr_of
from tests.core.topology.engine.cases import (
    LINES,
    SEED_OF_PEER_DIRECTIONS,
    clouds,
    grid,
    zero_mass_measures,
)

ROUNDING = 16  # units in the last place; 0 on the machine that stored the values
PEERS = json.loads((Path(__file__).parent / "peers.json").read_text())


def in_order(measure: SignedMeasure | dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Positions and weights as two arrays, lexicographically and with what cancels left out."""
    positions, weights = measure if isinstance(measure, tuple) else (measure["positions"], measure["weights"])
    table, weight = np.asarray(positions, dtype=float), np.asarray(weights)
    order = np.lexsort(table.T[::-1])
    return table[order], weight[order]


@pytest.mark.parametrize("name", clouds())
def test_hilbert_functions_have_no_differing_entry(name: str) -> None:
    """At every grid point the dimensions of H0 and H1 are those of the exact strategy."""
    points, function = clouds()[name]
    ours = hilbert_function(points, function, *grid(points, function, 15, 10))
    for degree in (0, 1):
        assert ours[degree].tolist() == PEERS["hilbert"][name][degree]


def test_signed_measures_are_equal() -> None:
    """The same Diracs with the same weights, coordinates to rounding."""
    measures = signed_measure(*clouds()["high"])
    for degree in (0, 1):
        positions, weights = in_order(measures[degree])
        peer_positions, peer_weights = in_order(PEERS["measure"][degree])
        np.testing.assert_allclose(positions, peer_positions, rtol=0, atol=1e-12)
        assert weights.tolist() == peer_weights.tolist()


def test_rank_measures_are_equal() -> None:
    """The same signed rectangles on the grid of all values."""
    points, function = (part[:14] for part in clouds()["circle"])
    measures = signed_measure(points, function, invariant="rank")
    for degree in (0, 1):
        positions, weights = in_order(measures[degree])
        peer_positions, peer_weights = in_order(PEERS["rectangles"][degree])
        np.testing.assert_allclose(positions, peer_positions, rtol=0, atol=1e-12)
        assert weights.tolist() == peer_weights.tolist()


@pytest.mark.parametrize("place", range(len(LINES)))
def test_line_barcodes_are_equal(place: int) -> None:
    """Every bar along a line of positive slope, to the last digit where the function is (exp is rounded by the processor)."""
    basepoint, direction = LINES[place]
    ours = line_barcode(*clouds()["circle"], basepoint, direction)
    for degree in (0, 1):
        peers = np.array(PEERS["lines"][place][degree]).reshape(-1, 2)
        assert ours[degree].shape == peers.shape
        np.testing.assert_array_max_ulp(ours[degree], peers, ROUNDING)


def test_landscapes_are_equal() -> None:
    """The first two layers to 1e-12."""
    stored = PEERS["landscape"]
    ours = landscape(*clouds()["circle"], stored["radii"], stored["levels"], layers=2)
    for degree in (0, 1):
        np.testing.assert_allclose(ours[degree], stored["values"][degree], rtol=0, atol=1e-12)


@pytest.fixture(scope="module")
def intervals() -> list[Interval]:
    """Of degree 1, with lines so near that every corner lies between two of them."""
    filtered = bifiltration(*clouds()["circle"], (1,))
    return candidate_decomposition(filtered, 1, PEERS["s_cdr"]["box"], lines=2000)


@pytest.mark.parametrize("p", ["0.0", "1.0", "2.0", "inf"])
def test_stable_representations_are_equal(p: str, intervals: list[Interval]) -> None:
    """On a cloud whose bars never switch cells the matching is exact, and so are all powers."""
    stored = PEERS["s_cdr"]
    axes = np.array(stored["radii"]), np.array(stored["levels"])
    ours = s_cdr_of(intervals, *axes, stored["delta"], float(p), stored["box"])
    np.testing.assert_allclose(ours, stored["images"][p], rtol=0, atol=1e-12)


def test_convolutions_are_equal_after_the_factor() -> None:
    """The peer's mean times the number of Diracs is the sum; it computes in single precision."""
    stored = PEERS["convolution"]
    measures = signed_measure(*clouds()["circle"])
    for degree in (0, 1):
        ours = convolve(*measures[degree], (stored["radii"], stored["levels"]), stored["bandwidth"])
        np.testing.assert_allclose(ours, stored["images"][degree], rtol=0, atol=1e-8)


def test_sliced_wasserstein_distances_are_equal() -> None:
    """With the peer's directions, to 1e-12."""
    drawn = np.random.RandomState(SEED_OF_PEER_DIRECTIONS).normal(0.0, 1.0, (50, 2))
    directions = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    (first, first_weights), (second, second_weights) = zero_mass_measures()
    ours = sliced_wasserstein(first, first_weights, second, second_weights, directions)
    assert ours == pytest.approx(PEERS["sliced_wasserstein"], rel=0, abs=1e-12)
