"""Measures of severity, stages, problems, duplicates and security read what they say off small timelines."""

from __future__ import annotations

from typing import Any

import pytest

from reports.index import TimelineIndex
from reports.measures import MEASURES
from tests.reports.building import Story
from timeline.events import Event
from timeline.instants import MINUTE
from timeline.journal import Timeline
from timeline.workflow_details import FunctionClients, PastOccurrence, ProblemRule, SeverityRow, StageTrigger

I1, I2 = "incident:i1", "incident:i2"
MATRIX = (
    SeverityRow("sev1", functions_disrupted=2, major=True),
    SeverityRow("sev1", rto_left_below=20 * MINUTE, major=True),
    SeverityRow("sev2", functions_disrupted=1, major=True),
    SeverityRow("sev3", otherwise=True),
)


def read(id: str, timeline: Timeline) -> list[tuple[str, float, bool]]:
    return [(str(s.subject), round(s.value, 4), s.censored) for s in MEASURES[id].samples(TimelineIndex(timeline))]


def values(id: str, timeline: Timeline) -> list[float]:
    return [value for _, value, _ in read(id, timeline)]


# 1.1


class Grave:
    """An incident opened at minute 10 because of a fault; what suffers and what is said of it is added."""

    def __init__(self, *matrix: SeverityRow, clients: int = 0) -> None:
        counted = [FunctionClients("payments", clients)] if clients else []
        self.told = Story(severities=matrix or MATRIX, clients=counted)
        self.fault = self.told.add(0, "fault.started", "fault:f")
        self.incident = self.told.add(10, "incident.opened", I1, self.fault, severity=None)

    def down(self, minute: float, function: str = "payments", **fields: Any) -> Grave:
        self.told.add(minute, "function.disrupted", f"function:{function}", self.fault, **fields)
        return self

    def back(self, minute: float, function: str = "payments") -> Grave:
        self.told.add(minute, "function.restored", f"function:{function}", self.fault)
        return self

    def says(self, minute: float, severity: str | None, kind: str = "severity_changed") -> Grave:
        self.told.add(minute, f"incident.{kind}", I1, self.incident, severity=severity)
        return self


def test_severity_is_right_for_the_share_of_the_open_time_in_which_it_is_the_matrix_s() -> None:
    grave = Grave().down(20).says(25, "sev2", "triaged").says(50, "sev2", "resolved")
    assert values("severity_accuracy", grave.told.end(60)) == [round(35 / 40, 4)], "wrong from 20 to 25"


def test_an_upgrade_is_late_by_the_time_until_the_record_says_as_much() -> None:
    grave = Grave().down(20).says(25, "sev2", "triaged").down(30, "cards").says(42, "sev1").says(50, "sev1", "resolved")
    assert values("severity_upgrade_delay", grave.told.end(60)) == [5 * 60, 12 * 60]


def test_an_rto_that_runs_out_raises_the_severity_by_itself() -> None:
    """60 minutes of RTO from minute 20 on: less than 20 are left from minute 60 on."""
    grave = Grave().down(20).says(20, "sev2", "triaged").says(70, "sev1").says(80, "sev1", "resolved")
    timeline = grave.told.end(90)
    (delay,) = values("severity_upgrade_delay", timeline)
    assert delay == pytest.approx(10 * 60, abs=0.01)
    assert values("severity_accuracy", timeline) == [pytest.approx(60 / 70, abs=0.001)]


def test_clients_count_where_the_matrix_asks_for_them() -> None:
    many = SeverityRow("sev1", functions_disrupted=1, clients_affected=1000, major=True)
    rest = SeverityRow("sev3", otherwise=True)
    for clients, expected in ((1000, [5 * 60.0]), (999, [])):
        grave = Grave(many, rest, clients=clients).down(20).says(25, "sev1", "triaged").says(30, "sev1", "resolved")
        assert values("severity_upgrade_delay", grave.told.end(60)) == expected


def test_an_upgrade_that_never_came_is_open_while_the_impact_lasts_and_over_with_it() -> None:
    lasting = Grave().down(20).told.end(60)
    assert read("severity_upgrade_delay", lasting) == [(I1, 40 * 60, True)]
    over = Grave().down(20).back(35).says(50, None, "resolved").told.end(60)
    assert read("severity_upgrade_delay", over) == [(I1, 15 * 60, False)]


def test_a_record_that_was_as_grave_before_is_not_late() -> None:
    grave = Grave().says(15, "sev1", "triaged").down(20).says(50, "sev1", "resolved")
    assert read("severity_upgrade_delay", grave.told.end(60)) == []
    assert values("severity_accuracy", grave.told.end(60)) == [round(5 / 40, 4)], "but it is not right"


