"""The seven questions on populations whose answers are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau, rankdata

from core.calibration.population.attributes import attribute_effects, indicators, partial_tau
from core.calibration.population.boxes import attribute_boxes, bin_boxes, box
from core.calibration.population.comparison import COLUMNS, Options
from core.calibration.population.hcs import hcs, top_by_hcs
from core.calibration.population.multiplicity import benjamini_hochberg
from core.calibration.population.questions import QUESTIONS, TITLES, across_datasets, study
from core.calibration.population.reliability import (
    ceiling,
    full_reliability,
    reliability_table,
    split_half_tau,
)
from core.calibration.population.subset import above, best, nested_best, worst
from core.calibration.population.table import population

OPTIONS = Options(resamples=50)


def row(table, **wanted):
    found = table
    for name, value in wanted.items():
        found = found[found[name] == value]
    assert len(found) == 1
    return found.iloc[0]


def test_study_has_all_questions_and_one_control_of_multiplicity(metrics, models):
    """Every question with material has rows; q-values are over all of them; the columns are the promised ones."""
    table = study(population(metrics, models), OPTIONS)
    assert list(table) == list(COLUMNS)
    assert list(table["question"].unique()) == ["ii", "iii", "iv", "v", "vi", "vii"]
    np.testing.assert_allclose(table["q_value"], benjamini_hochberg(table["p_value"].to_numpy()))
    assert ((table["low"] <= table["tau"]) & (table["tau"] <= table["high"]))[table["n"] > 20].mean() > 0.95
    assert list(QUESTIONS) == list(TITLES)


def test_top_means_the_most_accurate(metrics):
    """Where the ECE rises with accuracy among the worst and falls among the best, each subset shows its own sign."""
    found = population(metrics)
    table = found.of("")
    good, bad = best(table, 20), worst(table, 20)
    assert (good.direction, bad.direction) == ("best", "worst")
    assert good.accuracy_low > bad.accuracy_high
    assert kendalltau(good.table["acc"], good.table["pre_ECE_15"]).statistic < -0.7
    assert kendalltau(bad.table["acc"], bad.table["pre_ECE_15"]).statistic > 0.7
    line = row(QUESTIONS["v"](found, OPTIONS), subset="best 20", y="pre_ECE_15")
    assert line["tau"] < -0.7
    assert (line["direction"], line["accuracy_low"], line["accuracy_high"]) == ("best", good.accuracy_low, 0.98)


def test_nested_subsets_end_with_all(metrics):
    """Tenth, fifth, third and half, as far as they have ten models; the bound of accurate models is exclusive."""
    table = population(metrics).of("")
    assert [one.name for one in nested_best(table)] == ["best 12", "best 20", "best 30", "all"]
    assert above(table, 0.98).table.empty


def test_each_correlation_is_scipys_over_the_models_that_have_both(metrics):
    """Missing values leave their pair only; n says how many models are left."""
    metrics.loc[[3, 4, 5], "pre_KSCE"] = np.nan
    line = row(QUESTIONS["iii"](population(metrics), OPTIONS), x="pre_ECE_15", y="pre_KSCE")
    kept = metrics.drop(index=[3, 4, 5])
    assert line["n"] == 57
    assert line["tau"] == pytest.approx(kendalltau(kept["pre_ECE_15"], kept["pre_KSCE"]).statistic)


def test_constant_metric_has_no_correlation(metrics):
    """A column that is the same for all models gives a missing tau and no p-value to correct."""
    line = row(QUESTIONS["iii"](population(metrics.assign(pre_MMCE=0.5)), OPTIONS), x="pre_ECE_15", y="pre_MMCE")
    assert np.isnan(line[["tau", "low", "high", "p_value", "q_value"]].to_numpy(float)).all()


def test_scaling_compares_all_pairs_of_bins(metrics):
    """Question iv has 3 x 3 pairs of bin counts here, question vi the pairs within each stage."""
    found = population(metrics)
    assert len(QUESTIONS["iv"](found, OPTIONS)) == 9
    assert len(QUESTIONS["vi"](found, OPTIONS)) == 6


def test_datasets_are_joined_by_model(metrics):
    """The same models in another order on a second data set agree perfectly; strangers are left out."""
    other = metrics.sample(frac=1, random_state=0).iloc[:50]
    both = pd.concat([metrics.assign(dataset="a"), other.assign(dataset="b")], ignore_index=True)
    table = across_datasets(population(both), OPTIONS)
    line = row(table, x="a: pre_ECE_15", y="b: pre_ECE_15")
    assert (line["tau"], line["n"], line["dataset"]) == (1.0, 50, "a / b")
    assert len(table) == 9  # ECE, cwCE_em and KSCE on each


def test_same_model_twice_on_one_data_set_only_is_refused(metrics):
    """An id may return on another data set, never on the same one."""
    both = pd.concat([metrics.assign(dataset="a"), metrics.assign(dataset="b")], ignore_index=True)
    assert population(both).datasets == ("a", "b")
    with pytest.raises(ValueError, match="a / 17"):
        population(pd.concat([both, both[(both["config"] == 17) & (both["dataset"] == "a")]]))


def halves(noise, models=4000, seed=0):
    """Two columns x, y that measure one truth, each on all samples and on both halves of them."""
    generator = np.random.default_rng(seed)
    truth = generator.normal(size=models)
    parts = {}
    for name in ("x", "y"):
        first, second = truth + noise * np.sqrt(2) * generator.normal(size=(2, models))
        parts[name] = first, second, (first + second) / 2
    return parts


@pytest.mark.parametrize("noise", [0.3, 1.0])
def test_ceiling_is_the_tau_of_two_measures_of_one_truth(noise):
    """From the split halves alone follows the tau that x and y, which differ by noise only, do have."""
    parts = halves(noise)
    frames = [
        pd.DataFrame({"split": 0, "model": range(4000), **{name: values[i] for name, values in parts.items()}})
        for i in (0, 1)
    ]
    reliabilities = [full_reliability(split_half_tau(*frames, name)) for name in ("x", "y")]
    assert reliabilities[0] == pytest.approx(1 / (1 + noise**2), abs=0.02)
    seen = kendalltau(parts["x"][2], parts["y"][2]).statistic
    assert ceiling(*reliabilities) == pytest.approx(seen, abs=0.02)


def test_ceiling_at_its_ends():
    """No noise: one; nothing but noise: zero; unknown stays unknown."""
    assert ceiling(1.0, 1.0) == 1
    assert ceiling(full_reliability(-0.2), 1.0) == 0
    assert np.isnan(ceiling(np.nan, 1.0))


def test_ceilings_stand_beside_the_taus(metrics, models):
    """With halves of equal values the ceiling is one; an attribute carries no noise; without halves it is missing."""
    half = metrics.rename(columns={"config": "model"}).assign(
        model=lambda table: table["model"].astype(str), dataset="", split=0
    )
    found = population(metrics, models, half, half)
    table = study(found, OPTIONS)
    known = table[table["question"].isin(["iii", "v", "vi", "vii"])]
    np.testing.assert_allclose(known["ceiling"].astype(float), 1)
    assert study(population(metrics, models), OPTIONS).query("question == 'iii'")["ceiling"].isna().all()
    assert (reliability_table(found)["tau"] == 1).all()


def test_halves_of_different_models_are_refused():
    """A split half of one model never meets another's."""
    first = pd.DataFrame({"split": 0, "model": ["a", "b"], "x": [1.0, 2.0]})
    with pytest.raises(ValueError, match="different models"):
        split_half_tau(first, first.iloc[::-1], "x")


