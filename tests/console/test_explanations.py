"""Whatever the code can report can be explained."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from console.explanations import explanations

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "timeline",
    "topologies",
    "scenarios",
    "simulator",
    "injectors",
    "reports",
    "studies",
    "blackstart",
    "console",
)
REPORTING = ("Finding", "single", "EstateCheck", "ScenarioCheck")


def reported() -> Iterator[tuple[str, Path]]:
    """Ids that stand in the code as the first argument of what makes a finding, as text or by a constant's name."""
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            constants = {
                target.id: statement.value.value
                for statement in tree.body
                if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
                for target in statement.targets
                if isinstance(target, ast.Name)
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and node.args and _name(node.func) in REPORTING:
                    id = _text(node.args[0], constants)
                    if isinstance(id, str):
                        yield id, file


def _name(function: ast.expr) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def _text(argument: ast.expr, constants: dict[str, object]) -> object:
    if isinstance(argument, ast.Constant):
        return argument.value
    return constants.get(argument.id) if isinstance(argument, ast.Name) else None


def test_every_id_that_can_be_reported_is_explained() -> None:
    known = explanations()
    found = dict(reported())
    assert len(found) > 60
    missing = {id: str(file.relative_to(ROOT)) for id, file in found.items() if id not in known}
    assert not missing


def test_every_explanation_begins_with_a_sentence() -> None:
    for id, explanation in explanations().items():
        assert explanation.title.strip(), id
