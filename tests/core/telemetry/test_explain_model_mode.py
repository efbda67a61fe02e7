"""Mode `explain_model`: an uploaded XGBoost model and rows, from the files to a result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shap
import xgboost

from core.analysis import Analysis, Input, Result, Source, parse_params
from core.errors import BadInput
from core.keys import digest_of_file
from core.serial import serially
from core.telemetry.explain_model_mode import compute_explain_model, estimate_explain_model
from core.telemetry.explain_model_params import ExplainModelParams

NAMES = ["alpha", "beta", "gamma", "delta"]
RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.standard_normal((300, 4)), columns=NAMES).mask(RNG.random((300, 4)) < 0.05)
Y = (2 * X.alpha.fillna(0) + X.beta.fillna(0) * X.gamma.fillna(0)).to_numpy()
ANALYSIS = Analysis(
    slug="telemetry",
    title="",
    question="",
    params=(ExplainModelParams,),
    inputs=(Input("telemetry", "telemetry", "", ""), Input("model", "booster", "", "")),
    compute=compute_explain_model,
    figures=lambda result: {},
    estimate=estimate_explain_model,
    version=1,
    references=(),
)


def source(kind: Any, path: Path) -> Source:
    """A file in a slot."""
    return Source(kind, path.name, digest_of_file(path), str(path))


def train(y: np.ndarray = Y, rounds: int = 8, names: bool = True, **parameters: Any) -> xgboost.Booster:
    data = xgboost.DMatrix(X if names else X.to_numpy(), y, nthread=1)
    return xgboost.train({"nthread": 1, "max_depth": 3, **parameters}, data, rounds)


def run(folder: Path, booster: xgboost.Booster, table: pd.DataFrame = X, ending: str = "json", **params: Any) -> Result:
    """The model and the table as files, run in this process."""
    model, rows = folder / f"model.{ending}", folder / "rows.parquet"
    booster.save_model(model)
    table.to_parquet(rows)
    inputs = {"telemetry": source("telemetry", rows), "model": source("booster", model)}
    return serially(ANALYSIS, parse_params(ANALYSIS.params, {"mode": "explain_model", **params}), inputs)


@pytest.mark.parametrize("ending", ["json", "ubj"])
def test_the_values_are_those_of_shap_bit_for_bit(tmp_path: Path, ending: str):
    """shap.TreeExplainer on the same booster and rows: equal SHAP values and base; sums are the predictions."""
    booster = train()
    result = run(tmp_path, booster, ending=ending)
    theirs = shap.TreeExplainer(booster)
    assert np.array_equal(result.arrays["shap"][:, 0], theirs.shap_values(X))
    assert result.arrays["base"][0] == pytest.approx(theirs.expected_value, abs=1e-6)
    assert np.array_equal(result.arrays["prediction"], booster.predict(xgboost.DMatrix(X, nthread=1)))
    assert result.summary["additivity_error"].value < 1e-5


def test_early_stopping_counts(tmp_path: Path):
    """The rounds up to the best one, as shap and scikit-learn's interface have it, and a note that says so."""
    model = xgboost.XGBRegressor(n_estimators=200, early_stopping_rounds=5, max_depth=3, n_jobs=1)
    model.fit(X, Y, eval_set=[(X, RNG.permutation(Y))], verbose=False)
    result = run(tmp_path, model.get_booster())
    assert np.array_equal(result.arrays["shap"][:, 0], shap.TreeExplainer(model).shap_values(X))
    assert np.array_equal(result.arrays["prediction"], model.predict(X))
    assert result.summary["best_iteration"].value == model.best_iteration
    assert result.summary["trees_used"].value == model.best_iteration + 1
    assert result.summary["additivity_error"].value < 1e-5
    assert any("Training was stopped early" in note for note in result.notes)


