"""Mode `score` from what a person brings to the answer whether the second parameter helped."""

from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from core.analysis import Result, Source, Step, parse_params
from core.errors import BadInput, TooLarge
from core.sources import open_source
from core.topology import signed_measure
from core.topology.analysis import ANALYSIS
from core.topology.functions.kde import codensity, diameter_of
from core.topology.score_names import MAJORITY, ONE, TWO
from core.topology.scoring.classifiers import PENALTIES, WIDTHS
from core.topology.scoring.permutation import swap_test
from core.topology.vectorize import SignedMeasureConvolution, radius_measures
from tests.core.topology.running import ask

QUICK: dict[str, Any] = {
    "mode": "score",
    "resolution": "4",
    "folds": "2",
    "tuning_folds": "2",
    "classifiers": "linear",
    "other_bandwidths": "",
    "other_kernel_bandwidths": "",
    "resamples": "100",
}
ITEMS, POINTS = 24, 16


def circles_and_blobs(items: int = ITEMS) -> tuple[np.ndarray, np.ndarray]:
    """Clouds in turn: circles, and blobs of about their diameter."""
    rng = np.random.default_rng(4)
    angle = rng.uniform(0, 2 * np.pi, (items, POINTS))
    circles = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    y = np.arange(items) % 2
    return np.where(y[:, None, None] == 0, circles, 0.5 * rng.standard_normal((items, POINTS, 2))), y


def source(folder: Path, name: str, X: np.ndarray, y: np.ndarray | None = None) -> Source:
    path = folder / f"{name}.npz"
    if y is None:
        np.savez(path, X=X)
    else:
        np.savez(path, X=X, y=y)
    return open_source("shapes", str(path))


@pytest.fixture(scope="module")
def clouds(tmp_path_factory: pytest.TempPathFactory) -> Source:
    points, y = circles_and_blobs()
    return source(tmp_path_factory.mktemp("clouds"), "clouds", X=points, y=y)


@pytest.fixture(scope="module")
def scored(clouds: Source) -> Result:
    return ask(clouds, **{**QUICK, "repeats": "2", "classifiers": "svm,linear"})


@pytest.fixture(scope="module")
def waves() -> Result:
    return ask(
        "waves",
        **{**QUICK, "classifiers": "svm", "tuning_folds": "3", "degrees": "0", "skip": "6", "other_bandwidths": "-0.1"},
    )


def without_seconds(result: Result) -> dict[str, pd.DataFrame]:
    """All that must be the same whenever and wherever it is computed."""
    return {
        name: table.drop(columns=[column for column in table if "seconds" in str(column)])
        for name, table in result.tables.items()
    }


def test_the_answer_is_that_of_the_pipeline_written_out(waves: Result) -> None:
    """On the file's own division: embedding, bandwidth, grid, scale, C and gamma from the training part, with the library's
    own transformers and scikit-learn's own search, give the same answers for two parameters and for one."""
    from core.data.builtin_shapes import make_shapes
    from core.topology.inputs.delay_embedding import delay_embedding

    shapes = make_shapes("waves")
    assert shapes.train is not None and shapes.y is not None
    train, test = np.flatnonzero(shapes.train), np.flatnonzero(~shapes.train)
    embedded = [delay_embedding(np.asarray(item), 3, 1, 6) for item in shapes.items]
    diameter = float(np.median([diameter_of(embedded[place]) for place in train]))
    best: dict[str, tuple[float, np.ndarray]] = {}
    for share in (0.2, 0.1):
        two = [signed_measure(cloud, codensity(cloud, share * diameter).values, (0,)) for cloud in embedded]
        for name, measures in {TWO: two, ONE: [radius_measures(one) for one in two]}.items():
            images = SignedMeasureConvolution(4, 0.1).fit([measures[place] for place in train])
            features = images.transform(measures)
            grid = {"svc__C": list(PENALTIES), "svc__gamma": [width / features.shape[1] for width in WIDTHS]}
            search = GridSearchCV(
                make_pipeline(StandardScaler(), SVC()), grid, cv=StratifiedKFold(3, shuffle=True, random_state=0)
            ).fit(features[train], shapes.y[train])
            if search.best_score_ > best.get(name, (-1.0,))[0] + 1e-12:
                best[name] = (search.best_score_, search.predict(features[test]))
    predictions = waves.tables["predictions"]
    for name, column in ((TWO, "two_parameters"), (ONE, "one_parameter")):
        said = [shapes.classes[number] for number in best[name][1]]
        assert predictions[column].tolist() == said
        assert waves.tables["scores"].set_index(["features", "classifier"]).accuracy[name, "svm"] == pytest.approx(
            (best[name][1] == shapes.y[test]).mean()
        )
    assert predictions["item"].tolist() == (test + 1).tolist()


