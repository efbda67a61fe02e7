"""Mode `pruning`, on networks that train within seconds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.func import functional_call

from core.analysis import Result, parse_params, serially
from core.data import builtin_dataset_source
from core.errors import BadInput
from core.landscape.analysis import ANALYSIS
from core.landscape.pruning.retrain_step import Retraining, retrain_pruned
from core.landscape.pruning_params import PruningParams
from core.landscape.pruning_report import checked
from core.landscape.sweep.problem import task_of
from core.landscape.sweep.train_step import train_cells
from core.landscape.sweep_mode import sweep_of
from core.training.parameters import layout_of

DIGITS = {"dataset": builtin_dataset_source("digits")}
SMALL = {
    "mode": "pruning",
    "width": "12",
    "temperatures": "0.02,0.1",
    "densities": "0.1,0.5",
    "seeds": "1",
    "epochs": "6",
    "retraining_epochs": "3",
    "retraining_rate": "0.05",
    "most_rows": "300",
}


def params(**values: str) -> PruningParams:
    found = parse_params(ANALYSIS.params, {**SMALL, **values})
    assert isinstance(found, PruningParams)
    return found


@pytest.fixture(scope="module")
def result() -> Result:
    return serially(ANALYSIS, params(), DIGITS)


def test_a_twin_is_what_plain_pytorch_retrains() -> None:
    """From the magnitude mask of the dense network SGD with the mask kept ends at the same test error."""
    sweep = sweep_of(params(), DIGITS, "width")
    dense = train_cells(sweep, 12, [0.1], [0])
    retraining = Retraining((5, 6), 0.05, 64, 3, 0.9)
    found = retrain_pruned(sweep, dense["weights"], dense["diverged"], 0.25, retraining)
    task = task_of(sweep, 12)
    layout = layout_of(task.module)
    start = {name: value.clone() for name, value in layout.views(torch.from_numpy(dense["weights"][0, 0])).items()}
    masks = {}
    for name, value in start.items():
        masks[name] = torch.ones_like(value)
        if value.ndim > 1:
            cut = value.abs().flatten().sort(descending=True).values[round(0.25 * value.numel()) - 1]
            masks[name] = (value.abs() >= cut).float()
    errors = []
    for seed in (5, 6):
        weights = {name: (value * masks[name]).requires_grad_() for name, value in start.items()}
        optimiser = torch.optim.SGD(weights.values(), 0.05, momentum=0.9)
        steps = len(task.training.labels) // 64
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 3 * steps)
        generator = torch.Generator().manual_seed(int(np.random.SeedSequence(seed).generate_state(1)[0]))
        for _ in range(3):
            for picked in torch.randperm(len(task.training.labels), generator=generator).split(64)[:steps]:
                optimiser.zero_grad()
                kept = {name: value * masks[name] for name, value in weights.items()}
                logits = functional_call(task.module, kept, (task.training.features[picked],))
                nn.functional.cross_entropy(logits, task.training.labels[picked]).backward()
                optimiser.step()
                schedule.step()
        with torch.no_grad():
            kept = {name: value * masks[name] for name, value in weights.items()}
            right = functional_call(task.module, kept, (task.validation.features,)).argmax(1) == task.validation.labels
        errors.append(100 * (1 - right.double().mean().item()))
    assert found["test_error"][0, 0] == pytest.approx(np.mean(errors), abs=1e-3)
    assert found["lmc"].shape == found["cka"].shape == (1, 1, 1)
    assert 0 < found["cka"][0, 0, 0] <= 1


def test_advice_is_checked_in_its_direction() -> None:
    """Regime I looks at hotter cells of the same density, II-A at colder ones; large batches are cold."""
    cells = pd.DataFrame(
        {
            "density": [0.1, 0.1, 0.1, 0.5],
            "temperature": [1.0, 2.0, 3.0, 1.0],
            "regime": ["I", "II-B", "II-A", "I"],
            "test_error": [9.0, 5.0, 6.0, 4.0],
        }
    )
    hot_up = checked(cells, cold_if_large=False)
    assert hot_up.advised.tolist() == ["raise", "", "lower", "raise"]
    assert hot_up.gain[[0, 2]].tolist() == [4.0, 1.0] and np.isnan(hot_up.gain[[1, 3]]).all()
    assert hot_up.confirmed.tolist() == ["yes", "", "yes", ""]
    turned = checked(cells, cold_if_large=True)
    assert turned.confirmed.tolist() == ["", "", "", ""]


def test_every_cell_has_a_regime_and_a_sentence(result: Result) -> None:
    """Two temperatures and two densities give four cells; the sentence counts what the table says."""
    cells = result.tables["regimes"]
    assert len(cells) == 4 and set(cells.regime) <= {"I", "II-A", "II-B", "II"}
    assert "of 4 cells" in result.answer
    assert set(result.tables["pruning_advice"].whose) == {"the paper's"}
    assert len(result.tables["twins"]) == 2 * 2 * 3
    drawn = ANALYSIS.figures(result)
    assert list(drawn) == ["regime_map", "pruning_test_error", "pruning_lmc", "pruning_cka"]


def test_sparser_networks_are_worse(result: Result) -> None:
    """At a tenth of the weights the error after three epochs is larger than at half of them, on average."""
    means = result.tables["regimes"].groupby("density").test_error.mean()
    assert means[0.1] > means[0.5]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"densities": "0,0.5"}, "Densities"),
        ({"densities": "0.5,0.5"}, "Temperatures and densities: each value once"),
        ({"twins": "1"}, "Twins"),
        ({"temperature": "epochs", "temperatures": "1.5"}, "Temperatures: epochs takes whole numbers"),
    ],
)
def test_values_that_make_no_sense_are_refused(values: dict[str, str], said: str) -> None:
    """The parameter is named before anything is trained."""
    with pytest.raises(BadInput, match=said):
        params(**values)
