"""JSON Schemas: what is shipped is valid by them, and what the models refuse by structure they refuse too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scenarios.schemas import KINDS, schema_of
from scenarios.shipped import shipped_playbooks, shipped_scenarios
from topologies.loading.document import read_document
from topologies.shipped import shipped_estates, shipped_obligations


def shipped_files() -> Iterator[tuple[str, Path]]:
    for folder in shipped_estates().values():
        yield "topology", folder / "topology.yaml"
        yield "organisation", folder / "organisation.yaml"
        if (folder / "alerts" / "expectations.yaml").is_file():
            yield "expectations", folder / "alerts" / "expectations.yaml"
        if (folder / "automations.yaml").is_file():
            yield "automations", folder / "automations.yaml"
        yield from (("profile", path) for path in sorted(folder.glob("profiles/*.yaml")))
    yield from (("obligations", path) for path in shipped_obligations().values())
    yield from (("scenario", path) for path in shipped_scenarios().values())
    yield from (("playbook", path) for path in shipped_playbooks().values())


def validator(kind: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema_of(kind))


def corner_lab() -> Any:
    return read_document(shipped_estates()["corner-lab"] / "topology.yaml").data


@pytest.mark.parametrize("kind", KINDS)
def test_schema_is_a_schema(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema_of(kind))


@pytest.mark.parametrize(
    ("kind", "path"), [pytest.param(k, p, id=f"{p.parent.name}/{p.name}") for k, p in shipped_files()]
)
def test_shipped_file_is_valid(kind: str, path: Path) -> None:
    assert list(validator(kind).iter_errors(read_document(path).data)) == []


def test_each_kind_has_a_shipped_file() -> None:
    assert {kind for kind, _ in shipped_files()} == set(KINDS) - {"estate"}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), "blackstart/estate/2"),
        (("components", "web", "kind"), "serviice"),
        (("components", "web", "replicas"), 2),
        (("components", "web", "capacity_rps"), -1),
        (("components", "web", "colour"), "red"),
        (("components", "web", "recovery", "restart"), 5),
        (("components", "Web Shop"), {"title": "x", "kind": "service"}),
        (("functions", "ordering", "demand", "by_hour"), [0.5]),
    ],
)
def test_schema_refuses_what_the_model_refuses_by_structure(path: tuple[str, ...], value: object) -> None:
    data = corner_lab()
    node = data
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    assert not validator("topology").is_valid(data)
