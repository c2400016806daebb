"""The reduced model beside the full exercise, on the corner lab: one incident with nothing else going on.

The first notice and the acknowledgement are the same to the millisecond, replication by replication.  The time until
the cause is found and service is back may differ, since an exercise has a bridge, command and more signs of trouble:
the tolerance below is what the documentation states.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from functools import cache
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from blackstart._coverage import coverage_input
from blackstart._plans import load, plan_of
from scenarios.faults import FAULTS
from scenarios.models import ScenarioFault
from simulator.exercise import run_exercise
from simulator.randomness import Streams
from studies.replay.detection import DetectionSource
from studies.replay.incidents import Incident, Pair
from studies.replay.running import Course, run
from studies.replay.study import Plan, plan
from timeline.events import Event
from timeline.instants import HOUR, MINUTE, UNIX_EPOCH

REPLICATIONS, MANY = 5, 40
MEDIAN_WITHIN = 0.2
"""Of the median time until service is back, or two minutes."""
PAIRS = [
    Pair("web", "crash"),
    Pair("api", "bad-deploy"),
    Pair("api", "hang"),
    Pair("cache", "crash"),
    Pair("db-a", "crash"),
]


@cache
def planned(epoch: datetime) -> Plan:
    return plan(coverage_input("corner-lab").subject, PAIRS, DetectionSource.MODELLED, epoch)


def reduced(pair: Pair, epoch: datetime, replication: int) -> Course:
    """The incident is named as the exercise names its first case, so that draws have the same names."""
    at_ms = int((epoch - UNIX_EPOCH).total_seconds() * 1000)
    incident = Incident("shop-1", "x", pair, at_ms, at_ms, 3, None, None, from_impact=True, to_service=True)
    of = planned(epoch)
    done = run(
        [incident], of.subject.organisation, of.facts, of.detector, of.routes, of.remedies, Streams(1, replication)
    )
    return done.courses[0]


def exercised(pair: Pair, epoch: datetime, replication: int) -> dict[str, list[Event]]:
    """The events of an exercise with this fault at its start, by kind."""
    given = plan_of(load("corner-lab-crash"))
    fault = ScenarioFault.model_validate(
        {"fault": pair.fault, "target": pair.target, "at": "0s", "parameters": dict(FAULTS[pair.fault].typical)}
    )
    changes = {"epoch": epoch, "starts_at": epoch, "faults": {"it": fault}, "duration": 2 * HOUR, "playbook": None}
    scenario = given.scenario.model_copy(update={**changes, "injects": {}})
    found: dict[str, list[Event]] = defaultdict(list)
    for event in run_exercise(replace(given, scenario=scenario, playbook=None), 1, replication=replication):
        found[event.kind].append(event)
    return found


def since(course: Course, at_ms: int | None) -> int | None:
    return None if at_ms is None else at_ms - course.incident.at_ms


@pytest.mark.parametrize(("pair", "hour"), [*((pair, 10) for pair in PAIRS), (PAIRS[0], 3)], ids=str)
def test_one_incident_is_as_in_an_exercise(pair: Pair, hour: int) -> None:
    full, small = compare(pair, hour, REPLICATIONS)
    assert abs(median(small) - median(full)) <= max(0.35 * median(full), 3), "five say little"


@pytest.mark.prove
@pytest.mark.parametrize("hour", [10, 3])
@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_many_replications_are_as_in_exercises(pair: Pair, hour: int) -> None:
    full, small = compare(pair, hour, MANY)
    assert abs(median(small) - median(full)) <= max(MEDIAN_WITHIN * median(full), 2)


def compare(pair: Pair, hour: int, replications: int) -> tuple[list[float], list[float]]:
    """Minutes until service is back, in exercises and in the reduced model; what must be equal is checked."""
    epoch = datetime(2026, 3, 10, hour, tzinfo=ZoneInfo("Europe/Vienna"))
    full, small = [], []
    for replication in range(replications):
        events, course = exercised(pair, epoch, replication), reduced(pair, epoch, replication)
        assert since(course, course.told_ms) == events["incident.opened"][0].at_ms
        assert since(course, course.acknowledged_ms) == events["page.acknowledged"][0].at_ms
        assert course.restored_ms is not None
        back = events["function.restored"] or events["fault.ended"]
        full.append(back[-1].at_ms / MINUTE)
        small.append((course.restored_ms - course.incident.at_ms) / MINUTE)
    return full, small
