"""Loading a scenario: what it brings with it, and names that lead from one file to another."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scenarios.loading import load_scenario
from scenarios.shipped import shipped_playbooks, shipped_scenarios
from timeline.findings import InputError
from topologies.shipped import shipped_estates


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """The smallest shipped scenario with its own copies of everything, to be broken."""
    shutil.copytree(shipped_estates()["corner-lab"], tmp_path / "estate")
    shutil.copy(shipped_playbooks()["database-crash"], tmp_path / "playbook.yaml")
    text = shipped_scenarios()["corner-lab-crash"].read_text()
    text = text.replace("estate: corner-lab", "estate: estate").replace(
        "playbook: database-crash", "playbook: playbook.yaml"
    )
    path = tmp_path / "crash.yaml"
    path.write_text(text)
    return path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(InputError) as caught:
        load_scenario(path, **options)  # type: ignore[arg-type]
    return str(caught.value)


@pytest.mark.parametrize("name", shipped_scenarios())
def test_shipped_scenario_loads_with_its_estate_and_playbook(name: str) -> None:
    loaded = load_scenario(name)
    assert loaded.name == name
    assert (loaded.playbook is None) == (loaded.scenario.playbook is None)
    assert loaded.scenario.objectives


def test_paths_in_a_scenario_are_relative_to_it(scenario: Path) -> None:
    loaded, shipped = load_scenario(scenario), load_scenario("corner-lab-crash")
    assert loaded.name == "crash"
    assert loaded.estate.topology == shipped.estate.topology
    assert loaded.playbook == shipped.playbook


def test_every_document_has_a_role_and_name_of_its_own(scenario: Path) -> None:
    roles = [(role, Path(document.name).name) for role, document in load_scenario(scenario).documents_by_role()]
    assert len(roles) == len(set(roles)) == 8


def test_another_estate_takes_the_place_of_its_own() -> None:
    told = refusal(shipped_scenarios()["corner-lab-crash"], estate="meridian-bank")
    assert "there is no component, site, shared thing, vendor or team 'db-a'" in told


def test_settings_reach_scenario_estate_organisation_and_alerts() -> None:
    loaded = load_scenario(
        "corner-lab-crash",
        settings=[
            "scenario.faults.primary-crash.at=9m",
            "scenario.faults.primary-crash.target=cache",
            "estate.functions.ordering.rto=2h",
            "organisation.policies.shop.repeat=3",
            "alerts.InstanceDown=null",
        ],
    )
    assert loaded.scenario.faults["primary-crash"].at == 540_000
    assert loaded.estate.topology.functions["ordering"].rto == 7_200_000
    assert loaded.estate.organisation.policies["shop"].repeat == 3


def test_sources_of_all_files_stand_in_one_table() -> None:
    roots = {path.partition(".")[0] for path in load_scenario("datacentre-loss").sources}
    assert {"estate", "organisation"} <= roots


BROKEN = [
    ("target: db-a", "target: db-z", "there is no component, site, shared thing, vendor or team 'db-z'"),
    ("fault: crash", "fault: crush", "did you mean 'crash'"),
    ("estate: estate", "estate: corner-lb", "did you mean 'corner-lab'"),
    ("playbook: playbook.yaml", "playbook: database-crush", "did you mean 'database-crash'"),
    ("critical_tasks: [fail-over, verify]", "critical_tasks: [failover]", "did you mean 'fail-over'"),
    ('subject: "function:ordering"', 'subject: "function:orders"', "did you mean 'ordering'"),
    ('subject: "function:ordering"', 'subject: "funktion:ordering"', "did you mean 'function'"),
    ("    at: 5m", "    at: 5m\n    parameters: {replica: 1}", "did you mean 'replicas'"),
    ("    at: 5m", "    at: 5m\n    parameters: {replicas: 0}", "greater than or equal to 1"),
]


@pytest.mark.parametrize(("old", "new", "says"), BROKEN)
def test_name_that_leads_nowhere_is_reported_in_the_scenario_with_the_nearest(
    scenario: Path, old: str, new: str, says: str
) -> None:
    edit(scenario, old, new)
    with pytest.raises(InputError) as caught:
        load_scenario(scenario)
    finding = caught.value.findings[0]
    assert Path(finding.place.file).name == "crash.yaml"
    assert finding.place.line
    assert says in f"{finding.message}; {finding.hint}"


def test_measures_are_judged_where_they_are_known(scenario: Path) -> None:
    edit(scenario, "measure: time_to_detect", "measure: time_to_detekt")
    assert load_scenario(scenario).scenario.objectives
    known = {"time_to_detect", "detected_before_users", "rto_met", "rpo_met"}
    assert "did you mean 'time_to_detect'" in refusal(scenario, measures=known)


def test_condition_about_a_component_that_is_not_there_is_reported(scenario: Path) -> None:
    playbook = scenario.parent / "playbook.yaml"
    wrong = '{known: {subject: "component:db-z", state: down}}'
    right = '{seen: {kind: fault.started, subject: "component:web*"}}'
    edit(playbook, "    after: [assess]", f"    after: [assess]\n    when: {{all: [{wrong}, {right}]}}")
    told = refusal(scenario)
    assert "there is no component 'db-z'" in told
    assert told.count("error:") == 1


def test_errors_of_scenario_playbook_and_estate_are_reported_at_once(scenario: Path) -> None:
    edit(scenario, "duration: 2h", "duration: long")
    edit(scenario.parent / "playbook.yaml", "role: technical-lead", "role: technical-lad")
    edit(scenario.parent / "estate" / "topology.yaml", "kind: cache", "kind: cash")
    told = refusal(scenario, settings=["organisation.people.nobody.title=x"])
    for file in ("crash.yaml", "playbook.yaml", "topology.yaml", "--set organisation"):
        assert file in told


def test_scenario_that_is_not_there_suggests_a_shipped_one() -> None:
    assert "did you mean 'datacentre-loss'" in refusal(Path("datacenter-loss"))
