"""Whether state dicts belong to one architecture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from core.errors import BadInput

State = Mapping[str, torch.Tensor]


def check_alike(states: Sequence[State], names: Sequence[str] | None = None) -> None:
    """Refuses state dicts whose keys or shapes differ.

    Args:
        states: at least one.
        names: what the person calls them; "model 1", "model 2", ... by default.

    Raises:
        BadInput: names the first key, in the order of the first model and then of the other, that differs.
    """
    if not states:
        raise BadInput("There are no models: at least one is needed.")
    called = list(names) if names is not None else [f"model {place + 1}" for place in range(len(states))]
    first = states[0]
    for other, name in zip(states[1:], called[1:], strict=True):
        for key in [*first, *(key for key in other if key not in first)]:
            one, two = _shape(first, key), _shape(other, key)
            if one != two:
                raise BadInput(
                    f"{called[0]} and {name} have different architectures: {key} is {one} in {called[0]} and {two} in {name}."
                )


def _shape(state: State, key: str) -> str:
    return " x ".join(map(str, state[key].shape)) or "a scalar" if key in state else "missing"