def test_box_is_tukeys():
    """Quartiles, whiskers at the last value within 1.5 ranges, outliers counted; missing values don't count."""
    found = box(np.array([1.0, 2, 3, 4, 5, 100, np.nan]))
    assert (found["n"], found["median"], found["q1"], found["q3"]) == (6, 3.5, 2.25, 4.75)
    assert (found["whisker_low"], found["whisker_high"], found["outliers"]) == (1, 5, 1)
    assert box(np.array([np.nan]))["n"] == 0


def test_floor_stands_beside_each_bin_count(metrics):
    """Measured floors are medians over models; with n alone the bound sqrt(2 c (1 - c) B / (pi n)) is given."""
    measured = bin_boxes(population(metrics.assign(pre_floor_15=0.0123)))
    assert row(measured, stage="pre", bins=15)["floor"] == 0.0123
    assert np.isnan(row(measured, stage="pre", bins=5)["floor"])
    bound = row(bin_boxes(population(metrics), samples=4800), stage="post", bins=100)
    accuracy = metrics["acc"].to_numpy()
    wanted = np.median(np.sqrt(2 / np.pi * accuracy * (1 - accuracy) * 100 / 4800))
    assert (bound["floor"], bound["floor_kind"]) == (pytest.approx(wanted), "bound")
    assert bound["floor_share"] == pytest.approx(wanted / metrics["post_ECE_100"].median())


def test_hcs_is_the_harmonic_mean():
    """For beta = 1 the harmonic mean of accuracy and 1 - ECE; for a large beta 1 - ECE."""
    accuracy, error = np.array([0.9, 0.5]), np.array([0.2, 0.0])
    np.testing.assert_allclose(hcs(accuracy, error), 2 / (1 / accuracy + 1 / (1 - error)))
    np.testing.assert_allclose(hcs(accuracy, error, 1e9), 1 - error, rtol=1e-6)


