"""Fisher information and averages weighted by it."""

from __future__ import annotations

import pytest
import torch

from core.errors import BadInput
from core.landscape.averaging.fisher import fisher_average, fisher_diagonal


def linear(parameters, x):
    return x @ parameters["w"].T


def test_softmax_regression_has_its_closed_form() -> None:
    """For logits W x the entry (c, j) is the mean of p_c (1 - p_c) x_j^2."""
    generator = torch.Generator().manual_seed(0)
    w, x = (torch.randn(shape, dtype=torch.float64, generator=generator) for shape in ((4, 3), (50, 3)))
    p = (x @ w.T).softmax(dim=1)
    expected = torch.einsum("nc,nj->cj", p * (1 - p), x**2) / 50
    torch.testing.assert_close(fisher_diagonal(linear, {"w": w}, x)["w"], expected)


def test_it_is_the_diagonal_of_the_expected_hessian() -> None:
    """For exponential families the Fisher information is the Hessian of the cross-entropy at the model's own labels."""
    generator = torch.Generator().manual_seed(1)
    w, x = (torch.randn(shape, dtype=torch.float64, generator=generator) for shape in ((3, 2), (20, 2)))
    own = (x @ w.T).softmax(dim=1)

    def loss(flat: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(x @ flat.view(3, 2).T, own)

    hessian = torch.autograd.functional.hessian(loss, w.reshape(-1))
    torch.testing.assert_close(fisher_diagonal(linear, {"w": w}, x)["w"].reshape(-1), hessian.diagonal())


def test_each_entry_goes_to_the_model_that_cares() -> None:
    """Informations 3 and 1 on values 0 and 4 give 1; 0 and 0 give the plain mean 2; buffers are averaged plainly."""
    states = [
        {"w": torch.tensor([0.0, 0.0]), "mean": torch.tensor([1.0])},
        {"w": torch.tensor([4.0, 4.0]), "mean": torch.tensor([3.0])},
    ]
    fishers = [{"w": torch.tensor([3.0, 0.0])}, {"w": torch.tensor([1.0, 0.0])}]
    found = fisher_average(states, fishers)
    torch.testing.assert_close(found["w"], torch.tensor([1.0, 2.0]))
    assert found["mean"].tolist() == [2.0] and found["w"].dtype == torch.float32
    torch.testing.assert_close(fisher_average(states, fishers, [1.0, 3.0])["w"], torch.tensor([2.0, 3.0]))


def test_equal_informations_give_the_plain_mean() -> None:
    """And one model alone gives itself."""
    states = [{"w": torch.tensor([1.0])}, {"w": torch.tensor([2.0])}]
    fisher = {"w": torch.tensor([0.7])}
    assert fisher_average(states, [fisher, fisher])["w"].item() == pytest.approx(1.5)
    assert fisher_average(states[:1], [fisher])["w"].item() == 1.0


def test_what_does_not_fit_is_refused() -> None:
    """A missing information, one of another shape, no samples."""
    states = [{"w": torch.zeros(2)}, {"w": torch.zeros(2)}]
    with pytest.raises(BadInput, match="2 models need 2"):
        fisher_average(states, [{"w": torch.zeros(2)}])
    with pytest.raises(BadInput, match="has v, which is not in the models"):
        fisher_average(states, [{"v": torch.zeros(2)}] * 2)
    with pytest.raises(BadInput, match="Fisher information of model 1 and the Fisher information of model 2"):
        fisher_average(states, [{"w": torch.zeros(2)}, {"w": torch.zeros(3)}])
    with pytest.raises(BadInput, match="no samples"):
        fisher_diagonal(linear, {"w": torch.zeros(2, 2)}, torch.zeros(0, 2))


def test_of_gaussian_posteriors_it_is_the_mean_of_their_product() -> None:
    """Where each model is the mean of a Gaussian with its information as precision, the Fisher average is where the
    product of the densities, and so the sum of the quadratics, has its optimum."""
    generator = torch.Generator().manual_seed(2)
    means, precisions = (
        torch.randn(3, 5, generator=generator).double(),
        torch.rand(3, 5, generator=generator).double() + 0.1,
    )
    exact = torch.linalg.solve(torch.diag(precisions.sum(0)), (precisions * means).sum(0))
    found = fisher_average([{"w": mean} for mean in means], [{"w": precision} for precision in precisions], least=0.0)
    torch.testing.assert_close(found["w"], exact)


def test_samples_are_taken_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many samples at once or few give the same mean."""
    x = torch.randn(7, 3, generator=torch.Generator().manual_seed(0))
    whole = fisher_diagonal(linear, {"w": torch.ones(2, 3)}, x)["w"]
    monkeypatch.setattr("core.landscape.averaging.fisher.MOST_SLOPES", 12)
    torch.testing.assert_close(fisher_diagonal(linear, {"w": torch.ones(2, 3)}, x)["w"], whole)
