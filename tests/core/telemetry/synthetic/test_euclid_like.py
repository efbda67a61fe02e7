"""The synthetic spacecraft: its physics, its statistics, its events and the truth about them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.errors import BadInput
from core.telemetry.synthetic.covariates import COVARIATES, draw_commanded, heat
from core.telemetry.synthetic.euclid_like import EuclidLike, euclid_like
from core.telemetry.synthetic.events import CAUSES, inject, plan_events
from core.telemetry.synthetic.plant import LINKS, NODES, SVM, TEMPERATURES, plant, process_noise

SHORT = {"minutes": 10, "days": 120}
# Of the readings without events (K), and largest effects (K), as the generator was specified.
STANDARD_DEVIATIONS = (0.15, 0.06, 0.08, 0.14, 0.3, 0.27, 0.36, 0.08, 0.6, 0.28, 0.67)
LARGEST_EFFECTS = {"VIS_FPA": 3.0, "VIS_RSU": 2.9, "M2": 4.6, "NISP_FWA": 5.0, "BASEPLATE": 1.5}


@pytest.fixture(scope="module")
def full() -> EuclidLike:
    return euclid_like(seed=0)


@pytest.fixture(scope="module")
def short() -> EuclidLike:
    return euclid_like(seed=1, **SHORT)


def test_step_is_exact() -> None:
    """Two steps of 5 minutes under steady heat are one step of 10 minutes."""
    five, ten = plant(5), plant(10)
    np.testing.assert_allclose(five.A @ five.A, ten.A, atol=1e-12)
    np.testing.assert_allclose(five.A @ five.B + five.B, ten.B, atol=1e-12)


def test_steady_state_balances_heat() -> None:
    """Where nothing changes any more, the heat brought to a node leaves it through its conductances."""
    body = plant(60)
    q = np.arange(1.0, 12.0)
    steady = np.linalg.solve(np.eye(11) - body.A, body.B @ q)
    leaving = np.array([node[2] for node in NODES.values()]) * steady
    for (i, j), link in LINKS.items():
        leaving[i] += link * (steady[i] - steady[j])
        leaving[j] += link * (steady[j] - steady[i])
    np.testing.assert_allclose(leaving, q, rtol=1e-9)


@pytest.mark.parametrize("push", [0.0, 12.0, -25.0], ids=["free", "full on and off", "mostly at its limit"])
def test_thermostat_is_solved_exactly(push: float) -> None:
    """The fast run equals the recursion row by row, also where the thermostat reaches its limits."""
    rng = np.random.default_rng(5)
    body = plant(5)
    warm = np.zeros((9000, 11))
    warm[:, SVM] = push * np.sin(np.arange(9000) / 400) + 0.3 * push
    noise = process_noise(rng, 9000, 5)
    x, duty = body.run(warm, noise)
    expected, expected_duty = body.run_by_rows(warm, noise)
    np.testing.assert_allclose(x, expected, atol=1e-9)
    np.testing.assert_allclose(duty, expected_duty, atol=1e-8)
    assert (push == 0.0) == (duty.min() > 0 and duty.max() < 100)


def test_run_goes_on_from_any_row() -> None:
    """A run that starts from a state in the middle continues the whole run."""
    rng = np.random.default_rng(6)
    body = plant(5)
    q, noise = rng.standard_normal((6000, 11)), process_noise(rng, 6000, 5)
    whole, _ = body.run(q, noise)
    rest, _ = body.run(q[4321:], noise[4321:], whole[4320])
    np.testing.assert_allclose(rest, whole[4321:], atol=1e-10)


def test_shape_and_names(full: EuclidLike) -> None:
    """182 days by 5 minutes from 15 February 2024, 11 temperatures and 35 covariates with units."""
    grid = full.grid
    assert grid.values.shape == (52416, 46)
    assert pd.Timestamp(grid.times[0], unit="ms") == pd.Timestamp("2024-02-15")
    assert set(np.diff(grid.times)) == {300_000}
    assert grid.names == (*full.targets, *full.covariates)
    assert (len(full.targets), len(full.covariates)) == (11, 35)
    assert grid.units["VIS_FPA"] == "K" and grid.units["htr1"] == "%"
    assert grid.labels is None
    assert np.isfinite(grid.values).all()
    assert all(len(np.unique(grid.column(state))) <= 8 for state in grid.states)


@pytest.mark.parametrize(("minutes", "days"), [(5, 182), (10, 120)])
def test_standard_deviations_without_events(minutes: float, days: float) -> None:
    """Without events the temperatures vary as specified, within 25 %."""
    plan, covariate, process, sensor, *_ = (np.random.default_rng(s) for s in np.random.SeedSequence(3).spawn(6))
    rows = round(days * 1440 / minutes)
    given = draw_commanded(plan, covariate, rows, minutes)
    x, _ = plant(minutes).run(heat(given.columns), process_noise(process, rows, minutes))
    y = x + 0.008 * sensor.standard_normal(x.shape)
    np.testing.assert_allclose(y.std(axis=0), STANDARD_DEVIATIONS, rtol=0.25)


def test_largest_effects(full: EuclidLike) -> None:
    """At amplitude 1 the largest effects are as specified, within 10 %."""
    for parameter, effect in LARGEST_EFFECTS.items():
        own = full.truth[(full.truth.parameter == parameter) & (full.truth.kind == "caused")]
        assert own.effect_K.max() == pytest.approx(effect, rel=0.1)


def test_events_are_planned_as_specified(full: EuclidLike) -> None:
    """33 events, three each parameter, none in the training part, none meeting another, none in the last two days."""
    truth = full.truth
    assert len(truth) == 33
    counts = truth.groupby(["parameter", "kind"]).size().unstack()
    assert (counts.caused == 2).all() and (counts.sensor_only == 1).all() and set(counts.index) == set(TEMPERATURES)
    assert truth.start_row.min() >= full.training_rows == 40 * 288
    assert (truth.start_row.to_numpy()[1:] > truth.end_row.to_numpy()[:-1]).all()
    assert truth.end_row.max() < full.grid.rows - 24 * 12
    faults = truth[truth.kind == "sensor_only"].set_index("parameter").type
    assert [faults[name] for name in TEMPERATURES[:5]] == ["spike", "step", "drift", "stuck", "spike"]
    hours = (truth.end_row - truth.start_row + 1) / 12
    for event, length in zip(truth.itertuples(), hours, strict=True):
        wanted = {"spike": 0.5, "step": 3, "drift": 6, "stuck": 8}
        assert length == (CAUSES[event.parameter].hours if event.kind == "caused" else wanted[event.type])
    assert full.event_rows.sum() == (truth.end_row - truth.start_row + 1).sum()


def test_effect_is_the_difference_to_the_run_without_the_event(short: EuclidLike) -> None:
    """Each caused effect equals that of two complete runs, row by row, with the same noise."""
    plan, covariate, process, _, events_rng, _ = (np.random.default_rng(s) for s in np.random.SeedSequence(1).spawn(6))
    rows = short.grid.rows
    base = draw_commanded(plan, covariate, rows, 10)
    events = plan_events(events_rng, rows, short.training_rows, 10)
    noise, body = process_noise(process, rows, 10), plant(10)

    def run(kept: list[int]) -> np.ndarray:
        given = base
        for index in kept:
            given = inject(given, events[index], 1.0)
        return body.run_by_rows(heat(given.columns), noise)[0]

    everything = list(range(33))
    whole = run(everything)
    chosen = [index for index in everything if events[index].kind == "caused"][::8]
    for index in chosen:
        difference = np.abs(whole - run([other for other in everything if other != index])).max(axis=0)
        np.testing.assert_allclose(short.effects[index], difference, atol=1e-9)


def test_sensor_faults_touch_one_sensor(short: EuclidLike) -> None:
    """A fault of a sensor has an effect on its own reading alone, of the specified size."""
    sizes = {"spike": 1.5, "step": 0.8, "drift": 1.2}
    for row, event in short.truth[short.truth.kind == "sensor_only"].iterrows():
        effects = short.effects[row]
        assert np.flatnonzero(effects).tolist() == [TEMPERATURES.index(event.parameter)]
        if event.type == "stuck":
            readings = short.grid.column(event.parameter)[event.start_row : event.end_row + 1]
            assert np.ptp(readings) == 0
        else:
            assert event.effect_K == pytest.approx(sizes[event.type])
        assert event.cause == event.proxies == ""


def test_amplitude_scales_distances_but_not_states() -> None:
    """At half the amplitude additions and distances halve, while a state is simply set."""
    calm, half, whole = (euclid_like(seed=2, amplitude=a, **SHORT) for a in (0.0, 0.5, 1.0))
    for event in whole.truth[whole.truth.kind == "caused"].itertuples():
        rows = slice(event.start_row, event.end_row + 1)
        at = [one.grid.column(event.cause)[rows] for one in (calm, half, whole)]
        if event.cause in whole.grid.states:
            assert (at[0] == 1).all() and (at[1] == 1).all() and (at[2] == 1).all()
        else:
            np.testing.assert_allclose(at[1], (at[0] + at[2]) / 2)


def test_proxies_follow_their_cause(short: EuclidLike) -> None:
    """While the transmitter is on for an event, its current flows and the tape empties."""
    event = short.truth[short.truth.cause == "tx_on"].iloc[0]
    assert event.proxies == "tx_current"
    rows = slice(event.start_row, event.end_row + 1)
    assert (short.grid.column("tx_on")[rows] == 1).all()
    assert short.grid.column("tx_current")[rows].mean() == pytest.approx(2.2, abs=0.02)
    sun = short.truth[short.truth.cause == "att_saa"].iloc[0]
    usual = np.median(short.grid.column("sa_current"))
    assert short.grid.column("sa_current")[sun.start_row : sun.end_row + 1].max() < usual - 3


def test_thermostat_answers_its_panel(short: EuclidLike) -> None:
    """htr7 is the duty 30 - 8 x of the panel one row before, plus read-out noise of 0.5 %."""
    x = short.grid.column("SVM_PANEL") - 293
    healthy = ~short.event_rows[:-1]
    error = (short.grid.column("htr7")[1:] - np.clip(30 - 8 * x[:-1], 0, 100))[healthy]
    assert error.mean() == pytest.approx(0, abs=0.02)
    assert error.std() == pytest.approx(np.hypot(0.5, 8 * 0.008), rel=0.03)
    assert short.responders == ("htr7",)


def test_same_seed_same_values(short: EuclidLike) -> None:
    """A seed names one series; gaps take values away and change none; another amplitude keeps the noise."""
    again = euclid_like(seed=1, gaps=True, **SHORT)
    missing = np.isnan(again.grid.values).any(axis=1)
    np.testing.assert_array_equal(again.grid.values[~missing], short.grid.values[~missing])
    small = euclid_like(seed=1, amplitude=0.5, **SHORT)
    np.testing.assert_array_equal(small.grid.values[: short.training_rows], short.grid.values[: short.training_rows])
    other = euclid_like(seed=7, **SHORT)
    assert not np.array_equal(other.grid.values, short.grid.values)


def test_gaps() -> None:
    """About 0.2 % of the rows are missing whole, and 12 hours at a stretch, which meet no event."""
    given = euclid_like(seed=4, gaps=True, **SHORT)
    missing = np.isnan(given.grid.values)
    np.testing.assert_array_equal(missing.any(axis=1), missing.all(axis=1))
    rows = missing[:, 0]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], rows, [0]])))
    lengths = edges[1::2] - edges[::2]
    assert 72 <= lengths.max() <= 75
    assert rows.sum() == pytest.approx(72 + 0.002 * given.grid.rows, abs=2)
    longest = edges[::2][lengths.argmax()]
    assert not given.event_rows[longest : longest + lengths.max()].any()


def test_covariates_are_listed_once() -> None:
    """Each of the 35 covariates has one name."""
    assert len(set(COVARIATES)) == 35


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"days": 40}, "33 events that do not meet need at least"),
        ({"minutes": 0}, "up to 30 minutes"),
        ({"amplitude": -1}, "a size of at least 0"),
        ({"amplitude": float("nan")}, "a size of at least 0"),
    ],
)
def test_impossible_series_are_refused(arguments: dict[str, float], words: str) -> None:
    """A series that can't hold its events is refused in a sentence."""
    with pytest.raises(BadInput, match=words):
        euclid_like(**arguments)
