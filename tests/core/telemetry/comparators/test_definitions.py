"""Each comparator against its definition by plain means or by another implementation."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest

from core.telemetry.comparators.absolute_z import absolute_z
from core.telemetry.comparators.isolation_forest import isolation_forest
from core.telemetry.comparators.kmeans_ad import kmeans_ad
from core.telemetry.comparators.pca import pca
from core.telemetry.comparators.sub_pca import sub_pca
from tests.core.telemetry.comparators.cases import ROWS, disturbed


def z_scores(values: np.ndarray, nominal: np.ndarray) -> np.ndarray:
    return (values - values[nominal].mean(axis=0)) / values[nominal].std(axis=0)


def windows(values: np.ndarray, width: int) -> np.ndarray:
    """Each window channel by channel."""
    return np.array([values[i : i + width].T.ravel() for i in range(len(values) - width + 1)])


def by_row(scores: np.ndarray, width: int) -> np.ndarray:
    """Mean over the windows that hold a row."""
    return np.array([scores[max(0, row - width + 1) : row + 1].mean() for row in range(ROWS)])


def test_pca_of_many_channels_is_the_reconstruction_error_of_rows() -> None:
    """The squared error of scikit-learn's reconstruction from 90 % of the nominal variance."""
    values, nominal, _ = disturbed(channels=14)
    z = z_scores(values, nominal)
    peer = PCA(n_components=0.9, svd_solver="full").fit(z[nominal])
    error = ((z - peer.inverse_transform(peer.transform(z))) ** 2).sum(axis=1)
    np.testing.assert_allclose(pca(values, nominal), error, rtol=1e-8)


def test_pca_of_few_channels_looks_at_windows() -> None:
    """With six channels the points are windows of 20 rows, and a row gets the mean of its windows."""
    values, nominal, _ = disturbed()
    z = windows(z_scores(values, nominal), 20)
    learned = z[: nominal.sum() - 19]
    peer = PCA(n_components=0.9, svd_solver="full").fit(learned)
    error = ((z - peer.inverse_transform(peer.transform(z))) ** 2).sum(axis=1)
    np.testing.assert_allclose(pca(values, nominal), by_row(error, 20), rtol=1e-8)


def test_sub_pca_is_t2_and_q_in_their_nominal_quantiles() -> None:
    """T^2 from scikit-learn's components and variances, Q from its reconstruction, each over its 0.99 quantile."""
    values, nominal, _ = disturbed(channels=3)
    z = windows(z_scores(values, nominal), 8)
    learned = nominal.sum() - 7
    peer = PCA(n_components=0.9, svd_solver="full").fit(z[:learned])
    variance = peer.explained_variance_ * (learned - 1) / learned  # ours divides by the number of windows
    t2 = (peer.transform(z) ** 2 / variance).sum(axis=1)
    q = ((z - peer.inverse_transform(peer.transform(z))) ** 2).sum(axis=1)
    expected = t2 / np.quantile(t2[:learned], 0.99) + q / np.quantile(q[:learned], 0.99)
    np.testing.assert_allclose(sub_pca(values, nominal, width=8), by_row(expected, 8), rtol=1e-8)


def test_isolation_forest_is_that_of_scikit_learn() -> None:
    """The forest learns from the scaled nominal rows; scores have its sign turned."""
    values, nominal, _ = disturbed(channels=14)
    z = z_scores(values, nominal)
    peer = IsolationForest(n_estimators=100, random_state=5, n_jobs=1).fit(z[nominal])
    np.testing.assert_allclose(isolation_forest(values, nominal, 5), -peer.score_samples(z), rtol=1e-6)


def test_kmeans_ad_is_the_distance_from_the_nearest_nominal_centre() -> None:
    """Twenty centres of nominal windows, distances by hand, means over the windows of a row."""
    values, nominal, _ = disturbed(channels=3)
    z = windows(z_scores(values, nominal), 8)
    centres = KMeans(20, n_init=1, random_state=5).fit(z[: nominal.sum() - 7]).cluster_centers_
    nearest = np.sqrt(((z[:, None] - centres) ** 2).sum(axis=2)).min(axis=1)
    np.testing.assert_allclose(kmeans_ad(values, nominal, 5, width=8), by_row(nearest, 8), rtol=1e-6)


def test_absolute_z_is_the_mean_distance_in_deviations() -> None:
    """Missing channels are left out of the mean."""
    values, nominal, _ = disturbed()
    expected = np.abs(z_scores(values, nominal)).mean(axis=1)
    np.testing.assert_allclose(absolute_z(values, nominal), expected, rtol=1e-10)
    values[1000, :5] = np.nan
    np.testing.assert_allclose(absolute_z(values, nominal)[1000], np.abs(z_scores(values, nominal)[1000, 5]))
