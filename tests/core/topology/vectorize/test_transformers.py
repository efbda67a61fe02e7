"""Transformers: fitted to the training part alone, exact, and usable in pipelines and searches of scikit-learn."""

import json

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from core.errors import BadInput
from core.sources import open_source
from core.topology.bifiltrations.filtering import Filtering, filter_item
from core.topology.engine.hilbert import hilbert_function
from core.topology.engine.landscape import landscape
from core.topology.engine.measure import SignedMeasure
from core.topology.engine.sliced_wasserstein import sliced_wasserstein
from core.topology.inputs.loading import load_shapes
from core.topology.vectorize import (
    SCDR,
    EulerGrid,
    HilbertGrid,
    Landscape,
    RectangleFeatures,
    SignedMeasureConvolution,
    SlicedWassersteinKernel,
    paper_mode_convolution,
    radius_measures,
    without_second,
)

COUNT, TRAIN = 24, 16


@pytest.fixture(scope="module")
def shapes():
    return load_shapes(open_source("shapes", "two-shapes"))


@pytest.fixture(scope="module")
def items(shapes):
    return [filter_item(shapes, place, Filtering(second="dtm")) for place in range(COUNT)]


@pytest.fixture(scope="module")
def measures(items):
    return [item.measures() for item in items]


def rank_measures(items):
    radii = np.linspace(0, 1, 5)
    return [
        item.measures(invariant="rank", radii=radii, levels=np.quantile(item.function, [0.3, 0.6, 1.0]))
        for item in items
    ]


class TestConvolution:
    def test_definition(self, measures):
        """Each pixel is the sum of Gaussians at the Diracs, in units of the box of the training part."""
        images = SignedMeasureConvolution(resolution=4, bandwidth=0.3).fit(measures[:TRAIN])
        found = images.transform(measures[TRAIN : TRAIN + 1])[0]
        expected = []
        for degree in (0, 1):
            together = np.concatenate([item[degree].positions for item in measures[:TRAIN]])
            low, high = np.quantile(together, [0.01, 0.99], axis=0)
            positions, weights = measures[TRAIN][degree]
            unit = (positions - low) / (high - low)
            for z in np.stack(np.meshgrid(*[np.linspace(0, 1, 4)] * 2, indexing="ij"), axis=-1).reshape(-1, 2):
                kernel = np.exp(-((unit - z) ** 2).sum(axis=1) / (2 * 0.3**2)) / (2 * np.pi * 0.3**2)
                expected.append((weights * kernel).sum())
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)

    def test_additive(self, measures):
        """A measure and itself give twice the image with the sum, and the same image in paper mode."""
        twice = {k: SignedMeasure(np.tile(m.positions, (2, 1)), np.tile(m.weights, 2)) for k, m in measures[0].items()}
        for reduction, factor in (("sum", 2), ("mean", 1)):
            images = SignedMeasureConvolution(5, reduction=reduction).fit(measures)
            assert images.transform([twice]) == pytest.approx(factor * images.transform(measures[:1]))

    def test_test_part_does_not_count(self, measures):
        """What is transformed later does not move the grid."""
        first = SignedMeasureConvolution(5).fit(measures[:TRAIN])
        before = json.dumps(first.settings())
        first.transform(measures)
        assert json.dumps(first.settings()) == before
        assert json.dumps(SignedMeasureConvolution(5).fit(measures).settings()) != before

    def test_names_and_empty(self, measures):
        """Features have names, and a degree without classes gives zeros."""
        images = SignedMeasureConvolution(3).fit(measures)
        assert images.get_feature_names_out()[[0, -1]].tolist() == ["H0[0,0]", "H1[2,2]"]
        empty = {k: SignedMeasure(np.zeros((0, 2)), np.zeros(0, dtype=np.int64)) for k in (0, 1)}
        assert (images.transform([empty]) == 0).all()

    @pytest.mark.parametrize(
        ("settings", "said"),
        [
            ({"bandwidth": 0}, "bandwidth"),
            ({"resolution": 0}, "resolution"),
            ({"reduction": "max"}, "sum, mean"),
            ({"dropped": 0.5}, "dropped"),
        ],
    )
    def test_refusals(self, measures, settings, said):
        """Settings that can't be used are refused when they are fitted."""
        with pytest.raises(BadInput, match=said):
            SignedMeasureConvolution(**settings).fit(measures)
        with pytest.raises(BadInput, match="no measures"):
            SignedMeasureConvolution().fit([])
        with pytest.raises(BadInput, match="all need the same"):
            SignedMeasureConvolution().fit([measures[0], {0: measures[0][0]}])

    def test_paper_mode(self, measures):
        """Paper mode has seen the test part, takes the mean, and stays as it is when it is fitted again."""
        paper = paper_mode_convolution(measures[:TRAIN], measures[TRAIN:], 0.1, resolution=5)
        expected = SignedMeasureConvolution(5, 0.1, reduction="mean").fit(measures).transform(measures)
        assert np.array_equal(paper.fit(measures[:2], None).transform(measures), expected)


