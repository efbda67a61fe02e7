"""Column reduction over the field of two elements: along many filtrations, and along all levels of a bifiltration.

The compiled parts copy by loops, and hold no sorting: numba compiles slices that are assigned, and sorting, for many
seconds.
"""

from __future__ import annotations

import numpy as np
from numba import njit

NEVER = np.iinfo(np.int32).max  # the level of what does not happen


def dependence_levels(starts: np.ndarray, faces: np.ndarray, entry: np.ndarray, rows: int) -> np.ndarray:
    """The level at which each column becomes a sum of columns before it.

    The columns are in the order of their radii. At a level those with `entry` up to it are present, and a column is
    dependent if it is a sum of present ones before it; it stays so at all later levels, which only bring more. Hence
    the rank of the boundary at (radius, level) is the number of columns up to that radius that have entered and are
    not dependent yet, for all radii and levels at once.

    The reduced matrix is kept from level to level: a column that enters takes a pivot from a later column, which is
    then reduced on (the bigraded reduction of Lesnick and Wright, arXiv:1902.05708, by insertion).

    Args:
        starts: [m + 1] column i is `faces[starts[i]:starts[i + 1]]`.
        faces: row numbers below `rows`, in any order, each at most once in a column.
        entry: [m] int32 level of each column; NEVER for columns that stay out.
        rows: number of rows.

    Returns:
        [m] int32 levels; NEVER where a column stays independent or stays out.
    """
    order = np.argsort(entry, kind="stable")
    order = order[: np.searchsorted(entry[order], NEVER)]
    return _dependence_levels(starts, _sorted_columns(starts, faces, np.arange(rows)), entry, order, rows)


def lowest_ranks(
    starts: np.ndarray,
    faces: np.ndarray,
    orders: np.ndarray,
    present: np.ndarray,
    skipped: np.ndarray,
    ranks: np.ndarray,
) -> np.ndarray:
    """The persistence pairs of many filtrations of one complex: the lowest row of each reduced column.

    Args:
        starts: [m + 1] column i is `faces[starts[i]:starts[i + 1]]`.
        faces: row numbers, each at most once in a column.
        orders: [filtrations, m] columns in the order in which they enter.
        present: [filtrations] how many of them enter at all.
        skipped: [filtrations, m] bool, columns that are known to be zero.
        ranks: [filtrations, rows] the place of each row in the order in which the rows enter, a permutation.

    Returns:
        [filtrations, m] int64 rank of the row that a column kills; -1 if it is zero or stays out.
    """
    return _lowest_ranks_of_all(starts, faces, orders, present, skipped, ranks)


