"""The curve of a running job: small, and without a chart library, since it is drawn anew each second."""

from __future__ import annotations

from functools import lru_cache

from core.store.curves import Curve
from pages.parts.text import escape, number

STROKE = "2px"


@lru_cache(maxsize=100)  # all who watch a job are shown the same
def curve_html(curve: Curve) -> str:
    """The curve as a picture with its words; the sentence below is its text alternative.

    The picture is an area and its upper edge, cut out of two boxes: drawings in SVG do not get through to the page.
    """
    values = [value for _, value in curve.points]
    places = _places(curve)
    edge = ", ".join(f"{x}% {y}%" for x, y in places)
    below = ", ".join(f"{x}% calc({y}% + {STROKE})" for x, y in reversed(places))
    return (
        '<figure class="assay-curve"><div class="picture" aria-hidden="true">'
        f'<div class="area" style="clip-path: polygon({edge}, 100% 100%, 0% 100%)"></div>'
        f'<div class="line" style="clip-path: polygon({edge}, {below})"></div></div>'
        f'<div class="scale" aria-hidden="true"><span>{escape(number(max(values)))}</span>'
        f"<span>{escape(number(min(values)))}</span></div>"
        f"<figcaption>{escape(in_words(curve))}</figcaption></figure>"
    )


def in_words(curve: Curve) -> str:
    """First, lowest and last value, as a sentence.

    >>> in_words(Curve("Loss", "iteration", ((0.0, 4.0), (1.0, 1.0), (2.0, 2.0))))
    'Loss by iteration: 4 at 0, 2 at 2; from 1 to 4 on the way.'
    """
    (first_at, first), (last_at, last) = curve.points[0], curve.points[-1]
    values = [value for _, value in curve.points]
    return (
        f"{curve.title} by {curve.axis}: {number(first)} at {number(first_at)}, {number(last)} at {number(last_at)}; "
        f"from {number(min(values))} to {number(max(values))} on the way."
    )


def _places(curve: Curve) -> list[tuple[float, float]]:
    """The points in per cent of the picture, from its upper left corner, with room for the stroke at the bottom."""
    at, values = zip(*curve.points, strict=True)
    left, high = min(at), max(values)
    across, down = (max(at) - left) or 1.0, (high - min(values)) or 1.0
    return [
        (round(100 * (place - left) / across, 2), round(96 * (high - value) / down, 2)) for place, value in curve.points
    ]
