"""The pictures of an uploaded model say what its SHAP values say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost

from core.analysis import Analysis, Input, Result, Source, parse_params
from core.keys import digest_of_file
from core.serial import serially
from core.telemetry.explain_model_mode import compute_explain_model, estimate_explain_model
from core.telemetry.explain_model_params import ExplainModelParams
from core.telemetry.figures import figures

RNG = np.random.default_rng(0)
X = pd.DataFrame(RNG.standard_normal((300, 3)), columns=["alpha", "beta", "gamma"])
ANALYSIS = Analysis(
    slug="telemetry",
    title="",
    question="",
    params=(ExplainModelParams,),
    inputs=(Input("telemetry", "telemetry", "", ""), Input("model", "booster", "", "")),
    compute=compute_explain_model,
    figures=figures,
    estimate=estimate_explain_model,
    version=1,
    references=(),
)


def explained(folder: Path, y: np.ndarray, parameters: dict[str, Any], **asked: Any) -> Result:
    """A small model of three columns and the table that it was trained on."""
    data = xgboost.DMatrix(X, y, nthread=1)
    xgboost.train({"nthread": 1, "max_depth": 3, **parameters}, data, 40).save_model(folder / "model.json")
    X.to_parquet(folder / "rows.parquet")
    kinds: dict[str, tuple[Any, str]] = {"telemetry": ("telemetry", "rows.parquet"), "model": ("booster", "model.json")}
    inputs = {
        slot: Source(kind, name, digest_of_file(folder / name), str(folder / name))
        for slot, (kind, name) in kinds.items()
    }
    return serially(ANALYSIS, parse_params(ANALYSIS.params, {"mode": "explain_model", **asked}), inputs)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    y = (4 * X.alpha + 2 * X.beta * X.gamma).to_numpy()
    return explained(tmp_path_factory.mktemp("model"), y, {}, chosen=[7, 11], interactions=True)


def test_importance_comes_first_and_each_chosen_row_has_a_tab(result: Result) -> None:
    """The column that weighs most stands on top; rows that were chosen have a waterfall each."""
    drawn = figures(result)
    assert list(drawn) == ["importance", "beeswarm", "additivity", "interactions", "waterfall_7", "waterfall_11"]
    assert drawn["importance"].plot.layout.yaxis.ticktext[0] == "alpha"
    assert [drawn[name].group for name in ("waterfall_7", "waterfall_11")] == ["Row 7", "Row 11"]
    pairs = (
        result.tables["interactions"].groupby(["feature", "other"]).interaction.apply(lambda both: both.abs().mean())
    )
    assert " × ".join(map(str, pairs.idxmax())) + " is the largest" in drawn["interactions"].alt
    for figure in drawn.values():
        assert figure.reading and figure.caption and figure.alt and figure.reference


def test_the_waterfall_ends_at_the_prediction(result: Result) -> None:
    """Base plus contributions is the prediction of the row."""
    bar = figures(result)["waterfall_7"].plot.data[0]
    ends = np.asarray(bar.base) + np.asarray(bar.x)
    place = int(np.flatnonzero(result.arrays["rows"] == 7)[0])
    assert ends[-1] == pytest.approx(result.arrays["margin"][place, 0], abs=1e-5)
    assert ends[-2] == pytest.approx(ends[-1], abs=1e-5)


def test_additivity_says_the_largest_miss(result: Result) -> None:
    """The caption has the number of the summary."""
    error = float(result.summary["additivity_error"].value or 0)
    assert f"{error:.1e}" in figures(result)["additivity"].caption


def test_several_outputs_are_stacked_and_named(tmp_path: Path) -> None:
    """Of a model of three classes every output has its part of the bars."""
    y = (RNG.random(300) * 3).astype(int)
    drawn = figures(explained(tmp_path, y, {"objective": "multi:softprob", "num_class": 3}))
    assert [trace.name for trace in drawn["importance"].plot.data] == ["output 0", "output 1", "output 2"]
    assert "output" in drawn["beeswarm"].caption
