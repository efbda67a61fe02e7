"""What a result of mode `describe` keeps to be explored."""

from __future__ import annotations

import numpy as np
import pytest

from core.analysis import Result
from core.topology.engine.complex import BifilteredComplex, Cells
from core.topology.engine.line_barcode import bars_on_line, diagram
from tests.core.topology.running import ask

SMALL = {"resolution": "5", "landscape_resolution": "2"}


def stored_complex(result: Result) -> BifilteredComplex:
    """The complex that the arrays of a result hold."""
    parts: list[Cells] = []
    while f"cells_grades_{len(parts)}" in result.arrays:
        names = (f"cells_{what}_{len(parts)}" for what in ("grades", "starts", "faces"))
        parts.append(Cells(*(result.arrays[name] for name in names)))
    return BifilteredComplex(tuple(parts), len(parts) - 1)


@pytest.mark.parametrize(
    ("data", "values"),
    [
        ("noisy-circle", {}),
        ("noisy-circle", {"filtration": "alpha", "degrees": "1"}),
        ("two-shapes", {"second": "dtm", "item": "3"}),
        ("waves", {"second": "eccentricity"}),
        ("digits-images", {"second": "codensity"}),
        ("noisy-circle", {"degrees": "0", "most_points": "40"}),
    ],
)
def test_the_diagonal_comes_from_the_stored_cells(data: str, values: dict[str, str]) -> None:
    """Bars of the stored complex along the diagonal are those of the result's table, in every filtration."""
    found = ask(data, **SMALL, **values)
    filtered = stored_complex(found)
    low = np.array([found.arrays["grid_radius"][0], found.arrays["grid_level"][0]])
    direction = np.array([found.arrays["grid_radius"][-1], found.arrays["grid_level"][-1]]) - low
    table = found.tables["diagonal_barcode"]
    for degree in sorted(set(table.degree)):
        rows = table[table.degree == degree].sort_values(["birth", "death"])
        bars = diagram(bars_on_line(filtered, low, direction, (degree,))[degree])
        np.testing.assert_allclose(rows.death.fillna(np.inf).to_numpy(), bars[:, 1], atol=1e-12)
    assert found.summary["cells"].value == filtered.size()


def test_the_largest_summand_is_the_loop() -> None:
    """The first summand of H1 is an interval that begins and ends; the first of H0 never ends; sizes fall."""
    table = ask("noisy-circle", **SMALL).tables["summands"]
    assert list(table.columns) == ["degree", "summand", "size", "corner", "radius", "level"]
    loop = table[(table.degree == 1) & (table.summand == 1)]
    assert loop.radius.notna().all() and set(loop.corner) == {"birth", "death"}
    whole = table[(table.degree == 0) & (table.summand == 1) & (table.corner == "death")]
    assert whole.radius.isna().all()
    for _, rows in table.groupby("degree"):
        sizes = rows.drop_duplicates("summand")["size"].to_numpy()
        assert (np.diff(sizes) <= 0).all() and (sizes > 0).all()
    births, deaths = loop[loop.corner == "birth"], loop[loop.corner == "death"]
    assert births.radius.min() < deaths.radius.max() and births.level.min() < deaths.level.max()


def test_many_coordinates_are_laid_out() -> None:
    """A series that is embedded in five dimensions comes with three principal components."""
    found = ask("waves", dimension="5", second="eccentricity", **SMALL)
    assert found.arrays["points"].shape[1] == 5 and found.arrays["layout"].shape == (len(found.arrays["points"]), 3)


def test_too_many_cells_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A complex beyond the limit is not stored and has no summands, and the number of its cells says why."""
    monkeypatch.setattr("core.topology.describe_explore.MOST_CELLS", 100)
    found = ask("noisy-circle", **SMALL)
    assert not any(name.startswith("cells_") for name in found.arrays)
    assert len(found.tables["summands"]) == 0 and int(found.summary["cells"].value or 0) > 100
    assert "summand_lines" not in found.summary