def test_a_major_incident_may_stay_one_once_its_impact_is_over() -> None:
    grave = Grave().down(20).says(20, "sev2", "triaged").says(20, "sev2", "declared").back(30)
    assert values("severity_accuracy", grave.says(50, "sev2", "resolved").told.end(60)) == [1.0]


def test_what_another_fault_hurts_is_not_this_incident_s_impact() -> None:
    grave = Grave()
    other = grave.told.add(15, "fault.started", "fault:g")
    grave.told.add(20, "function.disrupted", "function:payments", other)
    assert values("severity_accuracy", grave.says(50, None, "resolved").told.end(60)) == [1.0]


def test_the_time_between_a_resolution_and_its_reopening_does_not_count() -> None:
    grave = Grave().says(20, "sev3", "resolved").down(25).says(40, None, "reopened").says(50, "sev2", "triaged")
    assert values("severity_accuracy", grave.says(60, "sev2", "resolved").told.end(90)) == [round(20 / 30, 4)]


def test_without_a_matrix_nothing_can_be_said() -> None:
    story = Story()
    story.add(1, "incident.opened", I1)
    assert read("severity_accuracy", story.end(5)) == []


# 2.1


def staged(*fired: str, severity: str = "sev1", merged: bool = False) -> Timeline:
    triggers = (StageTrigger("triaged", "triaged/tell"), StageTrigger("triaged", "triaged/page", ("sev1",)))
    story = Story(triggers=triggers)
    opened = story.add(1, "incident.opened", I1)
    if merged:
        story.add(2, "incident.merged", I1, opened, parent="i2")
    entered = story.add(3, "stage.entered", I1, opened, severity=severity)
    for rule in fired:
        story.add(4, "trigger.fired", I1, entered, rule=rule)
    return story.end(10)


@pytest.mark.parametrize(
    ("fired", "expected"),
    [
        (("triaged/tell", "triaged/page"), [(1.0, False), (1.0, False)]),
        (("triaged/tell",), [(1.0, False), (0.0, True)]),
        (("triaged/tell", "triaged/tell", "triaged/page"), [(0.0, False), (1.0, False)]),
        ((), [(0.0, True), (0.0, True)]),
    ],
)
def test_a_trigger_has_to_fire_exactly_once(fired: tuple[str, ...], expected: list[tuple[float, bool]]) -> None:
    assert [(v, c) for _, v, c in read("stage_conformance", staged(*fired))] == expected


def test_only_those_of_its_severity_are_due_and_none_once_it_is_part_of_another() -> None:
    assert len(read("stage_conformance", staged("triaged/tell", severity="sev3"))) == 1
    assert read("stage_conformance", staged(merged=True)) == []


def test_a_trigger_that_failed_is_a_failure_for_good() -> None:
    story = Story(triggers=[StageTrigger("triaged", "triaged/tell")])
    entered = story.add(3, "stage.entered", I1)
    story.add(4, "trigger.failed", I1, entered, rule="triaged/tell", reason="down")
    assert read("stage_conformance", story.end(10)) == [(I1, 0.0, False)]


def test_dwell_times_are_about_stages_and_leave_out_those_at_rest() -> None:
    story = Story()
    for minute, stage in ((1, "detected"), (4, "assigned"), (9, "resolved"), (20, "closed")):
        story.add(minute, "stage.entered", I1, stage=stage)
    story.add(22, "stage.entered", I2, stage="detected")
    expected = [("stage:detected", 180.0, False), ("stage:assigned", 300.0, False), ("stage:detected", 480.0, True)]
    assert read("stage_dwell_time", story.end(30)) == expected


# 2.2


def duplicates(*, linked: bool, source: str = "user-report", resolved_before: bool = False) -> Timeline:
    story = Story()
    fault = story.add(0, "fault.started", "fault:f")
    first = story.add(1, "incident.opened", I1, fault)
    if resolved_before:
        story.add(2, "incident.resolved", I1, first)
    second = story.add(3, "incident.opened", I2, fault, source=source)
    if linked:
        story.add(4, "incident.merged", I2, first, second, parent="i1")
    return story.end(10)


@pytest.mark.parametrize("source", ["user-report", "alert"])
def test_a_second_incident_about_the_same_fault_is_a_duplicate_whoever_opened_it(source: str) -> None:
    assert values("duplicate_rate", duplicates(linked=False, source=source)) == [0.0, 1.0]
    assert read("duplicates_linked", duplicates(linked=False, source=source)) == [(I2, 0.0, False)]
    assert read("duplicates_linked", duplicates(linked=True, source=source)) == [(I2, 1.0, False)]


