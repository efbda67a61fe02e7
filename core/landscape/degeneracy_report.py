"""What mode `degeneracy` answers, out of what its steps found: tables, numbers and arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.analysis import Result, Scalar
from core.landscape.degeneracy.effective_parameters import effective_parameter_count
from core.landscape.degeneracy_words import answer, notes, verdicts

if TYPE_CHECKING:
    from core.landscape.degeneracy_params import DegeneracyParams

CUTOFFS = np.logspace(-10, 0, 41)  # relative to the largest curvature of the behavioural loss
MOST_TRACE = 1000  # places of a trace that are kept


@dataclass(frozen=True)
class Subject:
    """What is spoken of.

    Attributes:
        dataset: its name.
        description: of the networks, in a few words.
        names: of the networks that were measured.
        diverged: networks whose training diverged, which are left out.
    """

    dataset: str
    description: str
    names: tuple[str, ...]
    diverged: int


def degeneracy_result(
    params: DegeneracyParams,
    subject: Subject,
    layers: Sequence[Mapping[str, Any]],
    chains: Sequence[Mapping[str, Any]],
) -> Result:
    """The result of networks that were looked at.

    Args:
        params: of the run.
        subject: what is spoken of.
        layers: of `layers_step`, one a network.
        chains: of `chains_step`, one a network.
    """
    names = subject.names
    counted = _effective(names, layers, chains)
    coefficients = _coefficients(names, layers, chains)
    tables = {
        "learning_coefficient": coefficients,
        "layers": _joined(names, [found["ranks"] for found in layers]).assign(threshold=params.tolerance),
        "firing": _joined(names, [found["firing"] for found in layers]),
        "interaction_basis": _joined(names, [found["bases"] for found in layers]),
        "modularity": _modularity(names, layers),
        "effective_parameters": counted,
        "chains": _chains(names, chains),
        "features": _joined(names, [found["features"] for found in layers]),
        "interactions": _joined(names, [found["edges"] for found in layers]),
        "spectra": _spectra(names, layers),
    }
    tables = {name: table for name, table in tables.items() if len(table)}  # empty: not measured, and a note says why
    tables = {"verdicts": verdicts(params, tables), **tables}
    return Result(
        answer=answer(subject.dataset, subject.description, tables),
        summary=_summary(tables),
        tables=tables,
        arrays=_arrays(layers, chains),
        notes=(*notes(params, tables, subject.diverged), *_remarks(names, layers)),
    )


def _joined(names: Sequence[str], parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The tables of all networks, each row with its network."""
    own = [part.assign(checkpoint=name) for name, part in zip(names, parts, strict=True) if len(part)]
    if not own:
        return pd.DataFrame()
    table = pd.concat(own, ignore_index=True)
    return table[["checkpoint", *(column for column in table.columns if column != "checkpoint")]]


def _coefficients(
    names: Sequence[str], layers: Sequence[Mapping[str, Any]], chains: Sequence[Mapping[str, Any]]
) -> pd.DataFrame:
    """A row a network: the estimate, and all that is needed to judge it."""
    rows = []
    for name, own, found in zip(names, layers, chains, strict=True):
        rows.append(
            {
                "checkpoint": name,
                "parameters": own["parameters"],
                "half_parameters": own["parameters"] / 2,
                "train_loss": own["train_loss"],
                "train_error": own["train_error"],
                "learning_coefficient": found["value"],
                "standard_error": found["standard_error"],
                "trustworthy": "no" if found["notes"] else "yes",
                "what_to_do": " ".join(found["notes"]),
                "nbeta": found["nbeta"],
                "gamma": found["gamma"],
                "step": found["step"],
                "stiffness": found["stiffness"],
                "largest_curvature": found["largest_curvature"],
                "acceptance": found["acceptance"],
                "noise_bound": found["noise_bound"],
                "slope_bound": found["slope_bound"],
                "r_hat": found["r_hat"],
                "effective_draws": found["effective_draws"],
                "diverged_chains": int(np.isnan(found["of_chains"]).sum()),
                "chains": len(found["of_chains"]),
                "burn_in": found["burn_in"],
            }
        )
    return pd.DataFrame(rows)