class TestGrids:
    def test_hilbert(self, items, measures):
        """Features are the Hilbert function sampled exactly."""
        grid = HilbertGrid(resolution=6).fit(measures[:TRAIN])
        item = items[TRAIN]
        expected = [
            hilbert_function(item.points, item.function, *grid.axes_[k], degrees=(k,))[k].reshape(-1) for k in (0, 1)
        ]
        assert np.array_equal(grid.transform([measures[TRAIN]])[0], np.concatenate(expected))

    def test_quantiles(self, measures):
        """Quantile axes are values of training Diracs."""
        grid = HilbertGrid(resolution=6, spacing="quantile").fit(measures[:TRAIN])
        together = np.concatenate([item[1].positions for item in measures[:TRAIN]])
        assert np.isin(grid.axes_[1][0], together[:, 0]).all() and len(grid.axes_[1][0]) <= 6
        with pytest.raises(BadInput):
            HilbertGrid(spacing="log").fit(measures)

    def test_euler(self):
        """The Euler characteristic is the alternating sum of the Hilbert functions."""
        digits = load_shapes(open_source("shapes", "digits-images"))
        images = [filter_item(digits, place, Filtering("cubical", "eccentricity")) for place in range(8)]
        euler = EulerGrid(5).fit([item.measures(invariant="euler") for item in images])
        hilbert = HilbertGrid(5).fit([item.measures() for item in images])
        hilbert.axes_ = {0: euler.axes_["euler"], 1: euler.axes_["euler"]}
        values = hilbert.transform([item.measures() for item in images])
        assert np.array_equal(
            euler.transform([item.measures(invariant="euler") for item in images]), values[:, :25] - values[:, 25:]
        )
        with pytest.raises(BadInput, match="no Euler"):
            EulerGrid().fit([item.measures() for item in images])
        with pytest.raises(BadInput, match="no degree"):
            HilbertGrid().fit([item.measures(invariant="euler") for item in images])


class TestModules:
    def test_landscape(self, items):
        """Features are the landscape along the diagonal of the box."""
        fitted = Landscape(resolution=4, layers=2).fit(items[:4])
        radii, levels = fitted.box_.axes(4)
        item = items[5]
        expected = landscape(item.points, item.function, radii, levels, (0, 1), 2, direction=fitted.box_.extent)
        assert fitted.transform([item])[0] == pytest.approx(np.concatenate([expected[k].reshape(-1) for k in (0, 1)]))

    def test_scdr(self, items):
        """Values lie between 0 and 1, and grow with the features that there are."""
        features = SCDR(resolution=5, lines=15, delta=0.2, p=np.inf).fit(items[:4]).transform(items[:6])
        assert features.shape == (6, 50) and features.min() >= 0 and features.max() <= 1 + 1e-12 and features.any()

    def test_rectangles(self, items):
        """Rectangles that never end are cut at a corner; every feature is finite."""
        ranks = rank_measures(items[:6])
        features = RectangleFeatures(resolution=3).fit(ranks[:4]).transform(ranks)
        assert len(features) == 6 and np.isfinite(features).all() and features.any()
        with pytest.raises(BadInput, match="no rectangles"):
            RectangleFeatures().fit([item.measures() for item in items[:2]])


