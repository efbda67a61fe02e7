"""One small honest file for each reader, made by code: what fuzzers begin with, and what malicious files are made from."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CSV = b"x1,x2,label\n0.5,1,a\n1.5,2,b\n-0.25,3,a\n2e3,4,b\n"
TELEMETRY = (
    b"time,pressure,valve\n" + b"".join(b"2024-01-01T00:%02d:00Z,%.2f,%d\n" % (at, at / 7, at % 2) for at in range(30))
)  # fmt: skip
PREDICTIONS = b"label,p_0,p_1\n0,0.75,0.25\n1,0.5,0.5\n1,0.125,0.875\n"
UCR = b"1\t0.5\t1.5\t-2.0\n2\t0.25\t1.0\t3.5\n1\t0.1\t0.2\t0.3\n2\t0.3\t0.2\t0.1\n"
TS = b"@problemName two\n@classLabel true no yes\n@data\n1.0,2.0,3.0:4.0,5.0,6.0:yes\n1.5,2.5,1.0:3.5,4.5,2.0:no\n"
GML = b'graph [ node [ id 1 label "a ] b" x 1.5 ] node [ id 2 x 2 ] edge [ source 1 target 2 weight 0.5 ] ]\n'
TU = {"T_A.txt": b"1, 2\n2, 1\n3, 4\n", "T_graph_indicator.txt": b"1\n1\n2\n2\n", "T_graph_labels.txt": b"1\n-1\n"}
ARCHITECTURE = {"architecture": "mlp", "inputs": 6, "hidden": [5], "classes": 3}


def zipped(members: Mapping[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    """A zip archive of some members; same members, same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compression)
    return stream.getvalue()


def npy(array: np.ndarray) -> bytes:
    """An array as numpy.save writes it; objects are pickled."""
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def npz(**arrays: np.ndarray) -> bytes:
    """Arrays as numpy.savez writes them, but for the time of day."""
    return zipped({f"{name}.npy": npy(array) for name, array in arrays.items()})


def parquet(columns: Mapping[str, Any], **how: Any) -> bytes:
    """Columns as a Parquet file."""
    stream = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), stream, **how)
    return stream.getvalue()


def idx(values: np.ndarray) -> bytes:
    """Bytes in the format of MNIST."""
    return struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape) + values.astype(np.uint8).tobytes()


def state() -> dict[str, Any]:
    """Weights of the network of `ARCHITECTURE`."""
    import torch

    generator = torch.Generator().manual_seed(0)
    shapes = {"layers.0.weight": (5, 6), "layers.0.bias": (5,), "layers.1.weight": (3, 5), "layers.1.bias": (3,)}
    return {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()}


def safetensors() -> bytes:
    """Weights that say their architecture."""
    from safetensors.torch import save

    return save(state(), metadata={"architecture": json.dumps(ARCHITECTURE)})


def torch_file(value: Any) -> bytes:
    """Anything as torch.save writes it."""
    import torch

    stream = io.BytesIO()
    torch.save(value, stream)
    return stream.getvalue()


@cache
def program() -> bytes:
    """A network as torch.export.save writes it."""
    import torch
    from torch import nn
    from torch.export import Dim

    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 3))
    exported = torch.export.export(network, (torch.randn(4, 6),), dynamic_shapes=({0: Dim("b", min=1, max=4096)},))
    stream = io.BytesIO()
    torch.export.save(exported, stream)
    return stream.getvalue()


def booster(form: str = "json") -> bytes:
    """Two small trees as XGBoost saves them."""
    import xgboost

    X = np.random.default_rng(0).standard_normal((60, 3)).astype(np.float32)
    data = xgboost.DMatrix(X, X[:, 0] + X[:, 1] ** 2, nthread=1)
    trained = xgboost.train({"nthread": 1, "seed": 0, "max_depth": 2}, data, 2)
    return bytes(trained.save_raw(form))


def zoo() -> bytes:
    """Two models with their settings and results, and the weights of one epoch."""
    lines = b"".join(json.dumps({"training_iteration": at, "test_acc": at / 4}).encode() + b"\n" for at in range(3))
    files = {}
    for name, width in (("a", 4), ("b", 8)):
        files[f"zoo/{name}/params.json"] = json.dumps({"model::width": width, "seed": 1}).encode()
        files[f"zoo/{name}/result.json"] = lines
    return zipped(files)


