"""What explains one event: the base, what each covariate adds, the prediction, and what is left over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import NEUTRAL, translucent
from core.telemetry.figures.detected import Detected, Event, moment, share_words, signed
from core.telemetry.figures.drawing import ABOVE, BELOW, ROW, name_rows, short

MOST_BARS = 9  # covariates with a bar of their own; the others share one
REFERENCE = (
    "Exact SHAP values of tree ensembles: Lundberg et al. 2020, Nature Machine Intelligence 2:56, algorithm 2; those of a "
    "covariate's features are added up, which additivity allows"
)


@dataclass(frozen=True)
class Bar:
    """One bar: it runs from `start` over `length`; a total starts at 0."""

    name: str
    start: float
    length: float
    total: bool = False
    left_over: bool = False


def waterfall_figures(result: Result) -> dict[str, Figure]:
    """That of the strongest event that has one."""
    detected = Detected.of(result)
    event = next((one for one in detected.events if len(detected.of_event("waterfall", one))), None)
    return {"waterfall": waterfall(detected, event)} if event else {}


def waterfall(detected: Detected, event: Event, expanded: str | None = None) -> Figure:
    """The explanation of one event, which must be in the table `waterfall`.

    Args:
        detected: the result.
        event: what is explained.
        expanded: a covariate whose features get bars of their own.
    """
    about = detected.of_event("waterfall", event).iloc[0]
    parts = _parts(detected, event, expanded)
    bars = bars_of(float(about.base), parts, float(about.prediction), float(about.target))
    plot = drawn(bars, "residual (σ)")
    first = max(parts, key=lambda part: abs(part[1])) if parts else ("no covariate", 0.0)
    return Figure(
        title=f"What explains {event.name}",
        plot=plot,
        reading=(
            "From the base, each bar moves the prediction of the second model to where it ends; what the prediction does not "
            "reach stays unexplained. The explained share, not the length of the bars, says how far to trust this: a model "
            "can put any event down to something that happened at the time."
        ),
        caption=(
            f"{event.name} at {moment(event.peak)} UTC: {event.verdict}. Explained share {share_words(event.share)}, by a model that has not "
            "seen the event; below 0.1 counts as not explained. All bars are means over the peak and the rows beside it; 1 σ is one "
            "robust standard deviation of the residual."
        ),
        alt=(
            f"Waterfall of {event.name}: {first[0]} contributes most, {signed(first[1])} of {signed(float(about.target))} "
            f"sigma; {signed(float(about.unexplained))} sigma is not explained."
        ),
        reference=REFERENCE,
    )


def bars_of(base: float, parts: list[tuple[str, float]], prediction: float, target: float | None) -> list[Bar]:
    """Base, the largest contributions, the rest in one bar, the prediction, and where known what is left over.

    Args:
        base: prediction with no covariate known.
        parts: (name, contribution), the largest first.
        prediction: base + all contributions.
        target: what the prediction aims at; None where nobody knows.
    """
    named = parts if len(parts) <= MOST_BARS + 1 else parts[:MOST_BARS]
    rest = parts[len(named) :]
    bars, at = [Bar("base", 0.0, base, total=True)], base
    for name, length in [*named, *([(f"{len(rest)} others", sum(value for _, value in rest))] if rest else [])]:
        bars.append(Bar(name, at, length))
        at += length
    bars.append(Bar("prediction", 0.0, prediction, total=True))
    if target is not None:
        bars.append(Bar("not explained", prediction, target - prediction, left_over=True))
        bars.append(Bar("residual", 0.0, target, total=True))
    return bars


def drawn(bars: list[Bar], axis: str) -> go.Figure:
    """The bars below each other, joined by thin lines, each with its number at its end."""
    ends = [value for bar in bars for value in (bar.start, bar.start + bar.length)]
    wide = max(max(ends) - min(ends), 1e-9)
    numbers = [_rounded(bar.length, wide) for bar in bars]
    plot = go.Figure()
    plot.add_bar(
        x=[bar.length for bar in bars],
        base=[bar.start for bar in bars],
        y=list(range(len(bars))),
        orientation="h",
        width=0.62,
        marker={
            "color": [_colour(bar) for bar in bars],
            "line": {"width": [1 if bar.left_over else 0 for bar in bars], "color": NEUTRAL},
        },
        customdata=[(short(bar.name, 60), words) for bar, words in zip(bars, numbers, strict=True)],
        hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
        showlegend=False,
    )
    plot.add_scatter(  # numbers on the right of each bar, also of one that runs to the left: there the names stand
        x=[max(bar.start, bar.start + bar.length) for bar in bars],
        y=list(range(len(bars))),
        mode="text",
        text=[f" {words}" for words in numbers],
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )
    for row, bar in enumerate(bars[:-1]):
        end = bar.start + bar.length
        plot.add_shape(
            type="line", x0=end, x1=end, y0=row, y1=row + 1, layer="below", line={"color": NEUTRAL, "width": 1, "dash": "dot"}
        )  # fmt: skip
    name_rows(plot, [bar.name for bar in bars])
    plot.update_xaxes(
        title=axis, range=[min(ends) - 0.03 * wide, max(ends) + 0.2 * wide], zeroline=True, zerolinecolor=NEUTRAL
    )
    plot.update_yaxes(showgrid=False, ticks="")
    plot.update_layout(height=90 + ROW * len(bars), bargap=0.2)
    return plot


def _parts(detected: Detected, event: Event, expanded: str | None) -> list[tuple[str, float]]:
    """Contributions by covariate, the largest first; those of the expanded one by feature, in its place."""
    table = detected.of_event("attributions", event).sort_values("order")
    features = detected.of_event("attribution_features", event)
    parts: list[tuple[str, float]] = []
    for covariate, shap in zip(table.covariate.astype(str), table["shap"], strict=True):
        if covariate == expanded and len(features):
            own = features[features.covariate == expanded].sort_values("shap", key=lambda values: -values.abs())
            parts += [(str(name), float(value)) for name, value in zip(own.feature, own["shap"], strict=True)]
        else:
            parts.append((covariate, float(shap)))
    return parts


def _rounded(value: float, wide: float) -> str:
    """A number with its sign and as many decimals as the picture can show, no minus before a zero."""
    decimals = int(np.clip(2 - np.floor(np.log10(wide)), 0, 6))
    return f"{round(value, decimals) + 0.0:+.{decimals}f}".replace("-", "−")


def _colour(bar: Bar) -> str:
    if bar.total:
        return translucent(NEUTRAL, 0.55)
    if bar.left_over:
        return "rgba(0,0,0,0)"
    return ABOVE if bar.length > 0 else BELOW
