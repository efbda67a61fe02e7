"""The steps of mode `robustness`: a look at the item, one size of one sweep, and the other items as a yardstick."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analysis import report
from core.errors import BadInput
from core.topology.asked import Asked

if TYPE_CHECKING:
    from core.topology.engine.measure import SignedMeasure
    from core.topology.robustness.distances import Distances
    from core.topology.robustness.graded import Graded
    from core.topology.robustness.subject import Loaded, Subject
    from core.topology.vectorize.box import Box


def look_step(
    asked: Asked,
    number: int,
    degrees: Sequence[int],
    invariant: str,
    sweeps: Sequence[str],
    others: int,
    bandwidth: float,
) -> dict[str, Any]:
    """The item, its box, and with which other items it will be compared.

    Args:
        asked: the choices.
        number: of the item, from 1.
        degrees: of homology.
        invariant: "hilbert" or "euler".
        sweeps: that are asked for; those that make no sense for the form of data are left out.
        others: items at most for the yardstick.
        bandwidth: of the images, as a share of the box.

    Returns:
        `name`, `form`, `items`, `label`, `filtration`, `second`, `bandwidth` (of the codensity, as a length), `points`,
        `kept`, `cover_radius`, `sweeps` (possible ones), `low` and `high` of the box, `norms` by degree (of the item's own image),
        `diracs` by degree, `others` (places), `labels` of these, `notes`.

    Raises:
        BadInput: data or choices that can't be used.
        TooLarge: more cells or simplices than fit.
    """
    from core.topology.items import filtering_of, ready, with_common_bandwidth
    from core.topology.robustness.cutting import box_of, cut
    from core.topology.robustness.distances import image_norm

    shapes = asked.shapes()
    filtering = filtering_of(asked, shapes.form)
    if invariant == "euler" and filtering.filtration == "rips":
        from core.topology.robustness_params import EULER_OF_RIPS

        raise BadInput(EULER_OF_RIPS)
    alone = ready(asked, [number - 1])
    if filtering.second == "codensity" and filtering.settings.bandwidth < 0:
        train = np.ones(len(shapes), dtype=bool) if shapes.train is None else shapes.train
        fitted = alone if len(shapes) == 1 else ready(asked, np.flatnonzero(train).tolist())
        filtering = with_common_bandwidth(filtering, fitted)
    from core.topology.robustness.subject import load_subject

    loaded = load_subject(alone, 0, number, asked, filtering)
    chosen, left_out = _possible_sweeps(sweeps, loaded.subject.sweeps, shapes.form)
    graded = _graded(loaded.subject, shapes.name, number)
    _refuse_too_large(graded, degrees)
    measures = _measures(graded, degrees, invariant)
    box = box_of(list(graded.bifiltration.measures({*degrees, 0}, invariant).values()))
    beside = _others(shapes.y, number - 1, len(shapes), others)
    from core.topology.engine.measure import SignedMeasure

    return {
        "name": shapes.name,
        "form": shapes.form,
        "items": len(shapes),
        "label": None if shapes.y is None else shapes.classes[shapes.y[number - 1]],
        "filtration": filtering.filtration,
        "second": filtering.second,
        "bandwidth": filtering.settings.bandwidth,
        "points": loaded.points,
        "kept": loaded.kept,
        "cover_radius": loaded.cover_radius,
        "sweeps": chosen,
        "low": box.low,
        "high": box.high,
        "norms": {
            key: image_norm(SignedMeasure(cut(measure.positions, box), measure.weights), bandwidth)
            for key, measure in measures.items()
        },
        "diracs": {key: len(measure.weights) for key, measure in measures.items()},
        "others": beside,
        "labels": [None if shapes.y is None else shapes.classes[shapes.y[place]] for place in beside],
        "notes": [*shapes.notes, *left_out],
    }


def sweep_step(
    asked: Asked,
    number: int,
    degrees: Sequence[int],
    invariant: str,
    sweep: str,
    size: float,
    repeats: int,
    low: np.ndarray,
    high: np.ndarray,
    bandwidth: float,
) -> list[dict[str, Any]]:
    """All draws of one size of one sweep.

    Args:
        asked: the choices; the bandwidth of a codensity is a length.
        number: of the item, from 1.
        degrees: of homology.
        invariant: "hilbert" or "euler".
        sweep: "noise", "outliers" or "subsample".
        size: of the perturbation.
        repeats: draws; their seeds follow from that of `asked`.
        low: [2] lower corner of the box.
        high: [2] upper corner, where measures are cut.
        bandwidth: of the images, as a share of the box.

    Returns:
        For each draw and degree `sweep`, `size`, `repeat`, `degree`, `points`, `distance`, `bound`, `small_bound`,
        `sliced_wasserstein`, `functions_distance`, `features_distance`, `features_bound`.

    Raises:
        BadInput: data or choices that can't be used.
        TooLarge: more cells, simplices or mass than fit.
    """
    from core.topology.robustness.bounds import bounds_of
    from core.topology.robustness.distances import lipschitz
    from core.topology.robustness.subject import draw, perturbed
    from core.topology.robustness_params import SWEEPS
    from core.topology.vectorize.box import Box

    box = Box(low, high)
    loaded = _loaded(asked, number)
    before = _graded(loaded.subject, asked.data.name, number)
    measures = _measures(before, degrees, invariant)
    rows = []
    for repeat in range(repeats):
        rng = draw(asked.preparation["seed"], SWEEPS.index(sweep), repeat)
        after = _graded(perturbed(loaded.subject, sweep, size, rng), asked.data.name, number)
        _refuse_too_large(after, degrees)
        for key, measure in _measures(after, degrees, invariant).items():
            distances = _distances(measures[key], measure, box, bandwidth)
            bounds = bounds_of(before, after, int(key) if key.isdigit() else key, box)
            rows.append(
                {
                    "sweep": sweep,
                    "size": size,
                    "repeat": repeat + 1,
                    "degree": key,
                    "points": len(after.names),
                    "distance": distances.transport,
                    "bound": bounds.theorem,
                    "small_bound": bounds.small,
                    "sliced_wasserstein": distances.sliced,
                    "functions_distance": distances.functions,
                    "features_distance": distances.features,
                    "features_bound": lipschitz(bandwidth) * distances.transport,
                }
            )
        report((repeat + 1) / repeats, f"{sweep} {size:g}, draw {repeat + 1}")
    return rows


def yardstick_step(
    asked: Asked,
    number: int,
    places: Sequence[int],
    degrees: Sequence[int],
    invariant: str,
    low: np.ndarray,
    high: np.ndarray,
    bandwidth: float,
) -> list[dict[str, Any]]:
    """How far some other items are from this one, in the same box.

    Args:
        asked: the choices; the bandwidth of a codensity is a length.
        number: of the item, from 1.
        places: of the other items, from 0.
        degrees: of homology.
        invariant: "hilbert" or "euler".
        low: [2] lower corner of the box.
        high: [2] upper corner.
        bandwidth: of the images, as a share of the box.

    Returns:
        For each item and degree `item` (from 1), `degree`, `distance`, `sliced_wasserstein`, `functions_distance`,
        `features_distance`.
    """
    from core.topology.vectorize.box import Box

    box = Box(low, high)
    measures = _measures(_graded(_loaded(asked, number).subject, asked.data.name, number), degrees, invariant)
    rows = []
    for done, place in enumerate(places):
        graded = _graded(_loaded(asked, place + 1).subject, asked.data.name, place + 1)
        other = _measures(graded, degrees, invariant)
        for key, measure in other.items():
            distances = _distances(measures[key], measure, box, bandwidth)
            rows.append(
                {
                    "item": place + 1,
                    "degree": key,
                    "distance": distances.transport,
                    "sliced_wasserstein": distances.sliced,
                    "functions_distance": distances.functions,
                    "features_distance": distances.features,
                }
            )
        report((done + 1) / len(places), f"item {place + 1:,}")
    return rows


def _loaded(asked: Asked, number: int) -> Loaded:
    from core.topology.items import filtering_of, ready
    from core.topology.robustness.subject import load_subject

    shapes = ready(asked, [number - 1])
    return load_subject(shapes, 0, number, asked, filtering_of(asked, shapes.form))


def _graded(subject: Subject, name: str, number: int) -> Graded:
    """Its bifiltration; a choice that does not go with it is refused with its place in the file."""
    try:
        return subject.graded()
    except BadInput as error:
        raise BadInput(f"{name}, item {number:,}: {error}") from None


def _measures(graded: Graded, degrees: Sequence[int], invariant: str) -> dict[str, SignedMeasure]:
    """By degree as text, or "euler"."""
    return {str(key): measure for key, measure in graded.bifiltration.measures(degrees, invariant).items()}


def _refuse_too_large(graded: Graded, degrees: Sequence[int]) -> None:
    """Before measures are computed, which may take long for a complex that is too large for its bound anyway."""
    from core.topology.robustness.bounds import refuse_too_many

    if graded.bifiltration.filtration == "rips":
        refuse_too_many(len(graded.names), max(degrees) + 1)


def _distances(first: SignedMeasure, second: SignedMeasure, box: Box, bandwidth: float) -> Distances:
    from core.topology.robustness.cutting import moved_mass
    from core.topology.robustness.distances import distances_of

    return distances_of(moved_mass(first, second, box), bandwidth)


def _possible_sweeps(sweeps: Sequence[str], possible: Sequence[str], form: str) -> tuple[list[str], list[str]]:
    """Those of the sweeps that the form of data has, and a note on each of the others."""
    reasons = {
        ("distances", "outliers"): "a matrix of distances has no place for a new point",
        ("graphs", "outliers"): "a graph has no place for a new vertex",
        ("images", "subsample"): "an image without some of its pixels is no image",
    }
    chosen = [sweep for sweep in sweeps if sweep in possible]
    left_out = [sweep for sweep in sweeps if sweep not in possible]
    if not chosen:
        raise BadInput(f"sweeps holds {left_out[0]}, and {reasons[form, left_out[0]]}; name {' or '.join(possible)}.")
    return chosen, [f"No sweep of {sweep}: {reasons[form, sweep]}." for sweep in left_out]


def _others(y: np.ndarray | None, own: int, items: int, most: int) -> list[int]:
    """Places of other items, spread over the file; where there are classes, half of them of other classes."""
    places = np.delete(np.arange(items), own)
    if y is None:
        return _spread(places, most)
    same, different = places[y[places] == y[own]], places[y[places] != y[own]]
    half = min(max(most - most // 2, most - len(same)), len(different))
    return sorted(_spread(different, half) + _spread(same, most - half))


def _spread(places: np.ndarray, most: int) -> list[int]:
    if len(places) <= most:
        return [int(place) for place in places]
    return [int(places[number]) for number in np.linspace(0, len(places) - 1, most).round().astype(int)]
