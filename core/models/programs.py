"""Exported programs as checkpoints: screened, in evaluation mode, and fit to be measured many at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from core.errors import BadInput
from core.models.builtin import describe_shape
from core.models.formats import SAVE_PROGRAM, convert_with
from core.models.pt2 import load_program
from core.models.pt2_layers import LayeredProgram, holds_statistics, layered


@dataclass(frozen=True, eq=False)
class Program:
    """One exported program.

    Attributes:
        name: of its file, as the person packed it.
        module: [rows, *sample_shape] -> [rows, classes].
        computation: what it does with its input and its tensors, as text; equal of equal networks.
    """

    name: str
    module: LayeredProgram
    computation: str


def read_program(path: Path, place: str, name: str) -> Program:
    """Screens and loads a .pt2 file; nothing of it runs before the screen has passed it.

    Args:
        path: the file.
        place: what messages call it.
        name: of the checkpoint.

    Raises:
        BadInput: not accepted by the screen, exported in training mode, of another precision than float32, without one value a
            class, without trainable parameters, or with values that are not finite.
    """
    module = load_program(path, place)
    signature = module.signature
    if signature.training_mode:
        raise BadInput(
            f"{place} was exported in training mode: dropout stays on and running statistics change as it is measured. Export "
            f"model.eval(): {SAVE_PROGRAM}"
        )
    kinds = {str(value.dtype).removeprefix("torch.") for value in module.parameters()}
    if signature.dtype != "float32" or kinds - {"float32"}:
        raise BadInput(
            f"{place} takes {signature.dtype} and computes in {', '.join(sorted(kinds)) or 'nothing'}; float32 is expected: export "
            f"model.float(): {SAVE_PROGRAM}"
        )
    if len(signature.output_shape) != 1:
        raise BadInput(
            f"{place} gives outputs of shape {describe_shape(signature.output_shape)} a sample; one value a class is expected: "
            "flatten them in the model and export it again."
        )
    if not any(value.requires_grad for value in module.parameters()):
        raise BadInput(
            f"{place} has no trainable parameters, so that its loss has no curvature; export the trained model."
        )
    for tensor_name, tensor in module.state_dict().items():
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise BadInput(f"{place}: tensor {tensor_name} holds NaN or infinite values; bring a finite network.")
    computation = str(module.program.code)
    network = layered(module)
    if holds_statistics(network):
        raise BadInput(
            f"{place} normalises batches in a form whose statistics can't be measured anew; use torch.nn.BatchNorm1d to 3d with "
            f"affine=True. {convert_with(SAVE_PROGRAM)}"
        )
    return Program(name, network, computation)


def check_same_program(first: Program, other: Program) -> None:
    """Refuses programs of equal tensors that compute something else, such as another activation.

    Raises:
        BadInput: they differ.
    """
    if first.module.signature != other.module.signature:
        raise BadInput(
            f"{other.name} takes {describe_shape(other.module.signature.sample_shape)} and {first.name} "
            f"{describe_shape(first.module.signature.sample_shape)}; bring programs of one architecture."
        )
    if first.computation != other.computation:
        lines = zip(first.computation.splitlines(), other.computation.splitlines(), strict=False)
        differing = next(((one.strip(), two.strip()) for one, two in lines if one != two), ("", "more of it"))
        raise BadInput(
            f"{other.name} computes something else than {first.name}: {differing[1][:80]!r} instead of {differing[0][:80]!r}; bring "
            "programs of one architecture."
        )
