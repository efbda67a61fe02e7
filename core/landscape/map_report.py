"""A phase map as a result: the modes that end in one share its tables, its numbers and its words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar
from core.landscape.advice import advise
from core.landscape.phase_map.labels import COLLAPSED, LABELS, PHASES
from core.landscape.phase_map.phases import PhaseMap, phase_map
from core.landscape.phase_map.transitions import transitions

SURE = 0.9  # confidence from which a label is called sure


@dataclass(frozen=True)
class MapWords:
    """How a map is spoken of.

    Attributes:
        subject: what was measured, as captions begin.
        load: name of the first axis.
        temperature: name of the second axis.
        cold_if_large: whether large values of it are cold, as of batch sizes.
        recipe: how the networks were trained and measured; empty where that is not known.
    """

    subject: str
    load: str
    temperature: str
    cold_if_large: bool
    recipe: str = ""

    def cell(self, row: pd.Series) -> str:
        """Where a cell lies."""
        return f"{self.load} {row['load']:.4g}, {self.temperature} {row['temperature']:.4g}"


def map_result(
    words: MapWords, rows: pd.DataFrame, *, classes: int | None, seed: int, **tables: pd.DataFrame
) -> Result:
    """The result of a phase map.

    Args:
        words: how it is spoken of.
        rows: a row a cell, seed or pair, see `core.landscape.phases`.
        classes: by which collapsed cells are told.
        seed: of the bootstrap.
        tables: that the result holds besides.

    Raises:
        BadInput: rows that can't be used.
    """
    found = phase_map(rows, classes=classes, seed=seed)
    cells = found.cells
    return Result(
        answer=_answer(words, cells),
        summary=_summary(words, cells),
        tables={
            "phases": _phases(found),
            "advice": _advice(words, cells),
            "transition_lines": _lines(found),
            "axes": pd.DataFrame(
                {
                    "axis": ["load", "temperature"],
                    "name": [words.load, words.temperature],
                    "cold_if_large": [False, words.cold_if_large],
                }
            ),
            **tables,
        },
        notes=_notes(words, found),
    )


def _phases(found: PhaseMap) -> pd.DataFrame:
    """The cells, with the share of resamples of each label that any cell ever had."""
    shares = {
        f"share_{name}": found.probabilities[:, code]
        for code, name in enumerate(LABELS)
        if found.probabilities[:, code].any()
    }
    return found.cells.assign(**shares)


def _advice(words: MapWords, cells: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for position, (_, cell) in enumerate(cells.iterrows()):
        rows += [
            {
                "load": cell["load"],
                "temperature": cell["temperature"],
                "phase": cell["phase"],
                "advice": advised.advice.sentence,
                "turn": advised.advice.turn,
                "whose": "the paper's" if advised.advice.origin == "paper" else "read off the map",
                "reference": advised.advice.reference,
                "evidence": "; ".join(
                    f"{one.title} {one.value:.3g}{' ' + one.unit if one.unit else ''}" for one in advised.evidence
                ),
            }
            for advised in advise(cells, position)
        ]
    return pd.DataFrame(rows)


def _lines(found: PhaseMap) -> pd.DataFrame:
    lines = transitions(found)
    parts = [
        pd.DataFrame({"transition": name, "line": number, "load": line[:, 0], "temperature": line[:, 1]})
        for name, drawn in (("sharp", lines.sharp_lines), ("connected", lines.connected_lines))
        for number, line in enumerate(drawn)
    ]
    empty = pd.DataFrame({"transition": [], "line": [], "load": [], "temperature": []})
    return pd.concat(parts, ignore_index=True) if parts else empty


def _best(cells: pd.DataFrame) -> pd.Series | None:
    """The cell with the smallest test error, or, where none was measured, nothing."""
    known = cells[cells.test_error.notna() & (cells.phase != COLLAPSED)]
    return None if known.empty else known.iloc[int(known.test_error.argmin())]


def _answer(words: MapWords, cells: pd.DataFrame) -> str:
    counts = cells.phase.value_counts()
    named = [f"{counts[name]:,} in {name}" for name in LABELS if name != COLLAPSED and counts.get(name)]
    gone = int(counts.get(COLLAPSED, 0))
    learned = [f"{gone:,} learned nothing"] if gone else []
    said = f"{words.subject}: of {_cells(len(cells))} {', and '.join([_listed(named)] * bool(named) + learned)}"
    best = _best(cells)
    if best is None:
        return f"{said}."
    return (
        f"{said}. The best test error, {best.test_error:.3g} %, lies at {words.cell(best)}, in {best.phase} "
        f"(confidence {best.confidence:.2f})."
    )


def _cells(count: int) -> str:
    return f"{count:,} {'cell' if count == 1 else 'cells'}"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f" and {parts[-1]}" if parts else ""


def _summary(words: MapWords, cells: pd.DataFrame) -> dict[str, Scalar]:
    summary: dict[str, Scalar] = {}
    best = _best(cells)
    if best is not None:
        summary["best_test_error"] = Scalar(
            float(best.test_error), "Best test error", "%", description=words.cell(best)
        )
        summary["best_phase"] = Scalar(str(best.phase), "Phase of the best cell")
    summary["sure"] = Scalar(
        int((cells.confidence >= SURE).sum()),
        "Sure cells",
        description=f"Whose label {100 * SURE:.0f} % of the resamples keep.",
    )
    summary["cells"] = Scalar(len(cells), "Cells")
    summary["collapsed"] = Scalar(
        int((cells.phase == COLLAPSED).sum()),
        "Cells that learned nothing",
        description="Found first: a constant looks flat, connected and alike.",
    )
    for name in PHASES:
        summary[f"cells_{name}"] = Scalar(int((cells.phase == name).sum()), f"Cells in {name}")
    means = cells.groupby("phase").test_error.mean()
    for name in PHASES:
        if name in means and np.isfinite(means[name]):
            summary[f"test_error_{name}"] = Scalar(float(means[name]), f"Mean test error in {name}", "%")
    return summary


def _notes(words: MapWords, found: PhaseMap) -> tuple[str, ...]:
    cells = found.cells
    notes = [words.recipe] if words.recipe else []
    notes += found.notes
    unsure = cells[(cells.confidence < SURE) & (cells.phase != COLLAPSED)]
    if len(unsure):
        notes.append(
            f"Labels that fewer than {100 * SURE:.0f} % of the resamples keep: {_cells(len(unsure))}, near a transition or with seeds "
            "that differ."
        )
    negative = cells[cells.trace < 0]
    if len(negative):
        notes.append(
            f"The mean trace of {_cells(len(negative))} is negative, as of a saddle: it is shown as it is, has no logarithm, and "
            "sharp is told from flat by the loss alone there."
        )
    if cells.cka.isna().all() or cells.mode_connectivity.isna().all():
        notes.append(
            "Without pairs of seeds connectivity and similarity are not measured, and the label names what is known."
        )
    notes.append("IV-A and IV-B shade into each other; the line between them is no transition.")
    return tuple(notes)
