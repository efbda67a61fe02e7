# %% [markdown]
# # Intrinsic dimension: a task of ten, and two clouds whose dimension is known
#
# The toy task of Li et al. (2018, arXiv:1804.08838, section 2): 1,000 parameters, of which each tenth has to add up to a given sum. Ten
# conditions, so that its intrinsic dimension is 10. Run it from the project's folder: `python examples/intrinsic_dimension.py`.

# %%
FULL, CONDITIONS, DATASETS = 1000, 10, ("swiss_roll", "hypersphere")

# %%
import sys

sys.path += [".", ".."]  # the project's folder, for a script that is started in it and for a notebook in examples

import numpy as np
import pandas as pd

from core.analysis import parse_params
from core.intrinsic_dimension import projection
from core.intrinsic_dimension.analysis import ANALYSIS
from core.serial import serially
from core.sources import open_source

# %% [markdown]
# The lowest loss in a random subspace of d dimensions, by least squares in place of training: it falls to nothing at ten, with every
# kind of projection.

# %%
sums = np.repeat(np.eye(CONDITIONS), FULL // CONDITIONS, axis=1)
wanted = np.arange(1, CONDITIONS + 1.0)


def lowest_loss(kind: str, dimension: int) -> float:
    """Mean squared error of the sums at the best point of a random subspace through zero."""
    columns = np.stack([projection(kind, FULL, dimension, seed=0).forward(unit) for unit in np.eye(dimension)], axis=1)
    reached = sums @ columns
    best = np.linalg.lstsq(reached, wanted, rcond=None)[0]
    return float(((reached @ best - wanted) ** 2).mean())


dimensions = (1, 5, 8, 9, 10, 11, 20)
losses = pd.DataFrame({kind: {d: lowest_loss(kind, d) for d in dimensions} for kind in ("fastfood", "dense", "sparse")})
print(losses.map("{:.2g}".format).to_string())
solved = {kind: int(losses.index[losses[kind] < 1e-8][0]) for kind in losses}
print(f"solved from {solved} dimensions on; by construction {CONDITIONS}")

# %% [markdown]
# Of data: a rolled-up sheet in space, and a sphere of five dimensions bent into twenty.

# %%
known = {"swiss_roll": 2, "hypersphere": 5}
rows = []
for name in DATASETS:
    result = serially(
        ANALYSIS, parse_params(ANALYSIS.params, {"mode": "data"}), {"dataset": open_source("dataset", name)}
    )
    found = result.summary["dimension"]
    rows.append({"data set": name, "known": known[name], "found": found.value, "low": found.low, "high": found.high})
table = pd.DataFrame(rows)
print(table.round(2).to_string(index=False))
