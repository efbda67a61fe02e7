"""Mode `metrics`: tables of other people's measurements, from the file to the map."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.analysis import Result, parse_params
from core.errors import BadInput
from core.landscape.analysis import ANALYSIS
from core.landscape.metric_columns import metric_rows
from core.serial import serially
from core.sources import open_source
from tests.core.landscape.phase_map.maps import published

TABLE, TRUTH = published()


def ask(folder: Path, table: pd.DataFrame, **values: object) -> Result:
    path = folder / "metrics.csv"
    table.to_csv(path, index=False)
    params = parse_params(ANALYSIS.params, {"mode": "metrics", **values})
    return serially(ANALYSIS, params, {"table": open_source("table", str(path))})


def test_a_published_map_gets_its_phases_back(tmp_path: Path) -> None:
    """Of cells around the reported means of each phase nine in ten get that phase, and the best one is told."""
    table = TABLE.assign(test_error=[{"IV-B": 12.0}.get(phase, 18.0) for phase in TRUTH])
    result = ask(tmp_path, table)
    cells = result.tables["phases"]
    truth = pd.Series(TRUTH, index=pd.MultiIndex.from_frame(TABLE[["load", "temperature"]].round(9)))
    found = cells.set_index(pd.MultiIndex.from_frame(cells[["load", "temperature"]].round(9))).phase
    assert (found == truth.loc[found.index]).mean() > 0.9
    assert result.summary["best_test_error"].value == pytest.approx(12.0)
    assert result.summary["best_phase"].value == "IV-B"
    assert "The best test error, 12 %" in result.answer


def test_the_columns_of_a_model_zoo_are_known(tmp_path: Path) -> None:
    """Logarithms of traces are taken back, accuracies become errors, and small batches are hot."""
    zoo = pd.DataFrame(
        {
            "Width": [2, 2, 4, 4],
            "batch_size": [8, 16, 8, 16],
            "train_loss": [1.0, 0.9, 1e-3, 2e-3],
            "log_hessian_trace": np.log([900.0, 800.0, 20.0, 30.0]),
            "curve_mc_train_error": [-12.0, -10.0, 0.1, 0.2],
            "representation_similarity": [0.4, 0.5, 0.8, 0.9],
            "test_acc": [0.7, 0.71, 0.9, 0.92],
        }
    )
    rows, columns = metric_rows(zoo, {}, "zoo.csv")
    np.testing.assert_allclose(rows.trace, [900, 800, 20, 30])
    np.testing.assert_allclose(rows.test_error, [30, 29, 10, 8])
    assert columns["load"] == "Width"
    result = ask(tmp_path, zoo)
    assert result.tables["axes"].set_index("axis").loc["temperature"].tolist() == ["batch_size", True]
    assert set(result.tables["phases"].phase) == {"I", "IV-A", "IV-B"}


def test_a_zoo_summary_of_many_epochs_is_read_at_one(tmp_path: Path) -> None:
    """In the columns of the zoo's published summaries: the last epoch counts, and of two temperatures the one that differs."""
    last = pd.DataFrame(
        {
            "width": [2, 2, 4, 4], "lr": 0.1, "wd": 5e-4, "batchsize": [8, 16, 8, 16], "epoch": 150,
            "train_loss": [1.0, 0.9, 1e-3, 2e-3], "train_acc": [0.6, 0.7, 1.0, 1.0], "test_acc": [0.5, 0.6, 0.8, 0.9],
            "log_hessian_trace_train": [6.0, 6.1, 3.0, 3.1], "curve_mc_train_error": [-12.0, -10.0, 0.1, 0.2],
            "representation_similarity": [0.4, 0.5, 0.8, 0.9],
        }
    )  # fmt: skip
    table = pd.concat([last.assign(epoch=epoch, train_loss=2.3) for epoch in (0, 1)] + [last])
    result = ask(tmp_path, table)
    assert result.tables["phases"].train_loss.tolist() == [1.0, 0.9, 1e-3, 2e-3]
    assert result.tables["axes"].set_index("axis").loc["temperature"].tolist() == ["batchsize", True]
    assert "rows of epoch 150" in result.notes[0]
    assert ask(tmp_path, table, epoch=1).tables["phases"].train_loss.eq(2.3).all()


def test_every_cell_has_advice_that_says_whose_it_is(tmp_path: Path) -> None:
    """Each phase that occurs has a sentence, marked as the paper's or as read off the map, with values beside it."""
    advice = ask(tmp_path, TABLE).tables["advice"]
    assert set(advice.whose) == {"the paper's", "read off the map"}
    assert (advice[advice.whose == "the paper's"].phase == "III").all()
    assert advice.evidence.str.contains(r"training loss|mode connectivity|CKA").all()


def test_figures_show_the_map_and_each_metric(tmp_path: Path) -> None:
    """The map comes first; a metric that was not measured has no picture; hot is up for batch sizes too."""
    table = TABLE.rename(columns={"temperature": "batch_size"}).assign(batch_size=1 / TABLE.temperature)
    result = ask(tmp_path, table)
    drawn = ANALYSIS.figures(result)
    assert list(drawn) == ["phase_map", "plane_train_loss", "plane_trace", "plane_mode_connectivity", "plane_cka"]
    ticks = [float(text) for text in drawn["phase_map"].plot.layout.yaxis.ticktext]
    assert ticks == sorted(ticks, reverse=True)
    assert all(one.alt and one.reading and one.caption and one.reference for one in drawn.values())


@pytest.mark.parametrize(
    ("change", "values", "said"),
    [
        (
            lambda t: t.drop(columns="trace"),
            {},
            r"metrics.csv has no column for trace: one called trace, hessian_trace",
        ),
        (lambda t: t, {"cka": "similarity"}, r"metrics.csv has no column 'similarity'; it has load, temperature"),
        (lambda t: t.assign(cka="high"), {}, r"column 'cka': it holds text; numbers are expected for cka"),
        (lambda t: t[:0], {}, r"metrics.csv"),
        (lambda t: t.assign(epoch=3), {"epoch": 4}, r"metrics.csv has no row of epoch 4; it has epochs from 3 to 3"),
        (lambda t: t, {"epoch": 4}, r"metrics.csv has no column epoch"),
    ],
)
def test_tables_that_can_not_be_used_are_refused(
    tmp_path: Path, change: object, values: dict[str, str], said: str
) -> None:
    """One sentence names the file, the column and what is expected."""
    with pytest.raises(BadInput, match=said):
        ask(tmp_path, change(TABLE), **values)  # type: ignore[operator]
