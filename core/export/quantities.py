"""The numbers of several results on common axes, over what was set differently where that is one number."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.analysis import Figure, Scalar
from core.palette import ACCENT

MOST = 8  # quantities in one figure
ROW, ENDS = 105, 70  # pixels


@dataclass(frozen=True)
class Along:
    """What the results differ in, where it is a single number: its title with unit, and its value in each of them."""

    title: str
    values: tuple[float, ...]


Summary = Mapping[str, Scalar]


def single_difference(settings: Sequence[Mapping[str, object]]) -> tuple[str, tuple[float, ...]] | None:
    """The one setting in which results differ, if it is a number in each, and no two share a value.

    Args:
        settings: name -> value of each result, inputs among them.

    Returns:
        Its name and its values, in the order of the results; None where there is none such.
    """
    names = dict.fromkeys(name for one in settings for name in one)
    differing = [name for name in names if any(one.get(name) != settings[0].get(name) for one in settings)]
    if len(differing) != 1:
        return None
    values = [one.get(differing[0]) for one in settings]
    numbers = tuple(float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool))
    return (differing[0], numbers) if len(set(numbers)) == len(values) else None


def quantities_figure(summaries: Sequence[Summary], heads: Sequence[str], along: Along | None = None) -> Figure | None:
    """Each number in which the results differ, with its interval, on an axis of its own that all results share.

    Args:
        summaries: the named scalars of each result.
        heads: what each result is called.
        along: the number that was set differently; it then is the common horizontal axis.

    Returns:
        None where no number differs, or none is there twice.
    """
    names = [name for name in dict.fromkeys(name for one in summaries for name in one) if _differs(summaries, name)]
    if not names:
        return None
    shown = names[:MOST]
    plot = make_subplots(
        rows=len(shown),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=min(0.35 / len(shown), 0.1),
        subplot_titles=[_title(summaries, name) for name in shown],
    )
    for row, name in enumerate(shown, 1):
        plot.add_trace(_points(summaries, name, heads, along), row=row, col=1)
        plot.update_yaxes(nticks=4, row=row, col=1)
    for annotation in plot.layout.annotations:
        annotation.update(x=0, xanchor="left", font={"size": 13})
    if along is not None:
        plot.update_xaxes(title_text=along.title, row=len(shown), col=1)
    plot.update_layout(height=ENDS + ROW * len(shown), showlegend=False)
    left = f" The first {MOST} of {len(names)} are drawn." if len(names) > MOST else ""
    over = f" over {along.title}" if along is not None else ""
    return Figure(
        title="The numbers side by side",
        plot=plot,
        reading="Bars are the intervals of the results; where they do not overlap, the difference is more than noise.",
        caption=f"{len(summaries)} results; only what differs.{left}",
        alt=f"{len(shown)} quantities of {len(summaries)} results{over}, with intervals.",
        reference="",
    )


def _differs(summaries: Sequence[Summary], name: str) -> bool:
    values = [one[name].value for one in summaries if name in one]
    numbers = [value for value in values if isinstance(value, int | float) and math.isfinite(value)]
    return len(set(numbers)) > 1


def _title(summaries: Sequence[Summary], name: str) -> str:
    scalar = next(one[name] for one in summaries if name in one)
    return f"{scalar.title} ({scalar.unit})" if scalar.unit else scalar.title


def _points(summaries: Sequence[Summary], name: str, heads: Sequence[str], along: Along | None) -> go.Scatter:
    order = list(range(len(summaries)))
    if along is not None:
        order.sort(key=lambda place: along.values[place])
    held = [(place, summaries[place][name]) for place in order if name in summaries[place]]
    held = [(place, scalar) for place, scalar in held if isinstance(scalar.value, int | float)]
    values = [float(scalar.value) for _, scalar in held]  # type: ignore[arg-type]
    return go.Scatter(
        x=[along.values[place] if along is not None else heads[place] for place, _ in held],
        y=values,
        error_y={
            "array": [
                (scalar.high if scalar.high is not None else value) - value
                for (_, scalar), value in zip(held, values, strict=True)
            ],
            "arrayminus": [
                value - (scalar.low if scalar.low is not None else value)
                for (_, scalar), value in zip(held, values, strict=True)
            ],
            "width": 5,
            "thickness": 1.5,
        },
        mode="lines+markers" if along is not None else "markers",
        marker={"color": ACCENT, "size": 9},
        line={"color": ACCENT, "width": 1},
        text=[heads[place] for place, _ in held],
        hovertemplate="%{text}: %{y:.4~g}<extra></extra>",
    )
