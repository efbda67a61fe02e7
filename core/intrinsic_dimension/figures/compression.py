"""Pictures of compressed networks: what rounding costs, and what the files certify."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.analysis import Figure, Result
from core.palette import ACCENT, NEUTRAL, SERIES

PLOT_HEIGHT, LABEL_HEIGHT = 320, 17  # pixels: about those of the plotting area, and those of a label
LABEL_MARGIN = 120  # pixels on the right, where the direct labels stand
TRAINED, NEW = SERIES[2], SERIES[1]


def compression_figures(result: Result) -> dict[str, Figure]:
    """Accuracy by bits a coordinate, and the certificate by bits."""
    return {"certificate": _certificate(result), "compression": _compression(result)}


def _certificate(result: Result) -> Figure:
    table, values = result.tables["compression"], result.values()
    rows = table[table.subspace_dimension == values["certificate_dimension"]]
    best = rows.iloc[int(rows.certificate.argmin())]
    rows = rows[rows.seed == best.seed]
    plot = go.Figure()
    for column, colour, words in (
        (rows.certificate, ACCENT, "certificate"),
        (1 - rows.validation_accuracy, NEW, "validation error"),
        (1 - rows.training_accuracy, TRAINED, "training error"),
    ):
        plot.add_scatter(
            x=rows.bits,
            y=column,
            customdata=rows[["bytes", "description_bits"]],
            mode="lines+markers",
            line={"color": colour},
            marker={
                "color": colour,
                "size": [12 if b == best.bits and words == "certificate" else 6 for b in rows.bits],
            },
            name=words,
            hovertemplate=f"{words} %{{y:.3f}} at %{{x}} bits<br>%{{customdata[0]:,}} bytes, %{{customdata[1]:,}} bits in all"
            "<extra></extra>",
            showlegend=False,
        )
    _label_ends(plot)
    if rows.certificate.max() >= 1:
        plot.add_hline(y=1, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    plot.update_xaxes(title="bits a coordinate", tickvals=list(rows.bits))
    plot.update_yaxes(title="share of rows that are wrong", rangemode="tozero")
    return Figure(
        title="Certificate",
        plot=plot,
        reading=(
            "The upper line is what can be promised of new rows: it falls while fewer bits describe the network and rises when "
            "rounding ruins it. At 1 or more it promises nothing; far above the validation error it is true but loose."
        ),
        caption=(
            f"d = {best.subspace_dimension:,}; lowest at {best.bits} bits: {best.certificate:.3f} from {best.bytes:,} bytes, "
            f"{best.description_bits:,} bits with everything that was chosen; it holds with 95 % confidence for all networks "
            "of the code at once."
        ),
        alt=f"Certificate, validation and training error by bits a coordinate; the lowest certificate is {best.certificate:.3f}.",
        reference="Langford 2005, JMLR 6, theorem 4.1 (Occam's razor bound); Li et al. 2018, arXiv:1804.08838, section 4",
    )


def _compression(result: Result) -> Figure:
    table = result.tables["compression"]
    plot = go.Figure()
    networks = list(table.groupby(["subspace_dimension", "seed"], sort=True))
    alike = table.subspace_dimension.nunique() < len(networks)
    for ((dimension, seed), rows), colour in zip(networks, SERIES, strict=False):
        name = f"d = {dimension:,}, seed {seed}" if alike else f"d = {dimension:,}"
        unrounded = float(rows.unrounded_validation_accuracy.iloc[0])
        plot.add_scatter(
            x=rows.bits,
            y=rows.validation_accuracy,
            customdata=rows[["bytes", "training_accuracy"]],
            mode="lines+markers",
            line={"color": colour},
            marker={"color": colour, "size": 7},
            name=name,
            hovertemplate=f"{name} at %{{x}} bits: %{{y:.3f}}<br>%{{customdata[0]:,}} bytes, "
            "training accuracy %{customdata[1]:.3f}<extra></extra>",
            showlegend=False,
        )
        plot.add_hline(y=unrounded, line={"color": colour, "dash": "dot", "width": 1.2})
    _label_ends(plot)
    plot.update_xaxes(title="bits a coordinate", tickvals=sorted(set(table.bits)))
    shown = pd.concat([table.validation_accuracy, table.unrounded_validation_accuracy])
    plot.update_yaxes(title="validation accuracy", range=[max(0.0, shown.min() - 0.05), min(1.01, shown.max() + 0.05)])
    first = networks[0][1]
    return Figure(
        title="Accuracy after rounding",
        plot=plot,
        reading=(
            "Each line is one trained network whose coordinates are rounded to fewer and fewer bits; dotted: before rounding. "
            "Where a line leaves its dotted one, rounding begins to cost accuracy."
        ),
        caption=(
            f"Networks of {' and '.join(f'{dimension:,}' for (dimension, _), _ in networks)} coordinates; files of "
            f"{table.bytes.min():,} to {table.bytes.max():,} bytes. Measured on the validation rows with the network that is "
            "decoded from the file."
        ),
        alt=(
            f"Validation accuracy by bits a coordinate; at d = {first.subspace_dimension.iloc[0]:,} it is "
            f"{first.validation_accuracy.iloc[0]:.3f} at {first.bits.iloc[0]} bits and "
            f"{first.validation_accuracy.iloc[-1]:.3f} at {first.bits.iloc[-1]}."
        ),
        reference="Li et al. 2018, arXiv:1804.08838, section 4 (a seed and theta_d store the network)",
    )


def _label_ends(plot: go.Figure) -> None:
    """Names each line at its right end, moved apart where two end at about the same height."""
    lines = sorted(plot.data, key=lambda line: -line.y[-1])
    values = [value for line in lines for value in line.y]
    scale = PLOT_HEIGHT / max(max(values) - min(values), 1e-9)
    above = float("inf")
    for line in lines:
        place = line.y[-1] * scale
        above = min(place, above - LABEL_HEIGHT)
        plot.add_annotation(
            x=1.01,
            xref="x domain",
            xanchor="left",
            y=line.y[-1],
            yanchor="middle",
            yshift=above - place,
            text=line.name,
            font={"color": line.line.color},
            showarrow=False,
        )
    plot.update_layout(margin={"r": LABEL_MARGIN})
