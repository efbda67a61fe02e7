"""From series to features in one transformer."""

import json

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import check_estimator

from core.sources import open_source
from core.topology.bifiltrations.filtering import Filtering, filter_item, fitted
from core.topology.functions.choices import Settings
from core.topology.inputs import Preparation, load_shapes, prepare
from core.topology.vectorize import SeriesTopology, SignedMeasureConvolution


def test_check_estimator():
    """It keeps all rules of scikit-learn."""
    check_estimator(SeriesTopology(second="dtm", degrees=(0,), resolution=2), on_skip=None)


def test_same_as_its_parts():
    """It is embedding, filtration, measures and images one after the other."""
    prepared = prepare(load_shapes(open_source("shapes", "waves")), Preparation()).shapes
    X = np.concatenate(load_shapes(open_source("shapes", "waves")).items)
    filtering = fitted(Filtering(settings=Settings(bandwidth=-0.2)), list(prepared.items[:6]))
    measures = [filter_item(prepared, place, filtering).measures() for place in range(9)]
    expected = SignedMeasureConvolution(5).fit(measures[:6]).transform(measures)
    assert np.array_equal(SeriesTopology(resolution=5).fit(X[:6]).transform(X[:9]), expected)


def test_tells_loops_from_walks():
    """Oscillations and random walks are told apart on the test part."""
    waves = load_shapes(open_source("shapes", "waves"))
    X, y, train = np.concatenate(waves.items), waves.y, waves.train
    model = make_pipeline(SeriesTopology(dimension=2, delay=6, resolution=10), StandardScaler(), SVC())
    assert model.fit(X[train], y[train]).score(X[~train], y[~train]) >= 0.9
    assert json.dumps(model[0].settings())
