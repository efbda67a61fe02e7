"""The file of a compressed network: JSON of a few hundred bytes for a network of a few hundred thousand parameters.

format     "assay-subspace-network-2"
widths     of a chain of linear layers with ReLU: inputs, hidden units, outputs; or, of any other network,
parameters [[name, shape, distribution, scale], ...] in the order of the flat vector: what the start is drawn from
seed       of the run; numpy.random.SeedSequence(seed).generate_state(3)[:2] seed the start and the projection
projection [kind, d], see `core.intrinsic_dimension.projection`
bits, clip code k of b bits stands for clip ((2 k + 1) / 2^b - 1)
codes      the d codes one behind the other, the highest bit first, base64
scaling    how features were brought to one scale (see `FeatureScale`), and the seed of the order of shuffled pixels
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Any

from core.errors import BadInput
from core.intrinsic_dimension.compression.feature_scale import FeatureScale
from core.intrinsic_dimension.compression.quantise import Quantised, pack, unpack

if TYPE_CHECKING:
    import torch

FORMAT = "assay-subspace-network-2"

Start = tuple[str, tuple[int, ...], str, float]  # name, shape, distribution and its scale


@dataclass(frozen=True, eq=False)
class CompressedNetwork:
    """theta = theta0 + P theta_d, as what is needed to make it again.

    Attributes:
        parameters: what theta0 is drawn from, in the order of the flat vector.
        widths: of linear layers with ReLU, whose parameters follow from them; empty for any other network.
        seed: of the run.
        kind: of the projection.
        coordinates: theta_d.
        scale: what the features go through first.
        shuffled_pixels: the seed of the order of the pixels, where they were shuffled.
    """

    parameters: tuple[Start, ...]
    widths: tuple[int, ...]
    seed: int
    kind: str
    coordinates: Quantised
    scale: FeatureScale
    shuffled_pixels: int | None

    def to_json(self) -> str:
        """The text of the file."""
        network: dict[str, Any] = {"widths": self.widths} if self.widths else {"parameters": self.parameters}
        held = {
            "format": FORMAT,
            **network,
            "seed": self.seed,
            "projection": [self.kind, len(self.coordinates.codes)],
            "bits": self.coordinates.bits,
            "clip": self.coordinates.clip,
            "codes": pack(self.coordinates.codes, self.coordinates.bits),
            "scaling": self.scale.to_json(),
        }
        if self.shuffled_pixels is not None:
            held["shuffled_pixels"] = self.shuffled_pixels
        return json.dumps(held, separators=(",", ":"))

    @property
    def full_dimension(self) -> int:
        """D."""
        return sum(prod(shape) for _, shape, *_ in self.parameters)

    def weights(self) -> torch.Tensor:
        """theta, float32, [D], on the CPU."""
        import torch

        from core.intrinsic_dimension.projections.kinds import projection
        from core.intrinsic_dimension.trainings import seeds_of_run

        first, second, _ = seeds_of_run(self.seed)
        generator = torch.Generator().manual_seed(first)
        start = torch.cat([_draw(one, generator).flatten() for one in self.parameters])
        values = torch.from_numpy(self.coordinates.values)
        return start + projection(self.kind, len(start), len(values), second).forward(values)


def read_compressed(text: str) -> CompressedNetwork:
    """The network of a file.

    Raises:
        BadInput: the text is no such file; says what is wrong.
    """
    try:
        held = json.loads(text)
    except ValueError:
        raise BadInput("Compressed network: this is not JSON; expected the file that a result offers.") from None
    if not isinstance(held, Mapping) or held.get("format") != FORMAT:
        raise BadInput(f"Compressed network: the field format is not {FORMAT}; expected the file that a result offers.")
    try:
        kind, dimension = held["projection"]
        bits, widths = int(held["bits"]), tuple(int(width) for width in held.get("widths", ()))
        codes = unpack(held["codes"], bits, dimension)
        parameters = parameters_of_chain(widths) if widths else tuple(_start(*one) for one in held["parameters"])
        return CompressedNetwork(
            parameters=parameters,
            widths=widths,
            seed=int(held["seed"]),
            kind=kind,
            coordinates=Quantised(bits, float(held["clip"]), codes),
            scale=FeatureScale.from_json(held["scaling"]),
            shuffled_pixels=held.get("shuffled_pixels"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"Compressed network: a field is missing or has another form than expected ({error}).") from None


def parameters_of_chain(widths: tuple[int, ...]) -> tuple[Start, ...]:
    """Weight and bias of linear layers, by PyTorch's rule: uniform within 1 / sqrt(inputs)."""
    starts: list[Start] = []
    for layer, (before, after) in enumerate(pairwise(widths)):
        starts += [
            (f"layers.{layer}.weight", (after, before), "uniform", before**-0.5),
            (f"layers.{layer}.bias", (after,), "uniform", before**-0.5),
        ]
    return tuple(starts)


def _start(name: str, shape: list[int], distribution: str, scale: float) -> Start:
    if distribution not in ("uniform", "normal", "constant"):
        raise ValueError(f"distribution {distribution!r}")
    return str(name), tuple(int(length) for length in shape), distribution, float(scale)


def _draw(start: Start, generator: torch.Generator) -> torch.Tensor:
    import torch

    _, shape, distribution, scale = start
    if distribution == "constant":
        return torch.full(shape, scale)
    if distribution == "normal":
        return torch.randn(shape, generator=generator) * scale
    return torch.empty(shape).uniform_(-scale, scale, generator=generator)
