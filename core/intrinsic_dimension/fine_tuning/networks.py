"""Networks with a head that fits the new task: built, or brought with their weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from core.errors import BadInput
from core.intrinsic_dimension.fine_tuning.problem import TEXT_BLOCKS, TEXT_WIDTH
from core.models.architectures import Architecture, Mlp
from core.models.builtin import builtin_architecture, mlp_for
from core.models.checkpoints import read_checkpoints
from core.models.formats import format_of
from core.models.inspection import read_architecture
from core.models.loading import check_fit, exported_network
from core.models.minilm import pretrained_minilm
from core.models.networks import build
from core.models.text_transformer import TextTransformer
from core.models.weights import loaded

if TYPE_CHECKING:
    from core.analysis import Source


@dataclass(frozen=True, eq=False)
class Network:
    """A network for the new task.

    Attributes:
        module: float32 on the CPU, with the pretrained weights where they were brought.
        name: of its kind, for captions.
        head: names of the parameters of its last layer.
        new_head: whether these are to be drawn anew for each training.
        said: what became of the head, as a clause.
        training_mode: exported in training mode.
        batchable: whether several runs can share one forward pass.
    """

    module: nn.Module
    name: str
    head: tuple[str, ...]
    new_head: bool
    said: str
    training_mode: bool = False
    batchable: bool = True


class Headed(nn.Module):
    """A new linear layer on the outputs of a network whose own last layer can't be exchanged."""

    def __init__(self, body: nn.Module, outputs: int, classes: int) -> None:
        super().__init__()
        self.body = body
        self.head = nn.Linear(outputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits of a batch."""
        return self.head(self.body(x).flatten(1))


def brings_weights(model: Source | None) -> bool:
    """Whether a model comes with weights, rather than as an architecture.

    Raises:
        BadInput: a file that is no model.
    """
    return model is not None and not model.builtin and format_of(Path(model.location), model.name) != "architecture"


def architecture_of(model: Source | None, shape: Sequence[int], classes: int, hidden: Sequence[int]) -> Architecture:
    """What is pretrained here: a built-in network or an MLP fitted to the data, or the configuration that was brought.

    Raises:
        BadInput: it does not fit the samples; its number of classes is that of the task, whatever it says.
    """
    if model is None:
        return mlp_for(shape, hidden, classes)
    if model.builtin:
        return builtin_architecture(model.builtin, shape, classes)
    config = read_architecture(Path(model.location), model.name).model_copy(update={"classes": classes})
    check_fit(config, model.name, tuple(shape), classes)
    return config


def built(config: Architecture) -> Network:
    """The network of an architecture, untrained."""
    module = build(config)
    return Network(module, described(config), head_of(module), True, "the head is drawn anew for each training")


def text_network(vocabulary: int, words: int, classes: int) -> Network:
    """The small transformer for texts of word numbers, untrained."""
    module = TextTransformer(vocabulary, words, TEXT_WIDTH, TEXT_BLOCKS, classes)
    name = f"transformer of {TEXT_BLOCKS} blocks, width {TEXT_WIDTH}, {vocabulary:,} words"
    return Network(module, name, head_of(module), True, "the head is drawn anew for each training")


def minilm(classes: int) -> Network:
    """MiniLM with its pretrained weights and a new head.

    Raises:
        BadInput: the optional package that brings them is not installed.
    """
    module = pretrained_minilm(classes)
    said = "it is drawn anew for each training, on the mean over the pieces of a text"
    return Network(module, "MiniLM of 6 blocks, width 384", head_of(module), True, said, batchable=False)


def brought(model: Source, shape: Sequence[int], classes: int) -> Network:
    """A network that comes pretrained, its head replaced where it has another number of classes.

    The last layer of a known architecture is exchanged. Of an exported program, whose graph is fixed, all is kept and
    a linear layer put on its outputs.

    Args:
        model: weights with their architecture, or an exported program.
        shape: of one sample.
        classes: of the new task.

    Raises:
        BadInput: no weights that can be used, or they do not take these samples.
    """
    path, name = Path(model.location), model.name
    if format_of(path, name) == "pt2":
        return _program(model, shape, classes)
    found = read_checkpoints(path, name)
    if len(found.checkpoints) > 1:
        raise BadInput(f"{name} holds {len(found.checkpoints)} networks; bring the one that is to be fine-tuned.")
    config = found.architecture
    check_fit(config.model_copy(update={"classes": classes}), name, tuple(shape), classes)
    pretrained = loaded(config, found.checkpoints[0].tensors, name)
    if config.classes == classes:
        return Network(pretrained, described(config), head_of(pretrained), False, "the head that came with it is kept")
    module = build(config.model_copy(update={"classes": classes}))
    head = head_of(module)
    take_weights(module, pretrained.state_dict(), head)
    said = f"its head of {config.classes:,} outputs is replaced by one of {classes:,}, which is drawn anew for each training"
    return Network(module, described(config), head, True, said)


def _program(model: Source, shape: Sequence[int], classes: int) -> Network:
    program = exported_network(Path(model.location), model.name, shape)
    signature = program.signature
    if signature.output_shape == (classes,):
        said = "the head that came with it is kept"
        return Network(program, "exported program", head_of(program), False, said, signature.training_mode, False)
    outputs = prod(signature.output_shape)
    said = (
        f"a new layer from its {outputs:,} outputs to {classes:,} classes is put on top, drawn anew for each training"
    )
    module = Headed(program, outputs, classes)
    return Network(module, "exported program", head_of(module), True, said, signature.training_mode, False)


def head_of(module: nn.Module) -> tuple[str, ...]:
    """Names of the parameters of the last linear layer (of an exported program: of the last matrix and its bias)."""
    linear = [name for name, part in module.named_modules() if isinstance(part, nn.Linear)]
    if linear:
        return tuple(f"{linear[-1]}.{name}" for name, _ in module.get_submodule(linear[-1]).named_parameters())
    matrices = [name for name, value in module.named_parameters() if value.ndim == 2]
    if not matrices:
        return ()
    owner = matrices[-1].rpartition(".")[0]
    return tuple(name for name, _ in module.named_parameters() if name.rpartition(".")[0] == owner)


def take_weights(module: nn.Module, tensors: Mapping[str, Tensor], but: Sequence[str] = ()) -> None:
    """Copies tensors of these names into a module, all but some."""
    with torch.no_grad():
        for name, own in module.state_dict(keep_vars=True).items():
            if name not in but:
                own.copy_(tensors[name])


def described(config: Architecture) -> str:
    """An architecture in a few words, such as "mlp 64-32"."""
    layers = "-".join(str(width) for width in config.hidden) if isinstance(config, Mlp) else ""
    return f"{config.architecture} {layers}".strip()