def test_one_that_comes_when_the_first_is_over_is_none() -> None:
    timeline = duplicates(linked=False, resolved_before=True)
    assert values("duplicate_rate", timeline) == [0.0, 0.0]
    assert read("duplicates_linked", timeline) == []


def test_incidents_of_different_faults_are_no_duplicates() -> None:
    story = Story()
    for id, incident in (("f", I1), ("g", I2)):
        story.add(1, "incident.opened", incident, story.add(1, "fault.started", f"fault:{id}"))
    assert values("duplicate_rate", story.end(5)) == [0.0, 0.0]


def problem(story: Story, *incidents: str, cause: Event | None = None) -> Event:
    return story.add(30, "problem.opened", "problem:p1", *([cause] if cause else []), incidents=incidents)


def test_a_problem_is_without_root_cause_until_one_is_found() -> None:
    story = Story()
    opened = problem(story, "i1")
    open_story = read("problems_without_root_cause", story.end(60))
    assert open_story == [("problem:p1", 1.0, True)]
    story = Story()
    opened = problem(story, "i1")
    story.add(50, "problem.root_cause_found", "problem:p1", opened)
    timeline = story.end(60)
    assert read("problems_without_root_cause", timeline) == [("problem:p1", 0.0, False)]
    assert read("time_to_root_cause", timeline) == [("problem:p1", 20 * 60.0, False)]


RULE = ProblemRule(major=True, recurrences=2, within_ms=60 * MINUTE)


@pytest.mark.parametrize(("named", "without"), [((), 1.0), (("i1",), 0.0), (("i2",), 1.0)])
def test_a_major_incident_needs_a_problem_that_names_it(named: tuple[str, ...], without: float) -> None:
    story = Story(problem_rule=RULE)
    opened = story.add(1, "incident.opened", I1)
    story.add(5, "incident.declared", I1, opened)
    if named:
        problem(story, *named)
    assert values("incidents_without_problem", story.end(60)) == [without]


@pytest.mark.parametrize(
    ("rule", "again_min", "due"),
    [
        (RULE, 40, 1),
        (RULE, 80, 0),
        (ProblemRule(major=True, recurrences=None, within_ms=None), 40, 0),
        (ProblemRule(True, 3, 60 * MINUTE, (PastOccurrence("db", None, -10 * MINUTE),)), 40, 1),
        (ProblemRule(True, 3, 60 * MINUTE, (PastOccurrence("db", "hang", -10 * MINUTE),)), 40, 0),
    ],
)
def test_a_failure_that_recurs_within_the_time_needs_one(rule: ProblemRule, again_min: int, due: int) -> None:
    story = Story(problem_rule=rule)
    for minute, id, incident in ((1, "f", I1), (again_min, "g", I2)):
        story.add(minute, "incident.opened", incident, story.add(minute, "fault.started", f"fault:{id}"))
    assert values("incidents_without_problem", story.end(100)) == [1.0] * due


# 2.6


def attack(*, bridged: bool, malicious: bool = True, opened: bool = True) -> Timeline:
    story = Story()
    fault = story.add(0, "fault.started", "fault:f", malicious=malicious)
    if opened:
        incident = story.add(5, "incident.opened", I1, fault)
        if bridged:
            bridge = story.add(12, "security.bridge_opened", I1, incident)
            story.add(20, "security.joined", I1, bridge)
    return story.end(60)


@pytest.mark.parametrize(
    ("timeline", "due", "needless", "engaged"),
    [
        (attack(bridged=True), [1.0], [0.0], [(900.0, False)]),
        (attack(bridged=False), [0.0], [], [(3300.0, True)]),
        (attack(bridged=True, malicious=False), [0.0], [1.0], []),
        (attack(bridged=False, malicious=False), [], [], []),
        (attack(bridged=False, opened=False), [0.0], [], []),
    ],
)
def test_security_is_called_in_exactly_when_there_is_an_attack(
    timeline: Timeline, due: list[float], needless: list[float], engaged: list[tuple[float, bool]]
) -> None:
    assert values("bridge_opened_when_due", timeline) == due
    assert values("needless_bridges", timeline) == needless
    assert [(v, c) for _, v, c in read("security_engaged_within", timeline)] == engaged


def test_traces_are_secured_or_lost_component_by_component() -> None:
    story = Story()
    fault = story.add(0, "fault.started", "fault:f", malicious=True)
    story.add(5, "evidence.preserved", "component:db", fault)
    story.add(6, "evidence.lost", "component:web", fault, target="web")
    expected = [("component:db", 1.0, False), ("component:web", 0.0, False)]
    assert read("evidence_preserved_before_recovery", story.end(9)) == expected
