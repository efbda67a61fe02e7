"""A whole result folder as one zip archive."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import BinaryIO

from core.export.folder import result_files

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
        archive.writestr("README.txt", README)
        for name in result_files(folder):
            archive.write(folder / name, name)
