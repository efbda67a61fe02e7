"""How sentences name a step."""

from __future__ import annotations


def step_name(label: str) -> str:
    """`The step "2NN"`; without a label: `A step of this run`."""
    return f'The step "{label}"' if label else "A step of this run"
