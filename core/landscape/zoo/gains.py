"""What averaging weights gained in a zoo: the accuracies that its study stored beside each model."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from core.landscape.metric_columns import plain

NAMES = {"wiseft": "WiSE-FT", "gitrebasin": "Git Re-Basin", "fisher": "Fisher-weighted", "soup": "Model soup"}
TEST_ACCURACY = ("testacc", "testaccuracy", "acctest", "accuracytest")
_AVERAGED = re.compile(r"(\w+)acc(?:uracy)?test(delta)?")


def gains_of(models: pd.DataFrame) -> pd.DataFrame:
    """Gains in test accuracy, in points, of each model that has one.

    METHOD_acc_test_delta counts as it is stored, METHOD_acc_test against the test accuracy of the model itself, where there
    is no delta; shares of 1 become points where the zoo's accuracies are shares.

    Args:
        models: a row a model with its metrics.

    Returns:
        a column a method, by the name that it has in papers; rows as in `models`.
    """
    found: dict[str, pd.Series] = {}
    accuracy = next((models[name] for name in models if plain(str(name)) in TEST_ACCURACY), None)
    columns = [(str(name), _AVERAGED.fullmatch(plain(str(name)))) for name in models]
    for name, match in sorted(
        columns, key=lambda column: column[0].endswith("delta")
    ):  # a delta replaces what is derived
        if match is None or not pd.api.types.is_numeric_dtype(models[name]):
            continue
        method = NAMES.get(match[1], match[1])
        values = models[name].astype(float)
        if match[2]:
            scale = _points(accuracy) if accuracy is not None else _points(values.abs())
            found[method] = scale * values
        elif accuracy is not None:
            found[method] = _points(values) * values - _points(accuracy) * accuracy
    table = pd.DataFrame(found, index=models.index)
    return table.dropna(axis=1, how="all")


def _points(values: pd.Series) -> float:
    """What turns accuracies into points: 100 for shares of 1."""
    return 100.0 if float(np.nanmax(values.to_numpy(dtype=float), initial=0.0)) <= 1 else 1.0
