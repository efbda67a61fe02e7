# %% [markdown]
# # Loss landscape: learning coefficients that are known, and the phases of 108 networks
#
# Of a regular loss the learning coefficient is half the number of parameters; of a sum of fourth powers it is a quarter of it (Watanabe,
# 2009; Lau et al., 2023, arXiv:2308.12108). Run it from the project's folder: `python examples/landscape.py`.

# %%
SIZE, CHAINS, DRAWS = 20, 20, 2000

# %%
import sys

sys.path += [".", ".."]  # the project's folder, for a script that is started in it and for a notebook in examples

import numpy as np
import pandas as pd
import torch

from core.analysis import parse_params
from core.landscape import local_learning_coefficient
from core.landscape.analysis import ANALYSIS
from core.serial import serially
from core.sources import open_source

# %%
NBETA, PULL = 5000.0, 1.0
rows = [(torch.zeros(100, 1, dtype=torch.float64),)]
minimum = {"w": torch.zeros(SIZE, dtype=torch.float64)}


def power(order: int):
    """The loss of a sum of powers, the same for every sample."""
    return lambda parameters, batch: (parameters["w"] ** order).sum() / order + 0 * batch[0].mean()


def expected(order: int) -> float:
    """What sampling has to give at this n beta, with the pull towards the minimum, by quadrature."""
    w = np.linspace(-3, 3, 200_001)
    density = np.exp(-NBETA * np.abs(w) ** order / order - PULL * w**2 / 2)
    return float(SIZE * NBETA * (density * np.abs(w) ** order / order).sum() / density.sum())


found = {}
for order, step in ((2, 2e-5), (4, 2e-4)):
    estimate = local_learning_coefficient(
        power(order), minimum, rows, chains=CHAINS, draws=DRAWS, burn_in=DRAWS, nbeta=NBETA, gamma=PULL, step=step
    )
    found[f"sum of w^{order}"] = {"found": estimate.value, "by quadrature": expected(order), "known": SIZE / order}
table = pd.DataFrame(found).T
print(table.round(2).to_string())

# %% [markdown]
# The whole question, as the workbench asks it, of a small model zoo that comes with it. As in Yang et al. (2021, arXiv:2107.11228), the
# best networks lie where the landscape is globally well connected and locally flat (phase IV), and training is poor in I and II.

# %%
params = parse_params(ANALYSIS.params, {"mode": "zoo"})
result = serially(ANALYSIS, params, {"checkpoints": open_source("zoo", "digits-zoo")})
errors = {
    name.removeprefix("test_error_"): one.value
    for name, one in result.summary.items()
    if name.startswith("test_error_")
}
print(result.answer)
print(pd.Series(errors, name="mean test error (%)").round(2).to_string())
