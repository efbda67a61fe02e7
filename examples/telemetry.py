# %% [markdown]
# # Telemetry: events that are known, and how far ahead one can see
#
# A synthetic spacecraft with 33 planted events, scored by VUS (Paparrizos et al., 2022, PVLDB 15(11)): what knows the truth gets 1, what
# guesses gets little more than the share of rows that belong to events, and a plain detector lies between. Run it from the project's
# folder: `python examples/telemetry.py`.

# %%
DAYS, MINUTES, HORIZON = 120.0, 10.0, 2.0

# %%
import sys

sys.path += [".", ".."]  # the project's folder, for a script that is started in it and for a notebook in examples

import numpy as np
import pandas as pd

from core.analysis import parse_params
from core.serial import serially
from core.telemetry import euclid_like, vus
from core.telemetry.analysis import ANALYSIS

# %%
craft = euclid_like(seed=0, amplitude=2.0, minutes=MINUTES, days=DAYS)
print(craft.truth[["parameter", "kind", "type", "cause", "start", "effect_K"]].head(5).to_string(index=False))

# %% [markdown]
# The plain detector: how far each temperature is from where it was a row ago, in units of what the event-free start shows.

# %%
temperatures = craft.grid.values[:, : len(craft.targets)]
moves = np.abs(np.diff(temperatures, axis=0, prepend=temperatures[:1]))
plain = (moves / moves[: craft.training_rows].std(axis=0)).max(axis=1)
truth = craft.event_rows
guess = np.random.default_rng(0).random(truth.size)
scores = {"the truth itself": truth.astype(float), "jumps between rows": plain, "guessing": guess}
table = pd.DataFrame(
    {name: {"VUS-PR": (v := vus(truth, score)).pr, "VUS-ROC": v.roc} for name, score in scores.items()}
).T
print(table.round(3).to_string())
print(f"share of rows in events {truth.mean():.3f}")

# %% [markdown]
# Chaos bounds what any forecaster can do. The Lorenz flow forgets its start at a rate of 0.906 a unit of time (Sprott, 2003, Chaos and
# Time-Series Analysis), which is measured here again; the forecaster sees about one of its Lyapunov times ahead.

# %%
params = parse_params(ANALYSIS.params, {"mode": "chaos", "flows": ("lorenz",), "horizon": HORIZON})
result = serially(ANALYSIS, params, {})
print(result.answer)
flow = result.tables["flows"].iloc[0]
print(
    f"exponent {flow.exponent_measured:.3f}, interval {flow.exponent_low:.3f} to {flow.exponent_high:.3f}, published 0.906"
)
