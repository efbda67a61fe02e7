"""What the details of the inputs already tell about a learning problem, before anything is read or queued."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

from core.analysis import Inputs, Source
from core.data.columns import check_classes, class_count
from core.errors import BadInput
from core.intrinsic_dimension.projections.memory import DENSE_BYTES, most_dense_dimensions, stored_bytes
from core.models.builtin import describe_shape

if TYPE_CHECKING:
    from core.intrinsic_dimension.objective_params import ObjectiveParams

LEAST_ROWS = 20  # fewer leave an accuracy with hardly any values


def check_problem(params: ObjectiveParams, inputs: Inputs, full_dimension: int) -> None:
    """Refuses what can't be learned, as far as the details of data set and model tell.

    Args:
        params: with the label column.
        inputs: a data set, and perhaps a model.
        full_dimension: D, as far as it is known.

    Raises:
        BadInput: too few rows, no labels, one class, a class with one row, a largest subspace above D, a dense projection
            that is too large, or a model that does not fit the data set.
    """
    dataset = inputs["dataset"]
    details = dataset.details
    rows = details.get("rows")
    if rows is not None and rows < LEAST_ROWS:
        raise BadInput(
            f"{dataset.name} has {rows} rows; at least {LEAST_ROWS} are needed to learn from some and measure on others."
        )
    check_classes(dataset, params.target)
    if details.get("labels") and params.target in ("", details["labels"]):
        single = next((name for name, count in (details.get("class_counts") or {}).items() if count == 1), None)
        if single is not None:
            raise BadInput(
                f"{dataset.name}: class {single!r} has a single row, which can't be in both training and validation; "
                "add rows of it or leave it out."
            )
    if params.max_subspace is not None and params.max_subspace > full_dimension:
        raise BadInput(
            f"Largest subspace: {params.max_subspace:,} is more than the {full_dimension:,} parameters of the network; "
            f"expected at most {full_dimension:,}, or none."
        )
    if params.search == "grid":
        check_grid(params.grid, full_dimension)
    if params.projection == "dense":
        highest = max(params.grid) if params.search == "grid" else params.max_subspace or full_dimension
        _check_dense(
            full_dimension, min(full_dimension, highest), "Grid" if params.search == "grid" else "Largest subspace"
        )
    if "model" in inputs:
        _check_fit(inputs["model"], dataset, class_count(dataset, params.target))


def check_grid(grid: Sequence[int], full_dimension: int) -> None:
    """Refuses a grid that goes beyond the network.

    Raises:
        BadInput: names the largest dimension and the number of parameters.
    """
    if grid and max(grid) > full_dimension:
        raise BadInput(
            f"Grid: {max(grid):,} dimensions are more than the {full_dimension:,} parameters of the network; "
            f"expected at most {full_dimension:,}."
        )


def _check_dense(full_dimension: int, largest: int, setting: str) -> None:
    """A dense matrix of the largest subspace that may be tried must be accepted."""
    most = most_dense_dimensions(full_dimension)
    if largest > most:
        remedy = f"set {setting} to at most {most:,}, or choose" if most else "choose"
        raise BadInput(
            f"Projection dense: {full_dimension:,} parameters x {largest:,} dimensions take "
            f"{stored_bytes('dense', full_dimension, largest) / 1e9:,.1f} GB; at most {DENSE_BYTES / 1e9:g} GB are "
            f"accepted: {remedy} another projection."
        )


def _check_fit(model: Source, dataset: Source, classes: int | None) -> None:
    """An uploaded model must take the samples and give one value a class; a built-in one adapts."""
    takes, gives, shape = (model.details.get("input_shape"), model.details.get("output_shape"), _shape(dataset))
    if takes and shape and prod(takes) != prod(shape):
        raise BadInput(
            f"{model.name} takes samples of {describe_shape(takes)} ({prod(takes):,} values); the data set has {describe_shape(shape)} "
            f"({prod(shape):,} values): choose a model that fits, or a built-in one, which adapts."
        )
    if gives and classes and gives[-1] != classes:
        raise BadInput(
            f"{model.name} has {gives[-1]:,} outputs; the data set has {classes:,} classes: bring a model with "
            f"{classes:,} outputs, or choose a built-in one, which adapts."
        )


def _shape(dataset: Source) -> Sequence[int] | None:
    """Of a sample; not known of a table whose label column has yet to be chosen."""
    return dataset.details.get("shape") if dataset.details.get("labels") else None