CLASSES = (Y > -1).astype(int) + (Y > 1)
MARGINS: dict[str, tuple[np.ndarray, dict[str, Any], int, str]] = {
    "log-odds": ((Y > 0).astype(int), {"objective": "binary:logistic"}, 1, "log-odds"),
    "classes": (CLASSES, {"objective": "multi:softprob", "num_class": 3}, 3, "softmax scores"),
    "targets": (np.column_stack([Y, -Y, Y**2]), {}, 3, "one a target"),
    "dart": (Y, {"booster": "dart", "rate_drop": 0.5, "one_drop": 1}, 1, "dart model"),
    "counts": (np.abs(Y).round(), {"objective": "count:poisson"}, 1, "logarithms"),
}


@pytest.mark.parametrize("case", MARGINS)
def test_values_add_up_on_the_scale_of_the_margins(tmp_path: Path, case: str):
    """For each output base + SHAP values = margin, and a note says what that scale is."""
    y, parameters, outputs, words = MARGINS[case]
    result = run(tmp_path, train(y, **parameters))
    arrays = result.arrays
    assert arrays["shap"].shape == (300, outputs, 4) and arrays["base"].shape == (outputs,)
    assert np.abs(arrays["shap"].sum(axis=2) + arrays["base"] - arrays["margin"]).max() < 1e-5
    assert set(result.tables["attributions"].output) == set(range(outputs))
    assert any(words in note for note in result.notes)


def test_the_tables_hold_what_the_arrays_hold(tmp_path: Path):
    """attributions, importance and waterfall are views of the same SHAP values."""
    result = run(tmp_path, train(), rows=50, chosen="3,7")
    rows, values = result.arrays["rows"], result.arrays["shap"][:, 0]
    assert {3, 7} <= set(rows) and len(rows) <= 52 and {0, 299} <= set(rows)
    wide = result.tables["attributions"].pivot(index="row", columns="feature", values="shap")[NAMES]
    assert wide.index.tolist() == rows.tolist() and np.array_equal(wide.to_numpy(), values)
    importance = result.tables["importance"]
    assert importance.feature[0] == "alpha" and importance.order.tolist() == [1, 2, 3, 4]
    sizes = np.abs(values).mean(axis=0)
    assert importance.set_index("feature").mean_abs_shap[NAMES].to_numpy() == pytest.approx(sizes, rel=1e-6)
    assert importance.share.sum() == pytest.approx(1)
    waterfall = result.tables["waterfall"]
    assert waterfall.row.unique().tolist() == [3, 7]
    for _, steps in waterfall.groupby("row"):
        assert steps.base.iloc[0] + steps.shap.sum() == pytest.approx(steps.prediction.iloc[0], abs=1e-5)
        assert steps.shap.abs().is_monotonic_decreasing
    assert result.answer.startswith("Over 52 rows alpha (")


def test_without_a_choice_the_rows_that_are_moved_most_are_shown(tmp_path: Path):
    """Five of them."""
    result = run(tmp_path, train())
    moved = np.abs(result.arrays["shap"]).sum(axis=(1, 2))
    assert set(result.tables["waterfall"].row) == set(np.argsort(-moved)[:5])


def test_interactions_of_a_pair_are_both_halves(tmp_path: Path):
    """Twice XGBoost's entry; beta and gamma, which are multiplied, work together most."""
    booster = train(rounds=40)
    chosen = list(range(0, 300, 10))
    result = run(tmp_path, booster, chosen=",".join(map(str, [3, *chosen])), interactions="true")
    pairs = result.tables["interactions"]
    matrix = booster.predict(xgboost.DMatrix(X.iloc[[3]], nthread=1), pred_interactions=True)
    first = pairs[(pairs.row == 3) & (pairs.feature == "beta") & (pairs.other == "gamma")]
    assert first.interaction.iloc[0] == pytest.approx(2 * matrix[0, 1, 2], abs=1e-6)
    size = pairs.assign(size=pairs.interaction.abs()).groupby(["feature", "other"])["size"].mean()
    assert size.idxmax() == ("beta", "gamma")


def test_columns_are_matched_by_name(tmp_path: Path):
    """Another order and more columns change nothing but the notes."""
    table = X[NAMES[::-1]].assign(time=pd.date_range("2024", periods=300, tz="UTC"), words="a", more=1.0)
    result, plain = run(tmp_path, train(), table), run(tmp_path, train())
    assert np.array_equal(result.arrays["shap"], plain.arrays["shap"])
    assert any("another order" in note for note in result.notes)
    assert any("3 columns of rows.parquet are none of the model's" in note for note in result.notes)


