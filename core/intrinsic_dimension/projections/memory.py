"""How much memory a projection takes, known before anything is drawn."""

from __future__ import annotations

from core.errors import BadInput

DENSE_BYTES = 2_000_000_000  # of a dense matrix; more is refused
VALUE = 4  # bytes of a float32


def stored_bytes(kind: str, full_dimension: int, subspace_dimension: int) -> int:
    """Bytes of one projection, about: O(D d) of a dense one, O(d sqrt D + D) of a sparse one, O(D) of the others."""
    if kind == "dense":
        return VALUE * full_dimension * subspace_dimension
    if kind == "sparse":
        entries = subspace_dimension * (int(full_dimension**0.5) + 1)
        return 2 * entries * 2 * VALUE + VALUE * (full_dimension + subspace_dimension)  # by rows and by columns
    return 4 * VALUE * full_dimension


def most_dense_dimensions(full_dimension: int) -> int:
    """The largest d whose dense matrix is accepted; 0: none."""
    return DENSE_BYTES // (VALUE * full_dimension)


def check_dense(full_dimension: int, subspace_dimension: int) -> None:
    """Refuses a dense matrix that is too large.

    Raises:
        BadInput: more than DENSE_BYTES; says how many dimensions there may be.
    """
    needed = stored_bytes("dense", full_dimension, subspace_dimension)
    if needed > DENSE_BYTES:
        most = most_dense_dimensions(full_dimension)
        remedy = f"take at most {most:,} dimensions, or " if most else "take "
        raise BadInput(
            f"Projection dense: {full_dimension:,} parameters x {subspace_dimension:,} dimensions are "
            f"{needed / 1e9:,.1f} GB; at most {DENSE_BYTES / 1e9:g} GB are accepted: {remedy}projection fastfood, which "
            "needs memory for the parameters alone."
        )
