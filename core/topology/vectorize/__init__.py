"""scikit-learn transformers from measures and bifiltrations to features; usable outside the workbench.

measures = [signed_measure(points, function) for points, function in training]
model = make_pipeline(SignedMeasureConvolution(bandwidth=0.1), StandardScaler(), SVC()).fit(measures, y)
"""

from core.topology.vectorize.convolution import SignedMeasureConvolution
from core.topology.vectorize.grids import EulerGrid, HilbertGrid
from core.topology.vectorize.kernel import SlicedWassersteinKernel
from core.topology.vectorize.module_images import SCDR, Landscape
from core.topology.vectorize.one_parameter import radius_measures, without_second
from core.topology.vectorize.paper_mode import paper_mode_convolution
from core.topology.vectorize.rectangles import RectangleFeatures
from core.topology.vectorize.series_features import SeriesTopology

__all__ = [
    "SCDR",
    "EulerGrid",
    "HilbertGrid",
    "Landscape",
    "RectangleFeatures",
    "SeriesTopology",
    "SignedMeasureConvolution",
    "SlicedWassersteinKernel",
    "paper_mode_convolution",
    "radius_measures",
    "without_second",
]
