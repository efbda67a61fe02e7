"""Trajectories of InvertedPendulum in Gymnasium and MuJoCo, as the tests keep them.

Needs gymnasium 1.4.0, mujoco 3.17.0 and imageio in an environment of their own:

    MUJOCO_GL=disabled python benchmarks/control_reference.py tests/core/intrinsic_dimension/control/pendulum.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import gymnasium
import numpy as np

LEVEL = 1.5  # radians; beyond, the hinge's own limit acts, long after an episode has ended


def main(target: str) -> None:
    task = gymnasium.make("InvertedPendulum-v5", disable_env_checker=True).unwrapped
    draw = np.random.default_rng(0)
    plans = {
        "balanced": ([0.02, 0.03, 0.1, -0.2], draw.uniform(-0.3, 0.3, 12)),
        "pushed": ([0.0, 0.0, 0.0, 0.0], np.full(20, 3.0)),
        "right end": ([0.95, 0.1, 1.5, 0.3], draw.uniform(-1, 1, 15)),
        "left end": ([-0.99, -0.05, -2.0, 0.0], np.zeros(15)),
    }
    kept = {}
    for name, (start, controls) in plans.items():
        task.reset()
        task.set_state(np.array(start[:2]), np.array(start[2:]))
        states: list[list[float]] = []
        for control in controls:
            task.step(np.array([control]))
            state = np.concatenate([task.data.qpos, task.data.qvel])
            if abs(state[1]) > LEVEL:
                break
            states.append(state.tolist())
        kept[name] = {"start": start, "controls": controls[: len(states)].tolist(), "states": states}
    Path(target).write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