def test_the_table_has_what_scripts_read(waves: Result) -> None:
    """Six columns by name and in this order; two parameters, one, nearest neighbours by value and by warping, majority."""
    scores = waves.tables["scores"]
    assert list(scores)[:6] == ["features", "classifier", "accuracy", "low", "high", "seconds"]
    assert list(zip(scores.features, scores.classifier, strict=True)) == [
        (TWO, "svm"),
        (ONE, "svm"),
        ("raw values", "1nn_euclid"),
        ("raw values", "1nn_dtw"),
        ("raw values", "1nn_dtw_window"),
        ("none", MAJORITY),
    ]
    assert ((scores.low <= scores.accuracy) & (scores.accuracy <= scores.high)).all()
    assert (scores.seconds >= 0).all()
    assert scores.accuracy.iloc[-1] == 0.5


def test_cross_validation_asks_about_each_item_once_a_repeat(scored: Result) -> None:
    """24 items, 2 folds, 2 repeats: 48 answers a row; summary, p-value and confusion follow from the answers alone."""
    scores = scored.tables["scores"].set_index(["features", "classifier"])
    assert (scores.predictions == 2 * ITEMS).all() and (scores["items"] == ITEMS).all()
    assert set(scores.index) == {
        (features, name) for features in (TWO, ONE, "sizes and extents") for name in ("svm", "linear")
    } | {("none", MAJORITY)}
    table = scored.tables["predictions"]
    assert scored.summary["accuracy"].value == pytest.approx(table.right_two_parameters.mean())
    gap = table.right_two_parameters.mean() - table.right_one_parameter.mean()
    assert scored.summary["difference"].value == pytest.approx(gap)
    chance = swap_test(2 * table.right_two_parameters.to_numpy(), 2 * table.right_one_parameter.to_numpy())
    assert scored.summary["p_value"].value == pytest.approx(chance.two_sided)
    assert scored.summary["p_value_one_sided"].value == pytest.approx(chance.one_sided)
    counts = scored.arrays["confusion"]
    assert counts.sum() == 2 * ITEMS and np.trace(counts) == scores.right[TWO, "svm"]
    folds = scored.tables["folds"]
    assert len(folds) == 4 * len(scores) and (folds.train + folds.test == ITEMS).all()
    assert set(json.loads(folds.chosen.iloc[0])) == {"bandwidth", "kernel_bandwidth", "C", "gamma"}


def test_circles_are_told_from_blobs(scored: Result) -> None:
    """Nearly all are right, and the answer says so beside one parameter and beside sizes."""
    assert float(scored.summary["accuracy"].value or 0) > 0.85
    assert "24 point clouds" in scored.answer and "Without topology" in scored.answer


def test_what_is_learned_does_not_see_the_test_part(tmp_path: Path) -> None:
    """A test item far outside changes no answer about the others and nothing that was chosen; in paper mode the grid sees it."""
    points, y = circles_and_blobs()
    train = np.arange(ITEMS) < 16
    outlier = points.copy()
    outlier[-1] *= 1000

    def answers(table: np.ndarray, name: str, **more: str) -> tuple[list[str], list[str]]:
        rows = {"X": table.transpose(0, 2, 1).reshape(ITEMS, 2 * POINTS)}
        folder = tmp_path / name
        folder.mkdir()
        for part, chosen in (("TRAIN", train), ("TEST", ~train)):
            lines = [" ".join(map(repr, [float(y[n]), *rows["X"][n].tolist()])) for n in np.flatnonzero(chosen)]
            (folder / f"{name}_{part}.txt").write_text("\n".join(lines) + "\n")
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            for file in folder.iterdir():
                archive.write(file, file.name)
        found = ask(open_source("shapes", str(tmp_path / f"{name}.zip")), **{**QUICK, "degrees": "0", **more})
        two = found.tables["folds"].query("features == @TWO")
        return found.tables["predictions"].two_parameters.tolist()[:-1], two.chosen.tolist() + two.tuning_accuracy.map(
            str
        ).tolist()

    assert answers(points, "as_it_is") == answers(outlier, "far_out")
    paper = {"protocol": "paper", "second": "eccentricity"}
    assert answers(points, "paper", **paper) != answers(outlier, "paper_far", **paper)


