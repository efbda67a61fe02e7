"""Where the numbers of a step are computed, and how exactly."""

from __future__ import annotations

from core.errors import BadInput

CARD = "cuda"


def torch_device(device: str) -> str:
    """What torch calls a device of ours, "cpu" or "gpu".

    On a card, products and convolutions keep all bits of float32 from then on. TensorFloat-32, which convolutions use
    unless told otherwise, keeps ten: that moves eigenvalues and barriers of a residual network in the third digit.

    Raises:
        BadInput: there is no graphics card that torch can use.
    """
    if device == "cpu":
        return device
    import torch

    if not torch.cuda.is_available():
        raise BadInput("Device gpu: this machine has no graphics card that can be used; choose cpu.")
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    return CARD
