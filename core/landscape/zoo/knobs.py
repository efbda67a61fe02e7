"""Which settings of a zoo's models are the load, the temperature, the seed and the number of classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import BadInput
from core.landscape.metric_columns import AXES, USUAL, listed, plain
from core.models.model_zoo import SETTINGS, Setting, differing

SEEDS = ("seed", "randomseed", "manualseed")
CLASSES = ("odim", "classes", "numclasses", "nclasses", "outputdim")


@dataclass(frozen=True)
class Knobs:
    """Names of settings.

    Attributes:
        load: the first axis.
        temperature: the second.
        seed: what tells runs of one cell apart; None where there is no such setting.
        others: what differs between models besides; cells average over it.
    """

    load: str
    temperature: str
    seed: str | None
    others: tuple[str, ...]


def knobs_of(settings: Sequence[dict[str, Setting]], load: str, temperature: str, filename: str) -> Knobs:
    """Finds the settings that span the plane.

    Those that differ between models count first: the only one with a usual name (`metric_columns.USUAL`), or what remains
    when the other axis is known. A zoo of one load or one temperature has a usual name that does not differ.

    Args:
        settings: of each model.
        load: name as chosen, with or without what its program puts before it; "" to find it.
        temperature: the same.
        filename: as messages show it.

    Raises:
        BadInput: an unknown name, or more than one setting that could be an axis; the candidates are named.
    """
    numbers = list(dict.fromkeys(name for one in settings for name, value in one.items() if isinstance(value, float)))
    if not numbers:
        raise BadInput(
            f"{filename} has no settings in numbers ({SETTINGS[0]} of each model), so that load and temperature are not known."
        )
    varying = [name for name in differing(settings) if plain(name) not in SEEDS]
    found = {
        axis: _named(name, numbers, filename) if name else None
        for axis, name in zip(AXES, (load, temperature), strict=True)
    }
    for axis in AXES:
        if found[axis] is None:
            usual = [name for name in varying if plain(name) in map(plain, USUAL[axis]) and name not in found.values()]
            found[axis] = usual[0] if len(usual) == 1 else None
            if len(usual) > 1:
                raise _refusal(axis, usual, filename)
    for axis in AXES:
        left = [name for name in varying if name not in found.values()]
        if found[axis] is None and len(left) == 1:
            found[axis] = left[0]
    for axis in AXES:
        constant = [name for name in numbers if plain(name) in map(plain, USUAL[axis]) and name not in found.values()]
        if found[axis] is None and len(varying) < len(AXES) and constant:
            found[axis] = min(constant, key=lambda name: [plain(one) for one in USUAL[axis]].index(plain(name)))
        if found[axis] is None:
            raise _refusal(axis, [name for name in varying if name not in found.values()] or numbers, filename)
    seed = next((name for name in numbers if plain(name) in SEEDS), None)
    others = tuple(name for name in varying if name not in found.values())
    return Knobs(str(found["load"]), str(found["temperature"]), seed, others)


def classes_of(settings: Sequence[dict[str, Setting]]) -> int | None:
    """Number of classes, where all models say the same."""
    found = {value for one in settings for name, value in one.items() if plain(name) in CLASSES}
    value = found.pop() if len(found) == 1 else None
    return int(value) if isinstance(value, float) and value >= 2 and value == int(value) else None


def _named(name: str, numbers: list[str], filename: str) -> str:
    same = [one for one in numbers if one == name] or [one for one in numbers if plain(one) == plain(name)]
    if len(same) != 1:
        said = f"{len(same)} settings in numbers called" if same else "no setting in numbers called"
        raise BadInput(f"{filename} has {said} {name!r}; its models have {listed(same or numbers, 20)}.")
    return same[0]


def _refusal(axis: str, candidates: list[str], filename: str) -> BadInput:
    return BadInput(
        f"{filename}: which setting is the {axis} can't be told; choose one ({axis}=...) of {listed(candidates, 20)}."
    )