class TestKernel:
    def test_distances(self, measures):
        """Entries are distances between the completed measures; the kernel is 1 on the diagonal."""
        kernel = SlicedWassersteinKernel().fit(measures[:TRAIN])
        table = kernel.distances(measures[TRAIN:])[1]
        one, other = kernel._completed(measures[TRAIN], 1), kernel.kept_[1][3]
        assert table[0, 3] == pytest.approx(sliced_wasserstein(*one, *other))
        gram = kernel.transform(measures[:TRAIN])
        assert np.diag(gram) == pytest.approx(np.ones(TRAIN)) and np.allclose(gram, gram.T)
        assert np.allclose(kernel.fit_transform(measures[:TRAIN]), gram)

    def test_positive(self, measures):
        """The kernel has no negative eigenvalue, as a support vector machine needs."""
        assert np.linalg.eigvalsh(SlicedWassersteinKernel(0.5).fit_transform(measures)).min() > -1e-9


class TestOneParameter:
    def test_marginals(self, items, measures):
        """Marginals of the measures are the measures of the filtration by radius alone."""
        for item, both in zip(items[:5], measures, strict=False):
            alone = without_second(item).measures()
            for degree, found in radius_measures(both).items():
                assert np.array_equal(found.positions, alone[degree].positions)
                assert np.array_equal(found.weights, alone[degree].weights)

    def test_counterparts(self, items, measures):
        """Every vectorizer takes one parameter as well, on axes that vary."""
        flat = [radius_measures(item) for item in measures[:4]]
        for transformer, size in ((SignedMeasureConvolution(5), 10), (HilbertGrid(5), 10)):
            assert transformer.fit(flat).transform(flat).shape == (4, size)
        assert SlicedWassersteinKernel().fit_transform(flat).shape == (4, 4)
        alone = [without_second(item) for item in items[:2]]
        assert np.isfinite(Landscape(4, 1).fit(alone).transform(alone)).all()
        assert np.isfinite(SCDR(4, lines=9).fit(alone).transform(alone)).all()

    def test_cells(self):
        """Images lose their second channel alike."""
        digits = load_shapes(open_source("shapes", "digits-images"))
        item = filter_item(digits, 0, Filtering("cubical", "eccentricity"))
        found, expected = without_second(item).measures(), radius_measures(item.measures())
        assert all(np.array_equal(found[k].positions, expected[k].positions) for k in (0, 1))


class TestScikitLearn:
    @pytest.mark.parametrize(
        "transformer",
        [
            SignedMeasureConvolution(),
            HilbertGrid(),
            EulerGrid(),
            RectangleFeatures(),
            Landscape(),
            SCDR(),
            SlicedWassersteinKernel(),
        ],
    )
    def test_clone(self, transformer):
        """Parameters are kept as they are given, so clones and searches work."""
        assert clone(transformer).get_params() == transformer.get_params()

    def test_search(self, shapes, measures):
        """A pipeline is searched, grid and bandwidth being fitted anew on each training part."""
        pipeline = make_pipeline(SignedMeasureConvolution(8), StandardScaler(), SVC())
        folds = StratifiedKFold(3)
        search = GridSearchCV(pipeline, {"signedmeasureconvolution__bandwidth": [0.05, 0.2]}, cv=folds)
        search.fit(measures, shapes.y[:COUNT])
        assert search.best_score_ > 0.5 and search.predict(measures).shape == (COUNT,)

    def test_settings(self, items, measures):
        """Fitted settings are plain JSON."""
        for transformer in (SignedMeasureConvolution(3), HilbertGrid(3), SlicedWassersteinKernel()):
            told = json.loads(json.dumps(transformer.fit(measures).settings()))
            assert told["transformer"] == type(transformer).__name__ and told["fitted"]
        for transformer in (Landscape(3), SCDR(3)):
            assert json.loads(json.dumps(transformer.fit(items[:2]).settings()))["parameters"]["degrees"] == [0, 1]
        assert json.dumps(RectangleFeatures(2).fit(rank_measures(items[:2])).settings())
