"""The parameters of mode `repair`, with their defaults and bounds."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from core.analysis import Params, parameter
from core.calibration.evaluate_params import SCORES_HELP
from core.calibration.repair.methods import METHODS, available_methods


class RepairParams(Params):
    """Which recalibrator lowers the NLL most on rows that it was not fitted on; each can be taken away as JSON."""

    mode: Literal["repair"] = "repair"
    methods: tuple[str, ...] = parameter(
        (),
        title="Methods",
        description="Names of recalibrators, separated by commas; empty: all that are built in.",
        main=True,
        max_length=50,
    )
    conformal_score: Literal["lac", "aps", "raps"] = parameter(
        "lac",
        title="Conformal score",
        description="Whose coverage and set size stand on the board; all three are in a table of their own.",
        main=True,
    )
    conformal_level: float = parameter(
        0.9,
        title="Conformal level",
        description="Coverage that the sets of classes ask for.",
        main=True,
        minimum=0.5,
        maximum=0.999,
    )
    scores: Literal["auto", "logits", "probabilities"] = parameter(
        "auto", title="Scores", description=SCORES_HELP, main=True
    )
    fit_share: float = parameter(
        0.5,
        title="Fit share",
        description="Where the file has no validation part: share of the rows, drawn class by class, that repairs are "
        "fitted on; all reports are on the others.",
        minimum=0.05,
        maximum=0.95,
    )
    seed: int = parameter(
        0,
        title="Seed",
        description="Of the split, of networks, of randomised conformal scores and of the resampling.",
        minimum=0,
        maximum=2**31 - 1,
    )

    @field_validator("methods")
    @classmethod
    def _are_known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        known = {method.name for method in available_methods()}
        for name in names:
            if name not in known:
                raise ValueError(f"{name!r} is not among them")
        return tuple(dict.fromkeys(names))

    @property
    def chosen(self) -> tuple[str, ...]:
        """The methods that are compared."""
        return self.methods or tuple(method.name for method in METHODS)
