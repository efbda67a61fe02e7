"""The built-in architectures as torch modules. Each reshapes its samples to what it takes."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, max_pool2d, pad, relu

from core.models.architectures import Architecture, Cnn, LeNet5, Mlp, ResNet


def build(config: Architecture) -> nn.Module:
    """The network of a configuration, with PyTorch's default initialisation from the global generator."""
    if isinstance(config, Mlp):
        return MlpNetwork(config)
    if isinstance(config, LeNet5):
        return LeNet5Network(config)
    if isinstance(config, Cnn):
        return CnnNetwork(config)
    return ResNetNetwork(config)


class MlpNetwork(nn.Module):
    """Linear layers with ReLU between them: [batch, ...] -> [batch, classes]."""

    def __init__(self, config: Mlp) -> None:
        super().__init__()
        widths = (config.inputs, *config.hidden, config.classes)
        self.layers = nn.ModuleList(nn.Linear(before, after) for before, after in pairwise(widths))

    def forward(self, x: Tensor) -> Tensor:
        """Logits of a batch."""
        x = x.flatten(1)
        for layer in self.layers[:-1]:
            x = relu(layer(x))
        return self.layers[-1](x)


class LeNet5Network(nn.Module):
    """LeNet-5 with ReLU and max pooling: [batch, (channels,) height, width] -> [batch, classes]."""

    def __init__(self, config: LeNet5) -> None:
        super().__init__()
        self.shape = (config.channels, config.height, config.width)
        self.conv1 = nn.Conv2d(config.channels, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(config.flattened, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, config.classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits of a batch."""
        x = x.reshape(x.shape[0], *self.shape)
        x = max_pool2d(relu(self.conv1(x)), 2)
        x = max_pool2d(relu(self.conv2(x)), 2)
        x = relu(self.fc1(x.flatten(1)))
        return self.fc3(relu(self.fc2(x)))


class CnnNetwork(nn.Module):
    """Two convolutions, smooth pooling: [batch, (channels,) height, width] -> [batch, classes]."""

    def __init__(self, config: Cnn) -> None:
        super().__init__()
        self.channels = config.channels
        self.conv1 = nn.Conv2d(config.channels, config.width, 3, padding=1)
        self.conv2 = nn.Conv2d(config.width, 2 * config.width, 3, padding=1)
        self.linear = nn.Linear(2 * config.width, config.classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits of a batch."""
        x = x.reshape(x.shape[0], self.channels, *x.shape[-2:])
        x = avg_pool2d(relu(self.conv1(x)), 2)
        return self.linear(torch.mean(relu(self.conv2(x)), dim=(2, 3)))


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions with batch normalisation; the shortcut halves the image and pads channels with zeros."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.stride, self.padding = (1 if before == after else 2), after - before
        self.conv1 = nn.Conv2d(before, after, 3, stride=self.stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.conv2 = nn.Conv2d(after, after, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, before, h, w] -> [batch, after, h / stride, w / stride]."""
        y = relu(self.bn1(self.conv1(x)))
        shortcut = x[:, :, :: self.stride, :: self.stride]
        half = self.padding // 2
        shortcut = pad(shortcut, (0, 0, 0, 0, half, self.padding - half))
        return relu(self.bn2(self.conv2(y)) + shortcut)


class ResNetNetwork(nn.Module):
    """Residual network for small images: [batch, (channels,) height, width] -> [batch, classes]."""

    def __init__(self, config: ResNet) -> None:
        super().__init__()
        self.channels = config.channels
        self.conv1 = nn.Conv2d(config.channels, config.width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(config.width)
        blocks, before = [], config.width
        for stage in (1, 2, 4):
            for _ in range((config.depth - 2) // 6):
                blocks.append(ResidualBlock(before, stage * config.width))
                before = stage * config.width
        self.blocks = nn.Sequential(*blocks)
        self.linear = nn.Linear(before, config.classes)

    def forward(self, x: Tensor) -> Tensor:
        """Logits of a batch."""
        x = x.reshape(x.shape[0], self.channels, *x.shape[-2:])
        x = self.blocks(relu(self.bn1(self.conv1(x))))
        return self.linear(torch.mean(x, dim=(2, 3)))
