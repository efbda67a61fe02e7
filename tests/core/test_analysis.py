"""The contract: steps, keys, serial runs, progress."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.analysis import (
    LivePoint,
    Result,
    Scalar,
    Source,
    Step,
    parse_params,
    recording_to,
    report,
    report_value,
    reporting_to,
    result_key,
)
from core.errors import BadInput
from core.serial import serially
from tests.core.export.tiny import CALLS, TINY, power_sum

DIGITS = Source("dataset", "digits", "d" * 40, "builtin:digits")


class Memory:
    """A step cache in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        return self.kept[key]

    def put(self, key: str, value: Any) -> None:
        self.kept[key] = value


def run(**kept: Any) -> Result:
    values = kept.pop("values", {})
    return serially(TINY, parse_params(TINY.params, values), {"dataset": DIGITS}, **kept)


def test_results_are_sent_back_in_order():
    """The results of a batch come back in the order of its steps, and a later batch may follow from them."""
    result = run()
    assert result.tables["sums"]["sum"].tolist() == [10.0, 30.0]
    assert result.values()["cubes"] == 100.0


def test_finished_steps_are_not_run_again():
    """A step that the cache holds is not run; one that is new runs once."""
    cache = Memory()
    CALLS.clear()
    run(cache=cache)
    run(cache=cache, values={"exponents": "1,2,4"})
    assert CALLS == [1.0, 2.0, 3.0, 4.0]


def test_an_interrupted_run_keeps_what_was_finished():
    """Steps that finished before an interruption are in the cache."""
    cache = Memory()

    def stop(fraction: float, label: str) -> None:
        if label == "cubes":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(cache=cache, progress=stop)
    assert len(cache.kept) == 2


def test_progress_never_falls_and_ends_at_one():
    """Progress rises from 0 to 1, and says 1 only at the end."""
    seen: list[tuple[float, str]] = []
    run(progress=lambda fraction, label: seen.append((fraction, label)))
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions)
    assert seen == [(0.0, "sum of x^1"), (0.25, "sum of x^2"), (0.5, "cubes"), (1.0, "done")]


def test_report_reaches_the_innermost_listener_only():
    """`report` is clipped to 0..1, goes to the listener of its block, and to nobody outside of one."""
    seen: list[tuple[float, str]] = []
    with reporting_to(lambda fraction, message: seen.append((fraction, message))):
        report(7.0, "far")
    report(0.5)
    assert seen == [(1.0, "far")]


def test_values_reach_the_recorder_of_their_block_only():
    """`report_value` hands over place, value and their names as plain numbers and text, and outside of a block nothing."""
    seen: list[LivePoint] = []
    with recording_to(seen.append):
        report_value(3, 0.25, "Loss", "iteration")
    report_value(4, 0.125, "Loss", "iteration")
    assert seen == [LivePoint(3.0, 0.25, "Loss", "iteration")]


@pytest.mark.parametrize(
    ("inputs", "sentence"),
    [
        ({}, "Input dataset is missing: a data set whose name is shown."),
        ({"dataset": DIGITS, "model": DIGITS}, "Mode powers has no input 'model'; it takes dataset."),
        ({"dataset": replace(DIGITS, kind="model")}, "Input dataset: digits is a model; a dataset is expected."),
    ],
)
def test_inputs_that_do_not_fit_are_refused(inputs: dict[str, Source], sentence: str):
    """A missing, unknown or wrongly filled slot is named before anything runs."""
    with pytest.raises(BadInput) as refusal:
        serially(TINY, parse_params(TINY.params, {}), inputs)
    assert str(refusal.value) == sentence


def test_a_key_names_the_question_alone():
    """The key depends on slug, version, parameters and input digests, and on nothing else."""
    params = parse_params(TINY.params, {})
    key = result_key(TINY, params, {"dataset": DIGITS})
    assert key == result_key(TINY, parse_params(TINY.params, {"count": "4"}), {"dataset": replace(DIGITS, name="mine")})
    others = [
        result_key(replace(TINY, version=4), params, {"dataset": DIGITS}),
        result_key(replace(TINY, slug="other"), params, {"dataset": DIGITS}),
        result_key(TINY, parse_params(TINY.params, {"count": 5}), {"dataset": DIGITS}),
        result_key(TINY, params, {"dataset": replace(DIGITS, digest="e" * 40)}),
        result_key(TINY, params, {}),
    ]
    assert len({key, *others}) == 6


def test_a_step_key_covers_function_version_arguments_and_device():
    """Two steps share a key only when function, its version, arguments and device are the same."""
    step = Step(power_sum, {"count": 3, "exponent": 2.0}, label="a", share=0.1)
    assert step.key == Step(power_sum, {"exponent": 2.0, "count": 3}, label="b", memory=9).key
    changed = [replace(step, device="gpu"), replace(step, arguments={"count": 3, "exponent": np.float64(3)})]
    assert len({step.key, *(one.key for one in changed)}) == 3
    power_sum.version = 2
    try:
        second = step.key
    finally:
        del power_sum.version
    assert second != step.key


def test_a_summary_is_flat_with_its_intervals():
    """A number with an interval adds NAME_low and NAME_high, one without adds nothing."""
    result = Result("", {"d": Scalar(3, "d", low=2.0, high=4.0), "D": Scalar(9, "D"), "e": Scalar(1, "e", low=0.0)})
    assert result.values() == {"d": 3, "d_low": 2.0, "d_high": 4.0, "D": 9, "e": 1, "e_low": 0.0, "e_high": None}
