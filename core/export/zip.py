"""A whole result folder as one zip archive."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import BinaryIO

from core.export.folder import result_files

EARLIEST = (1980, 1, 1, 0, 0, 0)  # the time of every entry: the same result gives the same bytes on every machine
README_NAME = "README.txt"
README = """\
This archive holds one result of Assay.

result.json       question, version, key, parameters, inputs (by digest), the answer as a sentence (answer), its
                  numbers (summary) with titles and units (quantities), notes, and how it was made (provenance)
tables/*.parquet  the tables; in Python: pandas.read_parquet("tables/NAME.parquet")
arrays.npz        the arrays, where there are any; in Python: numpy.load("arrays.npz", allow_pickle=False)
figures.json      the figures; in Python:
                  import json, plotly.graph_objects as go
                  figures = json.load(open("figures.json"))
                  go.Figure(figures["NAME"]["plot"]).show()

Check it, after unpacking, from a checkout of Assay:

    python -m core verify FOLDER
    python -m core verify FOLDER --recompute
"""


def result_zip(folder: Path, target: BinaryIO) -> None:
    """Writes the files of a result folder and a README.txt as a zip archive.

    Args:
        folder: a result folder.
        target: open for writing; neither closed nor rewound.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry(README_NAME), README)
        for name in result_files(folder):
            with (folder / name).open("rb") as source, archive.open(_entry(name), "w", force_zip64=True) as entry:
                shutil.copyfileobj(source, entry, 1 << 20)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EARLIEST)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
