"""The last part of mode `objective`: the network at d as a small file, with a certificate of its error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Compute, Result, Scalar, Step
from core.intrinsic_dimension.compression.description import Description, describe_network
from core.intrinsic_dimension.compression.occam import occam_bound
from core.intrinsic_dimension.compression.quantise import WIDTHS
from core.intrinsic_dimension.compression.step import compress_run

if TYPE_CHECKING:
    from core.intrinsic_dimension.findings import Findings, Training
    from core.intrinsic_dimension.trainings import Facts, Problem

DELTA = 0.05  # how often the certificate may fail
GUESSED_WIDTH = 4  # bits at which the bound is expected to be lowest, when a training is chosen for it
OFFERED = (4, 8, 16)  # bits of the files that are offered besides the one with the lowest bound
NEAR, BEST = "near d_int90", "lowest bound expected"
PARTS = {
    "codes": "the rounded coordinates: d times b",
    "width": "b, one of the widths that were tried",
    "dimension": "d, one of the whole numbers up to D",
    "clip": "the range of the levels, a number of half precision",
    "seed": "the seed of start and projection",
    "projection": "the kind of projection, one of five",
    "scaling": "mean and deviation by which features are scaled",
    "learning_rate": "the learning rate, a number of single precision",
}


@dataclass(frozen=True)
class Compressed:
    """One run, rounded to every width.

    Attributes:
        role: why this run: near d_int90, for the lowest bound, or both.
        run: as the search trained it.
        found: of `compress_run`, which did not diverge.
        facts: of the problem.
    """

    role: str
    run: Training
    found: Mapping[str, Any]
    facts: Facts

    @property
    def dimension(self) -> int:
        """d."""
        return self.run.subspace_dimension or 0

    @cached_property
    def descriptions(self) -> list[Description]:
        """Of each width."""
        return [
            describe_network(
                self.facts.full_dimension, self.dimension, bits, self.facts.scaling, self.found["features"]
            )
            for bits in WIDTHS
        ]

    @cached_property
    def bounds(self) -> np.ndarray:
        """The Occam bound of each width."""
        errors = 1 - self.found["measured"][:, 0]
        return np.array(
            [
                occam_bound(float(error), one.bits, self.facts.training_rows, DELTA)
                for error, one in zip(errors, self.descriptions, strict=True)
            ]
        )

    @property
    def best(self) -> int:
        """The place of the width with the lowest bound."""
        return int(self.bounds.argmin())

    def bytes(self, place: int) -> int:
        """The length of a file."""
        return len(self.found["files"][place].encode())

    def table(self) -> pd.DataFrame:
        """A row a width."""
        measured = self.found["measured"]
        return pd.DataFrame(
            {
                "network": self.role,
                "subspace_dimension": self.dimension,
                "seed": self.run.seed,
                "bits": WIDTHS,
                "bytes": [self.bytes(place) for place in range(len(WIDTHS))],
                "training_accuracy": measured[:, 0],
                "validation_accuracy": measured[:, 1],
                "unrounded_training_accuracy": self.found["training_accuracy"],
                "unrounded_validation_accuracy": self.found["validation_accuracy"],
                "description_bits": [one.bits for one in self.descriptions],
                "certificate": self.bounds,
            }
        )

    def files(self) -> pd.DataFrame:
        """The files that are offered, the one with the lowest bound first."""
        places = dict.fromkeys((self.best, *(WIDTHS.index(bits) for bits in OFFERED)))
        return pd.DataFrame(
            {
                "label": [
                    f"d = {self.dimension:,}, seed {self.run.seed}, {WIDTHS[place]} bits: {self.bytes(place):,} bytes, validation accuracy "
                    f"{self.found['measured'][place, 1]:.3f}"
                    for place in places
                ],
                "bound": [self.bounds[place] for place in places],
                "json": [self.found["files"][place] for place in places],
            }
        )


def certified(result: Result, problem: Problem, facts: Facts, findings: Findings, memory: int, share: float) -> Compute:
    """Compresses what a search found and adds it to its result.

    Args:
        result: of the search.
        problem: that was searched.
        facts: about it.
        findings: of the search.
        memory: of a step that trains.
        share: of the whole run.
    """
    obstacle = _obstacle(facts)
    chosen = {} if obstacle else runs_to_compress(findings, facts)
    if not chosen:
        return replace(result, notes=(*result.notes, *([obstacle] if obstacle else [])))
    found = yield [
        Step(
            compress_run,
            {
                "problem": problem,
                "subspace_dimension": run.subspace_dimension,
                "learning_rate": run.learning_rate,
                "seed": run.seed,
            },
            device=problem.device,
            label=f"Compressing {run.subspace_dimension:,} coordinates",
            share=share / len(chosen),
            memory=memory,
        )
        for run in chosen
    ]
    compressed = [
        Compressed(role, run, one, facts)
        for (run, role), one in zip(chosen.items(), found, strict=True)
        if not one["diverged"]
    ]
    return with_certificate(result, compressed) if compressed else result


def runs_to_compress(findings: Findings, facts: Facts) -> dict[Training, str]:
    """The training nearest to d_int90 and the one whose bound is likely to be the lowest, and what they are for.

    The bound is estimated from the training accuracy as it was before rounding.
    """
    runs = [one for one in findings.trainings if one.subspace_dimension and np.isfinite(one.performance)]
    if not runs:
        return {}
    # The length of what does not depend on d is the same for all, so any number of features serves to compare them.
    best = min(
        runs,
        key=lambda run: occam_bound(
            1 - run.training_accuracy,
            describe_network(
                facts.full_dimension, run.subspace_dimension or 0, GUESSED_WIDTH, facts.scaling, features=1
            ).bits,
            facts.training_rows,
            DELTA,
        ),
    )
    middle = findings.crossing.dimension if findings.crossing else None
    if not middle:
        return {best: BEST}
    near = min(runs, key=lambda run: (abs(log((run.subspace_dimension or 1) / middle)), -run.performance))
    return {best: f"{NEAR}, {BEST}"} if near == best else {near: NEAR, best: BEST}


def with_certificate(result: Result, compressed: Sequence[Compressed]) -> Result:
    """The result with the numbers, tables and words of its compressed networks."""
    one = min(compressed, key=lambda network: network.bounds.min())
    place = one.best
    bound, bits, length = float(one.bounds[place]), WIDTHS[place], one.descriptions[place].bits
    known = asdict(one.descriptions[place])
    files = pd.concat([network.files() for network in compressed], ignore_index=True)
    files = files.sort_values("bound", kind="stable", ignore_index=True).drop(columns="bound")
    return replace(
        result,
        summary={
            **result.summary,
            "certificate": Scalar(
                bound,
                "Certificate",
                "error",
                description=f"At most so large is the error on new rows, with {100 * (1 - DELTA):g} % confidence; at 1 or "
                "more it says nothing.",
            ),
            "compressed_bytes": Scalar(
                one.bytes(place), "Compressed network", "bytes", description="The file with the lowest certificate."
            ),
            "certificate_dimension": Scalar(one.dimension, "Its subspace dimension", "parameters"),
            "certificate_width": Scalar(bits, "Bits a coordinate", "bits"),
            "certificate_bits": Scalar(length, "Its description", "bits", description="Everything that was chosen."),
            "certificate_train_error": Scalar(
                1 - float(one.found["measured"][place, 0]), "Its training error", "error", description="After rounding."
            ),
        },
        tables={
            **result.tables,
            "compression": pd.concat([network.table() for network in compressed], ignore_index=True),
            "description": pd.DataFrame(
                {"part": list(PARTS), "bits": [known[part] for part in PARTS], "meaning": list(PARTS.values())}
            ),
            "compressed_networks": files.assign(snippet=standalone_source()),
        },
        notes=(*result.notes, _note(one)),
    )


def _note(one: Compressed) -> str:
    place, rows = one.best, one.facts.training_rows
    bound, length = float(one.bounds[place]), one.descriptions[place].bits
    wrong = 1 - float(one.found["measured"][place, 0])
    network = (
        f"the network of {one.dimension:,} coordinates at {WIDTHS[place]} bits, a file of {one.bytes(place):,} bytes,"
    )
    if bound >= 1:
        return (
            f"No certificate: {network} takes {length:,} bits with everything that was chosen, which is too much for "
            f"{rows:,} training rows: its bound is {bound:.2f}, and 1 or more says nothing."
        )
    return (
        f"Certificate: {network} gets {wrong:.3f} of the {rows:,} training rows wrong, and at most {bound:.3f} of new rows "
        f"with {100 * (1 - DELTA):g} % confidence, if rows are drawn independently: {length:,} bits describe everything that "
        "was chosen. It holds for this compressed network, which was trained once more from its seed, not for a network "
        "trained directly."
    )


def standalone_source() -> str:
    """The lines that open a file with numpy and torch alone."""
    return Path(__file__).with_name("standalone.py").read_text()


def _obstacle(facts: Facts) -> str | None:
    """Why a network can't be described by its seed and theta_d."""
    if facts.running_statistics:
        what = "keeps running statistics or other buffers"
    elif facts.kept:
        what = "keeps the values of parameters that could not be drawn anew"
    elif facts.training_mode:
        what = "stays in training mode, so that its predictions are random"
    else:
        return None
    return f"No compressed network and no certificate: this one {what}, which theta_d and a seed do not describe."
