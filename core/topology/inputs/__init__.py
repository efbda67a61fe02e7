"""From what a person brings to clouds, graphs and images of a size that can be filtered.

shapes = load_shapes(source)
prepared = prepare(shapes, Preparation(dimension=3, most_points=300))
"""

from core.topology.inputs.loading import Reading, load_shapes
from core.topology.inputs.preparation import Preparation, Prepared, prepare
from core.topology.inputs.size import Cost, Outline, cost_of_item, outline

__all__ = ["Cost", "Outline", "Preparation", "Prepared", "Reading", "cost_of_item", "load_shapes", "outline", "prepare"]
