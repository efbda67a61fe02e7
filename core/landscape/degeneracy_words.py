"""What is said of a network's degeneracy: the answer, verdicts with their evidence, and what they do not mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from core.landscape.degeneracy_params import DegeneracyParams

Tables = Mapping[str, pd.DataFrame]


def answer(dataset: str, description: str, tables: Tables) -> str:
    """How many directions are dead, how many parameters count, and what the learning coefficient says, in plain words."""
    coefficients = tables["learning_coefficient"]
    count, parameters = len(coefficients), int(coefficients.parameters.iloc[0])
    said = [f"{dataset}: {count} {'network' if count == 1 else 'networks'}, {description}, {parameters:,} parameters."]
    if "layers" in tables:
        said.append(_dead(tables))
    if "effective_parameters" in tables:
        counted = tables["effective_parameters"].query("at_chains")
        said.append(
            f"About {_range(counted.effective_parameters)} of {parameters:,} directions of the parameters change the outputs with more "
            f"curvature than {counted.cutoff.iloc[0]:.2g}, what the chains resolve."
        )
    said.append(_learning(coefficients, parameters))
    return " ".join(said)


def _dead(tables: Tables) -> str:
    table = tables["layers"]
    grouped = table.groupby("checkpoint", sort=False)
    first = table[table.checkpoint == table.checkpoint.iloc[0]]
    words = (
        f"Of {int(first['inputs'].sum())} directions into the layers {_range(grouped.activation_deficiency.sum())} are dead, of "
        f"{int(first['outputs'].sum())} out of them {_range(grouped.gradient_deficiency.sum())}"
    )
    if "firing" in tables:
        firing = tables["firing"]
        units = firing[firing.checkpoint == firing.checkpoint.iloc[0]].units.sum()
        silent = firing.groupby("checkpoint", sort=False).never.sum()
        together = firing.groupby("checkpoint", sort=False).synchronised.sum()
        words += f"; of {int(units):,} ReLUs {_range(silent)} never fire and {_range(together)} fire as another does"
    return words + "."


def _learning(coefficients: pd.DataFrame, parameters: int) -> str:
    trusted = coefficients[coefficients.trustworthy == "yes"]
    if not len(trusted):
        return "The chains can't be trusted, so no learning coefficient is claimed; the table of verdicts says what to change."
    value = float(trusted.learning_coefficient.mean())
    share = 100 * value / (parameters / 2)
    of = "" if len(trusted) == len(coefficients) else f" of the {len(trusted)} networks with trustworthy chains"
    return (
        f"The learning coefficient{of} is {_range(trusted.learning_coefficient, digits=3)}, {share:.2g} % of D/2 = {parameters / 2:,.0f}: "
        f"of the directions of the parameters the training loss feels about {2 * value:.2g} at this resolution."
    )


def _range(values: pd.Series, digits: int = 0) -> str:
    """One number, or the smallest and the largest.

    >>> _range(pd.Series([3, 3])), _range(pd.Series([2.5, 3.14159]), digits=2)
    ('3', '2.5 to 3.1')
    """
    ends = [f"{end:.{digits}g}" if digits else f"{end:,.0f}" for end in (values.min(), values.max())]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def verdicts(params: DegeneracyParams, tables: Tables) -> pd.DataFrame:
    """A row a network and question: what was found, the verdict, and what it means or asks for."""
    rows = []
    for name in tables["learning_coefficient"].checkpoint:
        own = {key: table[table.checkpoint == name] for key, table in tables.items()}
        rows += [
            (name, *row) for row in (*_of_layers(params, own), *_of_firing(own), *_of_modules(own), *_of_chains(own))
        ]
    return pd.DataFrame(rows, columns=["checkpoint", "question", "found", "verdict", "meaning"])


Row = tuple[str, str, str, str]


def _of_layers(params: DegeneracyParams, own: Tables) -> list[Row]:
    if "layers" not in own or not len(own["layers"]):
        return []
    rows = []
    for title, side, missing, meaning in (
        (
            "Dependent activations",
            "inputs",
            "activation_deficiency",
            "Weights along these directions can be changed freely: the layer's result on these rows stays as it is.",
        ),
        (
            "Dependent gradients",
            "outputs",
            "gradient_deficiency",
            "What the layers give along these directions reaches no output, to first order.",
        ),
    ):
        dead, all_of = int(own["layers"][missing].sum()), int(own["layers"][side].sum())
        rows.append(
            (
                title,
                f"{dead} of {all_of} directions at or below {params.tolerance:g} of the largest",
                "degenerate" if dead else "none found",
                meaning if dead else "Every direction counts at this threshold.",
            )
        )
    return rows


def _of_firing(own: Tables) -> list[Row]:
    if "firing" not in own or not len(own["firing"]):
        return []
    sums = own["firing"][["units", "synchronised", "never", "always"]].sum()
    found = (
        f"of {int(sums.units):,} units {int(sums.synchronised):,} fire as another does, {int(sums.never):,} never fire, "
        f"{int(sums['always']):,} always"
    )
    free = int(sums.synchronised + sums.never + sums["always"])
    meaning = (
        "Units that fire together, or always, act as one linear map on these rows; units that never fire do nothing."
    )
    return [
        (
            "Synchronised ReLUs",
            found,
            "degenerate" if free else "none found",
            meaning if free else "Every unit has a pattern of its own.",
        )
    ]


def _of_modules(own: Tables) -> list[Row]:
    if "modularity" not in own or not len(own["modularity"]):
        return []
    row = own["modularity"].iloc[0]
    above = row.score > row.shuffled_largest
    return [
        (
            "Modules",
            f"score {row.score:.3f}; shuffled {row.shuffled_mean:.3f}, at most {row.shuffled_largest:.3f}",
            "more modular than chance" if above else "no more modular than chance",
            "Groups of features interact among themselves more than their strengths in random places do; how much of it is design "
            "and how much the layered wiring of any network, the score does not say."
            if above
            else "The groups in the picture are those that any graph of such strengths falls into.",
        )
    ]


def _of_chains(own: Tables) -> list[Row]:
    row = own["learning_coefficient"].iloc[0]
    health = (
        f"R-hat {row.r_hat:.3f}, {row.effective_draws:.0f} effective draws, {int(row.diverged_chains)} of {int(row.chains)} chains "
        f"diverged, step {row.stiffness:.2g} of the safe one"
    )
    if row.trustworthy == "no":
        return [
            ("Chains", health, "not trustworthy", row.what_to_do),
            ("Learning coefficient", f"{row.learning_coefficient:.4g}", "not claimed", "Mend the chains first."),
        ]
    free = row.learning_coefficient < row.half_parameters / 2
    return [
        (
            "Chains",
            health,
            "trustworthy",
            "They agree, and they draw often enough for the standard error that is given.",
        ),
        (
            "Learning coefficient",
            f"{row.learning_coefficient:.3g} ± {row.standard_error:.2g} against D/2 = {row.half_parameters:,.0f}",
            "degenerate at this resolution" if free else "near regular at this resolution",
            f"The loss feels about {2 * row.learning_coefficient:.2g} directions with a curvature of "
            f"{row.gamma / row.nbeta:.2g} = gamma / (n beta) or more.",
        ),
    ]


def notes(params: DegeneracyParams, tables: Tables, diverged: int) -> tuple[str, ...]:
    """How it was measured, and what it does not mean."""
    row = tables["learning_coefficient"].iloc[0]
    said = [
        "Dead means dead on these rows and at this threshold: other data may wake a direction, and a dead direction is a "
        "combination of units, seldom one that could be cut out.",
        f"The learning coefficient of the theory is a limit at an exact minimum and for ever more rows. Here it is what chains feel at n "
        f"beta {row.nbeta:.4g} and gamma {row.gamma:g}: directions whose curvature is well below {row.gamma / row.nbeta:.2g} count little, "
        "whether they are free or merely flat. Small does not say that a network predicts well, nor how far it may be pruned.",
    ]
    if (tables["learning_coefficient"].train_loss > 0.3).any():
        said.append(
            "A training loss above 0.3 nats: is it a minimum? Train longer before the learning coefficient is compared."
        )
    if "effective_parameters" in tables:
        rows = int(tables["effective_parameters"].rows.iloc[0])
        most = int(tables["effective_parameters"].most.iloc[0])
        said.append(
            f"Effective parameters are counted to second order in the squared change of the outputs on {rows:,} rows, which can tell at "
            f"most {most:,} directions; twice the learning coefficient counts those of the training loss, which is another function."
        )
    if "modularity" in tables:
        said.append(
            "That modular networks are more degenerate, and that the interaction basis shows what a network computes, are hypotheses of the "
            "paper (arXiv:2405.10927); its authors found sparser interactions than along principal components on modular addition and "
            "CIFAR-10, but no substantial gain on language models (arXiv:2405.10928). Edges take the Jacobian at each row, not its "
            "integral along a path."
        )
    if diverged:
        said.append(f"{diverged} of {params.seeds} networks diverged in training and were left out.")
    return tuple(said)
