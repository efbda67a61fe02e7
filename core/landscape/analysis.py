"""Loss landscape, as an entry of the catalog."""

from __future__ import annotations

from core.analysis import Analysis, Figure, Input, Reference, Result, by_mode
from core.landscape.checkpoints_mode import compute_checkpoints, estimate_checkpoints
from core.landscape.checkpoints_params import CheckpointsParams
from core.landscape.degeneracy_mode import compute_degeneracy, estimate_degeneracy
from core.landscape.degeneracy_params import DegeneracyParams
from core.landscape.metrics_mode import compute_metrics, estimate_metrics
from core.landscape.metrics_params import MetricsParams
from core.landscape.pruning_mode import compute_pruning, estimate_pruning
from core.landscape.pruning_params import PruningParams
from core.landscape.sweep_mode import compute_sweep, estimate_sweep
from core.landscape.sweep_params import SweepParams
from core.landscape.zoo_mode import compute_zoo, estimate_zoo
from core.landscape.zoo_params import ZooParams

compute = by_mode(
    sweep=compute_sweep,
    metrics=compute_metrics,
    pruning=compute_pruning,
    checkpoints=compute_checkpoints,
    degeneracy=compute_degeneracy,
    zoo=compute_zoo,
)
estimate = by_mode(
    sweep=estimate_sweep,
    metrics=estimate_metrics,
    pruning=estimate_pruning,
    checkpoints=estimate_checkpoints,
    degeneracy=estimate_degeneracy,
    zoo=estimate_zoo,
)


def figures(result: Result) -> dict[str, Figure]:
    """The figures of a result; plotly is imported here at the earliest."""
    from core.landscape.figures import figures as drawn

    return drawn(result)


ANALYSIS = Analysis(
    slug="landscape",
    title="Loss landscape",
    question="In which phase was this model trained, and what should be turned next?",
    params=(SweepParams, CheckpointsParams, MetricsParams, ZooParams, PruningParams, DegeneracyParams),
    inputs=(
        Input(
            "checkpoints",
            "checkpoints",
            "Checkpoints",
            "A zip of .safetensors or weights-only .pt files of one architecture, or one of them.",
            modes=("checkpoints",),
        ),
        Input(
            "checkpoints",
            "checkpoints",
            "Checkpoints",
            "A zip of .safetensors or weights-only .pt files of one architecture, or one of them; without any, networks are trained here.",
            required=False,
            modes=("degeneracy",),
        ),
        Input(
            "checkpoints",
            "zoo",
            "Model zoo",
            "A zip with a folder a model: params.json, result.json with one JSON object a line, an epoch each, and, where they are "
            "kept, checkpoint_000150/checkpoints.",
            modes=("zoo",),
        ),
        Input(
            "dataset",
            "dataset",
            "Data set",
            "Rows with features and a class for each, which the networks learn or have learned.",
            modes=("sweep", "pruning", "checkpoints", "degeneracy"),
        ),
        Input(
            "held_out",
            "dataset",
            "Held-out data",
            "Rows that no checkpoint was trained on, of the same columns and classes; averages are reported on them.",
            required=False,
            modes=("checkpoints",),
        ),
        Input(
            "table",
            "table",
            "Table",
            "A row a checkpoint with file, load and temperature, for phases; a column pretrained marks the one that the others were "
            "fine-tuned from.",
            required=False,
            modes=("checkpoints",),
        ),
        Input(
            "table",
            "table",
            "Table of metrics",
            "A row a cell, seed or pair: load, temperature, training loss, Hessian trace, mode connectivity, CKA and, where it "
            "was measured, test error; csv or Parquet, in the columns of a model zoo or named by you.",
            modes=("metrics",),
        ),
    ),
    compute=compute,
    figures=figures,
    estimate=estimate,
    version=3,
    references=(
        Reference(
            "Yang, Hodgkinson, Theisen, Zou, Gonzalez, Ramchandran and Mahoney",
            2021,
            "Taxonomizing local versus global structure in neural network loss landscapes",
            "arXiv:2107.11228, section 2 and figure 2",
        ),
        Reference(
            "Falk, Schürholt, Tzachristas and others",
            2025,
            "A Model Zoo on Phase Transitions in Neural Networks",
            "arXiv:2504.18072",
        ),
        Reference(
            "Zhou, Yang, Chang, Mahoney and Yang",
            2023,
            "A Three-regime Model of Network Pruning",
            "arXiv:2305.18383, section 3",
        ),
        Reference(
            "Garipov, Izmailov, Podoprikhin, Vetrov and Wilson",
            2018,
            "Loss Surfaces, Mode Connectivity, and Fast Ensembling of DNNs",
            "arXiv:1802.10026, equation 2",
        ),
        Reference(
            "Kornblith, Norouzi, Lee and Hinton",
            2019,
            "Similarity of Neural Network Representations Revisited",
            "arXiv:1905.00414, equation 3",
        ),
        Reference(
            "Ainsworth, Hayase and Srinivasa",
            2022,
            "Git Re-Basin: Merging Models modulo Permutation Symmetries",
            "arXiv:2209.04836, algorithms 1 and 3",
        ),
        Reference(
            "Wortsman, Ilharco, Gadre and others",
            2022,
            "Model soups: averaging weights of multiple fine-tuned models improves accuracy without increasing inference time",
            "arXiv:2203.05482, recipe 1",
        ),
        Reference(
            "Wortsman, Ilharco, Kim and others",
            2022,
            "Robust fine-tuning of zero-shot models",
            "arXiv:2109.01903, equation 1",
        ),
        Reference(
            "Matena and Raffel",
            2022,
            "Merging Models with Fisher-Weighted Averaging",
            "arXiv:2111.09832, section 2",
        ),
        Reference(
            "Bushnaq, Mendel, Heimersheim and others",
            2024,
            "Using Degeneracy in the Loss Landscape for Mechanistic Interpretability",
            "arXiv:2405.10927, sections 2 and 3",
        ),
        Reference(
            "Lau, Furman, Wang, Murfet and Wei",
            2023,
            "The Local Learning Coefficient: A Singularity-Aware Complexity Measure",
            "arXiv:2308.12108, definition 1",
        ),
    ),
)
