"""Mode `fine_tuning` from parameters to result."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core.analysis import Result, Source, parse_params
from core.data import builtin_dataset_source, load_dataset
from core.data.inspection import inspect_dataset
from core.errors import BadInput, StepFailed
from core.intrinsic_dimension.analysis import ANALYSIS
from core.intrinsic_dimension.fine_tuning.pretraining import pretrain
from core.intrinsic_dimension.fine_tuning.published import published_fine_tuning
from core.intrinsic_dimension.fine_tuning.tasks import made_tasks, scaled_tasks
from core.intrinsic_dimension.fine_tuning.trainings import (
    fine_tune_did,
    fine_tune_directly,
    fine_tune_said,
    inspect_fine_tuning,
)
from core.intrinsic_dimension.fine_tuning_mode import estimate_fine_tuning, problem_of
from core.intrinsic_dimension.fine_tuning_params import FineTuningParams
from core.models.architectures import Mlp
from core.models.builtin import builtin_model_source
from core.models.inspection import inspect_model
from core.models.networks import build
from core.serial import serially

DIGITS, WINE = builtin_dataset_source("digits"), builtin_dataset_source("wine")
QUICK = {
    "hidden": (16,),
    "epochs": 6,
    "pretraining_epochs": 8,
    "max_trainings": 9,
    "first_guess": 96,
    "direct_learning_rates": (0.005,),
    "subspace_learning_rates": (0.3,),
}


def params(**values: object) -> FineTuningParams:
    found = parse_params(ANALYSIS.params, {"mode": "fine_tuning", **QUICK, **values})
    assert isinstance(found, FineTuningParams)
    return found


def run(model: Source | None = None, dataset: Source = DIGITS, **values: object) -> Result:
    inputs = {"dataset": dataset} | ({"model": model} if model else {})
    return serially(ANALYSIS, params(**values), inputs)


@pytest.fixture(scope="module")
def digits() -> Result:
    """A small network, pretrained here, with both methods and from scratch."""
    return run()


def test_both_methods_share_the_baseline(digits: Result) -> None:
    """DID and SAID have one baseline from the same start; from scratch has its own; the three d90 are named."""
    searches = digits.tables["searches"]
    searches = searches[searches.fraction == 0.9]
    assert list(searches.search) == ["DID", "SAID", "DID from scratch"]
    assert searches.baseline.iloc[0] == searches.baseline.iloc[1]
    assert (searches.trainings <= QUICK["max_trainings"]).all()
    assert {"d90_did", "d90_said", "d90_scratch", "pretraining_factor", "baseline", "chance"} <= set(digits.summary)
    assert digits.summary["full_dimension"].value == 64 * 16 + 16 + 16 * 10 + 10
    assert len(digits.tables["full"]) == 2 * 3


def test_lambdas_by_layer(digits: Result) -> None:
    """Table lambda has one row a layer, with its value; the sizes add up to D; SAID was never given as few as m numbers."""
    table, trained = digits.tables["lambda"], digits.tables["trainings"]
    assert list(table.layer) == ["layers.0", "layers.1"]
    assert np.isfinite(table.value).all()
    assert table.parameters.sum() == digits.summary["full_dimension"].value
    assert trained[trained.method == "SAID"].subspace_dimension.min() > 2


def test_gap_is_training_minus_validation(digits: Result) -> None:
    """The generalisation gap of a dimension is the mean of training minus validation accuracy over its trainings."""
    table, trained = digits.tables["generalisation"], digits.tables["trainings"]
    row = table.iloc[0]
    rows = trained[(trained.search == row.search) & (trained.subspace_dimension == row.subspace_dimension)]
    rows = rows[rows.role == "search"]
    assert row.gap == pytest.approx((rows.training_accuracy - rows.validation_accuracy).mean())
    assert row.trainings == len(rows)


def test_figures_and_words(digits: Result) -> None:
    """Each figure has its words; answer and notes name d90, the head, and what the number does not mean."""
    figures = ANALYSIS.figures(digits)
    assert list(figures) == ["performance_by_dimension", "lambda", "generalisation", "published"]
    assert all(figure.reading and figure.caption and figure.alt and figure.reference for figure in figures.values())
    assert "full fine-tuning" in digits.answer
    notes = " ".join(digits.notes)
    assert "does not mean" in notes and "head is drawn anew" in notes and "Pretrained here" in notes


def test_an_answer_below_all_trainings_is_in_the_picture(digits: Result) -> None:
    """A d90 between 1 and the smallest dimension that was trained in has its diamond and its interval on the axis."""
    searches = digits.tables["searches"].assign(d=2, low=1, high=3)
    plot = ANALYSIS.figures(replace(digits, tables={**digits.tables, "searches": searches}))[
        "performance_by_dimension"
    ].plot
    assert digits.tables["trainings"].subspace_dimension.min() > 3
    assert 10 ** plot.layout.xaxis.range[0] < 1
    assert 10 ** plot.layout.xaxis.range[1] > digits.tables["trainings"].subspace_dimension.max()


def test_published_table_is_that_of_the_paper() -> None:
    """Table 1 of Aghajanyan et al. 2020 has sixteen d90; SAID is never above DID."""
    table = published_fine_tuning().set_index(["network", "task", "method"]).d90
    assert len(table) == 16
    assert table["RoBERTa-Large", "MRPC", "SAID"] == 207 and table["BERT-Base", "QQP", "DID"] == 9295
    assert (table.xs("SAID", level="method") <= table.xs("DID", level="method")).all()


def test_pretraining_helps_when_little_is_trained() -> None:
    """With 64 numbers the pretrained network reads shuffled digits clearly better than the same one from scratch."""
    problem = problem_of(params(hidden=(64, 32), pretraining_epochs=30, epochs=10), {"dataset": DIGITS})
    made = pretrain(problem)
    assert made["accuracy"] > 0.9 and made["chance"] < 0.15
    trained = {
        start: fine_tune_did(problem, made["weights"], start, [64] * 3, [0.3] * 3, [0, 1, 2])
        for start in ("pretrained", "scratch")
    }
    assert trained["pretrained"]["performance"].mean() > trained["scratch"]["performance"].mean() + 0.05


def test_no_training_leaves_the_pretrained_function(tmp_path: Path) -> None:
    """With theta_d still at zero a kept network classifies as it did when it was brought, by DID and by SAID."""
    config = Mlp(inputs=64, hidden=(8,), classes=10)
    torch.manual_seed(0)
    network = build(config)
    path = tmp_path / "mine.safetensors"
    save_file(network.state_dict(), path, metadata={"architecture": config.model_dump_json()})
    model = Source("model", path.name, "a", str(path), inspect_model(path, path.name))
    problem = problem_of(params(epochs=1), {"dataset": DIGITS, "model": model})
    facts = inspect_fine_tuning(problem, None)
    still = 1e-30  # a learning rate that moves nothing
    found = [
        fine_tune_directly(problem, None, "pretrained", [still], [3])["performance"],
        fine_tune_did(problem, None, "pretrained", [5], [still], [3])["performance"],
        fine_tune_said(problem, None, "pretrained", [5], [still], [3])["performance"],
    ]
    assert np.allclose(found, facts["untouched"])
    assert "kept" in facts["head"] and not facts["new_head"]


def test_a_brought_network_is_fine_tuned_to_other_classes(tmp_path: Path) -> None:
    """Weights for ten classes go to three: the head is replaced, which the notes say, and nothing is pretrained."""
    config = Mlp(inputs=13, hidden=(6,), classes=10)
    path = tmp_path / "mine.safetensors"
    save_file(build(config).state_dict(), path, metadata={"architecture": config.model_dump_json()})
    model = Source("model", path.name, "b", str(path), inspect_model(path, path.name))
    result = run(model, WINE, methods="SAID", scratch=False, first_guess=16)
    assert "pretraining" not in result.summary and "d90_did" not in result.summary
    assert "10 outputs is replaced by one of 3" in " ".join(result.notes)
    assert list(result.tables["searches"].search.unique()) == ["SAID"]


def test_tasks_share_no_row() -> None:
    """Other classes: the halves of the classes. Shuffled classes: the halves of the rows, each class under the next name."""
    dataset = load_dataset(DIGITS)
    other = made_tasks(dataset, "other classes", 0, 0.2)
    assert other.base is not None and other.base_classes == other.classes == 5
    assert len(other.new.y_train) + len(other.new.y_validation) == int((dataset.labels() >= 5).sum())
    shuffled = made_tasks(dataset, "shuffled classes", 0, 0.2)
    assert shuffled.base is not None
    rows = {row.tobytes(): label for row, label in zip(dataset.X, dataset.labels(), strict=True)}
    for row, label in zip(shuffled.new.X_train, shuffled.new.y_train, strict=True):
        assert label == (rows[row.tobytes()] + 1) % 10
    base = {row.tobytes() for part in (shuffled.base.X_train, shuffled.base.X_validation) for row in part}
    new = {row.tobytes() for part in (shuffled.new.X_train, shuffled.new.X_validation) for row in part}
    assert not base & new


def test_both_tasks_are_on_one_scale() -> None:
    """Mean and deviation come from the rows that are pretrained on: the new task is not centred by itself."""
    dataset = load_dataset(WINE)
    tasks = scaled_tasks(made_tasks(dataset, "shuffled classes", 0, 0.2), "columns")
    assert tasks.base is not None
    assert np.allclose(tasks.base.X_train.mean(0), 0, atol=1e-5)
    assert not np.allclose(tasks.new.X_train.mean(0), 0, atol=1e-3)


def test_bad_input_is_refused_before_any_training() -> None:
    """Too few classes to divide, a largest subspace above D or with no room for the lambdas, columns of text."""
    with pytest.raises(BadInput, match="wine has 3 classes; pretraining on other classes needs at least 4"):
        estimate_fine_tuning(params(pretraining="other classes"), {"dataset": WINE})
    with pytest.raises(BadInput, match="Largest subspace: 99,999 is more than the"):
        estimate_fine_tuning(params(max_subspace=99_999), {"dataset": DIGITS})
    with pytest.raises(BadInput, match=r"too few for SAID.*2 layers; expected at least 3"):
        run(max_subspace=2, pretraining_epochs=4)


def test_a_pretraining_that_learned_nothing_ends_it(tmp_path: Path) -> None:
    """Pretraining at chance level is said with both accuracies, rather than fine-tuned from."""
    path = tmp_path / "flat.csv"
    path.write_text("x,y\n" + "".join(f"1,{row % 4}\n" for row in range(80)))
    problem = problem_of(params(pretraining_epochs=1), {"dataset": Source("dataset", path.name, "c", str(path))})
    with pytest.raises(StepFailed, match=r"guessing the largest class gives 0\.250: there is nothing to fine-tune"):
        pretrain(problem)


def test_a_goal_below_chance_has_no_answer() -> None:
    """Where the threshold is not above chance there is nothing to search, and the answer says what to do."""
    result = run(fraction=0.05, methods="DID", scratch=False)
    assert result.answer.startswith("No answer: 5 % of full fine-tuning")
    assert result.summary["d90_did"].value is None


def test_texts_are_read_by_a_small_transformer(tmp_path: Path) -> None:
    """Texts of a csv: words are guessed first, then classes told apart; SAID has a lambda for each block."""
    path = tmp_path / "signs.csv"
    lines = [f"{'red hot' if row % 2 else 'blue cold'} thing {row % 5} of {row % 3},{row % 2}" for row in range(80)]
    path.write_text("text,label\n" + "\n".join(lines) + "\n")
    source = Source("dataset", path.name, "d", str(path), inspect_dataset(path, path.name))
    quick: dict[str, Any] = {
        "epochs": 2,
        "pretraining_epochs": 12,
        "words": 6,
        "max_trainings": 8,
        "first_guess": 32,
        "batch_size": 16,
    }
    result = run(dataset=source, pretraining="masked words", methods="SAID", scratch=False, **quick)
    assert list(result.tables["lambda"].layer) == ["embeddings", "encoder.0", "encoder.1", "norm", "head"]
    assert "guessing a hidden word" in " ".join(result.notes)
    assert float(result.summary["pretraining"].value or 0) > 2 * 0.2
    with pytest.raises(BadInput, match="digits holds no texts, so no words can be masked"):
        estimate_fine_tuning(params(pretraining="masked words"), {"dataset": DIGITS})
    with pytest.raises(BadInput, match="has no column 'review'"):
        estimate_fine_tuning(params(text="review"), {"dataset": source})
    with pytest.raises(BadInput, match="holds texts, and Small MLP, 64-32 takes numbers"):
        estimate_fine_tuning(params(), {"dataset": source, "model": builtin_model_source("mlp")})
