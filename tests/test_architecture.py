"""The packages import what docs/architecture.md allows them, and nothing else of ours."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FREE = {"benchmarks", "tests", "tools"}
ANY = "any of those above"


def packages() -> set[str]:
    return {path.parent.name for path in ROOT.glob("*/__init__.py")}


def table() -> dict[str, set[str]]:
    """Room to the rooms that it may import, as the docs have it."""
    allowed: dict[str, set[str]] = {}
    for row in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if len(cells) == 3 and re.fullmatch(r"`\w+`", cells[0]):
            allowed[cells[0].strip("`")] = set(allowed) if cells[2] == ANY else set(re.findall(r"`(\w+)`", cells[2]))
    return allowed


def imports(room: str) -> Iterator[tuple[str, str]]:
    """File and room of each import of ours from another room, inside functions too."""
    for file in sorted((ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{file} imports relatively"
                modules = [node.module or ""]
            for module in modules:
                imported = module.partition(".")[0]
                if imported != room and imported in packages():
                    yield str(file.relative_to(ROOT)), imported


def test_every_package_has_its_place() -> None:
    assert packages() == table().keys() | FREE


@pytest.mark.parametrize("room", sorted(packages() - FREE))
def test_a_room_imports_only_what_it_may(room: str) -> None:
    assert [(file, imported) for file, imported in imports(room) if imported not in table()[room]] == []
