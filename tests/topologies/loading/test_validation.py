"""From data to models: what is wrong is said with its place, what was expected, and the nearest valid name."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.models import Scenario
from scenarios.shipped import shipped_scenarios
from timeline.findings import Finding, InputError
from topologies.estate import Estate
from topologies.loading.document import Document, parse_document, read_document
from topologies.loading.references import declared, unknown_references
from topologies.loading.shape import Shape
from topologies.loading.validation import validate
from topologies.organisation import Organisation
from topologies.shipped import shipped_estates

HEAD = "format: blackstart/estate/1\ntitle: Test\ntimezone: UTC\n"


def findings(text: str) -> list[Finding]:
    document = parse_document(text, "topology.yaml")
    with pytest.raises(InputError) as caught:
        validate(document, Estate)
    return caught.value.findings


def component(fields: str) -> str:
    return HEAD + f"components:\n  db: {{title: Database, kind: database, {fields}}}\n"


CASES = [
    ("model.unknown-key", component("capacty_rps: 5"), "5:41", "did you mean 'capacity_rps'?"),
    ("model.unknown-key", component("recovery: {rollback: 5m}"), "5:52", "did you mean 'roll-back'?"),
    ("model.not-one-of", HEAD + "components:\n  db: {title: x, kind: databse}\n", "5:24", "did you mean 'database'?"),
    ("model.missing", HEAD + "components:\n  db: {title: x}\n", "5:3", "one of: service, gateway"),
    ("model.missing", HEAD + "sites: {}\n", "1:1", "'components' is missing"),
    ("model.wrong-type", component("capacity_rps: fast"), "5:55", "should be a number"),
    ("model.wrong-type", component("telemetry: node"), "5:52", "write [node]"),
    ("model.wrong-type", component("labels: {version: 1.0}"), "5:59", "in quotes"),
    ("model.wrong-type", component("labels: "), "5:41", "there is nothing after 'labels'"),
    ("model.wrong-type", component("depends_on: [api]"), "5:53", "a map"),
    ("model.out-of-range", component("capacity_rps: -3"), "5:55", "greater than 0"),
    ("model.bad-value", component("replicas: {count: 2, needed: 3}"), "5:51", "only 2"),
    ("model.bad-value", component("recovery: {restart: 5}"), "5:61", "like 15m"),
    ("model.bad-value", component("recovery: {restart: lognorml(5m)}"), "5:61", "did you mean 'lognormal'"),
    ("model.bad-value", component("recovery: {restart: uniform(5m, 9m)}"), "5:61", "in quotes"),
    ("model.bad-value", HEAD.replace("UTC", "Europe/Zuric") + "components: {}\n", "3:11", "Europe/Zurich"),
    ("model.bad-id", HEAD + "components:\n  Core DB: {title: x, kind: database}\n", "5:3", "'core-db'"),
    ("model.format", "title: Test\n", "1:1", "format: blackstart/estate/1"),
    ("model.format", "format: blackstart/estate/9\n", "1:9", "version 1"),
    ("model.format", "format: blackstart/scenario/1\n", "1:9", "expected 'blackstart/estate/1'"),
    ("model.wrong-type", "- a\n- b\n", "1:1", "found a list"),
]


@pytest.mark.parametrize(("id", "text", "place", "says"), CASES)
def test_disagreement_has_place_and_suggestion(id: str, text: str, place: str, says: str) -> None:
    finding = findings(text)[0]
    assert (finding.id, str(finding.place)) == (id, f"topology.yaml:{place}")
    assert says in f"{finding.message}; {finding.hint}"


def test_every_disagreement_of_a_file_is_reported_in_the_order_of_its_lines() -> None:
    text = HEAD + "colour: red\ncomponents:\n  db: {kind: databse}\n  web: {title: 5, kind: service, labels: []}\n"
    assert [(f.place.line, f.id) for f in findings(text)] == [
        (4, "model.unknown-key"),
        (6, "model.missing"),
        (6, "model.not-one-of"),
        (7, "model.wrong-type"),
        (7, "model.wrong-type"),
    ]


def test_field_that_is_there_already_is_not_suggested_for_a_misspelt_one() -> None:
    finding = findings(component("titel: again"))[0]
    assert "'title'" not in finding.hint


def test_scenario_without_offset_is_told_to_state_it() -> None:
    text = shipped_scenarios()["corner-lab-crash"].read_text().replace("10:00:00+01:00", "10:00:00")
    with pytest.raises(InputError, match="with its offset from UTC"):
        validate(parse_document(text, "s.yaml"), Scenario)


def test_condition_nested_without_end_is_an_input_error() -> None:
    nested: Any = {"seen": {"kind": "incident.declared"}}
    for _ in range(50):
        nested = {"all": [nested]}
    text = json.dumps({"format": "blackstart/scenario/1", "injects": {"i": {"when": nested}}})
    with pytest.raises(InputError):
        validate(parse_document(text, "s.yaml"), Scenario)


REFERENCES = """\
sites:
  north: {}
components:
  api:
    site: nord
    depends_on: {dbb: {}, db: {}}
  db: {owner: payments, vendor: north}
groups:
  pool: {members: [api, apy]}
"""


def test_names_that_lead_nowhere_are_found_in_files_that_have_other_errors_too() -> None:
    document = parse_document(REFERENCES, "topology.yaml")
    found = unknown_references(document, Shape.of(Estate), declared(document, Estate))
    assert [(str(f.place), f.message, f.hint) for f in found] == [
        ("topology.yaml:5:11", "there is no site 'nord'", "did you mean 'north'?"),
        ("topology.yaml:6:18", "there is no component 'dbb'", "did you mean 'db'?"),
        ("topology.yaml:7:33", "there is no vendor 'north'", "'north' is the id of a site"),
        ("topology.yaml:9:25", "there is no component 'apy'", "did you mean 'api'?"),
    ]  # the team of `db` is not judged: teams belong to the organisation, which was not given


SHIPPED: list[tuple[Document, type[Estate | Organisation | Scenario]]] = [
    (read_document(shipped_estates()["corner-lab"] / "topology.yaml"), Estate),
    (read_document(shipped_estates()["corner-lab"] / "organisation.yaml"), Organisation),
    (read_document(shipped_scenarios()["corner-lab-crash"]), Scenario),
]
ODD_VALUES = st.sampled_from(
    [None, True, 0, -1, 10**40, float("inf"), "", "x", "5m", "-3h", "lognormal(", "*", [], [[]], {}, {"": {}}, {"a": 1}]
).map(copy.deepcopy)
"""Each drawn anew: one that goes into a document may itself be broken further."""


@st.composite
def broken_documents(draw: st.DrawFn) -> tuple[Document, type[Estate | Organisation | Scenario]]:
    """A shipped file with a few of its values replaced by odd ones."""
    document, model = draw(st.sampled_from(SHIPPED))
    data: Any = copy.deepcopy(document.data)
    for _ in range(draw(st.integers(1, 3))):
        node = data
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(node[key], dict | list) and node[key] and draw(st.integers(0, 4)):
                node = node[key]
                continue
            node[key] = copy.deepcopy(draw(ODD_VALUES))
            break
    return parse_document(json.dumps(data).replace("Infinity", ".inf"), "broken.yaml"), model


@given(broken_documents())
def test_odd_values_give_a_model_or_findings_with_places(
    broken: tuple[Document, type[Estate | Organisation | Scenario]],
) -> None:
    document, model = broken
    found = unknown_references(document, Shape.of(model), declared(document, model))
    try:
        validate(document, model)
    except InputError as error:
        found += error.findings
    assert all(f.place.line and f.message for f in found)
