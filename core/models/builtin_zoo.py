"""The model zoo that comes with the workbench: what is said of it, and where its file lies."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import BadInput
from core.keys import content_key

if TYPE_CHECKING:
    from core.analysis import Source

_FILE = Path(__file__).with_name("builtin_zoo.zip")


@dataclass(frozen=True)
class BuiltinZoo:
    """A zoo known by name.

    Attributes:
        name: after "builtin:".
        title: as pages show it.
        description: one sentence.
        citation: where it comes from.
        details: what an inspection of its file finds.
        version: part of its digest; raised whenever its values change.
    """

    name: str
    title: str
    description: str
    citation: str
    details: dict[str, Any] = field(hash=False)
    version: int = 1


BUILTIN_ZOOS: tuple[BuiltinZoo, ...] = (
    BuiltinZoo(
        "digits-zoo",
        "Small networks on digits",
        "Results of 108 MLPs on 8 × 8 digits: six widths, six learning rates, three seeds; metrics of the landscape and gains of "
        "averaging after the last of 30 epochs.",
        "Made here, in the layout of Falk et al. (2025), arXiv:2504.18072; the digits are those of Alpaydin and Kaynak (1998). WiSE-FT "
        "is the middle between epochs 20 and 30, Git Re-Basin the mean of three aligned seeds.",
        {
            "format": "builtin",
            "kind": "zoo",
            "models": 108,
            "epochs": [0, 30],
            "epoch_rows": 3348,
            "metrics": [
                "train_loss", "train_acc", "test_loss", "test_acc", "hessian_trace_train_mean",
                "hessian_top_eigenvalues_train_mean", "curve_mc_train_error", "wiseft_acc_test", "wiseft_acc_test_delta",
                "gitrebasin_acc_test", "gitrebasin_acc_test_delta", "representation_similarity",
            ],
            "settings": ["model::width", "optim::lr", "seed"],
            "notes": [],
        },
    ),
)  # fmt: skip


def builtin_zoo_source(name: str) -> Source:
    """The source of a built-in zoo.

    Raises:
        BadInput: there is none of this name.
    """
    from core.analysis import BUILTIN, Source

    one = _known(name)
    return Source("zoo", one.name, content_key("builtin", one.name, one.version), BUILTIN + one.name, one.details)


def zoo_path(source: Source) -> Path:
    """The file of a zoo, one's own or built in.

    Raises:
        BadInput: there is no built-in zoo of this name.
    """
    if source.builtin is None:
        return Path(source.location)
    _known(source.builtin)
    return _FILE


def _known(name: str) -> BuiltinZoo:
    for one in BUILTIN_ZOOS:
        if one.name == name:
            return one
    raise BadInput(f"There is no built-in zoo {name!r}; built in are {', '.join(one.name for one in BUILTIN_ZOOS)}.")
