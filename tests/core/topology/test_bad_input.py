"""What a person hands in by mistake, through the command line: one line and exit status 2, or the right answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import cli
from core.analysis import parse_params
from core.errors import BadInput, TooLarge
from core.settings import settings
from core.sources import open_source
from core.topology import signed_measure
from core.topology.analysis import ANALYSIS
from core.topology.engine.measure import SignedMeasure
from core.topology.vectorize import HilbertGrid, SignedMeasureConvolution, SlicedWassersteinKernel

POINTS = np.random.default_rng(0).normal(size=(12, 2)).round(4)
LIGHT = {  # little to compute, so that only what is asked about takes time
    "describe": ("resolution=5", "landscape_resolution=4"),
    "vectorize": ("resolution=4",),
    "score": ("resolution=4", "classifiers=linear", "folds=2", "tuning_folds=2", "resamples=100"),
    "optimise": ("iterations=1", "resolution=5", "check_gradient=0"),
    "robustness": ("repeats=1", "noise=0.05", "outliers=0.1", "kept=0.5", "others=1"),
}
ONE = ("describe", "vectorize", "optimise", "robustness")  # modes that take a single cloud
ANY = ("describe", "vectorize", "robustness")  # modes that take graphs, images and distances as well
ALL = tuple(LIGHT)


def table(rows: np.ndarray | list[list[object]], head: str) -> str:
    return "\n".join([head, *(",".join(map(str, row)) for row in rows)]) + "\n"


def changed(values: np.ndarray, place: Any, value: float) -> np.ndarray:
    copy = values.copy()
    copy[place] = value
    return copy


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good and bad files of every form."""
    made = tmp_path_factory.mktemp("bad")
    texts = {
        "good.csv": table(POINTS, "x,y"),
        "nan.csv": table(changed(POINTS, (3, 1), np.nan), "x,y"),
        "inf.csv": table(changed(POINTS, (3, 1), np.inf), "x,y"),
        "none.csv": "x,y\n",
        "empty.csv": "",
        "one.csv": table(POINTS[:1], "x,y"),
        "two.csv": table(POINTS[:2], "x,y"),
        "twice.csv": table(np.repeat(POINTS[:4], 3, axis=0), "x,y"),
        "equal.csv": table(np.ones((8, 2)), "x,y"),
        "flat.csv": table(changed(POINTS, (slice(None), 1), 2.0), "x,y"),
        "short_function.csv": table([[value] for value in range(9)], "function"),
        "nan_function.csv": table([["nan" if value == 3 else value] for value in range(12)], "function"),
        "inf_function.csv": table([["inf" if value == 3 else value] for value in range(12)], "function"),
        "flat_function.csv": table([[1.0]] * 12, "function"),
        "short_labels.csv": table([[value % 2] for value in range(5)], "y"),
        "other_labels.csv": table([[value, value] for value in range(8)], "a,b"),
        "no_edges.gml": "graph [ node [ id 0 ] node [ id 1 ] node [ id 2 ] ]",
        "no_vertices.gml": "graph [ ]",
        "ring.gml": "graph [ "
        + " ".join(f"node [ id {vertex} ]" for vertex in range(8))
        + " ".join(f" edge [ source {vertex} target {(vertex + 1) % 8} ]" for vertex in range(8))
        + " ]",
    }
    for name, text in texts.items():
        (made / name).write_text(text)
    rng = np.random.default_rng(1)
    clouds, y = rng.normal(size=(8, 8, 2)), np.arange(8) % 2
    np.savez(made / "clouds.npz", X=clouds, y=y)
    np.savez(made / "unlabelled.npz", X=clouds)
    np.savez(made / "one_class.npz", X=clouds, y=np.zeros(8, dtype=int))
    np.savez(made / "nan_cloud.npz", X=changed(clouds, (2, 4, 1), np.nan), y=y)
    np.savez(made / "no_points.npz", X=np.zeros((3, 0, 2)))
    np.savez(made / "equal_clouds.npz", X=np.ones((8, 8, 2)), y=y)
    images = rng.random((4, 5, 5, 2))
    np.savez(made / "images.npz", X=images, y=y[:4])
    np.savez(made / "nan_image.npz", X=changed(images, (2, 1, 1, 0), np.nan))
    np.savez(made / "inf_image.npz", X=changed(images, (2, 1, 1, 1), np.inf))
    np.savez(made / "flat_images.npz", X=np.ones((4, 5, 5, 1)), y=y[:4])
    lengths = np.linalg.norm(POINTS[:, None] - POINTS[None], axis=2)
    np.savez(made / "lengths.npz", D=lengths)
    np.savez(made / "nan_lengths.npz", D=changed(changed(lengths, (1, 2), np.nan), (2, 1), np.nan))
    np.savez(made / "askew.npz", D=changed(lengths, (1, 2), 9.0))
    return made


