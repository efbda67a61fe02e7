"""What the peer's interpreter runs: answers questions about clouds with multipers 2.3.2. Nothing of Assay is imported.

Questions come on standard input and answers go to standard output, each as eight bytes of length and an npz. A native
crash ends this process alone.
"""

from __future__ import annotations

import io
import os
import struct
import sys
from typing import Any, BinaryIO

import numpy as np

LENGTH = struct.Struct(">Q")


def main() -> None:
    """Answers until standard input ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print must not get between the answers
    while question := read_frame(sys.stdin.buffer):
        try:
            answer = answered(question)
        except Exception as error:
            answer = {"error": np.array(f"{type(error).__name__}: {error}")}
        write_frame(answers, answer)


def answered(question: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Signed rectangles or stable representations of the Vietoris-Rips bifiltration of a cloud, by degree."""
    import multipers as mp  # type: ignore[import-not-found]
    import multipers.filtrations as filtrations  # type: ignore[import-not-found]

    degrees = [int(degree) for degree in question["degrees"]]
    tree: Any = filtrations.RipsLowerstar(
        distance_matrix=question["distances"],
        function=question["function"],
        threshold_radius=float(question["longest"]),
    )
    tree.collapse_edges(-1)
    tree.expansion(max(degrees) + 1)
    if "lines" not in question:
        squeezed = tree.grid_squeeze(strategy="exact")
        found = mp.signed_measure(squeezed, degrees=degrees, invariant="rank", n_jobs=1)
        answer = {}
        for degree, (positions, weights) in zip(degrees, found, strict=True):
            answer[f"positions_{degree}"] = np.asarray(positions, dtype=np.float64).reshape(-1, 4)
            answer[f"weights_{degree}"] = np.asarray(weights, dtype=np.int64)
        return answer
    radii, levels = question["radii"], question["levels"]
    module = mp.module_approximation(tree, nlines=int(question["lines"]), ignore_warnings=True)
    images = {}
    for degree in degrees:
        image = module.representation(
            degrees=[degree],
            bandwidth=float(question["delta"]),
            kernel="linear",
            p=float(question["p"]),
            normalize=True,
            box=question["box"].tolist(),
            grid=[radii, levels],
        )
        images[f"image_{degree}"] = np.asarray(image).reshape(len(levels), len(radii)).T  # it is level-major
    return images


def read_frame(stream: BinaryIO) -> dict[str, np.ndarray]:
    """The next question; nothing at the end."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return {}
    with np.load(io.BytesIO(stream.read(LENGTH.unpack(head)[0])), allow_pickle=False) as held:
        return dict(held)


def write_frame(stream: BinaryIO, arrays: dict[str, np.ndarray]) -> None:
    """Writes an npz behind its length."""
    held = io.BytesIO()
    np.savez(held, allow_pickle=False, **arrays)
    stream.write(LENGTH.pack(held.getbuffer().nbytes) + held.getvalue())
    stream.flush()


if __name__ == "__main__":
    main()
