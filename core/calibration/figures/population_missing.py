"""What stands in the tab of a question that has nothing to compare: what is missing, and what to bring."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from core.analysis import Figure
from core.calibration.figures.population_drawing import STUDY, TABS
from core.palette import NEUTRAL


@dataclass(frozen=True)
class Missing:
    """Why a question can't be answered, and what would answer it."""

    title: str
    found: str  # a few words, drawn in place of a picture
    bring: str  # one sentence


MISSING = {
    "i": Missing(
        "The same metric on two data sets",
        "no three models on two data sets",
        "To see whether a ranking carries over, bring the same models measured on a second data set: arrays DATASET/logits "
        "and DATASET/labels in the npz, or a column dataset in the table.",
    ),
    "ii": Missing(
        "Does calibration tell robustness?",
        "no robustness known",
        "Bring each model's accuracy under disturbance as columns of the model table: in the study's names, such as "
        "gaussian_noise, or in any that start with robust_.",
    ),
    "iii": Missing(
        "Do the metrics agree on who is well calibrated?",
        "fewer than two metrics that vary",
        "Bring the models' logits, from which all metrics follow, or further columns such as pre_ECE_15, pre_KSCE and pre_NLL.",
    ),
    "iv": Missing(
        "Does temperature scaling improve all models alike?",
        "no ECE before and after",
        "Bring the models' logits, from which both stages follow, or columns of both, such as pre_ECE_15 and post_ECE_15.",
    ),
    "v": Missing(
        "Accuracy and calibration",
        "no two models that differ",
        "Bring models of several accuracies; those here have all the same accuracy, or the same errors.",
    ),
    "vi": Missing(
        "ECE over bin counts",
        "fewer than two bin counts",
        "Bring the models' logits, from which every bin count follows, or columns of several, such as pre_ECE_15 and "
        "pre_ECE_100.",
    ),
    "vii": Missing(
        "Which designs are well calibrated, at the same accuracy?",
        "no attributes beside an ECE",
        "Bring a model table that says how the models differ: columns such as width, depth, family or weight_decay.",
    ),
}


def missing(question: str) -> Figure:
    """The panel of a question without an answer."""
    words = MISSING[question]
    plot = go.Figure()
    plot.add_annotation(
        text=f"Nothing to compare: {words.found}",
        x=0.5,
        y=0.5,
        xref="paper",
        yref="paper",
        showarrow=False,
        font={"color": NEUTRAL, "size": 14},
    )
    plot.update_xaxes(visible=False)
    plot.update_yaxes(visible=False)
    plot.update_layout(height=120, margin={"l": 0, "r": 0, "t": 0, "b": 0})
    return Figure(
        title=words.title,
        plot=plot,
        reading=words.bring,
        caption="",
        alt=f"No picture: {words.found}. {words.bring}",
        reference=f"{STUDY}, question {question}",
        group=TABS[question],
    )
