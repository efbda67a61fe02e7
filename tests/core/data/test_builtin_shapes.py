"""The shapes that come with the workbench are what is said of them, and the same on every machine."""

import numpy as np
import pytest

from core.data.builtin_shapes import BUILTIN_SHAPES, builtin_shapes, make_shapes
from core.data.shapes import describe_shapes
from core.errors import BadInput
from core.sources import builtin_sources, open_source


@pytest.mark.parametrize("name", [one.name for one in BUILTIN_SHAPES])
def test_details(name):
    """What a menu says without loading anything is what an inspection finds."""
    assert describe_shapes(make_shapes(name)) == dict(builtin_shapes(name).details)


def test_sources():
    """Each is offered by name."""
    assert [source.name for source in builtin_sources("shapes")] == [one.name for one in BUILTIN_SHAPES]
    assert open_source("shapes", "two-shapes").kind == "shapes"
    with pytest.raises(BadInput, match="noisy-circle"):
        builtin_shapes("nothing")


def test_same_each_time():
    """Made twice, the values are equal, and the global generator is left alone."""
    np.random.seed(1)
    before = np.random.get_state()[1].copy()
    first, second = make_shapes("two-shapes"), make_shapes("two-shapes")
    assert all(np.array_equal(a, b) for a, b in zip(first.items, second.items, strict=True))
    assert np.array_equal(before, np.random.get_state()[1])


def test_density():
    """Circles and figure eights have the same length and number of points, so their density tells nothing."""
    shapes = make_shapes("two-shapes")
    assert {len(item) for item in shapes.items} == {60} and np.bincount(shapes.y).tolist() == [40, 40]
