"""Small model zoos in the layout of arXiv:2504.18072, made up line by line."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch


def model_files(
    folder: str, settings: Mapping[str, Any], lines: list[dict[str, Any]], states: Mapping[int, dict[str, torch.Tensor]]
) -> dict[str, bytes]:
    """The files of one model: settings, results and weights of some epochs."""
    files = {
        f"{folder}/params.json": json.dumps(settings).encode(),
        f"{folder}/result.json": "".join(json.dumps(line) + "\n" for line in lines).encode(),
    }
    for epoch, state in states.items():
        stream = io.BytesIO()
        torch.save(state, stream)
        files[f"{folder}/checkpoint_{epoch:06d}/checkpoints"] = stream.getvalue()
    return files


def run(
    width: int, batch: int, seed: int, last: Mapping[str, Any], epochs: int = 3
) -> tuple[dict[str, Any], list[Any]]:
    """Settings and results as Ray Tune writes them: untrained at epoch 0, the metrics of the landscape at the last."""
    settings = {"model::width": width, "model::o_dim": 10, "training::batchsize": batch, "optim::lr": 0.1, "seed": seed}
    lines: list[dict[str, Any]] = [
        {
            "train_loss": 2.3 * (1 - epoch / epochs) + last["train_loss"] * epoch / epochs,
            "train_acc": 0.1 + 0.8 * epoch / epochs,
            "test_acc": 0.1 + (last["test_acc"] - 0.1) * epoch / epochs,
            "training_iteration": epoch,
            "time_this_iter_s": 1.5,
            "date": "2024-05-21_13-54-40",
            "done": epoch == epochs,
            "config": settings,
        }
        for epoch in range(epochs + 1)
    ]
    lines[-1] |= last
    return settings, lines


def packed(path: Path, files: Mapping[str, bytes]) -> Path:
    """The files as a zip."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path
