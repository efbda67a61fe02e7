"""Which covariates explain an event together."""

from __future__ import annotations

import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import ACCENT, NEUTRAL
from core.telemetry.figures.detected import Detected
from core.telemetry.figures.drawing import short

MOST_PAIRS = 12
ROW = 26  # pixels of a bar


def interaction_figures(result: Result) -> dict[str, Figure]:
    """That of the strongest event, where interactions were asked for."""
    detected = Detected.of(result)
    if "interactions" not in result.tables or not detected.events:
        return {}
    event = detected.events[0]
    own = detected.of_event("interactions", event)
    alone = own[own.covariate == own.other]
    pairs = own[own.covariate != own.other].head(MOST_PAIRS)
    names = [f"{short(str(a), 16)} × {short(str(b), 16)}" for a, b in zip(pairs.covariate, pairs.other, strict=True)]
    largest_alone = float(alone.interaction.abs().max())
    plot = go.Figure()
    plot.add_bar(
        x=pairs.interaction.to_numpy(), y=list(range(len(names))), orientation="h", width=0.62, showlegend=False,
        marker={"color": ACCENT, "line": {"width": 0}}, customdata=names, hovertemplate="%{customdata}: %{x:.4g} σ<extra></extra>",
    )  # fmt: skip
    plot.add_vline(x=0, line={"color": NEUTRAL, "width": 1})
    plot.update_yaxes(
        tickvals=list(range(len(names))), ticktext=names, range=[len(names) - 0.5, -0.5], showgrid=False, ticks=""
    )
    plot.update_xaxes(title="joint contribution to the residual (σ)")
    plot.update_layout(height=100 + ROW * len(names))
    figure = Figure(
        title=f"What covariates do together in {event.name}",
        plot=plot,
        reading=(
            "A bar is what two covariates contribute together beyond what each contributes alone; bars as long as the largest "
            f"single one ({largest_alone:.3g} σ) would mean that naming one covariate tells half of the story."
        ),
        caption=f"n = {len(own) - len(alone):,} pairs, the {len(names)} largest; mean over the rows at the peak.",
        alt=f"Interactions at the peak of {event.name}; {names[0]} is the largest with {pairs.interaction.iloc[0]:.3g} sigma.",
        reference="SHAP interaction values: Lundberg et al. 2020, Nature Machine Intelligence 2:56",
    )
    return {"interactions": figure}
