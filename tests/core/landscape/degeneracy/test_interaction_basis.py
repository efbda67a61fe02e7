"""The interaction basis: the properties that define it, and networks whose features are known."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from core.errors import BadInput
from core.landscape.degeneracy.interaction_basis import Section, interaction_basis
from core.landscape.degeneracy.modularity import modularity, shuffled_scores, strongest


def identity(x: torch.Tensor) -> torch.Tensor:
    return x


def _network(widths: tuple[int, ...], seed: int = 0, activation=torch.relu) -> list[Section]:
    generator = torch.Generator().manual_seed(seed)
    return [
        Section(
            torch.randn(two, one, dtype=torch.float64, generator=generator) / one**0.5,
            0.3 * torch.randn(two, dtype=torch.float64, generator=generator),
            activation if place < len(widths) - 2 else identity,
        )
        for place, (one, two) in enumerate(pairwise(widths))
    ]


def _inputs(width: int, n: int = 200) -> torch.Tensor:
    return torch.randn(n, width, dtype=torch.float64, generator=torch.Generator().manual_seed(9))


def _forward(sections: list[Section], x: torch.Tensor) -> list[torch.Tensor]:
    found = [x]
    for section in sections:
        found.append(section.activation(found[-1] @ section.weight.T + section.bias))
    return found


@pytest.mark.parametrize("activation", [torch.relu, torch.tanh])
def test_features_are_uncorrelated_and_the_jacobian_is_orthonormal(activation) -> None:
    """E[f f'] = L, and E[J' J] between features is the identity: what the basis is made for."""
    sections, x = _network((5, 7, 6, 3), activation=activation), _inputs(5)
    found = interaction_basis(sections, x, threshold=1e-10)
    layers = _forward(sections, x)
    for place, basis in enumerate(found.bases[:-1]):
        features = (layers[place] - layers[place].mean(dim=0)) @ basis.forward
        torch.testing.assert_close(features.T @ features / len(x), torch.diag(basis.importance))
        torch.testing.assert_close(basis.back @ basis.forward, torch.eye(basis.rank, dtype=torch.float64))
    following = found.bases[1]
    total = torch.zeros(found.bases[0].rank, found.bases[0].rank, dtype=torch.float64)
    for sample in x:

        def step(a: torch.Tensor) -> torch.Tensor:  # by autograd, one sample at a time
            return activation(sections[0].weight @ a + sections[0].bias)

        jacobian = torch.autograd.functional.jacobian(step, sample)
        between = following.forward.T @ jacobian @ found.bases[0].back.T
        total += between.T @ between / len(x)
    torch.testing.assert_close(total, torch.eye(len(total), dtype=torch.float64))


def test_copies_and_dead_units_fall_away() -> None:
    """Of 7 hidden units one is a copy, one never fires and one is not listened to: 4 directions stay."""
    sections = _network((5, 7, 3))
    first, second = sections
    first.weight[1], first.bias[1] = first.weight[0], first.bias[0]
    first.bias[2] = -100.0
    second.weight[:, 3] = 0
    wide = _network((5, 7, 9))[1]  # outputs enough to tell all units apart
    sections = [first, Section(torch.cat([second.weight, wide.weight]), torch.cat([second.bias, wide.bias]), identity)]
    sections[1].weight[:, 3] = 0
    found = interaction_basis(sections, _inputs(5), threshold=1e-10)
    assert found.bases[1].rank == 4


def test_the_outputs_have_their_principal_axes() -> None:
    """The last basis is orthonormal, its importance the eigenvalues of the outputs' covariance."""
    sections, x = _network((4, 6, 3)), _inputs(4)
    last = interaction_basis(sections, x).bases[-1]
    outputs = _forward(sections, x)[-1]
    covariance = torch.cov(outputs.T, correction=0)
    torch.testing.assert_close(last.importance, torch.linalg.eigvalsh(covariance).flip(0))
    torch.testing.assert_close(last.forward.T @ last.forward, torch.eye(3, dtype=torch.float64))


def test_edges_are_what_a_feature_moves() -> None:
    """E[(dF_i/df_j f_j)^2], sample by sample through the definition; on the last section the Jacobian is the weight."""
    sections, x = _network((4, 6, 3)), _inputs(4)
    found = interaction_basis(sections, x, threshold=1e-10)
    between = found.bases[2].forward.T @ sections[1].weight @ found.bases[1].back.T
    torch.testing.assert_close(found.edges[1], between**2 * found.bases[1].importance)
    assert [tuple(matrix.shape) for matrix in found.edges] == [
        (two.rank, one.rank) for one, two in zip(found.bases[:-1], found.bases[1:], strict=True)
    ]


