"""Mode `sweep`, on networks that train within seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from core.analysis import Result, parse_params
from core.data import builtin_dataset_source
from core.errors import BadInput
from core.landscape.analysis import ANALYSIS
from core.landscape.connectivity.values import mode_connectivity_of
from core.landscape.sweep.problem import task_of
from core.landscape.sweep.train_step import train_cells
from core.landscape.sweep_mode import sweep_of
from core.landscape.sweep_params import SweepParams
from core.serial import serially
from core.store.steps import StepFolder

DIGITS = {"dataset": builtin_dataset_source("digits")}
SMALL = {
    "mode": "sweep",
    "loads": "6,12",
    "temperatures": "0.03,0.1,30",
    "epochs": "12",
    "most_rows": "400",
    "curve_epochs": "3",
    "products": "30",
}


def params(**values: str) -> SweepParams:
    found = parse_params(ANALYSIS.params, {**SMALL, **values})
    assert isinstance(found, SweepParams)
    return found


@pytest.fixture(scope="module")
def result() -> Result:
    return serially(ANALYSIS, params(), DIGITS)


def test_every_collapsed_cell_is_flagged(result: Result) -> None:
    """At a learning rate of 30 networks learn nothing or diverge; their cells are collapsed, and no others are."""
    cells = result.tables["phases"]
    assert (cells[cells.temperature == 30].phase == "collapsed").all()
    assert not (cells[cells.temperature < 30].phase == "collapsed").any()
    assert result.summary["collapsed"].value == 2
    assert "2 learned nothing" in result.answer


def test_a_network_is_measured_as_it_was_trained(result: Result) -> None:
    """The trace of a network is that of its dense Hessian on the same rows, within three standard errors and 2 %."""
    chosen = params()
    sweep = sweep_of(chosen, DIGITS, chosen.load)
    weights = train_cells(sweep, 6, [0.1], [0])["weights"]
    task = task_of(sweep, 6)
    vector = torch.from_numpy(np.asarray(weights)[0, 0]).double()
    sizes = [(6, 64), (6,), (6, 6), (6,), (10, 6), (10,)]
    features = task.training.features.flatten(1).double()

    def loss(flat: torch.Tensor) -> torch.Tensor:
        parts = [
            part.view(shape) for part, shape in zip(flat.split([int(np.prod(s)) for s in sizes]), sizes, strict=True)
        ]
        x = torch.relu(features @ parts[0].T + parts[1])
        x = torch.relu(x @ parts[2].T + parts[3])
        return nn.functional.cross_entropy(x @ parts[4].T + parts[5], task.training.labels)

    expected = torch.autograd.functional.hessian(loss, vector).diagonal().sum().item()
    network = result.tables["networks"].query("load == 6 and temperature == 0.1 and seed == 0").iloc[0]
    assert network.trace == pytest.approx(expected, abs=3 * network.trace_standard_error + 0.02 * abs(expected))
    assert network.train_loss == pytest.approx(loss(vector).item(), rel=1e-4)


def test_connectivity_is_that_of_the_curve_that_is_kept(result: Result) -> None:
    """A pair's mode connectivity follows from the errors along its curve, whose ends are its networks' own errors."""
    pairs = result.tables["pairs"].query("temperature < 30")
    errors = pairs[[f"error_{place}" for place in range(5)]].to_numpy()
    np.testing.assert_allclose(pairs.mode_connectivity, mode_connectivity_of(errors))
    networks = result.tables["networks"].set_index(["load", "temperature", "seed"]).train_error
    first = [networks[load, heat, seed] for load, heat, seed in pairs[["load", "temperature", "first"]].to_numpy()]
    np.testing.assert_allclose(errors[:, 0], first, atol=0.35)  # one row of 320


def test_alignment_brings_networks_nearer(result: Result) -> None:
    """After alignment the barrier on the straight line is lower on average."""
    pairs = result.tables["pairs"].query("temperature < 30")
    assert pairs.aligned_barrier.mean() < pairs.barrier.mean()


def test_the_same_question_has_the_same_answer(result: Result) -> None:
    """A second run gives equal tables, and the global random states stay where they were."""
    state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    again = serially(ANALYSIS, params(), DIGITS)
    for name in ("phases", "networks", "pairs"):
        assert again.tables[name].equals(result.tables[name])
    assert torch.equal(state, torch.get_rng_state())
    np.testing.assert_array_equal(numpy_state, np.random.get_state()[1])


class Interrupted(StepFolder):
    """A cache of a process that is ended when it has kept a number of steps."""

    def __init__(self, path: Path, after: int) -> None:
        super().__init__(path)
        self.left = after
        self.kept: list[str] = []

    def put(self, key: str, value: object) -> None:
        if not self.left:
            raise KeyboardInterrupt
        super().put(key, value)
        self.left -= 1
        self.kept.append(key)


def test_an_interrupted_sweep_goes_on_where_it_stopped(tmp_path: Path) -> None:
    """Convolutions are trained and measured cell by cell; no cell that is finished is trained or measured again."""
    small = params(
        architecture="cnn", loads="1,2", temperatures="0.05,0.1", epochs="1", curve_epochs="1", products="20"
    )
    first = Interrupted(tmp_path, after=5)
    with pytest.raises(KeyboardInterrupt):
        serially(ANALYSIS, small, DIGITS, cache=first)
    second = Interrupted(tmp_path, after=100)
    found = serially(ANALYSIS, small, DIGITS, cache=second)
    assert len(first.kept) == 5
    assert len(second.kept) == 2 * 2 * 2 - 5
    cells = found.tables["networks"].groupby(["load", "temperature"]).seed.count()
    assert cells.to_dict() == {(load, heat): 3 for load in (1, 2) for heat in (0.05, 0.1)}
    assert found.tables["pairs"].cka.notna().all()


def test_batch_sizes_are_cold_if_large() -> None:
    """With batch_size as temperature the axis is turned, and large batches stand at the bottom."""
    found = serially(ANALYSIS, params(temperature="batch_size", temperatures="16,64", loads="3,6", epochs="4"), DIGITS)
    plot = ANALYSIS.figures(found)["phase_map"].plot
    assert list(plot.layout.yaxis.ticktext) == ["64", "16"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"seeds": "2"}, "Seeds"),
        ({"loads": "0.5,2"}, "Loads: width takes whole numbers from 1 on"),
        ({"load": "data", "loads": "0.5,2"}, "Loads: data is a share, from 0 to 1"),
        ({"temperatures": "0,0.1"}, "Temperatures: learning_rate takes numbers above 0"),
        ({"temperatures": "0.1,0.1"}, "Temperatures: each value once"),
    ],
)
def test_values_that_do_not_fit_their_knob_are_refused(values: dict[str, str], said: str) -> None:
    """The parameter and the reason are named before anything is trained."""
    with pytest.raises(BadInput, match=said):
        params(**values)


def test_convolutions_need_images() -> None:
    """A table of columns can't be learned by a cnn, and the estimate says so before anything runs."""
    with pytest.raises(BadInput, match="cnn takes images"):
        ANALYSIS.estimate(params(architecture="cnn"), {"dataset": builtin_dataset_source("wine")})
