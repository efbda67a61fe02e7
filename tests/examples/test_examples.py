"""The scripts in examples run, find what is known, and are what the notebooks hold."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from core.catalog import CATALOG

FOLDER = Path(__file__).resolve().parents[2] / "examples"


def _tool() -> Any:
    spec = importlib.util.spec_from_file_location("examples_tool", FOLDER / "__main__.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = _tool()


def run(name: str, **small: Any) -> dict[str, Any]:
    """The cells of a notebook one after the other; after the first the settings that it makes are made smaller."""
    cells = json.loads((FOLDER / f"{name}.ipynb").read_text("utf-8"))["cells"]
    space: dict[str, Any] = {"__name__": "__main__"}
    first, *rest = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    exec(compile(first, name, "exec"), space)
    assert set(small) <= set(space), "a setting that the example does not have"
    space.update(small)
    for code in rest:
        exec(compile(code, name, "exec"), space)
    return space


def test_each_question_has_a_script_and_its_notebook() -> None:
    """Written by `python -m examples`, without outputs."""
    names = [path.stem for path in TOOL.scripts()]
    assert names == sorted(analysis.slug.replace("-", "_") for analysis in CATALOG)
    for script in TOOL.scripts():
        made = TOOL.notebook(script.read_text("utf-8"))
        assert script.with_suffix(".ipynb").read_text("utf-8") == made, "run `make notebooks` and commit what it writes"
        assert all(not cell.get("outputs") for cell in json.loads(made)["cells"])


def test_cells_are_told_apart() -> None:
    """Words without their signs of a comment, code as it stands."""
    text = "# %% [markdown]\n# # Title\n#\n# Words.\n\n# %%\nx = 1\n# a comment\n"
    assert TOOL.cells(text) == [("markdown", "# Title\n\nWords."), ("code", "x = 1\n# a comment")]


def test_calibration_finds_the_temperature() -> None:
    """The temperature 2 that was put in, of drawn logits and of what is built in; what it leaves is near zero."""
    space = run("calibration", ROWS=4000, RESAMPLES=20)
    assert space["temperature"] == pytest.approx(2, abs=0.12)
    assert space["found"].low < 2 < space["found"].high
    assert space["table"].after["ece"] < 0.04 < 0.15 < space["table"].before["ece"]


def test_intrinsic_dimension_finds_ten_and_two() -> None:
    """The toy of Li et al. is solved from ten dimensions on by every projection; the rolled sheet has two."""
    space = run("intrinsic_dimension", DATASETS=("swiss_roll",))
    assert set(space["solved"].values()) == {10}
    assert space["table"].found[0] == pytest.approx(2, abs=0.2)


def test_topology_finds_the_root_of_three() -> None:
    """The loop of points on a circle ends at the side of the inscribed triangle."""
    space = run("topology", POINTS=30)
    assert space["table"].found.tolist() == pytest.approx(space["table"].known.tolist(), rel=1e-6)
    assert space["loops"].tolist() == [[0, 1], [0, 1], [0, 0]]


def test_landscape_finds_the_learning_coefficients() -> None:
    """Half and a quarter of the parameters; networks of phase IV are better than those of I and II."""
    space = run("landscape", SIZE=10, CHAINS=20, DRAWS=1000)
    assert space["table"]["found"].to_numpy() == pytest.approx(space["table"]["by quadrature"].to_numpy(), rel=0.15)
    assert max(space["errors"]["IV-A"], space["errors"]["IV-B"]) < min(space["errors"]["I"], space["errors"]["II"])


def test_telemetry_puts_the_detector_between_truth_and_guessing() -> None:
    """VUS of the truth is 1, and the Lorenz exponent of the literature lies in the interval that is measured."""
    space = run("telemetry", HORIZON=1.0)
    pr = space["table"]["VUS-PR"]
    assert pr["the truth itself"] == pytest.approx(1, abs=1e-6)
    assert pr["guessing"] < pr["jumps between rows"] < pr["the truth itself"]
    assert space["flow"].exponent_low < 0.906 < space["flow"].exponent_high
