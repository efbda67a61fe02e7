"""Scores against labels: every method beside a random one and the base rate, each VUS with its definition named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis import Figure, Result
from core.palette import ACCENT, NEUTRAL, translucent
from core.telemetry.figures.drawing import ROW, name_rows

RANDOM, BASE_RATE = "random", "base_rate"
OURS = "assay"
WORDS = {
    OURS: "Assay",
    "difference over 1 h": "change in 1 h",
    "covariate that changed most": "largest change",
    "pca": "PCA",
    "sub_pca": "Sub-PCA",
    "isolation_forest": "isolation forest",
    "kmeans_ad": "KMeansAD",
    "absolute_z": "largest |z|",
    RANDOM: "random",
}
Panels = dict[tuple[str, str], str]  # metric and definition -> title; the first orders the methods
OF_SCORES: Panels = {
    ("vus_pr", "tsb_ad"): "VUS-PR<br>(TSB-AD)",
    ("vus_pr", "aeon"): "VUS-PR<br>(aeon)",
    ("auc_pr", "row"): "AUC-PR<br>of rows",
    ("auc_roc", "row"): "AUC-ROC<br>of rows",
}
OF_ALARMS: Panels = {
    ("event_f05", "esa_adb"): "F0.5<br>of events",
    ("adtqc", "esa_adb"): "ADTQC<br>in time",
    ("affiliation_f1", "huet_2022"): "F1<br>affiliation",
    ("point_f1", "row"): "F1<br>of rows",
}
OF_TRUTH: Panels = {
    ("recall_at_3", "euclid_like truth"): "recall<br>at 3",
    ("precision_at_3", "euclid_like truth"): "precision<br>at 3",
    ("hit_at_1", "euclid_like truth"): "cause<br>first",
    ("hit_at_3", "euclid_like truth"): "cause<br>among 3",
    ("explained_share_auroc", "euclid_like truth"): "AUROC of<br>the share",
}
_ABOUT_BASE_RATE = ("vus_pr", "auc_pr")  # what a random score gets


def score_figures(result: Result) -> dict[str, Figure]:
    """Boards of scores, of alarms, and for a built-in of its planted events; none where nothing is known or defined."""
    table = result.tables.get("scores", pd.DataFrame())
    if table.empty:
        return {}
    drawn = {}
    boards = (("truth", OF_TRUTH, _truth), ("scores", OF_SCORES, _scores), ("alarms", OF_ALARMS, _alarms))
    for name, panels, make in boards:
        there = {pair: title for pair, title in panels.items() if _of(table, pair).value.notna().any()}
        if there:
            drawn[name] = make(table, there, len(result.arrays["time"]))
    return drawn


def _of(table: pd.DataFrame, pair: tuple[str, str]) -> pd.DataFrame:
    return table[(table.metric == pair[0]) & (table.definition == pair[1])]


def _scores(table: pd.DataFrame, panels: Panels, rows: int) -> Figure:
    base = table[table.metric == BASE_RATE].value
    rate = float(base.iloc[0]) if len(base) else float("nan")
    plot, best = _board(table, panels, rate)
    return Figure(
        title="Against the labels, beside plainer methods",
        plot=plot,
        reading=(
            "Further right is better, but only the distance from the random scores counts: where many rows are labelled, chance "
            "does well too. If a plainer method lies as far right, use that one."
        ),
        caption=(
            f"n = {rows:,} rows"
            + (
                f", {100 * rate:.3g} % of the scored ones labelled anomalous (dotted: this base rate)"
                if rate == rate
                else ""
            )
            + "; grey bars: 95 % intervals by resampling events; the two definitions of VUS give different numbers for the same "
            "scores and can't be compared with each other; no threshold is involved."
        ),
        alt=best,
        reference=(
            "VUS: Paparrizos et al. 2022, VLDB 15:2774, as in TSB-AD (Liu & Paparrizos 2024) and as in aeon; the table of "
            "scores has the window"
        ),
    )


def _alarms(table: pd.DataFrame, panels: Panels, rows: int) -> Figure:
    plot, best = _board(table, panels, float("nan"))
    return Figure(
        title="The alarms against the labels",
        plot=plot,
        reading=(
            "A method whose events are found but whose rows are not warns late or briefly, which may be all that is needed; "
            "affiliation gives even random alarms more than a half, so compare with the last row."
        ),
        caption=(
            f"n = {rows:,} rows; thresholds are set without the labels; random: as many alarm rows as the first method, wherever "
            "they fall; ADTQC counts how early within an event the alarm comes."
        ),
        alt=best,
        reference="Kotowski et al. 2024, arXiv:2406.17826 (events, ADTQC); Huet et al. 2022, KDD (affiliation)",
    )


def _truth(table: pd.DataFrame, panels: Panels, rows: int) -> Figure:
    plot, best = _board(table, panels, float("nan"))
    return Figure(
        title="Against the planted events",
        plot=plot,
        reading=(
            "Of a built-in it is known what was planted and why: the first two columns say whether events are found, the next two "
            "whether the right cause is named. Grey: what one gets by looking at changes within an hour alone."
        ),
        caption=(
            f"n = {rows:,} rows; recall at 3: planted events among the three listed of their parameter; precision at 3: listed "
            "deviations that a planted event has moved; cause: of the caused events that were found; AUROC: whether the explained "
            "share tells caused events from those of a sensor alone."
        ),
        alt=best,
        reference="The generator and its exact counterfactual are described with the built-in data",
    )


def _board(table: pd.DataFrame, panels: Panels, rate: float) -> tuple[go.Figure, str]:
    """Methods in rows, metrics in columns; and in words which method is best."""
    pairs = list(panels)
    first = _of(table, pairs[0]).sort_values("value", ascending=False, na_position="last", kind="stable")
    others = [str(method) for pair in pairs for method in _of(table, pair).method]
    methods = list(dict.fromkeys([*first.method.astype(str), *others]))
    methods.sort(key=lambda method: method == RANDOM)  # random is the last row
    plot = make_subplots(
        rows=1, cols=len(pairs), shared_yaxes=True, horizontal_spacing=0.03, subplot_titles=list(panels.values())
    )
    for column, pair in enumerate(pairs, start=1):
        _points(plot, _of(table, pair).drop_duplicates("method").set_index("method").reindex(methods), column)
        if pair[0] in _ABOUT_BASE_RATE and np.isfinite(rate):
            plot.add_vline(x=rate, line={"color": NEUTRAL, "dash": "dot", "width": 1}, row=1, col=column)
    name_rows(plot, [_words(method) for method in methods])
    plot.update_xaxes(range=[-0.04, 1.06], tickvals=[0, 0.5, 1], ticktext=["0", "½", "1"])
    plot.update_annotations(font={"size": 12})
    plot.update_layout(height=130 + ROW * len(methods), margin={"t": 56})
    value = dict(zip(first.method, first.value, strict=True))
    chance = f"; random reaches {value[RANDOM]:.2f}" if RANDOM in value else ""
    best = first.iloc[0]
    title = panels[pairs[0]].replace("<br>", " ")
    return plot, f"{title}, of {len(methods)} methods: {_words(best.method)} is best with {best.value:.2f}{chance}."


def _points(plot: go.Figure, own: pd.DataFrame, column: int) -> None:
    rows = np.arange(len(own))
    low, high = own.low.to_numpy(dtype=float), own.high.to_numpy(dtype=float)
    colours = [ACCENT if method == OURS else NEUTRAL for method in own.index]
    plot.add_scatter(
        x=np.column_stack([low, high, np.full(len(own), np.nan)]).ravel(), y=np.repeat(rows, 3), mode="lines",
        line={"color": translucent(NEUTRAL, 0.6), "width": 4}, hoverinfo="skip", showlegend=False, row=1, col=column,
    )  # fmt: skip
    plot.add_scatter(
        x=own.value,
        y=rows,
        mode="markers",
        marker={
            "size": 9,
            "color": colours,
            "symbol": ["circle-open" if method == RANDOM else "circle" for method in own.index],
            "line": {"width": 2, "color": colours},
        },
        customdata=[(_words(method), _interval(a, b)) for method, a, b in zip(own.index, low, high, strict=True)],
        hovertemplate="%{customdata[0]}: %{x:.3f}%{customdata[1]}<extra></extra>",
        showlegend=False,
        row=1,
        col=column,
    )


def _interval(low: float, high: float) -> str:
    return f" ({low:.3f} to {high:.3f})" if np.isfinite(low) and np.isfinite(high) else ""


def _words(method: str) -> str:
    return WORDS.get(method, str(method).replace("_", " "))
