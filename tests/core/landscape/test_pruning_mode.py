"""Mode `pruning`, on networks that train within seconds."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.func import functional_call

from core.analysis import Result, parse_params
from core.data import builtin_dataset_source
from core.errors import BadInput
from core.landscape.analysis import ANALYSIS
from core.landscape.pruning.retrain_step import Retraining, retrain_pruned
from core.landscape.pruning_params import PruningParams
from core.landscape.pruning_report import pruning_result
from core.landscape.sweep.problem import task_of
from core.landscape.sweep.train_step import train_cells
from core.landscape.sweep_mode import sweep_of
from core.serial import serially
from core.training.parameters import layout_of

DIGITS = {"dataset": builtin_dataset_source("digits")}
SMALL = {
    "mode": "pruning",
    "width": "12",
    "temperatures": "0.05,0.1",
    "densities": "0.1,0.5",
    "seeds": "1",
    "epochs": "12",
    "retraining_epochs": "3",
    "retraining_rate": "0.1",
    "validation_fraction": "0.2",
    "twins": "3",
    "most_rows": "500",
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


def test_every_cell_has_a_regime_and_a_sentence(result: Result) -> None:
    """Two temperatures and two densities give four cells; the sentence counts what the table says."""
    cells = result.tables["regimes"]
    assert len(cells) == 4 and set(cells.regime) <= {"I", "II-A", "II-B", "II"}
    assert "of 4 cells" in result.answer
    assert set(result.tables["pruning_advice"].whose) <= {"the paper's", "read off the map"}
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
        ({"densities": "0.5,0.5"}, "Temperatures, densities and widths: each value once"),
        ({"twins": "1"}, "Twins"),
        ({"temperature": "epochs", "temperatures": "1.5"}, "Temperatures: epochs takes whole numbers"),
        ({"study": "choice", "widths": ""}, "Widths: name at least one"),
        ({"study": "choice", "widths": "1,8"}, "Widths"),
        ({"study": "direction", "temperatures": "0.1"}, "the study direction compares several"),
        ({"study": "direction", "temperature": "epochs", "temperatures": "5,9", "present": "2.5"}, "whole numbers"),
        ({"density": "0"}, "Density goal"),
    ],
)
def test_values_that_make_no_sense_are_refused(values: dict[str, str], said: str) -> None:
    """The parameter is named before anything is trained."""
    with pytest.raises(BadInput, match=said):
        params(**values)


STUDY = {"seeds": "2", "twins": "2"}


def test_the_advised_direction_is_tried() -> None:
    """The goal joins the densities and the present value the temperatures; every outcome stands beside the dense optimum."""
    found = serially(
        ANALYSIS, params(**STUDY, study="direction", densities="0.5", density="0.2", present="0.02"), DIGITS
    )
    assert set(found.tables["regimes"].density) == {0.2, 0.5}
    study = found.tables["pruning_study"].set_index("role")
    assert study.temperature["present"] == 0.02 and study.gain["present"] == 0.0
    assert study.gain["best"] == pytest.approx(study.test_error["present"] - study.test_error["best"])
    assert study.test_error.min() == study.test_error["best"]
    path = found.tables["pruning_path"].temperature
    assert path.iloc[0] == 0.02 and path.iloc[-1] == study.temperature["advised"]
    assert "density 0.2: learning rate 0.02" in found.answer and "the dense optimum" in found.answer
    assert list(ANALYSIS.figures(found))[:2] == ["pruning_direction", "regime_map"]


def test_one_dense_network_of_a_family_is_chosen() -> None:
    """Two widths and two temperatures: of each seed one network by twins, one by dense error, and the best, which is best."""
    found = serially(ANALYSIS, params(**STUDY, study="choice", widths="6,12", density="0.3"), DIGITS)
    assert len(found.tables["candidates"]) == 4
    study = found.tables["pruning_study"].set_index(["role", "seed"])
    assert len(study) == 3 * 2 and set(study.width) <= {6, 12}
    for seed in (0, 1):
        errors = study.xs(seed, level="seed")
        assert errors.test_error.min() == errors.test_error["best"]
        assert errors.dense_test_error.min() == errors.dense_test_error["dense optimum"]
    gaps = study.test_error["dense optimum"] - study.test_error["twins"]
    assert found.summary["better_families"].value == (gaps > 0).sum()
    assert "4 dense networks of 2 widths" in found.answer and "of 2 families" in found.answer
    assert list(ANALYSIS.figures(found)) == ["pruning_choice", "pruning_candidates"]


def test_the_radius_of_sam_is_tuned_for_each_density() -> None:
    """Plain SGD, which is rho 0, stands beside what twins choose."""
    found = serially(
        ANALYSIS,
        params(**STUDY, study="tuning", temperature="sam_rho", temperatures="0,0.2", learning_rate="0.1"),
        DIGITS,
    )
    study = found.tables["pruning_study"]
    assert set(study.role) == {"twins", "dense optimum", "best", "plain SGD"} and len(study) == 4 * 2
    assert (study[study.role == "plain SGD"].temperature == 0).all()
    errors = study.pivot(index="density", columns="role", values="test_error")
    assert (errors.min(axis=1) == errors.best).all()
    assert "plain SGD" in found.answer
    assert next(iter(ANALYSIS.figures(found))) == "pruning_tuning"


def test_networks_that_all_diverge_are_no_study() -> None:
    """The rates that blew them up are named."""
    asked = params(study="tuning", densities="0.5")
    dense = {name: np.full((2, 1), np.nan) for name in ("train_loss", "train_error", "test_loss", "test_error")}
    pruned = {name: np.full((2, 1), np.nan) for name in ("train_error", "test_error")}
    pairs = {name: np.full((2, 1, 3), np.nan) for name in ("lmc", "cka")}
    with pytest.raises(BadInput, match=r"all networks diverged.*retraining rate \(0.1\)"):
        pruning_result(asked, DIGITS["dataset"], [{**dense, "diverged": np.ones((2, 1), bool)}], [{**pruned, **pairs}])


def test_a_normalised_network_is_compared_with_its_own_statistics() -> None:
    """CKA of pruned residual networks uses statistics of their own weights: a twin is as like itself as can be."""
    sweep = sweep_of(params(architecture="resnet", width="2", most_rows="60"), DIGITS, "width")
    dense = train_cells(sweep, 2, [0.05], [0])
    found = retrain_pruned(sweep, dense["weights"], dense["diverged"], 0.5, Retraining((5, 5, 6), 0.05, 16, 1, 0.9))
    same, other, _ = found["cka"][0, 0]
    assert same == pytest.approx(1, abs=1e-6) and 0 < other < 1
    assert found["lmc"][0, 0, 0] == 0