def asked(folder: Path, out: Path, mode: str, data: str, *settings_: str, **slots: str) -> int:
    """The exit status of the command line."""
    command = ["run", "topology", "--input", f"data={folder / data}", "--out", str(out)]
    for slot, name in slots.items():
        command += ["--input", f"{slot}={folder / name}"]
    for value in (f"mode={mode}", *LIGHT[mode], *settings_):
        command += ["--set", value]
    return cli.main(command)


REFUSED: list[tuple[str, tuple[str, ...], str, tuple[str, ...], dict[str, str]]] = [
    (
        "function shorter than the points",
        ONE,
        "column 'function' has 9 values and good.csv has 12 points",
        ("second=column",),
        {"data": "good.csv", "function": "short_function.csv"},
    ),
    (
        "NaN in the function",
        ONE,
        "column 'function' has no value in row 4",
        ("second=column",),
        {"data": "good.csv", "function": "nan_function.csv"},
    ),
    (
        "infinity in the function",
        ONE,
        "column 'function' has inf in row 4",
        ("second=column",),
        {"data": "good.csv", "function": "inf_function.csv"},
    ),
    ("no function", ONE, "second=column needs one value a point", ("second=column",), {"data": "good.csv"}),
    ("NaN in points", ALL, "column 'y' has no value in row 4", (), {"data": "nan.csv"}),
    ("infinity in points", ALL, "column 'y' has inf in row 4", (), {"data": "inf.csv"}),
    ("NaN in a cloud", ALL, "cloud 3: point 5, coordinate 2 is a missing value", (), {"data": "nan_cloud.npz"}),
    ("NaN in an image", ALL, "image 3: row 2, column 2, channel 1 is a missing value", (), {"data": "nan_image.npz"}),
    ("infinity in an image", ALL, "image 3: row 2, column 2, channel 2 is inf", (), {"data": "inf_image.npz"}),
    ("NaN in distances", ALL, "matrix 1: row 2, column 3 is a missing value", (), {"data": "nan_lengths.npz"}),
    ("distances askew", ALL, "the matrix must be symmetric", (), {"data": "askew.npz"}),
    ("no points", ALL, "none.csv has a header line and no rows below it", (), {"data": "none.csv"}),
    ("no points in any cloud", ALL, "holds no samples", (), {"data": "no_points.npz"}),
    ("an empty file", ALL, "empty.csv is empty", (), {"data": "empty.csv"}),
    ("no vertices", ALL, "no_vertices.gml has no nodes", (), {"data": "no_vertices.gml"}),
    ("one point and a share", ONE, "one.csv: all points are equal, so a share", (), {"data": "one.csv"}),
    ("equal points and a share", ONE, "equal.csv: all points are equal, so a share", (), {"data": "equal.csv"}),
    ("equal clouds and a share", ALL, "all points are equal, so a share", (), {"data": "equal_clouds.npz"}),
    ("degree above all", ALL, "whole numbers from 0 to 3", ("degrees=4",), {"data": "clouds.npz"}),
    (
        "degree above balls",
        ANY,
        "it is at most 2 for filtration='alpha'",
        ("degrees=3", "filtration=alpha"),
        {"data": "good.csv"},
    ),
    ("degree above graphs", ANY, "it is at most 1 for filtration=graph", ("degrees=2",), {"data": "ring.gml"}),
    ("degree above images", ANY, "it is at most 2 for filtration=cubical", ("degrees=3",), {"data": "images.npz"}),
    (
        "too few labels",
        ALL,
        "has 5 labels and unlabelled.npz has 8 items",
        (),
        {"data": "unlabelled.npz", "labels": "short_labels.csv"},
    ),
    (
        "no column of labels",
        ALL,
        "has no column called y, label, target or class",
        (),
        {"data": "unlabelled.npz", "labels": "other_labels.csv"},
    ),
    ("no labels to score", ("score",), "unlabelled.npz has no labels", (), {"data": "unlabelled.npz"}),
    ("one class to score", ("score",), "all items are of class '0'", (), {"data": "one_class.npz"}),
    ("one item to score", ("score",), "good.csv holds one item", (), {"data": "good.csv"}),
    (
        "no lengths of edges",
        ANY,
        "item 1: The edges have no lengths",
        ("second=edge_length",),
        {"data": "ring.gml"},
    ),
    ("a graph's function of points", ANY, "second=ricci is not known here", ("second=ricci",), {"data": "good.csv"}),
    ("a threshold without lengths", ANY, "hreshold is for filtration=rips", ("threshold=1",), {"data": "ring.gml"}),
    ("points of a graph to move", ("optimise",), "moves the points of a cloud", (), {"data": "ring.gml"}),
]


