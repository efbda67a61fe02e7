"""MNIST from openml.org, fetched once and kept in the home folder."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from core.analysis import report
from core.errors import BadInput
from core.settings import settings

_DOWNLOAD_BYTES = 15_500_000  # about what mnist_784.arff.gz has; for the progress line
_UNPACKING = 0.7  # of it: from here on silence may mean that the library is at work on what it has
_SILENT_SECONDS = 20.0  # without a byte for so long, the connection counts as dead
_UNPACKING_SECONDS = 300.0


def load_mnist() -> tuple[np.ndarray, np.ndarray]:
    """The 70,000 images and labels, training part first.

    Returns:
        X float32 [70000, 28, 28] from 0 to 1, y int64 [70000].

    Raises:
        BadInput: openml.org can't be reached; the sentence says how to bring the files instead.
    """
    kept = settings().home / "datasets" / "mnist.npz"
    if not kept.exists():
        _keep(kept, *_fetch(kept.parent))
        shutil.rmtree(kept.parent / "openml", ignore_errors=True)  # the same once more, as it was sent
    with np.load(kept, allow_pickle=False) as arrays:
        X, y = arrays["X"], arrays["y"]
    return X.astype(np.float32) / 255, y.astype(np.int64)


def _keep(kept: Path, X: np.ndarray, y: np.ndarray) -> None:
    """Writes beside and renames, so that nobody reads half a file."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as stream:
        np.savez_compressed(stream, X=X, y=y)
    Path(stream.name).replace(kept)


def _fetch(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Downloads in a thread of its own: the library takes no timeout and tells no progress."""
    from sklearn.datasets import fetch_openml

    folder.mkdir(parents=True, exist_ok=True)
    outcome: dict[str, Any] = {}

    def work() -> None:
        try:
            outcome["bunch"] = fetch_openml(
                "mnist_784", version=1, data_home=str(folder), as_frame=False, parser="pandas", n_retries=1
            )
        except Exception as error:  # whatever it is, it belongs to the caller's thread
            outcome["error"] = error

    thread = threading.Thread(target=work, name="fetch-mnist", daemon=True)
    thread.start()
    _watch(thread, folder)
    if "bunch" not in outcome:
        raise BadInput(
            "MNIST could not be fetched from openml.org "
            f"({_reason(outcome.get('error'))}); upload its four idx files as one zip, or images and labels, instead."
        )
    bunch = outcome["bunch"]
    return bunch.data.reshape(-1, 28, 28).astype(np.uint8), bunch.target.astype(np.uint8)


def _watch(thread: threading.Thread, folder: Path) -> None:
    """Reports what has arrived until the thread is done or the connection is silent."""
    arrived, heard = 0, time.monotonic()
    report(0.0, "fetching MNIST from openml.org")
    while thread.is_alive():
        patience = _UNPACKING_SECONDS if arrived > _UNPACKING * _DOWNLOAD_BYTES else _SILENT_SECONDS
        if time.monotonic() - heard > patience:
            return
        thread.join(0.5)
        if (now := _bytes_in(folder)) != arrived:
            arrived, heard = now, time.monotonic()
            report(0.8 * min(arrived / _DOWNLOAD_BYTES, 1.0), "fetching MNIST from openml.org")


def _bytes_in(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):  # moved to its final place in between
            total += file.stat().st_size
    return total


def _reason(error: object) -> str:
    return f"{type(error).__name__}: {error}"[:120] if error is not None else "no answer"
