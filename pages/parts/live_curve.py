"""The curve of a running job, small and without a chart library, since it is drawn anew each second."""

from __future__ import annotations

import streamlit as st

from core.store.curves import Curve
from pages.parts.text import escape, number

WIDTH, HEIGHT = 400.0, 80.0  # of the drawing's own units; the page stretches it


def live_curve(curve: Curve) -> None:
    """Draws what has been reported so far; nothing while it is a single point."""
    if len(curve.points) > 1:
        st.html(curve_html(curve))


def curve_html(curve: Curve) -> str:
    """The curve as a picture with its words; the sentence below is its text alternative."""
    values = [value for _, value in curve.points]
    return (
        '<figure class="assay-curve">'
        f'<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" preserveAspectRatio="none" aria-hidden="true">'
        f'<polyline points="{_path(curve)}"/></svg>'
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


def _path(curve: Curve) -> str:
    """The points in the drawing's units, with room for half a stroke above and below."""
    places, values = zip(*curve.points, strict=True)
    left, low = min(places), min(values)
    across, up = (max(places) - left) or 1.0, (max(values) - low) or 1.0
    return " ".join(
        f"{WIDTH * (place - left) / across:.1f},{HEIGHT - 2 - (HEIGHT - 4) * (value - low) / up:.1f}"
        for place, value in curve.points
    )
