"""Mode `objective` from parameters to result."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from core.analysis import Result, Source, parse_params
from core.catalog import CATALOG, analysis_by_slug
from core.data import builtin_dataset_source
from core.errors import BadInput, StepFailed
from core.intrinsic_dimension.analysis import ANALYSIS
from core.intrinsic_dimension.objective_mode import problem_of
from core.intrinsic_dimension.objective_params import ObjectiveParams
from core.intrinsic_dimension.trainings import inspect_problem, train_directly, train_in_subspaces
from core.models.builtin import builtin_model_source
from core.serial import serially

DIGITS, WINE = builtin_dataset_source("digits"), builtin_dataset_source("wine")


def run(dataset: Source, model: Source | None = None, **values: object) -> Result:
    inputs = {"dataset": dataset} | ({"model": model} if model else {})
    return serially(ANALYSIS, parse_params(ANALYSIS.params, {"mode": "objective", **values}), inputs)


@pytest.fixture(scope="module")
def digits() -> Result:
    """The example of the workbench: digits, 64-32-10, all defaults."""
    return run(DIGITS)


def test_digits_example(digits: Result) -> None:
    """64-32-10 on digits needs 90 to 135 of its 2,410 parameters, found with at most 20 trainings."""
    values = digits.values()
    assert values["full_dimension"] == 64 * 32 + 32 + 32 * 10 + 10
    assert 90 <= values["d_int90"] <= 135
    assert values["d_int90_low"] <= values["d_int90"] <= values["d_int90_high"]
    assert values["trainings"] <= 20
    assert values["baseline"] > 0.94
    assert values["d_int90_global"] > values["d_int90"]


def test_tables_hold_every_training(digits: Result) -> None:
    """Curve and baselines together have one row a training; every search training has a seed of its own."""
    curve, baselines = digits.tables["curve"], digits.tables["baselines"]
    assert len(curve) + len(baselines) == digits.values()["trainings"]
    assert {"subspace_dimension", "seed", "performance"} <= set(curve.columns)
    assert curve[curve.role == "search"].seed.is_unique
    assert baselines.counted.sum() == 3
    assert baselines[baselines.counted].performance.mean() == pytest.approx(digits.values()["baseline"])


def test_figures_and_words(digits: Result) -> None:
    """Each figure has reading, caption, alternative text and reference; the answer names D, d and the baseline."""
    figures = ANALYSIS.figures(digits)
    assert list(figures) == ["performance_by_dimension", "published", "learning_rates", "certificate", "compression"]
    for figure in figures.values():
        assert all((figure.reading, figure.caption, figure.alt, figure.reference))
        assert figure.plot.layout.xaxis.title.text and figure.plot.layout.yaxis.title.text
    assert "of 2,410 parameters" in digits.answer and "own baseline" in digits.answer
    assert "an accuracy of 0.9 (90 % of the global baseline 1.0) takes" in digits.answer
    assert any("Adam" in note for note in digits.notes)


def test_repeats_exactly() -> None:
    """The same parameters give the same tables, another seed others."""
    quick = {"epochs": 2, "max_trainings": 13}
    first, second, other = run(WINE, **quick), run(WINE, **quick), run(WINE, seed=1, **quick)
    pd.testing.assert_frame_equal(first.tables["curve"], second.tables["curve"])
    assert first.values() == second.values()
    assert not first.tables["curve"].performance.equals(other.tables["curve"].performance)


def test_not_reached_is_answered_as_more_than() -> None:
    """Where the largest subspace does not reach the threshold, the answer is a lower bound."""
    result = run(DIGITS, epochs=5, max_subspace=16, first_guess=8)
    assert result.values()["d_int90"] is None
    assert result.summary["d_int90"].low == 16
    assert "More than 16 parameters" in result.answer
    assert list(ANALYSIS.figures(result))


def test_no_answer_at_chance() -> None:
    """A network that does not learn has no intrinsic dimension, and no search is made."""
    result = run(WINE, epochs=1, batch_size=100_000, direct_learning_rates=[1e-9], fraction=0.5)
    assert result.values()["d_int90"] is None
    assert "not above chance" in result.answer
    assert list(ANALYSIS.figures(result))


def test_divergence_everywhere_is_a_sentence() -> None:
    """Rates that all diverge fail with what to do."""
    with pytest.raises(StepFailed, match=r"Direct training diverged at every learning rate \(1000\)"):
        run(
            WINE,
            direct_learning_rates=[1000],
            epochs=5,
            scaling="none",
            hidden=[64, 64, 64, 64, 64, 64, 64, 64, 64, 64],
        )


def test_batch_norm_network_one_run_a_step() -> None:
    """A residual network with batch normalisation runs end to end on images."""
    problem = problem_of(
        ObjectiveParams(epochs=1, most_rows=150), {"dataset": DIGITS, "model": builtin_model_source("resnet20")}
    )
    facts = inspect_problem(problem)
    assert facts["full_dimension"] > 200_000
    measured = train_in_subspaces(problem, [10], [0.1], [1])
    assert 0 <= measured["performance"][0] <= 1


def test_a_run_does_not_depend_on_its_company() -> None:
    """Training a seed alone or among others gives the same accuracy up to rounding."""
    problem = problem_of(ObjectiveParams(epochs=3), {"dataset": WINE})
    together = train_directly(problem, [0.01, 0.03], [1, 2])["performance"]
    alone = train_directly(problem, [0.03], [2])["performance"]
    assert alone[0] == pytest.approx(together[1], abs=0.06)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"max_trainings": 10}, "baseline and learning rates take 8 and a search at least 4: expected at least 12"),
        ({"epochs": 0}, "Epochs: 0 is not accepted; expected a whole number from 1 to 1000"),
        ({"direct_learning_rates": []}, "expected at least one rate"),
        ({"hidden": [0]}, "Hidden layers"),
    ],
)
def test_impossible_parameters(values: dict[str, object], words: str) -> None:
    """Parameters that can't lead anywhere are refused before anything runs."""
    with pytest.raises(BadInput, match=words):
        parse_params(ANALYSIS.params, {"mode": "objective", **values})


