"""d90 of large language models, as their paper has it."""

from __future__ import annotations

import pandas as pd

# Aghajanyan et al. 2020, arXiv:2012.13255, table 1: SAID and DID on the tasks MRPC and QQP.
_TABLE = (
    ("BERT-Base", "MRPC", 1608, 1861),
    ("BERT-Base", "QQP", 8030, 9295),
    ("BERT-Large", "MRPC", 1037, 2493),
    ("BERT-Large", "QQP", 1200, 1389),
    ("RoBERTa-Base", "MRPC", 896, 1000),
    ("RoBERTa-Base", "QQP", 896, 1389),
    ("RoBERTa-Large", "MRPC", 207, 322),
    ("RoBERTa-Large", "QQP", 774, 774),
)


def published_fine_tuning() -> pd.DataFrame:
    """network, task, method ("DID" or "SAID"), d90: sixteen rows."""
    rows = [
        (network, task, method, d90)
        for network, task, said, did in _TABLE
        for method, d90 in (("DID", did), ("SAID", said))
    ]
    return pd.DataFrame(rows, columns=["network", "task", "method", "d90"])
