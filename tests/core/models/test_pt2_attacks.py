from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.export.pt2_archive import constants

from core.errors import BadInput
from core.models.pt2 import load_program
from tests.core.models.pt2_attacks import ATTACKS
from tests.core.models.pt2_files import PROGRAM, WEIGHTS, changed, members, write

# PyTorch before 2.12 does not know opaque objects.
KNOWN_TO_TORCH = [
    name for name in ATTACKS if name != "opaque object" or hasattr(constants, "OPAQUE_OBJ_FILENAME_PREFIX")
]


@pytest.mark.parametrize("name", KNOWN_TO_TORCH)
def test_attack_is_real(name: str, honest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the screen, each of these files runs its payload (so the tests below test something)."""
    monkeypatch.syspath_prepend(str(tmp_path))
    marker = tmp_path / "ran"
    path = write(tmp_path / "attack.pt2", ATTACKS[name][0](honest, marker))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.export.load(path).module()(torch.zeros(2, 6))
    except Exception:
        pass
    assert marker.exists()


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_does_not_run(name: str, honest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the screen no payload runs, neither while loading nor when the network is used."""
    monkeypatch.syspath_prepend(str(tmp_path))
    attack, refused = ATTACKS[name]
    marker = tmp_path / "ran"
    path = write(tmp_path / "attack.pt2", attack(honest, marker))
    if refused:
        with pytest.raises(BadInput, match=r"attack\.pt2.*torch\.export\.save"):
            load_program(path, "attack.pt2")
    else:
        x = torch.randn(7, 6)
        expected = torch.export.load(honest).module()(x)
        assert torch.equal(load_program(path, "attack.pt2")(x), expected)
    assert not marker.exists()


@pytest.mark.parametrize(
    "target",
    [
        "torch.ops.aten.from_file.default",
        "torch.ops.aten.save.default",
        "torch.ops.aten.set_.source_Storage",
        "torch.ops.aten.resize_.default",
        "torch.ops.aten.empty.memory_format",
        "torch.ops.aten.relu.__class__",
        "torch.ops.mylib.relu.default",
        "torch.ops.higher_order.cond",
        "torch.hub.load",
        "torch.load",
        "_operator.attrgetter",
        "_operator.methodcaller",
        "math.factorial",
        "os.system",
        "#extension:thing",
    ],
)
def test_operator_not_on_the_list_is_refused(target: str, honest: Path, tmp_path: Path) -> None:
    """A program that calls anything but layers and arithmetic is refused, and the operator is named."""

    def change(program: Any) -> None:
        program["graph_module"]["graph"]["nodes"][1]["target"] = target

    path = write(tmp_path / "model.pt2", changed(honest, PROGRAM, change))
    with pytest.raises(BadInput) as refusal:
        load_program(path, "model.pt2")
    assert target in str(refusal.value)


def test_compressed_member_is_refused(honest: Path, tmp_path: Path) -> None:
    """A small file that would inflate to a large one is refused before anything is unpacked."""
    contents = {**members(honest), "data/weights/weight_9": bytes(50_000_000)}
    path = write(tmp_path / "bomb.pt2", contents, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 200_000
    with pytest.raises(BadInput, match="compressed member"):
        load_program(path, "bomb.pt2")


def test_two_members_of_one_name_are_refused(honest: Path, tmp_path: Path) -> None:
    """An archive that two readers could read differently is refused."""
    path = write(tmp_path / "twice.pt2", members(honest))
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(f"model/{PROGRAM}", b"{}")
    with pytest.raises(BadInput, match="two members of one name"):
        load_program(path, "twice.pt2")


def test_tensor_that_claims_more_than_the_file_has_is_refused(honest: Path, tmp_path: Path) -> None:
    """A weight of 10^12 values in a file of a few kilobytes allocates nothing."""

    def change(weights: Any) -> None:
        meta = weights["config"]["0.weight"]["tensor_meta"]
        meta["sizes"] = [{"as_int": 10**6}, {"as_int": 10**6}]
        meta["strides"] = [{"as_int": 0}, {"as_int": 0}]

    path = write(tmp_path / "claim.pt2", changed(honest, WEIGHTS, change))
    with pytest.raises(BadInput, match=r"0\.weight claims more values"):
        load_program(path, "claim.pt2")


def test_sub_graph_is_refused(tmp_path: Path) -> None:
    """A program with control flow of its own is refused by name."""

    class Branch(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cond(x.sum() > 0, torch.sin, torch.cos, (x,))

    path = tmp_path / "branch.pt2"
    torch.export.save(torch.export.export(Branch(), (torch.randn(4, 3),)), path)
    with pytest.raises(BadInput, match=r"cond|sub-graph"):
        load_program(path, "branch.pt2")


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').getcwd()",
        "Symbol('s0').__class__",
        "(lambda: 1)()",
        "[1 for _ in range(9)]",
        "Symbol('x; import os')",
        "Symbol('s0', cls=1)",
        "Pow(Integer(9), Pow(Integer(9), Integer(9)))",
        "9**9**9",
        "Pow(Pow(Integer(9), Integer(4)), Integer(4))",
        "9" * 30,
        "eval('1')",
        "Function('f')(1)",
        "'text'",
        "s0!",
        "(" * 500 + "1" + ")" * 500,
        "",
    ],
)
def test_expression_that_is_not_arithmetic_is_refused(expression: str, honest: Path, tmp_path: Path) -> None:
    """The size of an axis may be an expression of sizes, and nothing else."""

    def change(program: Any) -> None:
        values = program["graph_module"]["graph"]["tensor_values"]
        values["linear"]["sizes"][0] = {"as_expr": {"expr_str": expression, "hint": None}}

    path = write(tmp_path / "size.pt2", changed(honest, PROGRAM, change))
    with pytest.raises(BadInput, match="shape expression"):
        load_program(path, "size.pt2")


def test_text_in_an_unknown_place_is_refused(honest: Path, tmp_path: Path) -> None:
    """What a later layout might turn into code is refused until it is known."""

    def change(program: Any) -> None:
        program["graph_module"]["hooks"] = ["print(1)"]

    path = write(tmp_path / "later.pt2", changed(honest, PROGRAM, change))
    with pytest.raises(BadInput, match="a text where none is expected"):
        load_program(path, "later.pt2")


def test_a_version_that_is_none_is_refused(honest: Path, tmp_path: Path) -> None:
    """The version may be "<=2.4", as old programs say it, but no formula (found by fuzzing)."""

    def change(program: Any) -> None:
        program["torch_version"] = "=1+1"

    path = write(tmp_path / "version.pt2", changed(honest, PROGRAM, change))
    with pytest.raises(BadInput, match="'=1\\+1' as torch_version"):
        load_program(path, "version.pt2")


def test_damaged_tensor_is_refused(honest: Path, tmp_path: Path) -> None:
    """A bit that flipped inside the weights is found by the archive's own checksum."""
    content, weight = honest.read_bytes(), members(honest)["data/weights/weight_0"]
    at = content.index(weight)
    path = tmp_path / "flipped.pt2"
    path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    with pytest.raises(BadInput, match=r"flipped\.pt2 is damaged: its part data/weights/weight_0"):
        load_program(path, "flipped.pt2")


@pytest.mark.parametrize("keep", [0, 10, 1000, -30])
def test_truncated_file_is_refused(keep: int, honest: Path, tmp_path: Path) -> None:
    """A file that was cut off is named as such."""
    path = tmp_path / "cut.pt2"
    path.write_bytes(honest.read_bytes()[:keep])
    with pytest.raises(BadInput, match=r"cut\.pt2 is damaged"):
        load_program(path, "cut.pt2")
