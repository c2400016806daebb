"""The reduced model: who takes what when, and what must hold whatever comes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.randomness import Streams
from studies.replay.detection import Notice
from studies.replay.incidents import Incident, Pair, in_order
from studies.replay.running import Course, End, Run, run
from studies.replay.study import Plan
from tests.studies.replay.building import incident, organisation, recorded_plan, subject, topology
from timeline.instants import HOUR, MINUTE


def course_of(planned: Plan, incidents: list[Incident], seed: int = 1) -> Run:
    return run(
        in_order(incidents),
        planned.subject.organisation,
        planned.facts,
        planned.detector,
        planned.routes,
        planned.remedies,
        Streams(seed),
    )


def plan_with(responders: int = 1, **sections: Any) -> Plan:
    return recorded_plan(subject(organisation(responders, **sections)))


def acknowledged_min(done: Run) -> list[float]:
    """Minutes from the notice, in the order of the incidents."""
    return [(one.acknowledge_ms if one.acknowledge_ms is not None else np.nan) / MINUTE for one in done.courses]


def test_somebody_busy_takes_the_next_when_he_is_free() -> None:
    done = course_of(plan_with(1), [incident("a", 0), incident("b", 4), incident("c", 30)])
    assert acknowledged_min(done) == [0, 6, 0]


def test_the_more_urgent_goes_first_then_the_earlier() -> None:
    later = [incident("b", 1, priority=3), incident("c", 2, priority=1), incident("d", 3, priority=3)]
    done = course_of(plan_with(1), [incident("a", 0), *later])
    assert acknowledged_min(done) == [0, 19, 8, 27]


def test_two_responders_share_what_comes() -> None:
    done = course_of(plan_with(2), [incident("a", 0), incident("b", 1), incident("c", 2)])
    assert acknowledged_min(done) == [0, 0, 8]
    assert {one.responder for one in done.courses} == {"responder-1", "responder-2"}


def test_who_does_not_answer_is_escalated_past() -> None:
    steps = [{"people": ["responder-1"], "wait": "5m"}, {"people": ["responder-2"], "wait": "5m"}]
    done = course_of(
        plan_with(2, policies={"crew": {"title": "crew", "steps": steps}}), [incident("a", 0), incident("b", 1)]
    )
    assert [one.responder for one in done.courses] == ["responder-1", "responder-2"]
    assert acknowledged_min(done) == [0, 5]


def test_what_nobody_answers_is_paged_again_and_given_up_in_the_end() -> None:
    people = organisation(1)
    people["people"]["responder-1"]["answer"] |= {"missed_day": 1.0, "missed_night": 1.0}
    people["policies"]["crew"]["steps"][0]["wait"] = "5m"
    (course,) = course_of(recorded_plan(subject(people)), [incident("a")]).courses
    assert (course.end, course.acknowledged_ms, course.restored_ms) == (End.NOBODY_ANSWERED, None, None)
    assert course.pages > 1


def test_an_incident_of_a_thing_that_nobody_owns_is_never_told() -> None:
    things = topology()
    del things["components"]["api"]["owner"]
    (course,) = course_of(recorded_plan(subject(organisation(1), things)), [incident("a")]).courses
    assert (course.end, course.told_ms) == (End.NOBODY_TOLD, None)


def test_what_nobody_may_end_is_found_and_left() -> None:
    (course,) = course_of(plan_with(1, authority=[]), [incident("a")]).courses
    assert course.end is End.NO_REMEDY
    assert course.found_ms is not None
    assert course.restored_ms is None


def two_teams(skill: float) -> dict[str, Any]:
    """The desk is told of everything on the front, whose cause lies in the back; so skilled is the desk in it."""
    data = organisation(2)
    data["people"]["responder-1"] |= {"team": "desk", "skills": {"*": skill}}
    data["people"]["responder-2"] |= {"team": "crew"}
    data["teams"] = {"desk": {"title": "Desk", "policy": "desk"}, "crew": {"title": "Crew", "policy": "crew"}}
    data["policies"] = {
        "desk": {"title": "desk", "steps": [{"people": ["responder-1"], "wait": "5m"}]},
        "crew": {"title": "crew", "steps": [{"people": ["responder-2"], "wait": "5m"}]},
    }
    data["working"] |= {"check": "1m", "check_unskilled": "2m"}
    return data


@pytest.mark.parametrize(("skill", "responder", "handed_off"), [(1.0, "responder-1", 0), (0.2, "responder-2", 1)])
def test_who_does_not_know_the_field_hands_over_to_the_owner(skill: float, responder: str, handed_off: int) -> None:
    given_ = subject(two_teams(skill))
    planned = recorded_plan(given_)
    told_desk = incident("a")

    class ToDesk:
        def notice(self, one: Incident, streams: Streams) -> Notice:
            notice = planned.detector.notice(one, streams)
            assert notice is not None
            return replace(notice, policy="desk")

    done = run([told_desk], given_.organisation, planned.facts, ToDesk(), planned.routes, planned.remedies, Streams(1))
    (course,) = done.courses
    assert (course.responder, course.handed_off, course.end) == (responder, handed_off, End.MITIGATED)


def test_a_repair_by_others_leaves_people_free() -> None:
    things = topology(recovery={"repair": "1h"})
    planned = recorded_plan(subject(organisation(1, authority=[{"action": "repair", "teams": ["crew"]}]), things))
    repaired = Pair("api", "node-not-ready")
    done = course_of(planned, [incident("a", 0, repaired), incident("b", 1, repaired)])
    assert acknowledged_min(done) == [0, 0]
    assert [(one.restored_ms or 0) - one.incident.at_ms for one in done.courses] == [HOUR, HOUR]


drawn = st.lists(st.tuples(st.floats(0, 3000), st.integers(1, 5)), min_size=1, max_size=40)


def busy_organisation(responders: int) -> dict[str, Any]:
    """Everything takes a while and may go wrong; steps of one person each."""
    data = organisation(responders)
    for person in data["people"].values():
        person["answer"] = {
            "day": "lognormal(median=2m, p90=6m)",
            "night": "lognormal(median=5m, p90=15m)",
            "missed_day": 0.1,
            "missed_night": 0.3,
        }
        person["skills"] = {"*": 0.7}
    data["channels"]["push"] |= {"latency": "uniform(2s, 20s)", "failure": 0.05}
    data["working"] = dict.fromkeys(data["working"], "lognormal(median=4m, p90=12m)")
    data["working"]["fatigue"] = {}
    data["policies"]["crew"] = {
        "title": "crew",
        "steps": [{"people": [id], "wait": "5m"} for id in data["people"]],
        "repeat": 1,
    }
    return data


def moments(one: Course) -> list[int]:
    of = (one.incident.at_ms, one.told_ms, one.acknowledged_ms, one.found_ms, one.restored_ms, one.mitigated_ms)
    return [at for at in of if at is not None]


@given(drawn, st.integers(1, 3), st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_whatever_comes_causes_go_before_effects_and_nobody_does_two_things_at_once(
    rows: list[tuple[float, int]], responders: int, seed: int
) -> None:
    incidents = [incident(f"i{n}", minute, priority=p) for n, (minute, p) in enumerate(rows)]
    planned = recorded_plan(subject(busy_organisation(responders)))
    done = course_of(planned, incidents, seed)
    assert [one.incident for one in done.courses] == list(in_order(incidents))
    for one in done.courses:
        assert moments(one) == sorted(moments(one))
        assert one.end is not None
        assert (one.mitigated_ms is not None) == (one.end is End.MITIGATED)
    free_from: dict[str, int] = {}
    for who, start, end in sorted(done.spans, key=lambda span: (span[1], span[2])):
        assert free_from.get(who, start) <= start <= end
        free_from[who] = end
    assert course_of(planned, incidents, seed) == done


def test_more_people_never_make_incidents_wait_longer_on_average() -> None:
    incidents = [incident(f"i{n}", 11 * n) for n in range(100)]
    waits = [
        [
            float(
                np.nanmean(acknowledged_min(course_of(recorded_plan(subject(busy_organisation(n))), incidents, seed)))
            )
            for seed in range(5)
        ]
        for n in (2, 3, 4)
    ]
    two, three, four = (float(np.mean(of)) for of in waits)
    assert two > three > four