def test_a_model_without_names_takes_columns_by_position(tmp_path: Path):
    """As many as it needs, with a note; or those that a person names, in that order."""
    booster = train(names=False)
    result = run(tmp_path, booster)
    assert any("taken by position, alpha, beta, gamma, delta" in note for note in result.notes)
    named = run(tmp_path, booster, X.assign(more=0.0)[["more", *NAMES]], columns=",".join(NAMES))
    assert np.array_equal(named.arrays["shap"], result.arrays["shap"])


REFUSED: dict[str, tuple[pd.DataFrame, bool, dict[str, Any], str]] = {  # table, names in the model, parameters, words
    "missing columns": (X.drop(columns=["beta", "delta"]).assign(other=1.0), True, {},
                        "rows.parquet lacks 2 of the 4 columns of model.json: beta, delta; it has other besides"),
    "too many by position": (X.assign(more=0.0), False, {}, "takes 4; 5 columns of rows.parquet hold numbers"),
    "too few were named": (X, False, {"columns": "alpha,beta"}, "takes 4; 2 columns of rows.parquet were chosen"),
    "an unknown column": (X, False, {"columns": "alpha,beta,gamma,epsilon"}, "has no column 'epsilon'"),
    "names that the model has": (X, True, {"columns": "beta,alpha,gamma,delta"}, "names its columns itself"),
    "text": (X.assign(beta="b"), True, {}, "column 'beta' holds text"),
    "times": (X.assign(beta=pd.Timestamp("2024", tz="UTC")), True, {}, "column 'beta' holds times"),
    "an infinite value": (X.assign(beta=[np.inf, *[0.0] * 299]), True, {}, "column 'beta' holds inf in row 0"),
    "a row that does not exist": (X, True, {"chosen": "300"}, "Row 300 does not exist: rows.parquet has rows 0 to 299"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused_in_one_sentence(tmp_path: Path, case: str):
    """It names the file and what to do."""
    table, names, params, words = REFUSED[case]
    with pytest.raises(BadInput) as refusal:
        run(tmp_path, train(names=names), table, **params)
    assert words in str(refusal.value)


def test_a_csv_and_truth_values_will_do(tmp_path: Path):
    """Any table of numbers: no time column is needed, and true counts as 1."""
    table = X.assign(beta=X.beta > 0)
    booster = train()
    (tmp_path / "rows.csv").write_text(table.to_csv(index=False))
    booster.save_model(tmp_path / "model.json")
    inputs = {
        "telemetry": source("telemetry", tmp_path / "rows.csv"),
        "model": source("booster", tmp_path / "model.json"),
    }
    params = ExplainModelParams()
    result = serially(ANALYSIS, params, inputs)
    expected = booster.predict(xgboost.DMatrix(table.assign(beta=table.beta + 0.0), nthread=1))
    assert result.arrays["prediction"] == pytest.approx(expected, abs=1e-6)


def test_a_target_far_from_zero_is_pointed_out(tmp_path: Path):
    """float32 sums at 10^6 lose what SHAP values of size 1 need."""
    booster = train(Y + 1e6, rounds=60, base_score=0.0)
    result = run(tmp_path, booster)
    expected = np.abs(
        result.arrays["shap"].sum(axis=2, dtype=np.float64) + result.arrays["base"] - result.arrays["margin"]
    ).max()
    assert result.summary["additivity_error"].value == pytest.approx(expected)
    assert expected > 1e-3


def test_the_estimate_grows_with_rows_and_trees(tmp_path: Path):
    """It is made of what the inspections found."""

    def seconds(rows: int, leaves: int) -> float:
        table = Source("telemetry", "a", "a", "a", {"rows": 10**6})
        model = Source("booster", "b", "b", "b", {"leaves": leaves, "max_depth": 6, "features": 30})
        return estimate_explain_model(ExplainModelParams(rows=rows), {"telemetry": table, "model": model}).seconds

    assert seconds(100_000, 10_000) > 5 * seconds(10_000, 10_000) > 5 * seconds(10_000, 100)
