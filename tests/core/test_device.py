"""Devices: what torch calls them, and the precision that a card computes in."""

from __future__ import annotations

import pytest
import torch

from core.device import torch_device
from core.errors import BadInput


def test_a_card_keeps_all_bits_of_float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """TensorFloat-32 rounds to ten bits, torch's documentation says; convolutions use it unless told otherwise."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    assert torch_device("cpu") == "cpu"
    assert torch.backends.cudnn.allow_tf32
    assert torch_device("gpu") == "cuda"
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32


def test_a_machine_without_a_card_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence: what, where, and what to choose."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(BadInput, match=r"^Device gpu: this machine .* choose cpu\.$"):
        torch_device("gpu")
