"""The shapes that come with the workbench: what is said of them, and how they are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from core.data.shapes import Shapes
from core.errors import BadInput
from core.keys import content_key

if TYPE_CHECKING:
    from core.analysis import Source

CLOUD_POINTS, CLUTTER = 120, 0.2
CLOUDS, POINTS_OF_CLOUD = 80, 60
SERIES, SERIES_LENGTH = 60, 96
IMAGES_OF_DIGIT = 30


@dataclass(frozen=True)
class BuiltinShapes:
    """Shapes known by name.

    Attributes:
        name: after "builtin:".
        title: as pages show it.
        description: one sentence.
        citation: where it comes from.
        details: what an inspection would find.
        version: part of its digest; raised whenever its values change.
    """

    name: str
    title: str
    description: str
    citation: str
    details: dict[str, Any] = field(hash=False)
    version: int = 1


def _details(
    form: str, items: int, points: int, dimensions: int, classes: dict[str, int], **found: Any
) -> dict[str, Any]:
    return {
        "format": "builtin",
        "kind": "shapes",
        "form": form,
        "items": items,
        "points": [points] * 3,
        "dimensions": dimensions,
        "function": False,
        "labels": "y" if classes else None,
        "classes": len(classes),
        "class_counts": classes,
        "notes": [],
        **found,
    }


BUILTIN_SHAPES: tuple[BuiltinShapes, ...] = (
    BuiltinShapes(
        "noisy-circle",
        "Noisy circle",
        f"{CLOUD_POINTS} points: a circle of radius 1 with noise, and 20 % clutter spread evenly over the square around it; "
        "a column gives the distance of each point from the circle.",
        "Made here: radius 1 + N(0, 0.08^2); clutter uniform on [-1.5, 1.5]^2; function = |distance from the centre - 1|.",
        _details("cloud", 1, CLOUD_POINTS, 2, {}, function=True),
    ),
    BuiltinShapes(
        "two-shapes",
        "Circles and figure eights",
        f"{CLOUDS} clouds of {POINTS_OF_CLOUD} points with clutter, half of them circles, half figure eights of the same length "
        "and density: the second hole tells them apart.",
        "Made here: curves of length 2 pi with noise 0.06, a quarter of the points uniform on a square, turned at random.",
        _details("clouds", CLOUDS, POINTS_OF_CLOUD, 2, {"circle": CLOUDS // 2, "figure eight": CLOUDS // 2}),
    ),
    BuiltinShapes(
        "digits-images",
        "Digits as images",
        f"{10 * IMAGES_OF_DIGIT} grey images of handwritten digits with 8 × 8 pixels, {IMAGES_OF_DIGIT} of each digit: a 0 has one hole, "
        "an 8 has two.",
        "Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, "
        "doi:10.24432/C50P49; the first of each digit in the test part, as shipped with scikit-learn.",
        _details("images", 10 * IMAGES_OF_DIGIT, 64, 1, {str(digit): IMAGES_OF_DIGIT for digit in range(10)}),
    ),
    BuiltinShapes(
        "waves",
        "Periodic and drifting series",
        f"{SERIES} series of {SERIES_LENGTH} values: half are noisy oscillations, whose delay embedding is a loop, half are random walks "
        "of the same spread; the first half of each class is for training.",
        "Made here: sin(2 pi t / 24 + phase) + N(0, 0.25^2), and sums of normal steps, both scaled to mean 0 and deviation 1.",
        _details(
            "series",
            SERIES,
            SERIES_LENGTH,
            1,
            {"oscillation": SERIES // 2, "random walk": SERIES // 2},
            train=SERIES // 2,
            test=SERIES // 2,
        ),
    ),
)


def builtin_shapes(name: str) -> BuiltinShapes:
    """The built-in of a name.

    Raises:
        BadInput: no such name; the sentence lists them.
    """
    for one in BUILTIN_SHAPES:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in BUILTIN_SHAPES)
    raise BadInput(f"There are no built-in shapes {name[:80]!r}; there are {known}.")


def builtin_shapes_source(name: str) -> Source:
    """A built-in as what a person puts into a slot.

    Raises:
        BadInput: no such name.
    """
    from core.analysis import Source

    one = builtin_shapes(name)
    return Source("shapes", one.name, content_key("builtin", one.name, one.version), f"builtin:{one.name}", one.details)


def make_shapes(name: str) -> Shapes:
    """The values of a built-in, the same on every machine.

    Raises:
        BadInput: no such name.
    """
    builtin_shapes(name)
    return _MAKERS[name]()


def _noisy_circle() -> Shapes:
    generator = np.random.default_rng(2306)
    clutter = round(CLUTTER * CLOUD_POINTS)
    angle = generator.uniform(0, 2 * np.pi, CLOUD_POINTS - clutter)
    radius = 1 + 0.08 * generator.standard_normal(len(angle))
    circle = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
    points = np.concatenate([circle, generator.uniform(-1.5, 1.5, (clutter, 2))])
    function = np.abs(np.linalg.norm(points, axis=1) - 1)
    return Shapes("noisy-circle", "cloud", (points,), (function,), format="builtin")


def _two_shapes() -> Shapes:
    generator = np.random.default_rng(11170)
    clouds, y = [], np.arange(CLOUDS) % 2
    clutter = POINTS_OF_CLOUD // 4
    for label in y:
        angle = generator.uniform(0, 2 * np.pi, POINTS_OF_CLOUD - clutter)
        circle = np.column_stack([np.cos(angle), np.sin(angle)])
        if label:  # two circles of half the radius, side by side: the same length in all
            side = np.where(generator.random(len(angle)) < 0.5, -0.5, 0.5)
            curve = 0.5 * circle + np.column_stack([side, np.zeros(len(angle))])
        else:
            curve = circle
        curve = curve + 0.06 * generator.standard_normal(curve.shape)
        cloud = np.concatenate([curve, generator.uniform(-1.2, 1.2, (clutter, 2))])
        turn = generator.uniform(0, 2 * np.pi)
        clouds.append(cloud @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]))
    return Shapes("two-shapes", "clouds", tuple(clouds), None, y, ("circle", "figure eight"), format="builtin")


def _digits_images() -> Shapes:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    chosen = np.sort(np.concatenate([np.flatnonzero(bunch.target == digit)[:IMAGES_OF_DIGIT] for digit in range(10)]))
    images = tuple(image[:, :, None] / 16 for image in bunch.images[chosen])
    names = tuple(str(digit) for digit in range(10))
    return Shapes(
        "digits-images", "images", images, None, bunch.target[chosen].astype(np.int64), names, format="builtin"
    )


def _waves() -> Shapes:
    generator = np.random.default_rng(2306)
    y = np.arange(SERIES) % 2
    time = np.arange(SERIES_LENGTH)
    series = []
    for label in y:
        if label:
            values = generator.standard_normal(SERIES_LENGTH).cumsum()
        else:
            phase = generator.uniform(0, 2 * np.pi)
            values = np.sin(2 * np.pi * time / 24 + phase) + 0.25 * generator.standard_normal(SERIES_LENGTH)
        series.append(((values - values.mean()) / values.std())[None])
    train = np.arange(SERIES) < SERIES // 2
    return Shapes("waves", "series", tuple(series), None, y, ("oscillation", "random walk"), train, "builtin")


_MAKERS: dict[str, Callable[[], Shapes]] = {
    "noisy-circle": _noisy_circle,
    "two-shapes": _two_shapes,
    "digits-images": _digits_images,
    "waves": _waves,
}
