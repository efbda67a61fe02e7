"""What set-up compiles ahead."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from numba.core.dispatcher import Dispatcher

import core.topology
from core.topology.compiled import compile_all


def test_set_up_compiles_all_that_is_kept_on_disk_for_one_type_each() -> None:
    """Every compiled function that Python calls, so that no user waits; and none of them twice."""
    compile_all()
    kept: dict[str, int] = {}
    for module in pkgutil.walk_packages(core.topology.__path__, "core.topology."):
        for name, value in vars(import_module(module.name)).items():
            if isinstance(value, Dispatcher) and value.stats.cache_path is not None:
                kept[f"{module.name}.{name}"] = len(value.signatures)
    assert len(kept) > 10
    assert {name: count for name, count in kept.items() if count != 1} == {}