def test_top_twenty_by_hcs(metrics, models):
    """Twenty models, the best first, with their attributes."""
    found = population(metrics, models)
    table = top_by_hcs(found, "pre_ECE_15")
    scores = hcs(metrics["acc"].to_numpy(), metrics["pre_ECE_15"].to_numpy())
    np.testing.assert_allclose(table["hcs"], np.sort(scores)[::-1][:20])
    assert list(table["rank"]) == list(range(1, 21))
    assert {"width", "family"} < set(table)


def test_indicators_of_kinds():
    """Numbers stay, two kinds are one column, three are three, names are left out."""
    given = pd.DataFrame(
        {
            "width": range(30),
            "two": ["a", "b"] * 15,
            "three": ["x", "y", "z"] * 10,
            "name": [f"n{i}" for i in range(30)],
        }
    )
    found = indicators(given)
    assert list(found) == ["width", "two = b", "three = x", "three = y", "three = z"]
    assert found["three = x"].sum() == 10


def test_effect_through_accuracy_alone_vanishes_given_accuracy():
    """Width raises accuracy and accuracy lowers the error: nothing of width is left; depth acts by itself and stays."""
    generator = np.random.default_rng(0)
    n = 600
    width, depth = generator.normal(size=(2, n))
    accuracy = 1 / (1 + np.exp(-(width + 0.5 * generator.normal(size=n))))
    error = 0.3 - 0.2 * accuracy + 0.03 * depth + 0.02 * generator.normal(size=n)
    table = pd.DataFrame({"model": range(n), "acc": accuracy, "pre_ECE_15": error, "width": width, "depth": depth})
    effects = attribute_effects(population(table), ["pre_ECE_15"], Options(resamples=100)).set_index("attribute")
    assert effects.loc["width", "tau"] < -0.3
    for kind in ("partial", "coefficient"):
        assert effects.loc["width", f"{kind}_low"] < 0.05 and effects.loc["width", f"{kind}_high"] > -0.05
        assert effects.loc["depth", f"{kind}_low"] > 0.2
    assert abs(effects.loc["width", "partial_tau"]) < 0.1


def test_rank_regression_is_least_squares_on_ranks():
    """The coefficients equal numpy's solution for standardised ranks of all columns at once."""
    generator = np.random.default_rng(1)
    table = pd.DataFrame(generator.random((40, 4)), columns=["acc", "pre_ECE_15", "width", "depth"]).assign(
        model=range(40)
    )
    effects = attribute_effects(population(table), ["pre_ECE_15"], OPTIONS).set_index("attribute")
    ranks = {c: (rankdata(table[c]) - 20.5) / np.std(np.arange(40)) for c in table if c != "model"}
    design = np.column_stack([ranks["width"], ranks["depth"], ranks["acc"]])
    wanted = np.linalg.lstsq(design, ranks["pre_ECE_15"], rcond=None)[0]
    np.testing.assert_allclose(effects["coefficient"], wanted[:2], atol=1e-10)
    t = [
        kendalltau(table[a], table[b]).statistic
        for a, b in (("width", "pre_ECE_15"), ("width", "acc"), ("pre_ECE_15", "acc"))
    ]
    assert effects.loc["width", "partial_tau"] == pytest.approx(float(partial_tau(*map(np.array, t))))


def test_brackets_of_an_attribute(metrics, models):
    """Few values stay as they are, many become six brackets with about equally many models."""
    found = attribute_boxes(population(metrics, models.assign(size=np.arange(60) ** 2)), "pre_ECE_15")
    assert list(found[found["attribute"] == "width"]["bracket"]) == ["8", "16", "32"]
    size = found[found["attribute"] == "size"]
    assert list(size["n"]) == [10] * 6
    assert size["bracket"].iloc[0] == "0 to 81"
    named = attribute_boxes(population(metrics, models.assign(cell=[f"cell {i}" for i in range(60)])), "pre_ECE_15")
    assert set(named["attribute"]) == {"width", "family"}


def test_partial_tau_is_that_of_the_normal_copula():
    """For normal x, y, z it equals (2/pi) asin of the partial correlation, and zero when only z links x and y."""
    xz, yz, rest = 0.8, -0.6, 0.3
    xy = xz * yz + rest * np.sqrt((1 - xz**2) * (1 - yz**2))
    tau = [2 / np.pi * np.arcsin(r) for r in (xy, xz, yz, xz * yz)]
    assert partial_tau(*map(np.array, tau[:3])) == pytest.approx(2 / np.pi * np.arcsin(rest))
    assert partial_tau(np.array(tau[3]), np.array(tau[1]), np.array(tau[2])) == pytest.approx(0, abs=1e-12)
