"""Parameters that several modes have in the same words."""

from __future__ import annotations

from core.analysis import parameter

TARGET = parameter(
    "",
    title="Label column",
    description="Column of a table that holds the classes; empty: the one called y, label, target or class.",
    main=True,
    max_length=300,
)
DEVICE = parameter(
    "cpu", title="Device", description="Where the trainings run; gpu waits for a worker that has one.", main=True
)
BATCH_SIZE = parameter(
    64, title="Batch size", description="Rows of one gradient.", unit="rows", minimum=1, maximum=100_000
)
FRACTION = parameter(
    0.9,
    title="Fraction of the baseline",
    description="How much of the baseline's performance counts as solved: 0.9 for d_int90, 1 for d_int100.",
    minimum=0.05,
    maximum=1.0,
)
SUBSPACE_LEARNING_RATES = parameter(
    (0.1, 0.3, 1.0),
    title="Learning rates, subspace",
    description="Rates of Adam in the subspace, tried once each at the first guess; the best is kept.",
    max_length=10,
)
SCALING = parameter(
    "automatic",
    title="Scaling",
    description="columns: each to mean 0 and variance 1; common: one mean and variance for all, as pixels need it; "
    "automatic: common for images, else columns.",
)
VALIDATION_FRACTION = parameter(
    0.2,
    title="Validation share",
    description="Share of the rows that performance is measured on; it is never learned from.",
    minimum=0.05,
    maximum=0.5,
)
MOST_ROWS = parameter(
    60_000,
    title="Most rows",
    description="A larger data set is reduced to this many rows, drawn at random.",
    unit="rows",
    minimum=20,
    maximum=10_000_000,
)
SEED = parameter(
    0,
    title="Seed",
    description="Draws the split; every training has a seed of its own that follows from it.",
    minimum=0,
    maximum=2**31 - 1,
)