def test_order_of_steps_and_parts_change_nothing(
    clouds: Source, scored: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut into other parts, and with the steps of a batch run from last to first as several workers may, all is the same."""
    params = parse_params(ANALYSIS.params, {**QUICK, "repeats": "2", "classifiers": "svm,linear"})
    monkeypatch.setattr("core.topology.score_features.SMALLEST_CHUNK", 7)
    generator = ANALYSIS.compute(params, {"data": clouds})
    batch = next(generator)
    try:
        while True:
            values = {step.key: step.run() for step in reversed(batch)}
            batch = generator.send([values[step.key] for step in batch])
    except StopIteration as stop:
        backwards: Result = stop.value
    for name, table in without_seconds(scored).items():
        pd.testing.assert_frame_equal(table, without_seconds(backwards)[name])
    assert backwards.answer == scored.answer


def test_global_random_state_is_left_alone() -> None:
    """numpy's and Python's own generators stand where they stood."""
    random.seed(5)
    np.random.seed(5)
    before = random.getstate(), np.random.get_state()
    every = {"classifiers": "svm,random_forest,xgboost,linear", "second": "eccentricity"}
    ask("waves", **{**QUICK, "degrees": "0", "skip": "12", **every})
    after = random.getstate(), np.random.get_state()
    assert before[0] == after[0]
    assert all(np.array_equal(one, other) for one, other in zip(before[1], after[1], strict=True))


@pytest.mark.parametrize(
    ("vectorization", "invariant"),
    [
        ("convolution", "euler"),
        ("hilbert_grid", "hilbert"),
        ("euler_grid", "euler"),
        ("landscape", "hilbert"),
        ("s_cdr", "hilbert"),
        ("rectangles", "rank"),
    ],
)
def test_every_vectorization_is_scored_beside_one_parameter(clouds: Source, vectorization: str, invariant: str) -> None:
    """Two parameters and one by the same means; circles and blobs are no riddle for any."""
    values = {**QUICK, "vectorization": vectorization, "invariant": invariant, "resolution": "3"}
    scores = ask(clouds, **{**values, "bandwidth": "0.3"}).tables["scores"].set_index("features").accuracy
    assert scores[TWO] > 0.7 and scores[ONE] > 0.55


def test_grids_of_modules_are_those_of_each_fold(clouds: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """The corners of a fold's grid are the lowest and highest grades of its training items."""
    from core.topology import score_features

    seen: list[dict[str, Any]] = []

    class Noted(Step):
        def __init__(self, function: Any, arguments: Any, **more: Any) -> None:
            seen.append({"function": function.__name__, **arguments})
            super().__init__(function, arguments, **more)

    monkeypatch.setattr(score_features, "Step", Noted)
    ask(clouds, **{**QUICK, "vectorization": "landscape", "bandwidth": "0.3"})
    ranges = np.concatenate(
        [
            score_features.item_ranges_step(one["asked"], one["places"], one["degrees"])
            for one in seen
            if one["function"] == "item_ranges_step"
        ]
    )
    y = circles_and_blobs()[1]
    wanted = {
        tuple(ranges[train, 1].max(axis=0).round(9).tolist())
        for train, _ in StratifiedKFold(2, shuffle=True, random_state=0).split(np.zeros(ITEMS), y)
    }
    used = {
        tuple(one["high"].round(9).tolist())
        for one in seen
        if one["function"] == "module_features_step" and not one["one_parameter"]
    }
    assert used == wanted


def test_graphs_are_scored_beside_degrees_and_sizes(tmp_path: Path) -> None:
    """Cycles and paths of the same sizes: the loop tells them apart, and so does the lowest degree."""
    lines, graph, labels = [], [], []
    start = 1
    for number in range(20):
        size = 5 + number // 2
        edges = [(place, place + 1) for place in range(size - 1)] + ([(0, size - 1)] if number % 2 else [])
        lines += [f"{start + a}, {start + b}" for one, other in edges for a, b in ((one, other), (other, one))]
        graph += [str(number + 1)] * size
        labels.append(str(number % 2))
        start += size
    folder = tmp_path / "PATHS"
    folder.mkdir()
    for name, content in (("A", lines), ("graph_indicator", graph), ("graph_labels", labels)):
        (folder / f"PATHS_{name}.txt").write_text("\n".join(content) + "\n")
    with zipfile.ZipFile(tmp_path / "PATHS.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"PATHS/{file.name}")
    found = ask(open_source("shapes", str(tmp_path / "PATHS.zip")), **{**QUICK, "second": "degree"})
    scores = found.tables["scores"].set_index("features").accuracy
    assert scores[TWO] >= scores[ONE] > 0.7 and scores["degrees and sizes"] == 1
    assert "ridge classifier on degrees and sizes has 100.0 %" in found.answer


def test_images_are_scored_beside_their_pixels() -> None:
    """Digits, two degrees of homology beside the nearest image."""
    found = ask("digits-images", **{**QUICK, "bandwidth": "1"})
    scores = found.tables["scores"].set_index("features").accuracy
    assert scores["pixels"] > scores[TWO] > scores["none"]


def test_paper_mode_says_what_it_is(clouds: Source) -> None:
    """Its leak, its bandwidths, its classifier and its mean are in the notes; XGBoost alone is asked."""
    found = ask(clouds, **{**QUICK, "protocol": "paper", "degrees": "0", "second": "eccentricity"})
    assert set(found.tables["scores"].classifier) == {"xgboost", MAJORITY}
    note = next(note for note in found.notes if "protocol=paper" in note)
    for words in ("leaks", "mean over Diracs", "-0.001, -0.01, -0.1, -0.2, -0.3", "0.01, 0.1, 1", "too high"):
        assert words in note


@pytest.mark.parametrize(
    ("labels", "values", "sentence"),
    [
        ([0] * 8, {}, "all items are of class '0'"),
        ([0, 1] * 4, {"folds": "5"}, r"class '0' has 4 items and 5 folds need at least 5; choose folds=4"),
        ([0] * 7 + [1], {}, "class '1' has 1 item and 2 folds"),
        ([0, 1] * 4, {"split": "given"}, "names no training and test part; choose split=folds"),
        (None, {}, "has no labels"),
    ],
)
def test_labels_that_can_not_be_scored_are_refused_before_the_run(
    tmp_path: Path, labels: list[int] | None, values: dict[str, str], sentence: str
) -> None:
    """The form says it at once, from the details of the file, and the run says the same."""
    points = circles_and_blobs(8)[0]
    data = source(tmp_path, "few", points, None if labels is None else np.array(labels))
    params = parse_params(ANALYSIS.params, {**QUICK, **values})
    with pytest.raises(BadInput, match=sentence):
        ANALYSIS.estimate(params, {"data": data})
    with pytest.raises(BadInput, match=sentence):
        ask(data, **{**QUICK, **values})


def test_labels_beside_the_data_are_checked_when_they_are_read(tmp_path: Path) -> None:
    """A table of labels is not known before: too few, and a single class, are named then."""
    from core.serial import serially

    data = source(tmp_path, "bare", X=circles_and_blobs(8)[0])
    params = parse_params(ANALYSIS.params, QUICK)
    for column, sentence in (
        (["a"] * 8, "all items are of class 'a'"),
        (["a", "b"], "has 2 labels and bare.npz has 8"),
    ):
        path = tmp_path / f"labels{len(column)}.csv"
        path.write_text("item,y\n" + "".join(f"{n},{label}\n" for n, label in enumerate(column)))
        labels = open_source("table", str(path))
        with pytest.raises(BadInput, match=sentence):
            serially(ANALYSIS, params, {"data": data, "labels": labels})


@pytest.mark.parametrize(
    ("train", "test", "sentence"),
    [
        ([1, 1, 2, 2], [1, 2, 3], "class '3' is in the test part and not in the training part"),
        ([1, 1, 1, 1], [1, 2, 2], "all 4 training items are of class '1'"),
    ],
)
def test_divisions_that_can_not_be_learned_from_are_refused(
    tmp_path: Path, train: list[int], test: list[int], sentence: str
) -> None:
    """A class that only the test part has, and a training part of one class."""
    head = "@problemName short\n@univariate true\n@equalLength true\n@seriesLength 20\n@classLabel true 1 2 3\n@data\n"
    with zipfile.ZipFile(tmp_path / "short.zip", "w") as archive:
        for part, classes in (("TRAIN", train), ("TEST", test)):
            rows = [",".join(str(n * label % 7) for n in range(20)) + f":{label}\n" for label in classes]
            archive.writestr(f"short_{part}.ts", head + "".join(rows))
    data = open_source("shapes", str(tmp_path / "short.zip"))
    with pytest.raises(BadInput, match=sentence):
        ask(data, **QUICK)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"classifiers": ""}, "name at least one"),
        ({"classifiers": "svm,svm"}, "each once"),
        ({"classifiers": "perceptron"}, "Classifiers"),
        ({"other_bandwidths": "0"}, "Other bandwidths"),
        ({"other_kernel_bandwidths": "-1"}, "Other kernel bandwidths"),
        ({"protocol": "paper", "vectorization": "landscape"}, "vectorization=convolution"),
        ({"folds": "1"}, "from 2 to 100"),
    ],
)
def test_parameters_are_refused_in_a_sentence(values: dict[str, str], sentence: str) -> None:
    """Before anything is read."""
    with pytest.raises(BadInput, match=sentence):
        parse_params(ANALYSIS.params, {**QUICK, **values})