def test_two_networks_side_by_side_are_two_modules() -> None:
    """Block-diagonal weights and inputs that vary independently: no module holds features of both halves, and the score is
    above all of those of the same strengths in random places; a dense network's is not."""
    one, two = _network((8, 16, 16, 4), seed=1), _network((8, 16, 16, 4), seed=2)
    sections = [
        Section(torch.block_diag(a.weight, b.weight), torch.cat([a.bias, b.bias]), a.activation)
        for a, b in zip(one, two, strict=True)
    ]
    x = _inputs(8, 40)
    x = torch.cat(
        [x.repeat_interleave(40, dim=0), x.flip(1).repeat(40, 1)], dim=1
    )  # each of one half with each of the other
    found = interaction_basis(sections, x)
    apart = modularity(found.edges)
    for basis, modules in zip(found.bases, apart.module_of, strict=True):
        half = len(basis.forward) // 2
        first = basis.forward[:half].abs().sum(dim=0) > basis.forward[half:].abs().sum(dim=0)
        sides = {(module, bool(side)) for module, side in zip(modules, first, strict=True)}
        assert len(sides) == len(set(modules))
    assert apart.score > shuffled_scores(found.edges, 5).max()
    together = interaction_basis(_network((16, 32, 32, 8), seed=3), x).edges
    assert modularity(together).score <= shuffled_scores(together, 5).max()


def test_widths_that_do_not_meet_are_refused() -> None:
    """The section and both widths are named."""
    with pytest.raises(BadInput, match="Section 2 takes 4 values, but 5 come"):
        interaction_basis([*_network((3, 5, 2))[:1], *_network((4, 2))], _inputs(3))


def test_modularity_of_two_pairs_of_blocks() -> None:
    """Two complete bipartite blocks of equal weights: each holds half of the edges, Q = 2 (1/2 - 1/4) = 1/2."""
    block = torch.full((3, 2), 1e-2)
    found = modularity([torch.block_diag(block, block)], least=1e-5)
    assert found.score == pytest.approx(0.5)
    assert found.module_of[0][0] == found.module_of[0][1] != found.module_of[0][2] and len(found.module_of[1]) == 6


def test_weak_edges_are_none() -> None:
    """Strengths at or below the least leave no graph, a score of 0 and each feature by itself."""
    found = modularity([torch.full((2, 2), 1e-6)])
    assert found.score == 0 and len({m for layer in found.module_of for m in layer}) == 4


def test_weights_are_logarithms() -> None:
    """Edges 10, 100 and 1000 times the least weigh 1, 2 and 3: by hand over the two parts of a path."""
    edges = torch.zeros(2, 2, dtype=torch.float64)
    edges[0, 0], edges[1, 0], edges[1, 1] = 1e-2, 1e-4, 1e-3  # weights 3, 1, 2 at least 1e-5
    # Parts {00, 10} and {01, 11}: m = 6; inside 3 and 2; degrees 4 + 3 and 2 + 3.
    expected = 3 / 6 + 2 / 6 - (7 / 12) ** 2 - (5 / 12) ** 2
    assert modularity([edges]).score == pytest.approx(expected)


def test_the_strongest_edges_are_kept() -> None:
    """Of six, the two largest, whichever layers they lie between; all where there are no more."""
    edges = [torch.tensor([[3.0, 1.0]]), torch.tensor([[2.0], [5.0], [0.5], [4.0]])]
    kept = strongest(edges, 2)
    assert kept[0].tolist() == [[0.0, 0.0]] and kept[1].flatten().tolist() == [0.0, 5.0, 0.0, 4.0]
    assert strongest(edges, 6)[0] is edges[0]


def test_shuffled_strengths_stay_between_their_layers() -> None:
    """A graph without freedom scores the same; equal seeds give equal scores."""
    full = [torch.full((3, 2), 1e-2)]
    assert shuffled_scores(full, 3) == pytest.approx([modularity(full).score] * 3)
    some = [torch.rand(4, 4, generator=torch.Generator().manual_seed(0))]
    assert shuffled_scores(some, 2, seed=1).tolist() == shuffled_scores(some, 2, seed=1).tolist()