def _modularity(names: Sequence[str], layers: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A row a network whose interactions are known: its score, and those of shuffled strengths."""
    rows = [
        (
            name,
            found["modularity"],
            float(found["shuffled"].mean()),
            float(found["shuffled"].max()),
            int(found["features"].module.nunique()),
            len(found["features"]),
        )
        for name, found in zip(names, layers, strict=True)
        if np.isfinite(found["modularity"])
    ]
    columns = ["checkpoint", "score", "shuffled_mean", "shuffled_largest", "modules", "features"]
    return pd.DataFrame(rows, columns=columns)


def _effective(
    names: Sequence[str], layers: Sequence[Mapping[str, Any]], chains: Sequence[Mapping[str, Any]]
) -> pd.DataFrame:
    """N_eff of each network at cutoffs over ten decades, and, marked, at the one that its chains resolve."""
    largest = np.nanmax([np.max(found["behaviour"]) for found in layers])
    rows: list[dict[str, Any]] = []
    for name, found, own in zip(names, layers, chains, strict=True):
        spectrum = found["behaviour"]
        if not np.isfinite(spectrum).all() or not largest > 0:
            continue
        resolved = own["gamma"] / own["nbeta"]
        rows.extend(
            {
                "checkpoint": name,
                "cutoff": cutoff,
                "effective_parameters": effective_parameter_count(spectrum, cutoff),
                "at_chains": cutoff == resolved,
                "parameters": found["parameters"],
                "most": min(found["parameters"], found["behaviour_rows"] * found["outputs"]),
                "rows": found["behaviour_rows"],
            }
            for cutoff in sorted({*(largest * CUTOFFS).tolist(), resolved})
        )
    return pd.DataFrame(rows)


def _chains(names: Sequence[str], chains: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    rows = [
        (name, number + 1, value)
        for name, found in zip(names, chains, strict=True)
        for number, value in enumerate(found["of_chains"].tolist())
    ]
    return pd.DataFrame(rows, columns=["checkpoint", "chain", "learning_coefficient"])


def _spectra(names: Sequence[str], layers: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Eigenvalues of each layer's Gram matrices, relative to the largest."""
    parts = [
        pd.DataFrame(
            {
                "checkpoint": name,
                "layer": layer,
                "of": of,
                "index": np.arange(1, len(values) + 1),
                "eigenvalue": values,
            }
        )
        for name, found in zip(names, layers, strict=True)
        for layer, both in found["spectra"].items()
        for of, values in zip(("activations", "gradients"), both, strict=True)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _arrays(layers: Sequence[Mapping[str, Any]], chains: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """Traces [networks, chains, places] with the number of the step of each place, running means after the burn-in, and the
    spectra of behaviour [networks, values], NaN where one has fewer."""
    whole = np.stack([found["trace"] for found in chains])
    burn_in, steps = chains[0]["burn_in"], whole.shape[2]
    places = np.unique(np.linspace(0, steps - 1, min(steps, MOST_TRACE)).round().astype(int))
    later = whole[:, :, burn_in:]
    running = np.full(whole.shape, np.nan)
    running[:, :, burn_in:] = later.cumsum(axis=2) / np.arange(1, later.shape[2] + 1)
    longest = max(len(found["behaviour"]) for found in layers)
    spectra = np.full((len(layers), longest), np.nan)
    for row, found in zip(spectra, layers, strict=True):
        row[: len(found["behaviour"])] = found["behaviour"]
    return {
        "trace_steps": places,
        "traces": whole[:, :, places].astype(np.float32),
        "running_means": running[:, :, places].astype(np.float32),
        "behaviour_spectra": spectra,
    }


def _summary(tables: Mapping[str, pd.DataFrame]) -> dict[str, Scalar]:
    """Means over the networks, with the smallest and the largest where there are several."""
    coefficients = tables["learning_coefficient"]
    parameters = int(coefficients.parameters.iloc[0])
    trusted = coefficients[coefficients.trustworthy == "yes"]
    width = 2 * trusted.standard_error
    values = trusted.learning_coefficient
    summary = {
        "learning_coefficient": Scalar(
            float(values.mean()) if len(trusted) else None,
            "Learning coefficient",
            low=float((values - width).min()) if len(trusted) else None,
            high=float((values + width).max()) if len(trusted) else None,
            description=f"Mean over the {len(trusted)} of {len(coefficients)} networks whose chains can be trusted; two standard errors "
            "beyond the smallest and the largest.",
        ),
        "half_parameters": Scalar(
            parameters / 2, "D / 2", description="The learning coefficient of a minimum without free directions."
        ),
        "trustworthy_chains": Scalar(
            len(trusted), "Networks with trustworthy chains", description=f"Of {len(coefficients)}."
        ),
    }
    if "effective_parameters" in tables:
        table = tables["effective_parameters"]
        summary["effective_parameters"] = _over_networks(
            table[table.at_chains].effective_parameters,
            "Effective parameters",
            f"Of {parameters:,}, at the curvature gamma / (n beta) that the chains resolve.",
        )
    if "layers" in tables:
        grouped = tables["layers"].groupby("checkpoint", sort=False)
        for column, title in (
            ("activation_deficiency", "Dead directions of activations"),
            ("gradient_deficiency", "Dead directions of gradients"),
        ):
            summary[column] = _over_networks(grouped[column].sum(), title, "Summed over the layers of a network.")
    if "firing" in tables:
        grouped = tables["firing"].groupby("checkpoint", sort=False)
        summary["synchronised_units"] = _over_networks(
            grouped["synchronised"].sum(),
            "Units that fire together",
            "ReLUs that share their pattern with another of their layer.",
        )
    if "modularity" in tables:
        summary["modularity"] = _over_networks(
            tables["modularity"].score, "Modularity", "Newman's score; read it beside that of shuffled strengths."
        )
        summary["modularity_shuffled"] = _over_networks(
            tables["modularity"].shuffled_mean, "Modularity when shuffled", "Of the same strengths in random places."
        )
    return summary


def _over_networks(values: pd.Series, title: str, description: str) -> Scalar:
    if len(values) == 1:
        return Scalar(float(values.iloc[0]), title, description=description)
    return Scalar(
        float(values.mean()),
        title,
        low=float(values.min()),
        high=float(values.max()),
        description=f"{description} Mean, smallest and largest of {len(values)} networks.",
    )


def _remarks(names: Sequence[str], layers: Sequence[Mapping[str, Any]]) -> list[str]:
    """What could not be measured; said once where it holds for all networks."""
    said: dict[str, list[str]] = {}
    for name, found in zip(names, layers, strict=True):
        for remark in found["remarks"]:
            said.setdefault(remark, []).append(name)
    return [remark if len(of) == len(names) else f"{', '.join(of)}: {remark}" for remark, of in said.items()]
