"""The searches of a study: each network on each data set, as a problem of mode `objective`."""

from __future__ import annotations

from dataclasses import dataclass

from core.analysis import Inputs, Source, parse_params
from core.intrinsic_dimension.objective_params import ObjectiveParams
from core.intrinsic_dimension.study_params import StudyParams


@dataclass(frozen=True)
class Member:
    """One search.

    Attributes:
        network: what the network is called in tables and figures.
        dataset: what the data set is called.
        params: of mode `objective`; the same search asked for there has the same steps.
        inputs: of mode `objective`.
    """

    network: str
    dataset: str
    params: ObjectiveParams
    inputs: Inputs

    @property
    def name(self) -> str:
        """As the progress line shows it."""
        return f"{self.network} on {self.dataset}"


def members(params: StudyParams, inputs: Inputs) -> tuple[Member, ...]:
    """All searches of a study, data set by data set.

    Raises:
        BadInput: an unknown name of a built-in, or settings that leave a search too few trainings.
    """
    from core.models.builtin import builtin_model_source

    models = tuple(builtin_model_source(name) for name in dict.fromkeys(params.networks))
    datasets = _datasets(params, inputs)
    names = [source.name for source in datasets]
    found: list[Member] = []
    for place, dataset in enumerate(datasets):
        target = params.target if place == 0 else ""
        called = dataset.name if names.count(dataset.name) == 1 else f"{dataset.name} ({place + 1})"
        for hidden in params.hidden_layers:
            name = "MLP " + "-".join(str(units) for units in hidden)
            found.append(Member(name, called, _objective(params, target, hidden), {"dataset": dataset}))
        found += [
            Member(model.name, called, _objective(params, target, (32,)), {"dataset": dataset, "model": model})
            for model in models
        ]
    return tuple(found)


def _datasets(params: StudyParams, inputs: Inputs) -> list[Source]:
    """The chosen data set and the others by name, each once."""
    from core.data.builtin import builtin_dataset_source

    named = [inputs["dataset"], *(builtin_dataset_source(name) for name in params.datasets)]
    return list({source.digest: source for source in named}.values())


def _objective(params: StudyParams, target: str, hidden: tuple[int, ...]) -> ObjectiveParams:
    shared = (StudyParams.model_fields.keys() & ObjectiveParams.model_fields.keys()) - {"mode"}
    values = {name: getattr(params, name) for name in shared}
    parsed = parse_params((ObjectiveParams,), {**values, "mode": "objective", "target": target, "hidden": hidden})
    assert isinstance(parsed, ObjectiveParams)
    return parsed
