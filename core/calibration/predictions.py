"""What a classifier said and what was true: the one input of every calibration metric and repair."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from core.data.predictions import Place, counted_from_zero
from core.errors import BadInput

ROW_SUM_TOLERANCE = 1e-3  # float16 rows are off by up to 5e-4; more than this is no rounding
BLOCK_VALUES = 1 << 22  # values of one block of rows: 32 MiB in float64


@dataclass(frozen=True, eq=False)
class Predictions:
    """Probabilities of `n` samples over `K` classes, and the labels.

    Built by `from_logits` or `from_probabilities`, which validate. A tie for the largest probability goes to the
    first class, as `numpy.argmax` does.

    Attributes:
        logits: [n, K] float64 or float32, None where only probabilities are known.
        probabilities: [n, K] float64, rows sum to one.
        labels: [n] int64 in 0..K-1.
        groups: [n] user-given group of each sample, for diagrams by group.
        notes: What a reader of the numbers must know about this input.
        place: Where a row stands in what a person handed in, for messages.
    """

    logits: np.ndarray | None
    probabilities: np.ndarray
    labels: np.ndarray
    groups: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    place: Place = counted_from_zero

    @property
    def n(self) -> int:
        """Number of samples."""
        return self.probabilities.shape[0]

    @property
    def classes(self) -> int:
        """Number of classes K."""
        return self.probabilities.shape[1]

    @cached_property
    def predicted(self) -> np.ndarray:
        """[n] the class of the largest probability; the first one in a tie."""
        return self.probabilities.argmax(axis=1)

    @cached_property
    def confidence(self) -> np.ndarray:
        """[n] the largest probability of each row."""
        return np.take_along_axis(self.probabilities, self.predicted[:, None], axis=1)[:, 0]

    @cached_property
    def correct(self) -> np.ndarray:
        """[n] whether the predicted class is the label."""
        return self.predicted == self.labels

    def rows(self, index: np.ndarray) -> Predictions:
        """The same predictions at the given rows (indices or a mask)."""
        kept, place = np.arange(self.n)[index], self.place
        return Predictions(
            None if self.logits is None else self.logits[index],
            self.probabilities[index],
            self.labels[index],
            None if self.groups is None else self.groups[index],
            self.notes,
            lambda row: place(int(kept[row])),
        )


def row_blocks(rows: int, columns: int) -> Iterator[slice]:
    """Slices over the rows, of about `BLOCK_VALUES` values each, so that temporaries stay small."""
    step = max(1, BLOCK_VALUES // max(1, columns))
    for start in range(0, rows, step):
        yield slice(start, min(rows, start + step))


def softmax64(logits: np.ndarray) -> np.ndarray:
    """Softmax over the last axis in float64, whatever the input's precision.

    In float32 the softmax of a confident network has many confidences equal to 1.0 exactly.

    Args:
        logits: [n, K] any float type.

    Returns:
        [n, K] float64, rows sum to one.
    """
    out = np.empty(logits.shape, dtype=np.float64)
    for rows in row_blocks(*logits.shape):
        block = out[rows]
        block[...] = logits[rows]
        block -= block.max(axis=1, keepdims=True)
        np.exp(block, out=block)
        block /= block.sum(axis=1, keepdims=True)
    return out


def from_logits(
    logits: ArrayLike, labels: ArrayLike, groups: ArrayLike | None = None, place: Place = counted_from_zero
) -> Predictions:
    """Validated predictions from unnormalised log-probabilities.

    Args:
        logits: [n, K]; -inf is a class that is ruled out.
        labels: [n] integers in 0..K-1.
        groups: [n] group of each sample, any type.
        place: Where a row stands, for messages.

    Raises:
        BadInput: The values aren't logits, the labels don't fit, or the lengths differ.
    """
    values = _matrix(logits, "logits", place)
    notes = _precision_note(values, "logits")
    if values.dtype == np.float16:
        values = values.astype(np.float32)
    _refuse_impossible_logits(values, place)
    if _looks_like_probabilities(values):
        raise BadInput(
            "logits: every value lies in [0, 1] and every row sums to one, so these look like probabilities; hand "
            "them in as 'probs'. If they are logits after all, add 1 to all of them: that leaves the softmax as it is."
        )
    return _assemble(values, softmax64(values), labels, groups, notes, place)


def from_probabilities(
    probabilities: ArrayLike, labels: ArrayLike, groups: ArrayLike | None = None, place: Place = counted_from_zero
) -> Predictions:
    """Validated predictions from probabilities, which are used as given (never renormalised).

    Args:
        probabilities: [n, K], rows sum to one within `ROW_SUM_TOLERANCE`.
        labels: [n] integers in 0..K-1.
        groups: [n] group of each sample, any type.
        place: Where a row stands, for messages.

    Raises:
        BadInput: The values aren't probabilities, the labels don't fit, or the lengths differ.
    """
    values = _matrix(probabilities, "probs", place)
    notes = _precision_note(values, "probs")
    values = values.astype(np.float64, copy=False)
    _refuse_improper_rows(values, place)
    return _assemble(None, values, labels, groups, notes, place)


def _assemble(
    logits: np.ndarray | None,
    probabilities: np.ndarray,
    labels: ArrayLike,
    groups: ArrayLike | None,
    notes: tuple[str, ...],
    place: Place,
) -> Predictions:
    n, classes = probabilities.shape
    checked = _labels(labels, n, classes, place)
    absent = np.flatnonzero(np.bincount(checked, minlength=classes) == 0)
    if absent.size:
        some = ", ".join(map(str, absent[:5])) + (", ..." if absent.size > 5 else "")
        notes += (f"{absent.size} of {classes} classes have no sample (class {some}); classwise metrics count them.",)
    if n > 1 and (probabilities == probabilities[0]).all():
        notes += (
            "Every row has the same probabilities: a constant predictor can be calibrated and useless; "
            "read accuracy and AUROC beside the calibration error.",
        )
    tied = _tied_rows(probabilities)
    if tied.size and tied.size < n:
        notes += (
            f"{tied.size:,} of {n:,} rows have their largest probability in several classes (the first is "
            f"{place(int(tied[0]))}); the first of these classes counts as the answer.",
        )
    return Predictions(logits, probabilities, checked, _groups(groups, n), notes, place)


def _tied_rows(probabilities: np.ndarray) -> np.ndarray:
    """Rows whose largest probability several classes share."""
    found = np.zeros(len(probabilities), dtype=bool)
    for rows in row_blocks(*probabilities.shape):
        block = probabilities[rows]
        found[rows] = (block == block.max(axis=1, keepdims=True)).sum(axis=1) > 1
    return np.flatnonzero(found)


def _matrix(values: ArrayLike, name: str, place: Place) -> np.ndarray:
    array = np.asarray(values)
    if array.ndim == 1 or (array.ndim == 2 and array.shape[1] == 1):
        both = "np.column_stack([np.zeros(len(z)), z])" if name == "logits" else "np.column_stack([1 - p, p])"
        raise BadInput(
            f"{name}: one column was found, one for each class is expected; for a model of two classes write {both} "
            "(this measures the confidence in the predicted class, which differs from the positive class alone)."
        )
    if array.ndim != 2:
        raise BadInput(f"{name}: an array of shape {array.shape} was found, [samples, classes] is expected.")
    if array.dtype.kind not in "fiu":
        raise BadInput(f"{name}: values of type {array.dtype} were found, numbers are expected.")
    if array.shape[0] == 0:
        raise BadInput(f"{name}: no rows were found; at least one sample is needed.")
    if array.dtype.kind in "iu" or array.dtype.itemsize > 8:
        array = array.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        bad = np.flatnonzero(np.isnan(array.sum(axis=1, dtype=np.float64)))
    bad = bad[np.isnan(array[bad]).any(axis=1)]  # inf - inf is NaN in the sum but not in the row
    if bad.size:
        raise BadInput(
            f"{name}: {place(int(bad[0]))} holds NaN ({bad.size:,} of {array.shape[0]:,} rows do); "
            "remove those rows, or find out why the model gave no number."
        )
    return array


def _precision_note(values: np.ndarray, name: str) -> tuple[str, ...]:
    if values.dtype != np.float16:
        return ()
    return (
        f"The {name} are float16: many confidences coincide or equal 1, which shifts AUROC, NLL and equal-mass bins; "
        "save logits as float32.",
    )


def _refuse_impossible_logits(values: np.ndarray, place: Place) -> None:
    highest = values.max(axis=1)
    for condition, what in ((highest == np.inf, "+inf"), (highest == -np.inf, "-inf in every class")):
        if condition.any():
            row = int(np.flatnonzero(condition)[0])
            raise BadInput(
                f"logits: {place(row)} holds {what}, which gives no probabilities ({int(condition.sum()):,} such rows); "
                "finite logits are expected, with -inf only for a class that is ruled out."
            )


def _looks_like_probabilities(values: np.ndarray) -> bool:
    if values[0].min() < 0 or abs(float(values[0].sum()) - 1) > ROW_SUM_TOLERANCE or values.min() < 0:
        return False
    return bool(np.abs(values.sum(axis=1, dtype=np.float64) - 1).max() <= ROW_SUM_TOLERANCE)


def _refuse_improper_rows(values: np.ndarray, place: Place) -> None:
    slack = 1 + ROW_SUM_TOLERANCE
    outside = (values.min(axis=1) < 0) | (values.max(axis=1) > slack)
    if outside.any():
        row = int(np.flatnonzero(outside)[0])
        worst = values[row].min() if values[row].min() < 0 else values[row].max()
        raise BadInput(
            f"probs: {place(row)} holds {worst:.6g}, outside [0, 1] ({int(outside.sum()):,} of {values.shape[0]:,} rows "
            "do); if these are logits, hand them in as 'logits'."
        )
    off = np.abs(values.sum(axis=1) - 1)
    if off.max() > ROW_SUM_TOLERANCE:
        row = int(off.argmax())
        raise BadInput(
            f"probs: {place(row)} sums to {values[row].sum():.6g}, off by {off[row]:.2g}, the most of "
            f"{int((off > ROW_SUM_TOLERANCE).sum()):,} rows that don't sum to one within {ROW_SUM_TOLERANCE:g}; divide "
            "each row by its sum, or hand in 'logits'."
        )


def _labels(labels: ArrayLike, n: int, classes: int, place: Place) -> np.ndarray:
    array = np.asarray(labels)
    if array.ndim == 2 and array.shape == (n, classes) and classes > 1:
        raise BadInput(
            f"labels: an array of shape {array.shape} was found, which looks one-hot; one class number a sample is "
            "expected: write labels.argmax(axis=1)."
        )
    if array.ndim != 1:
        raise BadInput(f"labels: an array of shape {array.shape} was found, [samples] is expected.")
    if array.shape[0] != n:
        raise BadInput(
            f"labels: {array.shape[0]:,} labels were found for {n:,} rows of predictions; one each is expected."
        )
    if array.dtype.kind not in "fiub":
        raise BadInput(
            f"labels: values of type {array.dtype} were found, class numbers 0 to {classes - 1} are expected."
        )
    whole = np.isfinite(array) & (array == np.floor(array)) if array.dtype.kind == "f" else np.ones(n, dtype=bool)
    if not whole.all():
        row = int(np.flatnonzero(~whole)[0])
        raise BadInput(f"labels: {place(row)} holds {array[row]}; whole class numbers 0 to {classes - 1} are expected.")
    lowest, highest = array.min(), array.max()
    if lowest >= 1 and highest == classes:
        raise BadInput(
            f"labels: they run from {int(lowest)} to {classes}; classes are counted from 0 to {classes - 1}: "
            "write labels - 1."
        )
    if lowest < 0 or highest >= classes:
        row = int(np.flatnonzero((array < 0) | (array >= classes))[0])
        raise BadInput(
            f"labels: {place(row)} holds {int(array[row])}; with {classes} columns of predictions, 0 to {classes - 1} "
            "are expected."
        )
    return array.astype(np.int64)


def _groups(groups: ArrayLike | None, n: int) -> np.ndarray | None:
    if groups is None:
        return None
    array = np.asarray(groups)
    if array.shape != (n,):
        raise BadInput(
            f"groups: an array of shape {array.shape} was found, one group for each of {n:,} rows is expected."
        )
    return array


@dataclass(frozen=True, eq=False)
class RegressionPredictions:
    """Gaussian predictions of real targets: the second task kind.

    Attributes:
        mean: [n] float64 predicted means.
        deviation: [n] float64 predicted standard deviations, above zero.
        targets: [n] float64 what was observed.
    """

    mean: np.ndarray
    deviation: np.ndarray
    targets: np.ndarray

    @property
    def n(self) -> int:
        """Number of samples."""
        return self.mean.shape[0]

    @cached_property
    def standardised(self) -> np.ndarray:
        """[n] residuals in units of the predicted standard deviation."""
        return (self.targets - self.mean) / self.deviation


def from_intervals(
    mean: ArrayLike, deviation: ArrayLike, targets: ArrayLike, place: Place = counted_from_zero
) -> RegressionPredictions:
    """Validated Gaussian predictions; `place` says in messages where a row stands.

    Raises:
        BadInput: A value isn't finite, a standard deviation isn't above zero, or the lengths differ.
    """
    columns = {"mean": mean, "std": deviation, "target": targets}
    arrays = {name: np.asarray(values, dtype=np.float64) for name, values in columns.items()}
    for name, array in arrays.items():
        if array.ndim != 1 or array.size == 0:
            raise BadInput(f"{name}: an array of shape {array.shape} was found, one number a sample is expected.")
        if array.shape != arrays["mean"].shape:
            raise BadInput(f"{name}: {array.size:,} values were found for {arrays['mean'].size:,} predicted means.")
        if not np.isfinite(array).all():
            row = int(np.flatnonzero(~np.isfinite(array))[0])
            raise BadInput(f"{name}: {place(row)} holds {array[row]}; finite numbers are expected.")
    if (arrays["std"] <= 0).any():
        row = int(np.flatnonzero(arrays["std"] <= 0)[0])
        raise BadInput(
            f"std: {place(row)} holds {arrays['std'][row]:.6g}; a standard deviation above zero is expected (take the "
            "square root if these are variances)."
        )
    return RegressionPredictions(arrays["mean"], arrays["std"], arrays["target"])
