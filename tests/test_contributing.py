"""The guide for contributors is true: its question runs as it stands there."""

from __future__ import annotations

import re
import sys
from itertools import combinations
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from sklearn.datasets import load_wine

from core.analysis import parse_params
from core.data import builtin_dataset_source
from core.errors import BadInput
from core.serial import serially

GUIDE = Path(__file__).parent.parent / "CONTRIBUTING.md"


@pytest.fixture(scope="module")
def question(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The module of the guide, in a file as a contributor would write it."""
    code = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)[0]
    folder = tmp_path_factory.mktemp("sixth")
    (folder / "spread_analysis.py").write_text(code)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        import spread_analysis

        yield spread_analysis
    del sys.modules["spread_analysis"]


def test_it_is_short(question: ModuleType) -> None:
    """A question takes no more than some thirty lines of code."""
    lines = Path(str(question.__file__)).read_text().splitlines()
    assert len([line for line in lines if line.strip() and not line.startswith(("import", "from", '"""'))]) <= 30


def test_it_answers(question: ModuleType) -> None:
    """Mean distances of the columns of wine, against a plain loop."""
    params = parse_params(question.ANALYSIS.params, {"power": "1"})
    result = serially(question.ANALYSIS, params, {"dataset": builtin_dataset_source("wine")})
    columns = load_wine().data.T
    expected = np.mean([np.abs(columns[i] - columns[j]).mean() for i, j in combinations(range(13), 2)])
    assert result.summary["mean_distance"].value == pytest.approx(expected, rel=1e-5)
    assert f"{expected:.3g}" in result.answer
    assert question.ANALYSIS.figures(result)["mean"].plot.data[0].y[0] == pytest.approx(expected, rel=1e-5)


def test_its_form_refuses(question: ModuleType) -> None:
    """Bounds are those of the parameter, and the sentence names it."""
    with pytest.raises(BadInput, match="Power"):
        parse_params(question.ANALYSIS.params, {"power": "99"})
