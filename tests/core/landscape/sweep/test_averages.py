"""The mean of a cell's networks, on rows that trained none of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.landscape.connectivity.units import units_of
from core.landscape.sweep.averages import ALIGNMENTS, METRICS, average_cells, average_rows
from core.landscape.sweep.problem import Task
from core.models.architectures import Mlp, ResNet
from core.models.initialise import fresh_parameters_of_runs
from core.models.networks import build
from core.training.ensemble import Examples
from core.training.parameters import layout_of


def task_of(config: Mlp | ResNet) -> Task:
    generator = torch.Generator().manual_seed(0)
    training, validation = (
        Examples(torch.randn(n, 1, 8, 8, generator=generator), torch.randint(0, 3, (n,), generator=generator))
        for n in (30, 40)
    )
    return Task(build(config).eval(), training, validation, 3)


@pytest.mark.parametrize(
    ("config", "together"),
    [(Mlp(inputs=64, hidden=(6, 5), classes=3), True), (ResNet(channels=1, depth=8, width=2, classes=3), False)],
    ids=["mlp", "resnet"],
)
def test_copies_in_other_orders_are_what_they_were_once_aligned(config: Mlp | ResNet, together: bool) -> None:
    """A cell of one network in three orders: its aligned mean gains nothing and loses nothing. A cell of three networks
    has the mean of torch. A cell where one alone did not diverge has none."""
    task = task_of(config)
    layout, units = layout_of(task.module), units_of(task.module)
    three = layout.join(fresh_parameters_of_runs(task.module, range(3)))
    generator = np.random.default_rng(0)
    copies = [
        layout.join(
            units.reordered(
                layout.views(three[0]), {group: generator.permutation(size) for group, size in units.sizes.items()}
            )
        )
        for _ in range(3)
    ]
    weights = torch.stack([torch.stack(copies), three, three]).numpy()
    diverged = np.zeros((3, 3), dtype=bool)
    diverged[2, 1:] = True
    found = average_cells(task, weights, diverged, together)
    accuracy, moved = METRICS.index("accuracy"), ALIGNMENTS.index("all at once")
    np.testing.assert_allclose(found["average_gain"][0, moved], 0, atol=1e-4)
    if isinstance(config, Mlp):
        state = layout.views(three.mean(0))
        logits = torch.func.functional_call(task.module, state, (task.validation.features,))
        right = 100 * (logits.argmax(1) == task.validation.labels).double().mean().item()
        assert found["average_value"][1, 0, accuracy] == pytest.approx(right)
    assert np.isnan(found["average_value"][2]).all() and found["average_members"].tolist() == [3, 3, 1]
    rows = average_rows(6.0, (0.1, 0.2, 0.3), found)
    assert {row["temperature"] for row in rows} == {0.1, 0.2} and len(rows) == 8
    assert all(np.isfinite(row["gain"]) for row in rows)
