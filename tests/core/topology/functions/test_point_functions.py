"""Second parameters of points against their closed forms."""

import numpy as np
import pytest
from scipy.stats import gaussian_kde, norm

from core.errors import BadInput
from core.topology.functions.choices import Settings, point_function
from core.topology.functions.dtm import distance_to_measure
from core.topology.functions.eccentricity import eccentricity
from core.topology.functions.kde import codensity, diameter_of

POINTS = np.random.default_rng(0).normal(size=(40, 3))
DISTANCES = np.linalg.norm(POINTS[:, None] - POINTS, axis=2)


class TestCodensity:
    def test_two_points(self):
        """Of two points at distance 1 on a line both have the density (phi(0) + phi(1)) / 2."""
        values = codensity(np.array([[0.0], [1.0]]), 1.0).values
        assert values == pytest.approx([-np.log((norm.pdf(0) + norm.pdf(1)) / 2)] * 2, rel=1e-14)

    def test_scipy(self):
        """It is -log of scipy's estimate with the same kernel."""
        h = 0.7
        estimate = gaussian_kde(POINTS.T)
        estimate.covariance = h**2 * np.eye(3)
        estimate.cho_cov = h * np.eye(3)
        estimate.log_det = 2 * np.log(np.diag(estimate.cho_cov * np.sqrt(2 * np.pi))).sum()
        assert codensity(POINTS, h).values == pytest.approx(-np.log(estimate(POINTS.T)), rel=1e-12)

    def test_share_of_the_diameter(self):
        """A negative bandwidth is a share of the diameter: the own one, or one that is given."""
        assert codensity(POINTS, -0.2).bandwidth == pytest.approx(0.2 * DISTANCES.max())
        assert codensity(POINTS, -0.2, diameter=5.0).bandwidth == 1.0
        assert diameter_of(POINTS) == pytest.approx(DISTANCES.max())

    def test_distances(self):
        """Of distances the order of the points is the same; only the constant of the kernel is left out."""
        shift = codensity(POINTS, 0.5).values - codensity(DISTANCES, 0.5, are_distances=True).values
        assert shift == pytest.approx(np.full(40, 1.5 * np.log(2 * np.pi * 0.25)))

    def test_effective(self):
        """Equal weights count as many points as there are, and a lone point counts itself."""
        assert codensity(np.zeros((12, 2)), 1.0).effective == pytest.approx(np.full(12, 12.0))
        far = codensity(np.eye(6) * 1e6, 1.0)
        assert far.effective == pytest.approx(np.ones(6)) and far.regime == "single points"
        assert codensity(np.zeros((12, 2)), 1.0).regime == "averaging"

    def test_large_dimension(self):
        """At one bandwidth a cloud of the plane is averaged and one of 50 dimensions rests on single points."""
        generator = np.random.default_rng(3)
        assert codensity(generator.normal(size=(400, 2)), 0.7).regime == "averaging"
        assert codensity(generator.normal(size=(400, 50)), 0.7).regime == "single points"

    def test_far_points(self):
        """Densities too small for a float have a finite logarithm."""
        assert np.isfinite(codensity(np.array([[0.0], [1e200]]), 1.0).values).all()

    @pytest.mark.parametrize(
        ("points", "bandwidth", "said"),
        [(POINTS, 0.0, "bandwidth is 0"), (np.zeros((3, 2)), -0.2, "All points are equal")],
    )
    def test_refusals(self, points, bandwidth, said):
        """Bandwidth 0, and a share of no diameter."""
        with pytest.raises(BadInput, match=said):
            codensity(points, bandwidth)


class TestDistanceToMeasure:
    def test_definition(self):
        """k = floor(m n) + 1 nearest points, the point itself among them."""
        k = int(0.1 * 40) + 1
        expected = np.sqrt((np.sort(DISTANCES, axis=1)[:, :k] ** 2).mean(axis=1))
        assert distance_to_measure(POINTS, 0.1) == pytest.approx(expected, abs=1e-12)
        assert distance_to_measure(DISTANCES, 0.1, are_distances=True) == pytest.approx(expected, abs=1e-12)

    def test_line(self):
        """On 0, 1, 2 with mass 1/3 (k = 2) the values are sqrt(1/2)."""
        assert distance_to_measure(np.arange(3.0)[:, None], 1 / 3) == pytest.approx([np.sqrt(0.5)] * 3)
        assert distance_to_measure(np.arange(3.0)[:, None], 0.0).tolist() == [0, 0, 0]

    def test_refusals(self):
        """A mass of 1 or more, or below 0."""
        for mass in (1.0, -0.1, np.nan):
            with pytest.raises(BadInput):
                distance_to_measure(POINTS, mass)


def test_eccentricity():
    """Mean distance for p = 1, root mean square for p = 2, the largest for p = infinity."""
    assert eccentricity(POINTS) == pytest.approx(DISTANCES.mean(axis=1))
    assert eccentricity(POINTS, 2) == pytest.approx(np.sqrt((DISTANCES**2).mean(axis=1)))
    assert eccentricity(DISTANCES, np.inf, are_distances=True) == pytest.approx(DISTANCES.max(axis=1))
    with pytest.raises(BadInput):
        eccentricity(POINTS, 0.5)


def test_column():
    """A column of one's own is taken as it is, and asked for where there is none."""
    column = np.arange(40.0)
    assert point_function("column", POINTS, column, Settings()) is column
    with pytest.raises(BadInput, match="one value a point"):
        point_function("column", POINTS, None, Settings())
    with pytest.raises(BadInput, match="codensity, dtm, eccentricity, column"):
        point_function("height", POINTS, None, Settings())