@njit(cache=True, nogil=True)
def _sorted_columns(starts: np.ndarray, faces: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """[k] int32 the ranks of the rows, each column by itself in increasing order: a counting sort by rows."""
    columns, rows = len(starts) - 1, len(rank)
    ends = np.zeros(rows + 1, dtype=np.int64)
    for entry in range(len(faces)):
        ends[rank[faces[entry]] + 1] += 1
    for row in range(rows):
        ends[row + 1] += ends[row]
    column_of = np.empty(len(faces), dtype=np.int32)
    for column in range(columns):
        for entry in range(starts[column], starts[column + 1]):
            place = rank[faces[entry]]
            column_of[ends[place]] = column
            ends[place] += 1  # afterwards the end of this row's entries
    filled = starts[:-1].copy()
    result = np.empty(len(faces), dtype=np.int32)
    begin = 0
    for row in range(rows):
        for entry in range(begin, ends[row]):
            column = column_of[entry]
            result[filled[column]] = row
            filled[column] += 1
        begin = ends[row]
    return result


@njit(cache=True, nogil=True)
def _dependence_levels(
    starts: np.ndarray, faces: np.ndarray, entry: np.ndarray, order: np.ndarray, rows: int
) -> np.ndarray:
    columns = len(entry)
    dependent = np.full(columns, NEVER, dtype=np.int32)
    owner = np.full(rows, -1, dtype=np.int64)  # the column whose lowest entry a row is
    pool = np.empty(max(len(faces) * 2, 1024), dtype=np.int32)  # the reduced columns, one after the other
    begin, length = np.zeros(columns, dtype=np.int64), np.zeros(columns, dtype=np.int64)
    used = 0
    work, spare = np.empty(rows + 1, dtype=np.int32), np.empty(rows + 1, dtype=np.int32)
    for which in order:
        column = which
        size = starts[column + 1] - starts[column]
        for k in range(size):
            work[k] = faces[starts[column] + k]
        while size:
            pivot = work[size - 1]
            rival = owner[pivot]
            if 0 <= rival < column:
                merged = _added(work, size, pool, begin[rival], length[rival], spare)
                work, spare, size = spare, work, merged
                continue
            if used + size > len(pool):
                pool, used = _compacted(pool, begin, length, size)
            for k in range(size):
                pool[used + k] = work[k]
            begin[column], length[column] = used, size
            used += size
            owner[pivot] = column
            if rival < 0:
                break
            merged = _added(work, size, pool, begin[rival], length[rival], spare)
            length[rival] = 0
            work, spare, size, column = spare, work, merged, rival
        if not size:
            dependent[column] = entry[which]
    return dependent


@njit(cache=True, nogil=True)
def _lowest_ranks_of_all(
    starts: np.ndarray,
    faces: np.ndarray,
    orders: np.ndarray,
    present: np.ndarray,
    skipped: np.ndarray,
    ranks: np.ndarray,
) -> np.ndarray:
    filtrations, columns = orders.shape
    result = np.empty((filtrations, columns), dtype=np.int64)
    order = np.empty(columns, dtype=np.int64)
    for number in range(filtrations):
        count = 0
        for place in range(present[number]):
            column = orders[number, place]
            if not skipped[number, column]:
                order[count] = column
                count += 1
        rank = ranks[number]
        lowest = _lowest_ranks(starts, _sorted_columns(starts, faces, rank), order, count, len(rank))
        for column in range(columns):
            result[number, column] = lowest[column]
    return result


@njit(nogil=True)
def _lowest_ranks(starts: np.ndarray, faces: np.ndarray, order: np.ndarray, count: int, rows: int) -> np.ndarray:
    columns = len(starts) - 1
    lowest = np.full(columns, -1, dtype=np.int64)
    owner = np.full(rows, -1, dtype=np.int64)
    pool = np.empty(max(len(faces) * 2, 1024), dtype=np.int32)
    begin, length = np.zeros(columns, dtype=np.int64), np.zeros(columns, dtype=np.int64)
    used = 0
    work, spare = np.empty(rows + 1, dtype=np.int32), np.empty(rows + 1, dtype=np.int32)
    for place in range(count):
        column = order[place]
        size = starts[column + 1] - starts[column]
        for k in range(size):
            work[k] = faces[starts[column] + k]
        while size:
            pivot = work[size - 1]
            rival = owner[pivot]
            if rival < 0:
                if used + size > len(pool):
                    pool, used = _compacted(pool, begin, length, size)
                for k in range(size):
                    pool[used + k] = work[k]
                begin[column], length[column] = used, size
                used += size
                owner[pivot] = column
                lowest[column] = pivot
                break
            merged = _added(work, size, pool, begin[rival], length[rival], spare)
            work, spare, size = spare, work, merged
    return lowest


@njit(nogil=True)
def _added(a: np.ndarray, size: int, pool: np.ndarray, start: int, count: int, out: np.ndarray) -> int:
    """The sum of two sorted columns, `a` and one of the pool: what is in exactly one of them. Returns its length."""
    i, j, k, stop = 0, start, 0, start + count
    while i < size and j < stop:
        if a[i] < pool[j]:
            out[k] = a[i]
            i += 1
            k += 1
        elif pool[j] < a[i]:
            out[k] = pool[j]
            j += 1
            k += 1
        else:
            i += 1
            j += 1
    while i < size:
        out[k] = a[i]
        i += 1
        k += 1
    while j < stop:
        out[k] = pool[j]
        j += 1
        k += 1
    return k


@njit(nogil=True)
def _compacted(pool: np.ndarray, begin: np.ndarray, length: np.ndarray, more: int) -> tuple[np.ndarray, int]:
    """A pool with the live columns alone and room for at least twice that. Moves `begin`."""
    live = 0
    for column in range(len(length)):
        live += length[column]
    roomy = np.empty(max(2 * (live + more), 1024), dtype=np.int32)
    used = 0
    for column in range(len(length)):
        start = begin[column]
        begin[column] = used
        for k in range(length[column]):
            roomy[used] = pool[start + k]
            used += 1
    return roomy, used
