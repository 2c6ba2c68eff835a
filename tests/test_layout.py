"""The house rules that a reader relies on: imports run one way, files stay short."""

import ast

import pytest
from conftest import ROOT

SOURCE = ROOT / "src" / "stance"
FLOORS = (
    {"errors"}, {"schema"}, {"text", "formats"}, {"model", "encoder", "report"}, {"evaluation"},
    {"training", "inference"}, {"cli"},
)  # fmt: skip
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
MODULES = sorted(path for path in SOURCE.rglob("*.py") if path != SOURCE / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_room_imports_only_rooms_below_it(path):
    room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("stance."):
            other = node.module.split(".")[1]
            assert other == room or FLOOR_OF[other] < FLOOR_OF[room], f"{room} imports {node.module}"


@pytest.mark.parametrize("path", [*MODULES, *(ROOT / "tests").rglob("*.py")], ids=lambda path: path.name)
def test_no_file_is_longer_than_400_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
