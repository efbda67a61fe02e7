"""Pictures of a control task in random subspaces."""

from __future__ import annotations

import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.intrinsic_dimension.control.tasks import TASKS, ControlTask
from core.intrinsic_dimension.figures.published import add_published
from core.palette import ACCENT, SERIES

LI = "Li et al. 2018, arXiv:1804.08838"


def control_figures(result: Result) -> dict[str, Figure]:
    """Reward by subspace dimension, and the place among published results."""
    return {"reward_by_dimension": _reward(result), "published": _published(result)}


def _task(result: Result) -> ControlTask:
    return TASKS[str(result.values()["task"])]


def _reward(result: Result) -> Figure:
    table, means = result.tables["control"], result.tables["control_means"]
    task = _task(result)
    plot = go.Figure()
    plot.add_scatter(
        x=table.subspace_dimension,
        y=table.reward,
        customdata=table[["seed", "generations"]],
        mode="markers",
        marker={"color": ACCENT, "size": 8, "opacity": 0.7},
        name="one search",
        hovertemplate="d = %{x:,}: %{y:.1f}<br>seed %{customdata[0]}, %{customdata[1]} generations<extra></extra>",
    )
    plot.add_scatter(
        x=means.subspace_dimension,
        y=means.mean_reward,
        mode="lines",
        line={"color": ACCENT, "width": 2},
        name="mean",
        hovertemplate="mean at d = %{x:,}: %{y:.1f}<extra></extra>",
    )
    plot.add_hline(
        y=task.solved,
        line={"color": SERIES[1], "dash": "dash"},
        annotation={"text": f"solved {task.solved:g}", "font": {"color": SERIES[1]}},
        annotation_position="bottom left",
    )
    found = result.summary["d_int100"]
    if found.value is not None:
        plot.add_vline(x=found.value, line={"color": SERIES[1], "width": 1.5})
    ticks = [int(d) for d in means.subspace_dimension]
    plot.update_xaxes(title="subspace dimension d (parameters, logarithmic)", type="log", tickvals=ticks)
    plot.update_yaxes(title="mean reward of 100 episodes", range=[0, 1.06 * task.steps])
    plot.update_layout(showlegend=True, legend={"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0})
    return Figure(
        title="Reward by subspace dimension",
        plot=plot,
        reading=(
            f"Each dot is one search of its own subspace; the answer is where the mean line first passes {task.solved:g}. Dots at both top and bottom of one "
            "dimension mean that luck decides there, or that the search is too short."
        ),
        caption=f"n = {len(table)} searches, each with its own start, subspace and episodes; the most that an episode gives is {task.steps:,}.",
        alt=f"Mean reward against subspace dimension. {result.answer}",
        reference=f"{LI}, section 3.3; Hansen 2016, arXiv:1604.00772 (CMA-ES)",
    )


def _published(result: Result) -> Figure:
    values, found = result.values(), result.summary["d_int100"]
    full = float(values["full_dimension"] or 1)
    height = float(found.value if found.value is not None else result.tables["control"].subspace_dimension.max())
    plot = go.Figure()
    add_published(plot, result.tables["published"], [(full, height)], 0.5)
    low = float(found.low if found.low is not None else height)
    plot.add_scatter(
        x=[full],
        y=[height],
        error_y={
            "array": [max(0.0, float(found.high) - height) if found.high is not None else 0.0],
            "arrayminus": [max(0.0, height - low) if found.value is not None else 0.0],
            "color": ACCENT,
        },
        mode="markers+text",
        marker={"color": ACCENT, "size": 12, "symbol": "diamond" if found.value is not None else "triangle-up-open"},
        text=[f"{_task(result).name}, here: {'' if found.value is not None else '> '}{height:,.0f}"],
        textposition="middle right",
        textfont={"color": ACCENT},
        cliponaxis=False,
        name="this result",
        hovertemplate="this result: D = %{x:,}, d = %{y:,}<extra></extra>",
        showlegend=False,
    )
    plot.update_xaxes(title="parameters of the network D (logarithmic)", type="log", dtick=1)
    plot.update_yaxes(title="intrinsic dimension d (parameters, logarithmic)", type="log", dtick=1)
    return Figure(
        title="Among published results",
        plot=plot,
        reading=(
            "Control tasks lie at the bottom: they need far fewer dimensions than recognising digits. A result above the published one of its task means "
            "that this learner makes less of its subspace than theirs."
        ),
        caption="This result beside the published ones (grey; filled: fixed baseline or score, open: own baseline); learners and networks differ.",
        alt=f"Published intrinsic dimensions against parameters of the network, with this result. {result.answer}",
        reference=f"{LI}, table 1",
    )
