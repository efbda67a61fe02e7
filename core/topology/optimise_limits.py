"""What mode `optimise` does not take, said before a run and, once the data are read, within it."""

from __future__ import annotations

from core.errors import BadInput, TooLarge

FORMS = ("cloud", "clouds")
MOST_POINTS = {"rips": 1_000, "alpha": 2_000}  # some tenths of a second an iteration


def check_form(name: str, form: str) -> None:
    """Refuses what has no points that could move.

    Args:
        name: of the data.
        form: of the shapes.

    Raises:
        BadInput: names the form and what is expected.
    """
    if form not in FORMS:
        raise BadInput(
            f"mode=optimise moves the points of a cloud and {name} holds {form}, which have none of their own: bring a table of "
            "points, or choose another mode."
        )


def check_size(name: str, points: int, filtration: str) -> None:
    """Refuses clouds whose iterations would take seconds each.

    Args:
        name: of the data.
        points: that would be optimised.
        filtration: "rips" or "alpha"; others are refused elsewhere.

    Raises:
        TooLarge: names the number and offers a smaller one.
    """
    most = MOST_POINTS.get(filtration, points)
    if points > most:
        raise TooLarge(
            f"{name} has {points:,} points to optimise and at most {most:,} are accepted with filtration={filtration}: set Most "
            f"points to {most:,} or less, and the cloud is thinned out."
        )
