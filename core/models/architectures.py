"""The architectures that weights can be brought for: their configurations, and how many parameters they have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from math import prod
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator, model_validator

from core.errors import BadInput

MOST_PARAMETERS = 1_000_000_000

Width = Annotated[int, Field(ge=1, le=1_000_000)]
Classes = Annotated[int, Field(ge=2, le=100_000, description="Number of outputs.")]
Channels = Annotated[int, Field(ge=1, le=1024, description="Channels of an image: 1 grey, 3 colour.")]
Pixels = Annotated[int, Field(ge=16, le=4096)]


class _Configuration(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Mlp(_Configuration):
    """Linear layers with ReLU between them; samples of any shape are flattened."""

    architecture: Literal["mlp"] = "mlp"
    inputs: Width = Field(description="Number of values of a sample.")
    hidden: tuple[Width, ...] = Field((), max_length=64, description="Units of each hidden layer.")
    classes: Classes

    @property
    def parameters(self) -> int:
        """Number of trainable parameters."""
        return sum((before + 1) * after for before, after in pairwise((self.inputs, *self.hidden, self.classes)))


class LeNet5(_Configuration):
    """Conv 6, pool, conv 16, pool, linear 120, 84, classes; 5 x 5 kernels without padding, ReLU, max pooling.

    The LeNet of Li et al. (2018), arXiv:1804.08838: 44,426 parameters on 1 x 28 x 28 with 10 classes.
    """

    architecture: Literal["lenet5"] = "lenet5"
    channels: Channels
    height: Pixels = Field(description="Rows of pixels.")
    width: Pixels = Field(description="Columns of pixels.")
    classes: Classes

    @property
    def flattened(self) -> int:
        """Number of values after the second pooling."""
        return 16 * prod(((side - 4) // 2 - 4) // 2 for side in (self.height, self.width))

    @property
    def parameters(self) -> int:
        """Number of trainable parameters."""
        convolutions = 6 * (25 * self.channels + 1) + 16 * (25 * 6 + 1)
        return convolutions + 120 * (self.flattened + 1) + 84 * 121 + self.classes * 85


class Cnn(_Configuration):
    """Two 3 x 3 convolutions of width and 2 width channels with ReLU, means of 2 x 2 between them, global mean, linear."""

    architecture: Literal["cnn"] = "cnn"
    channels: Channels
    width: int = Field(8, ge=1, le=4096, description="Channels of the first convolution; the second has twice as many.")
    classes: Classes

    @property
    def parameters(self) -> int:
        """Number of trainable parameters."""
        convolutions = self.width * (9 * self.channels + 1) + 2 * self.width * (9 * self.width + 1)
        return convolutions + (2 * self.width + 1) * self.classes


class ResNet(_Configuration):
    """Residual network for small images: three stages of n blocks, depth 6n + 2, parameter-free shortcuts.

    He et al. (2016), arXiv:1512.03385, section 4.2 (option A): width 16, 32, 64, batch normalisation, global mean.
    """

    architecture: Literal["resnet"] = "resnet"
    channels: Channels
    depth: int = Field(20, ge=8, le=110, description="Number of layers: 6n + 2 (8, 14, 20, 32, 44, 56, 110).")
    width: int = Field(
        16, ge=1, le=512, description="Channels of the first stage; the others have 2 and 4 times as many."
    )
    classes: Classes

    @field_validator("depth")
    @classmethod
    def _depth_is_whole_blocks(cls, depth: int) -> int:
        if (depth - 2) % 6:
            raise ValueError("expected 6n + 2, such as 8, 14, 20, 32, 44 or 56")
        return depth

    @property
    def parameters(self) -> int:
        """Number of trainable parameters."""
        total, before = 9 * self.channels * self.width + 2 * self.width, self.width
        for stage in (1, 2, 4):
            for _ in range((self.depth - 2) // 6):
                after = stage * self.width
                total += 9 * before * after + 9 * after * after + 4 * after
                before = after
        return total + (before + 1) * self.classes


Architecture = Mlp | LeNet5 | Cnn | ResNet
ARCHITECTURES: dict[str, type[Mlp] | type[LeNet5] | type[Cnn] | type[ResNet]] = {
    "mlp": Mlp,
    "lenet5": LeNet5,
    "cnn": Cnn,
    "resnet": ResNet,
}


class _Bounded(BaseModel):
    """Checks what no single field can: that the whole network is of a size that fits somewhere."""

    config: Annotated[Architecture, Field(discriminator="architecture")]

    @model_validator(mode="after")
    def _fits(self) -> _Bounded:
        if self.config.parameters > MOST_PARAMETERS:
            raise ValueError(f"{self.config.parameters:,} parameters; at most {MOST_PARAMETERS:,} are accepted")
        return self


def parse_architecture(config: Mapping[str, Any] | str | bytes) -> Architecture:
    """Reads a configuration such as {"architecture": "mlp", "inputs": 784, "hidden": [200, 200], "classes": 10}.

    Args:
        config: a mapping, or JSON text.

    Raises:
        BadInput: not JSON, an unknown architecture, or a field that is missing, unknown or out of bounds.
    """
    if isinstance(config, str | bytes):
        config = _from_json(config)
    if not isinstance(config, Mapping):
        raise BadInput(
            f'Architecture: found {_kind_of(config)}; expected an object such as {{"architecture": "mlp", ...}}.'
        )
    name = config.get("architecture")
    if not isinstance(name, str) or name not in ARCHITECTURES:
        found = "is missing" if "architecture" not in config else f"{_short(name)} is not known"
        raise BadInput(f'Architecture: the field "architecture" {found}; expected one of {", ".join(ARCHITECTURES)}.')
    try:
        return TypeAdapter(_Bounded).validate_python({"config": dict(config)}).config
    except ValidationError as error:
        raise BadInput(_sentence(name, error)) from None


def _from_json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        raise BadInput(f"Architecture: this is not valid JSON{where}; expected an object.") from None


def _sentence(name: str, error: ValidationError) -> str:
    detail = error.errors()[0]
    path = [str(part) for part in detail["loc"] if part not in ("config", name)]
    place = f"Architecture {name}, field {'.'.join(path)}" if path else f"Architecture {name}"
    fields = ARCHITECTURES[name].model_fields
    if detail["type"] == "missing":
        wanted = fields[path[0]].description or "a value"
        return f"{place}: it is missing; expected: {wanted.rstrip('.')}."
    if detail["type"] == "extra_forbidden":
        return f"{place}: there is no such field; it has {', '.join(fields)}."
    reason = detail["msg"].removeprefix("Value error, ")
    if not path:
        return f"{place}: {reason}."
    return f"{place}: {_short(detail['input'])} is not accepted; {reason[:1].lower()}{reason[1:]}."


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + "..."


def _kind_of(value: Any) -> str:
    return {list: "a list", str: "text", int: "a number", float: "a number", type(None): "null"}.get(
        type(value), "no object"
    )
