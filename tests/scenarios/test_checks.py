"""Weak spots of a scenario: each check finds the weakness it is for, and nothing in a sound scenario."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scenarios.checks import SCENARIO_CHECKS, check_scenario
from scenarios.loading import load_scenario
from scenarios.shipped import shipped_playbooks, shipped_scenarios

VENDOR = "estate.vendors.provider={title: Provider, provides: Cache, response: 1h}"
RUNS = "estate.components.cache.vendor=provider"
GONE = "scenario.faults.gone={fault: vendor-failure, target: provider, at: 1m, duration: 1h}"
ASSESS = "role: technical-lead"
NOT_AN_OPTION = "{known: {subject: 'task:verify', state: flee}}"
SEEN = "{seen: {kind: alert.firing}}"
REPEATED = "\n    repeat: {{until: {}, {} at_most: 3}}"
MAINFRAME = "\n    skill: {field: mainframe, at_least: 0.95}"
WEAKNESSES = [
    ("fault.unfit", "which is a datacentre", ["scenario.faults.primary-crash.target=lab"], {}),
    ("fault.unfit", "a pair or a group", ["scenario.faults.primary-crash.target=db"], {}),
    ("fault.never-ends", "'vendor-failure' never ends", [VENDOR, RUNS, GONE], {}),
    ("scenario.after-end", "3h", ["scenario.faults.primary-crash.at=3h"], {}),
    ("scenario.without-objectives", "no objectives", ["scenario.objectives=null"], {}),
    ("task.cycle", "assess, fail-over", [], {"role: technical-lead": "role: technical-lead\n    after: [fail-over]"}),
    ("task.impossible-action", "'db' cannot fail over", ["estate.standby_pairs.db.standby=null"], {}),
    ("task.impossible-action", "'db-a' cannot restart", ["estate.components.db-a.recovery.restart=null"], {}),
    ("task.nobody-may", "'fail over'", ["organisation.authority.5=null"], {}),
    ("task.unreachable", "'assess' can never begin", [], {ASSESS: f"{ASSESS}\n    when: {NOT_AN_OPTION}"}),
    ("task.loop-without-exit", "for ever", [], {"attempts: 2": "attempts: 2\n    on_failure: {go_to: assess}"}),
    (
        "task.loop-without-exit",
        "does not come before",
        [],
        {ASSESS: ASSESS + REPEATED.format(SEEN, "from: fail-over,")},
    ),
    ("task.loop-without-exit", "can never be so", [], {ASSESS: ASSESS + REPEATED.format(NOT_AN_OPTION, "")}),
    ("task.nobody-eligible", "the role 'technical-lead'", ["organisation.roles.technical-lead={title: Lead}"], {}),
    (
        "task.nobody-eligible",
        "'mainframe' to 0.95",
        [],
        {ASSESS: ASSESS + MAINFRAME},
    ),
    ("playbook.unknown-severity", "'sev9'", [], {"tasks:": "starts: {from_severity: sev9}\ntasks:"}),
]


@pytest.mark.parametrize(("id", "says", "settings", "edits"), WEAKNESSES)
def test_weakness_is_found_and_named(
    tmp_path: Path, id: str, says: str, settings: list[str], edits: dict[str, str]
) -> None:
    scenario = tmp_path / "crash.yaml"
    scenario.write_text(shipped_scenarios()["corner-lab-crash"].read_text().replace("database-crash", "playbook.yaml"))
    shutil.copy(shipped_playbooks()["database-crash"], tmp_path / "playbook.yaml")
    for old, new in edits.items():
        text = (tmp_path / "playbook.yaml").read_text()
        assert old in text
        (tmp_path / "playbook.yaml").write_text(text.replace(old, new, 1))
    found = check_scenario(load_scenario(scenario, settings=settings))
    assert [finding.id for finding in found] == [id]
    assert says in found[0].message
    assert found[0].place.line or found[0].place.file.startswith("--set")


def test_every_check_has_a_weakness_above() -> None:
    assert {id for id, *_ in WEAKNESSES} == set(SCENARIO_CHECKS)


@pytest.mark.parametrize("name", shipped_scenarios())
def test_shipped_scenarios_are_sound(name: str) -> None:
    assert check_scenario(load_scenario(name)) == []
