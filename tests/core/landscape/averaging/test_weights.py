"""Averages and interpolation, by hand."""

from __future__ import annotations

import pytest
import torch

from core.errors import BadInput
from core.landscape.averaging.architectures import check_alike
from core.landscape.averaging.weights import average, interpolate


def _state(value: float, count: int = 3) -> dict[str, torch.Tensor]:
    return {
        "w": torch.full((2, 2), value),
        "half": torch.full((2,), value, dtype=torch.float16),
        "num_batches_tracked": torch.tensor(count),
    }


def test_the_mean_of_models() -> None:
    """1, 2 and 6: 3, or 2.5 by weights 2, 1, 1; kinds are kept and counters are the first's."""
    models = [_state(1.0, 7), _state(2.0), _state(6.0)]
    mean = average(models)
    assert torch.equal(mean["w"], torch.full((2, 2), 3.0)) and mean["half"].dtype == torch.float16
    assert int(mean["num_batches_tracked"]) == 7 and mean["num_batches_tracked"] is not models[0]["num_batches_tracked"]
    assert torch.equal(average(models, [2, 1, 1])["w"], torch.full((2, 2), 2.5))


def test_many_float32_models_keep_their_digits() -> None:
    """The mean of 10,000 equal numbers is that number, which a running sum in single precision misses."""
    model = {"w": torch.full((1,), 0.1)}
    assert torch.equal(average([model] * 10_000)["w"], model["w"])


def test_a_model_without_weight_leaves_no_trace() -> None:
    """Not even where it diverged."""
    bad = {"w": torch.full((2,), float("nan"))}
    assert torch.equal(average([{"w": torch.ones(2)}, bad], [1, 0])["w"], torch.ones(2))


def test_the_ends_and_the_middle_of_the_line() -> None:
    """alpha 0 and 1 give the models to the last bit, a quarter lies a quarter on, 2 beyond."""
    one, two = {"w": torch.tensor([0.1, 1.0])}, {"w": torch.tensor([0.3, 5.0])}
    assert torch.equal(interpolate(one, two, 0.0)["w"], one["w"])
    assert torch.equal(interpolate(one, two, 1.0)["w"], two["w"])
    assert interpolate(one, two, 0.25)["w"][1] == 2.0 and interpolate(one, two, 2.0)["w"][1] == 9.0


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"a": (2, 3), "c": (1,)}, "b is 3 in model 1 and missing in model 2"),
        ({"a": (2, 4), "b": (4,)}, "a is 2 x 3 in model 1 and 2 x 4 in model 2"),
        ({"a": (2, 3), "b": (3,), "z": ()}, "z is missing in model 1 and a scalar in model 2"),
    ],
)
def test_the_first_differing_key_is_named(other: dict[str, tuple[int, ...]], message: str) -> None:
    """With what it is in both models."""
    one = {"a": torch.zeros(2, 3), "b": torch.zeros(3)}
    two = {name: torch.zeros(shape) for name, shape in other.items()}
    for call in (lambda: average([one, two]), lambda: interpolate(one, two, 0.5)):
        with pytest.raises(BadInput, match=message):
            call()
    with pytest.raises(BadInput, match=r"a\.pt and b\.pt have different architectures"):
        check_alike([one, two], ["a.pt", "b.pt"])


@pytest.mark.parametrize("weights", [[1.0], [1.0, -1.0], [0.0, 0.0], [1.0, float("nan")]])
def test_weights_that_do_not_fit_are_refused(weights: list[float]) -> None:
    """Two models need two weights of at least 0."""
    with pytest.raises(BadInput, match="2 numbers of at least 0"):
        average([_state(1.0), _state(2.0)], weights)


def test_no_models_are_refused() -> None:
    """There is no mean of nothing."""
    with pytest.raises(BadInput, match="no models"):
        average([])