@pytest.mark.parametrize(
    ("mode", "sentence", "values", "slots"),
    [
        pytest.param(mode, sentence, values, slots, id=f"{mode}-{name.replace(' ', '-')}")
        for name, modes, sentence, values, slots in REFUSED
        for mode in modes
    ],
)
def test_bad_input_gets_one_line(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    mode: str,
    sentence: str,
    values: tuple[str, ...],
    slots: dict[str, str],
) -> None:
    """Exit status 2, and a last line on standard error that says what and where; nothing is written."""
    out = tmp_path / "out"
    assert (
        asked(folder, out, mode, slots["data"], *values, **{k: v for k, v in slots.items() if k != "data"}) == cli.BAD
    )
    written = capsys.readouterr()
    last = written.err.replace("\r", "\n").strip().splitlines()[-1]
    assert sentence in last
    assert "Traceback" not in written.err and not written.out
    assert not (out / "result.json").exists()


ANSWERED: list[tuple[str, tuple[str, ...], tuple[str, ...], dict[str, str]]] = [
    ("two points", ONE, (), {"data": "two.csv"}),
    ("every point three times", ONE, (), {"data": "twice.csv"}),
    ("one point", ANY, ("bandwidth=0.5",), {"data": "one.csv"}),
    ("equal points", ANY, ("bandwidth=0.5",), {"data": "equal.csv"}),
    ("a constant coordinate", ANY, ("filtration=alpha",), {"data": "flat.csv"}),
    ("a constant function", ONE, ("second=column",), {"data": "good.csv", "function": "flat_function.csv"}),
    ("constant images", ANY, (), {"data": "flat_images.npz"}),
    ("a graph without edges", ANY, (), {"data": "no_edges.gml"}),
    ("curvature without edges", ANY, ("second=ricci", "first=closeness"), {"data": "no_edges.gml"}),
]


@pytest.mark.parametrize(
    ("mode", "values", "slots"),
    [
        pytest.param(mode, values, slots, id=f"{mode}-{name.replace(' ', '-')}")
        for name, modes, values, slots in ANSWERED
        for mode in modes
    ],
)
def test_odd_input_is_answered(
    folder: Path, tmp_path: Path, mode: str, values: tuple[str, ...], slots: dict[str, str]
) -> None:
    """Few points, equal points, an axis without extent and graphs without edges have a topology too."""
    others = {k: v for k, v in slots.items() if k != "data"}
    assert asked(folder, tmp_path / "out", mode, slots["data"], *values, **others) == cli.DONE


