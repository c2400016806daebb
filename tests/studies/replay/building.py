"""A small estate with people who share its duty, as YAML text or loaded, and incidents for it, in one line each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from blackstart._coverage import coverage_input
from simulator.monitoring.side import MonitoringFiles
from studies.coverage import Subject
from studies.replay.detection import DetectionSource
from studies.replay.incidents import Incident, Pair
from studies.replay.study import Plan, plan
from timeline.instants import MINUTE, UNIX_EPOCH
from topologies.estate import Estate
from topologies.organisation import Organisation
from topologies.writing import to_yaml

START_MS = 1_767_600_000_000
"""Monday 2026-01-05 08:00 UTC."""
CRASH = Pair("api", "crash")


def topology(**component: Any) -> dict[str, Any]:
    """One service that one function stands on."""
    api = {"title": "Order API", "kind": "service", "owner": "crew", "recovery": {"restart": "10m"}, **component}
    return {
        "format": "blackstart/estate/1",
        "title": "test",
        "timezone": "UTC",
        "components": {"api": api},
        "functions": {"orders": {"title": "Orders", "supported_by": {"api": {"type": "hard"}}, "rto": "30m"}},
    }


def organisation(responders: int = 1, **sections: Any) -> dict[str, Any]:
    """So many people, all paged at once, who answer at once; nothing but the restart takes time."""
    people = [f"responder-{number + 1}" for number in range(responders)]
    person = {"title": "engineer", "team": "crew", "timezone": "UTC", "skills": {"*": 1.0}, "contact": ["push"]}
    working = ("triage", "validation", "check", "check_unskilled", "decision", "verification")
    data: dict[str, Any] = {
        "format": "blackstart/organisation/1",
        "title": "test",
        "people": {id: {**person, "answer": {"day": "0s", "night": "0s"}} for id in people},
        "teams": {"crew": {"title": "Crew", "policy": "crew"}},
        "policies": {"crew": {"title": "crew", "steps": [{"people": people, "wait": "3650d"}]}},
        "channels": {"push": {"title": "push", "latency": "0s", "failure": 0.0}},
        "authority": [{"action": "restart", "teams": ["crew"]}],
        "severities": [{"severity": "sev3", "title": "anything", "otherwise": True}],
        "working": dict.fromkeys(working, "0s"),
    }
    return {**data, **sections}


def subject(people: dict[str, Any], things: dict[str, Any] | None = None) -> Subject:
    estate = Estate.model_validate(topology() if things is None else things)
    return Subject("test", estate, Organisation.model_validate(people), {}, MonitoringFiles([], None, {}))


def subject_from_yaml(folder: Path, things: dict[str, Any], people: dict[str, Any]) -> Subject:
    (folder / "topology.yaml").write_text(to_yaml(things))
    (folder / "organisation.yaml").write_text(to_yaml(people))
    return coverage_input(folder).subject


def recorded_plan(given: Subject, pairs: Sequence[Pair] = (CRASH,)) -> Plan:
    return plan(given, pairs, DetectionSource.RECORDED, UNIX_EPOCH)


def incident(id: str, minute: float = 0, pair: Pair = CRASH, priority: int = 3, **recorded: int | None) -> Incident:
    """At so many minutes after the start; recorded spans in milliseconds."""
    at_ms = START_MS + round(minute * MINUTE)
    return Incident(
        id=id,
        name=pair.target,
        pair=pair,
        at_ms=at_ms,
        opened_ms=at_ms,
        priority=priority,
        recorded_acknowledge_ms=recorded.get("acknowledge"),
        recorded_restore_ms=recorded.get("restore"),
        from_impact=False,
        to_service=False,
    )