def test_one_cloud_is_no_set() -> None:
    """There is nothing to tell apart in a single item."""
    with pytest.raises(BadInput, match="holds one item"):
        ask("noisy-circle", **QUICK)


def test_the_estimate_grows_with_what_is_asked() -> None:
    """More folds, repeats, bandwidths and classifiers cost more; what nobody waits for is refused."""
    from core.data.builtin_shapes import builtin_shapes_source

    data = {"data": builtin_shapes_source("two-shapes")}

    def seconds(**values: str) -> float:
        return float(ANALYSIS.estimate(parse_params(ANALYSIS.params, {**QUICK, **values}), data).seconds)

    plain = seconds()
    for values in (
        {"folds": "6"},
        {"repeats": "3"},
        {"other_bandwidths": "-0.1"},
        {"other_kernel_bandwidths": "0.2"},
        {"classifiers": "svm,xgboost"},
        {"protocol": "paper"},
    ):
        assert seconds(**values) > plain
    details = {**data["data"].details, "items": 200_000, "points": [500, 500, 500]}
    many = Source("shapes", "many", "0", "nowhere", {**details, "class_counts": {"a": 100_000, "b": 100_000}})
    with pytest.raises(TooLarge, match="Mode score on many needs about"):
        ask(many, **QUICK)


def test_every_picture_says_what_it_shows(scored: Result, waves: Result) -> None:
    """Accuracies stand first and by themselves, told apart by colour and symbol; folds are drawn where there are folds."""
    drawn = ANALYSIS.figures(scored)
    assert list(drawn) == ["accuracies", "confusion", "items", "folds"]
    assert not drawn["accuracies"].group and all(drawn[name].group for name in list(drawn)[1:])
    assert all(one.alt and one.reading and one.caption and one.reference for one in drawn.values())
    assert list(ANALYSIS.figures(waves)) == ["accuracies", "confusion", "items"]
    traces = {trace.name: trace for trace in drawn["accuracies"].plot.data}
    assert list(traces) == [TWO, ONE, "sizes and extents"]
    assert len({(trace.marker.color, trace.marker.symbol) for trace in traces.values()}) == 3
    scores = scored.tables["scores"]
    for features, trace in traces.items():
        assert list(trace.x) == pytest.approx((100 * scores.accuracy[scores.features == features]).tolist())
