# %% [markdown]
# # Topology: when the loop of a circle ends
#
# The Vietoris-Rips complex of n points evenly on the unit circle gets its loop at the distance of neighbours, 2 sin(pi / n), and loses it
# at the side of the inscribed triangle, the root of 3 (Adamaszek and Adams, 2017, arXiv:1503.03669). Run it from the project's folder:
# `python examples/topology.py`.

# %%
POINTS = 60  # divisible by three, so that the triangle's corners are points

# %%
import sys

sys.path += [".", ".."]  # the project's folder, for a script that is started in it and for a notebook in examples

import numpy as np
import pandas as pd

from core.analysis import parse_params
from core.serial import serially
from core.sources import open_source
from core.topology import hilbert_function, line_barcode
from core.topology.analysis import ANALYSIS

# %%
angles = 2 * np.pi * np.arange(POINTS) / POINTS
circle = np.column_stack([np.cos(angles), np.sin(angles)])
bars = line_barcode(circle, np.zeros(POINTS), basepoint=(0, 0), direction=(1, 1))[1]
longest = bars[np.argmax(bars[:, 1] - bars[:, 0])]
table = pd.DataFrame(
    {"found": longest, "known": [2 * np.sin(np.pi / POINTS), np.sqrt(3)]}, index=["the loop begins", "the loop ends"]
)
print(table.round(6).to_string())

# %% [markdown]
# With a second parameter: the points of one half enter at level 0, the others at level 1. There is no loop before the second half is there.

# %%
level = (circle[:, 1] < 0).astype(float)
loops = hilbert_function(circle, level, radii=[0.5, 1.0, 1.8], levels=[0.0, 1.0])[1]
print(pd.DataFrame(loops, index=["radius 0.5", "radius 1.0", "radius 1.8"], columns=["level 0", "level 1"]).to_string())

# %% [markdown]
# The whole question, as the workbench asks it: a circle with noise and a fifth of clutter. One loop stands out once points are told apart
# by how dense their place is.

# %%
params = parse_params(ANALYSIS.params, {"mode": "describe"})
result = serially(ANALYSIS, params, {"data": open_source("shapes", "noisy-circle")})
print(result.answer)