def test_data_without_labels() -> None:
    """A data set without labels is refused with a sentence."""
    with pytest.raises(BadInput, match="label"):
        run(builtin_dataset_source("swiss_roll"))


def test_network_for_images_on_a_table() -> None:
    """A convolutional network on a table is refused by the estimate already."""
    params = parse_params(ANALYSIS.params, {})
    with pytest.raises(BadInput, match="takes images"):
        ANALYSIS.estimate(params, {"dataset": WINE, "model": builtin_model_source("lenet5")})


def details_of(**details: object) -> Source:
    """A data set of which only the inspection is known."""
    shown = {"rows": 500, "shape": [64], "features": 64, "labels": "y", "classes": 10, **details}
    return Source("dataset", "rows.csv", "digest", "/nowhere", shown)


MODEL = Source("model", "mine.pt2", "m", "/nowhere", {"input_shape": [64], "output_shape": [10], "parameters": 2410})


@pytest.mark.parametrize(
    ("details", "values", "words"),
    [
        ({"rows": 8}, {}, "rows.csv has 8 rows; at least 20 are needed"),
        ({"classes": 1}, {}, "one class only"),
        ({"class_counts": {"a": 9, "b": 1}, "classes": 2}, {}, "class 'b' has a single row"),
        ({"labels": None, "classes": 0}, {}, "has no class labels"),
        ({}, {"max_subspace": 5000}, "5,000 is more than the 2,410 parameters of the network"),
        ({"classes": 3}, {}, "mine.pt2 has 10 outputs; the data set has 3 classes"),
        ({"shape": [8, 9]}, {}, r"takes samples of 64 \(64 values\); the data set has 8 x 9 \(72 values\)"),
    ],
)
def test_details_refuse_before_anything_is_read(details: dict, values: dict, words: str) -> None:
    """What the inspections of data set and model already rule out is refused by the estimate, in a sentence."""
    with pytest.raises(BadInput, match=words):
        ANALYSIS.estimate(ObjectiveParams(**values), {"dataset": details_of(**details), "model": MODEL})


def test_chosen_label_column_decides() -> None:
    """Where another label column is chosen, its own number of classes counts."""
    columns = [{"name": "kind", "type": "text", "distinct": 1}]
    with pytest.raises(BadInput, match="one class only"):
        ANALYSIS.estimate(ObjectiveParams(target="kind"), {"dataset": details_of(columns=columns)})


def test_step_length_does_not_depend_on_the_dimension(digits: Result) -> None:
    """The rate in d dimensions is the chosen one times sqrt(guess / d), so that rate x sqrt(d) stays."""
    curve = digits.tables["curve"]
    searched = curve[curve.role == "search"]
    lengths = searched.learning_rate * np.sqrt(searched.subspace_dimension)
    np.testing.assert_allclose(lengths, digits.values()["learning_rate"] * 64**0.5)


def test_gpu_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a graphics card device gpu is refused by name."""
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(BadInput, match="no graphics card"):
        run(DIGITS, device="gpu")


def test_step_keys_name_what_matters() -> None:
    """Two problems with the same content have the same key; other epochs have another one."""
    from core.analysis import Step

    def key(epochs: int) -> str:
        problem = problem_of(ObjectiveParams(epochs=epochs), {"dataset": DIGITS})
        return Step(train_directly, {"problem": problem, "learning_rates": [0.1], "seeds": [1]}).key

    assert key(2) == key(2) != key(3)


def test_catalog() -> None:
    """The catalog finds an analysis by slug, and refuses an unknown one with the slugs there are."""
    assert analysis_by_slug("intrinsic-dimension") in CATALOG
    with pytest.raises(BadInput, match="'nothing'; there is intrinsic-dimension"):
        analysis_by_slug("nothing")


def test_catalog_is_light() -> None:
    """Importing the catalog and estimating a run bring in no torch, sklearn, scipy or plotly."""
    code = (
        "import sys; from core.catalog import CATALOG; from core.data import builtin_dataset_source as b;"
        "CATALOG[0].estimate(CATALOG[0].params[0](), {'dataset': b('digits')});"
        "print([m for m in ('torch', 'sklearn', 'scipy', 'plotly', 'xgboost') if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_published_table_is_whole(digits: Result) -> None:
    """The published table comes with the result, with the MNIST anchor of the paper."""
    table = digits.tables["published"]
    anchor = table[(table.problem == "MNIST") & (table.full_dimension == 199_210)]
    assert anchor.d_int90.tolist() == [750]
    assert (table.d_int90 > 0).all() and np.isin("source", table.columns)
