# %% [markdown]
# # Calibration: is the temperature found that was put in?
#
# Logits `z` and labels drawn from `softmax(z)` are calibrated by construction. Twice `z` is overconfident, and the temperature that
# repairs it is known: 2 (Guo et al., 2017, arXiv:1706.04599, section 4.2). Run it from the project's folder:
# `python examples/calibration.py`.

# %%
ROWS, CLASSES, RESAMPLES = 20_000, 10, 100

# %%
import sys

sys.path += [".", ".."]  # the project's folder, for a script that is started in it and for a notebook in examples

import numpy as np

from core.analysis import parse_params
from core.calibration import battery, fit_temperature
from core.calibration.analysis import ANALYSIS
from core.serial import serially
from core.sources import open_source

# %%
rng = np.random.default_rng(0)
calm = 1.5 * rng.standard_normal((ROWS, CLASSES))
chances = np.exp(calm - calm.max(axis=1, keepdims=True))
chances /= chances.sum(axis=1, keepdims=True)
labels = (chances.cumsum(axis=1) < rng.random((ROWS, 1))).sum(axis=1).clip(max=CLASSES - 1)
logits = 2 * calm

temperature = fit_temperature(logits, labels)
print(f"temperature found {temperature:.3f}, put in 2")

# %% [markdown]
# The metrics of the benchmark study (arXiv:2308.11838, section 3) before and after: what was off is gone, up to what chance leaves.

# %%
before, after = (
    battery(given, labels, bins=[15]).set_index("metric").value for given in (logits, logits / temperature)
)
table = before.to_frame("before").assign(after=after).loc[["ece", "smece", "nll", "brier", "auroc"]]
print(table.round(4).to_string())

# %% [markdown]
# The whole question, as the workbench asks it, of data that come with it; the same temperature is in them.

# %%
params = parse_params(ANALYSIS.params, {"mode": "evaluate", "resamples": RESAMPLES})
result = serially(ANALYSIS, params, {"predictions": open_source("predictions", "overconfident")})
found = result.summary["temperature"]
print(result.answer)
print(f"temperature {found.value:.3f}, interval {found.low:.3f} to {found.high:.3f}, put in 2")