def result_folder(folder: Path) -> None:
    """A whole result as the runner writes it, of the analysis below."""
    import pandas as pd

    from core.analysis import Result, Scalar, Source
    from core.store.results import write_result_folder

    analysis, params = toy_analysis()
    result = Result(
        "It is 3.",
        {"n": Scalar(3.0, "Number", "things", 2.5, 3.5, "How many.")},
        {"curve": pd.DataFrame({"x": [1, 2, 3], "name": ["a", "b", "<b>"]})},
        {"a": np.arange(4.0)},
        ("Toy.",),
    )
    made = {
        "device": "cpu", "started": 1.7e9, "seconds": 2.0, "assay": "0", "python": "3", "platform": "x", "libraries": {}
    }  # fmt: skip
    source = Source("dataset", "digits", "d" * 40, "builtin:digits")
    plot = {"data": [{"type": "bar", "y": [1, 2]}], "layout": {}}
    words = dict.fromkeys(("title", "reading", "caption", "alt", "reference", "group"), "Text.")
    write_result_folder(folder, analysis, params, {"dataset": source}, result, made, {"main": {**words, "plot": plot}})


def toy_analysis() -> tuple[Any, Any]:
    """A question with one parameter, and its parameters."""
    from core.analysis import Analysis, Estimate, Input, Reference
    from core.catalog import CATALOG

    real = next(one for one in CATALOG if one.slug == "calibration")
    Question = real.params[0]
    analysis = Analysis(
        slug="toy",
        title="Toy",
        question="How many?",
        params=(Question,),
        inputs=(Input("dataset", "dataset", "Data", "A data set."),),
        compute=real.compute,
        figures=real.figures,
        estimate=lambda params, inputs: Estimate(0.1, 1000, 1),
        version=1,
        references=(Reference("Knuth", 1993, "Johann Faulhaber", "arXiv:math/9207222"),),
    )
    return analysis, Question()


def page_of(members: Mapping[str, bytes], title: str = "Toy") -> bytes:
    """The skeleton of an exported page: its data without its looks."""
    import base64

    blocks = [f'<script type="application/json" id="assay-page">{json.dumps({"title": title})}</script>']
    for name, content in members.items():
        coded = base64.b64encode(content).decode()
        blocks.append(f'<script type="application/json" class="assay-file" data-name="{name}">"{coded}"</script>')
    return ("<html>" + "\n".join(blocks) + "</html>").encode()


def result_members() -> dict[str, bytes]:
    """The files of a result by their name."""
    from core.export.folder import result_files

    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "result"
        result_folder(folder)
        return {name: (folder / name).read_bytes() for name in result_files(folder)}


@cache
def honest_files() -> dict[str, bytes]:
    """File name -> content, of every kind that may be uploaded."""
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 255, (6, 4, 4), dtype=np.uint8), np.arange(6, dtype=np.uint8) % 2
    X, y = rng.standard_normal((8, 3)).astype(np.float32), np.arange(8) % 2
    logits = rng.standard_normal((6, 3))
    return {
        "table.csv": CSV,
        "table.tsv": CSV.replace(b",", b"\t"),
        "table.parquet": parquet({"x1": X[:, 0], "x2": X[:, 1], "label": ["a", "b"] * 4}),
        "data.npz": npz(X=X, y=y),
        "data.npy": npy(X),
        "images.idx": idx(images),
        "labels.idx.gz": gzip.compress(idx(labels), mtime=0),
        "mnist.zip": zipped({"train-images-idx3-ubyte": idx(images), "train-labels-idx1-ubyte": idx(labels)}),
        "images.npz": npz(X=images, y=labels),
        "predictions.csv": PREDICTIONS,
        "predictions.npz": npz(logits=logits, labels=np.arange(6) % 3),
        "population.npz": npz(logits=np.stack([logits, -logits]), labels=np.arange(6) % 3),
        "telemetry.csv": TELEMETRY,
        "telemetry.zip": zipped({"telemetry.csv": TELEMETRY}, zipfile.ZIP_DEFLATED),
        "telemetry.parquet": parquet({"time": pa.array(range(30), pa.timestamp("s")), "p": rng.standard_normal(30)}),
        "Toy_TRAIN.txt": UCR,
        "toy.ts": TS,
        "graph.gml": GML,
        "graphs.zip": zipped(TU),
        "split.zip": zipped({"Toy_TRAIN.txt": UCR, "Toy_TEST.txt": UCR}),
        "model.safetensors": safetensors(),
        "model.pt": torch_file(state()),
        "model.json": json.dumps(ARCHITECTURE).encode(),
        "model.pt2": program(),
        "booster.json": booster("json"),
        "booster.ubj": booster("ubj"),
        "checkpoints.zip": zipped({"a.safetensors": safetensors(), "b.safetensors": safetensors()}),
        "zoo.zip": zoo(),
    }