@pytest.mark.parametrize("mode", ALL)
def test_a_threshold_that_cuts_is_said(folder: Path, tmp_path: Path, mode: str) -> None:
    """Edges that a threshold leaves out keep classes of sparse levels alive, and the notes say so."""
    assert asked(folder, tmp_path / "out", mode, "clouds.npz", "threshold=0.3", "second=eccentricity") == cli.DONE
    notes = json.loads((tmp_path / "out" / "result.json").read_text())["notes"]
    assert any("Edges longer than 0.3 were left out" in note for note in notes)


@pytest.mark.parametrize("mode", ["describe", "vectorize", "robustness"])
def test_too_much_is_refused_with_a_size_that_fits(tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence has memory and hours, needed and allowed, and a number of points; with that number it is accepted."""
    path = tmp_path / "many.npy"
    np.save(path, np.random.default_rng(0).random((20_000, 2)))
    inputs = {"data": open_source("shapes", str(path))}
    params = parse_params(ANALYSIS.params, {"mode": mode, "most_points": "none"})
    with pytest.raises(
        TooLarge, match=f"Mode {mode} on many.npy needs about .* of memory; 24 h and .* are allowed"
    ) as error:
        ANALYSIS.estimate(params, inputs)
    with pytest.raises(TooLarge, match="set Most points"):
        next(ANALYSIS.compute(params, inputs))
    fits = int(str(error.value).partition("to at most ")[2].partition(", and")[0].replace(",", ""))
    fewer = parse_params(ANALYSIS.params, {"mode": mode, "most_points": str(fits)})
    assert ANALYSIS.estimate(fewer, inputs).memory <= settings().job_memory


def measure(*rows: tuple[float, float]) -> dict[int | str, SignedMeasure]:
    """Diracs of weight 1 in degree 0."""
    return {0: SignedMeasure(np.array(rows), np.ones(len(rows), dtype=np.int64))}


@pytest.mark.parametrize("made", [SignedMeasureConvolution(), HilbertGrid(), SlicedWassersteinKernel()])
def test_transformers_take_pairs_and_refuse_what_is_no_measure(made: Any) -> None:
    """A plain pair of positions and weights will do; a missing degree, NaN and lengths that differ are named with their item."""
    fitted = made.fit([measure((0.0, 0.0), (1.0, 2.0)), {0: ([[0.0, 1.0], [2.0, 0.5]], [1, 1])}])
    assert len(fitted.transform([{0: ([[0.5, 0.5]], [2])}])) == 1
    with pytest.raises(
        BadInput, match=r"Item 2 has the degrees \[1\] and lacks 0, which the transformer was fitted to"
    ):
        fitted.transform([measure((0.0, 0.0)), {1: measure((0.0, 0.0))[0]}])
    for bad, sentence in (
        ({0: ([[np.nan, 0.0]], [1])}, "Item 1, degree 0 holds NaN"),
        ({0: ([[0.0, 0.0]], [1, 2])}, r"positions have shape \(1, 2\) and weights \(2,\)"),
        ({0: 7}, "a pair .positions, weights. is expected"),
        ([1], "Item 1 is a list"),
    ):
        with pytest.raises(BadInput, match=sentence):
            made.fit([bad])


def test_distances_that_do_not_fit_are_refused_before_they_are_computed() -> None:
    """In Python as well: the sentence says how much they take and what to do; degree 0 needs none of them."""
    with pytest.raises(TooLarge, match=r"100,000 points have 74.5 GiB of distances; .* at most 20,000"):
        signed_measure(np.zeros((100_000, 2)), np.zeros(100_000))
