"""MNIST from openml.org, fetched once and kept in the home folder."""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from core.analysis import report
from core.errors import BadInput
from core.settings import settings

_DOWNLOAD_BYTES = 15_500_000  # of mnist_784.arff.gz, for the progress line
_SILENT_SECONDS = 20.0  # without a byte for so long, the connection counts as dead
_DECODE_SECONDS = 300.0


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
    outcome: dict[str, object] = {}

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
    return bunch.data.reshape(-1, 28, 28).astype(np.uint8), bunch.target.astype(np.uint8)  # type: ignore[attr-defined]


def _watch(thread: threading.Thread, folder: Path) -> None:
    """Reports what has arrived until the thread is done or the connection is silent."""
    arrived, heard = 0, time.monotonic()
    while thread.is_alive():
        thread.join(0.5)
        now = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        if now != arrived:
            arrived, heard = now, time.monotonic()
        complete = arrived >= _DOWNLOAD_BYTES
        if time.monotonic() - heard > (_DECODE_SECONDS if complete else _SILENT_SECONDS):
            return
        report(min(0.8 * arrived / _DOWNLOAD_BYTES, 0.8), "unpacking MNIST" if complete else "fetching MNIST")


def _reason(error: object) -> str:
    return f"{type(error).__name__}: {error}"[:120] if error is not None else "no answer"
