"""Measures of command, changes and access: each read off a few events that say how it should count."""

from __future__ import annotations

import pytest

from reports.index import TimelineIndex
from reports.measures import MEASURES, Sample
from tests.reports.building import MINUTE, Story


def samples(story: Story, measure: str, until: float = 120) -> list[Sample]:
    return MEASURES[measure].samples(TimelineIndex(story.end(until)))


def values(story: Story, measure: str, until: float = 120) -> list[float]:
    return [sample.value for sample in samples(story, measure, until)]


def test_a_gap_ends_when_somebody_takes_the_role_or_the_incident_is_over() -> None:
    story = Story()
    story.add(0, "incident.opened", "incident:i1")
    story.add(5, "role.unfilled", "role:scribe", role="scribe")
    story.add(6, "role.unfilled", "role:lead", role="lead")
    story.add(20, "role.assigned", "role:scribe", role="scribe")
    story.add(60, "incident.resolved", "incident:i1")
    assert values(story, "role_gap") == [15 * 60, 54 * 60]


def test_a_conflict_counts_and_a_role_alone_does_not() -> None:
    story = Story()
    story.add(1, "role.assigned", "role:scribe", conflicts_with=("incident-manager",))
    story.add(2, "role.assigned", "role:lead")
    assert values(story, "exclusive_role_conflicts") == [1.0, 0.0]


def test_the_span_is_exceeded_until_it_is_kept() -> None:
    story = Story()
    story.add(0, "incident.opened", "incident:i1")
    first = story.add(10, "span.exceeded", "role:lead")
    story.add(25, "span.kept", "role:lead", first)
    story.add(40, "span.exceeded", "role:lead")
    kept, lasting = samples(story, "span_exceeded", 60)
    assert (kept.value, kept.censored) == (15 * 60, False)
    assert (lasting.value, lasting.censored) == (20 * 60, True)


def test_overrun_runs_from_the_first_call_for_a_relief() -> None:
    story = Story()
    story.add(0, "incident.opened", "incident:i1")
    for minute in (10, 25):
        story.add(minute, "relief.called", "role:incident-manager")
    story.add(40, "handover.completed", "role:incident-manager")
    assert values(story, "duty_overrun") == [30 * 60]


def test_the_share_that_did_not_arrive() -> None:
    story = Story()
    story.add(1, "handover.completed", "role:a", carried=("x", "y", "z", "w"), lost=("x",))
    story.add(2, "handover.completed", "role:b")
    assert values(story, "handover_loss") == [0.25, 0.0]


def test_a_quorum_and_the_roles_in_the_room() -> None:
    story = Story()
    story.add(1, "bridge.joined", "incident:i1", bridge="m", person="max")
    room = {"bridge": "m", "present": ("max",), "roles_present": ("a",), "roles_missing": ("b", "c"), "quorum": 2}
    story.add(2, "decision.made", "incident:i1", **room)
    story.add(3, "decision.made", "incident:i1", **(room | {"roles_present": ("a", "b"), "roles_missing": ("c",)}))
    story.add(4, "decision.made", "incident:i1")
    assert values(story, "decisions_without_quorum") == [1.0, 0.0]


def test_attendance_points_at_those_who_had_joined() -> None:
    story = Story()
    joined = story.add(1, "bridge.joined", "incident:i1", bridge="m", person="max")
    story.add(1, "bridge.joined", "incident:i1", bridge="t", person="max")
    room = {"bridge": "m", "present": ("max",), "roles_present": ("a",), "roles_missing": ("b",), "quorum": 1}
    decided = story.add(2, "decision.made", "incident:i1", **room)
    (sample,) = samples(story, "bridge_attendance")
    assert (sample.value, sample.evidence) == (0.5, (joined.seq, decided.seq))


def decisions() -> Story:
    """One on record as it fell, one written down after nine minutes, one without options, one never written down."""
    story = Story()
    story.add(1, "decision.made", "incident:i1")
    written = story.add(2, "decision.made", "incident:i1", to_be_recorded=True, evidence="seen")
    poor = story.add(3, "decision.made", "incident:i1", to_be_recorded=True, evidence="seen", options=("a",))
    story.add(4, "decision.made", "incident:i1", to_be_recorded=True, evidence="seen")
    story.add(11, "decision.recorded", "incident:i1", written, decision=written.seq)
    story.add(12, "decision.recorded", "incident:i1", poor, decision=poor.seq)
    return story


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("decisions_recorded", [1.0, 1.0, 1.0, 0.0]),
        ("decision_log_completeness", [1.0, 0.0, 0.0]),
        ("decision_record_delay", [9 * 60, 9 * 60, 116 * 60]),
    ],
)
def test_what_the_log_has(measure: str, expected: list[float]) -> None:
    assert values(decisions(), measure) == expected


def test_what_was_never_written_down_is_still_open() -> None:
    assert [s.censored for s in samples(decisions(), "decision_record_delay")] == [False, False, True]


def test_a_report_on_the_situation_counts_before_the_next_is_due() -> None:
    story = Story()
    for minute, told in ((30, 45), (60, 100), (90, None)):
        due = story.add(
            minute, "situation.due", "incident:i1", due_at_ms=minute * MINUTE, next_due_at_ms=(minute + 30) * MINUTE
        )
        if told is not None and told < 90:
            story.add(told, "situation.reported", "incident:i1", due)
    assert values(story, "situation_report_adherence", 115) == [1.0, 0.0, 1.0]


def outage(*, declared: float | None, restored: float, begins: float = 1) -> Story:
    """A function with an RTO of an hour goes down, and an incident is opened for the fault behind it."""
    story = Story(functions=["payments"])
    fault = story.add(0, "fault.started", "fault:f")
    down = story.add(begins, "function.disrupted", "function:payments", fault)
    opened = story.add(2, "incident.opened", "incident:i1", fault)
    events = [(restored, "function.restored", "function:payments", down)]
    if declared is not None:
        events.append((declared, "incident.declared", "incident:i1", opened))
    for minute, kind, subject, cause in sorted(events, key=lambda e: e[0]):
        story.add(minute, kind, subject, cause)
    return story


@pytest.mark.parametrize(
    ("declared", "restored", "over", "under"),
    [(10, 30, 0.0, 0.0), (None, 30, 0.0, 0.0), (40, 30, 1.0, 0.0), (None, 90, 0.0, 1.0), (80, 90, 0.0, 1.0)],
    ids=["in time", "over before it had to be", "after it was over", "never", "too late"],
)
def test_escalated_for_nothing_or_not_at_all(
    declared: float | None, restored: float, over: float, under: float
) -> None:
    assert values(outage(declared=declared, restored=restored), "over_escalation") == [over]
    assert values(outage(declared=declared, restored=restored), "under_escalation") == [under]


def test_corrupt_data_and_malice_are_worth_a_declaration() -> None:
    for kind, subject, malicious in (("data.corruption_found", "function:payments", False), (None, "", True)):
        story = Story()
        fault = story.add(0, "fault.started", "fault:f", malicious=malicious)
        if kind is not None:
            story.add(1, kind, subject, fault)
        opened = story.add(2, "incident.opened", "incident:i1", fault)
        story.add(5, "incident.declared", "incident:i1", opened)
        assert values(story, "over_escalation") == [0.0]


def test_the_time_of_people_called_for_nothing() -> None:
    story = outage(declared=40, restored=30)
    for who, came, left in (("max", 41, 50), ("ann", 45, None)):
        story.add(came if who == "max" else 51, "bridge.joined", "incident:i1", person=who)
        if left is not None:
            story.add(left, "bridge.left", "incident:i1", person=who)
    story.add(60, "incident.resolved", "incident:i1")
    assert values(story, "needless_bridge_time") == [(9 + 9) * 60]


def test_an_approval_in_retrospect_is_in_time_late_forgotten_or_still_open() -> None:
    story = Story()
    fields = {"action": "roll-back", "requested_by": "ann", "approver": "c", "incident": "i1"}
    due = [
        story.add(n, "approval.retrospective_due", f"component:c{n}", **fields, due_at_ms=until * MINUTE)
        for n, until in enumerate((30, 40, 50, 200))
    ]
    story.add(20, "approval.retrospective_given", "component:c0", due[0], **fields)
    story.add(60, "approval.retrospective_given", "component:c1", due[1], **fields)
    found = samples(story, "retrospective_approvals_closed")
    assert [(s.value, s.censored) for s in found] == [(1.0, False), (0.0, False), (0.0, False), (1.0, True)]


def test_a_bypass_is_a_change_without_authority() -> None:
    story = Story()
    fields = {"action": "restart", "requested_by": "ann", "approver": "c", "incident": "i1"}
    asked = story.add(1, "approval.requested", "component:db", **fields)
    bypassed = story.add(9, "approval.bypassed", "component:db", asked, **fields)
    story.add(9, "command.submitted", "component:db", bypassed, actor="person:ann", action="restart")
    assert values(story, "unapproved_changes") == [1.0]


def test_access_is_counted_by_incident_refusal_and_request() -> None:
    story = Story()
    story.add(1, "access.confined", "incident:i1", person="")
    refused = story.add(2, "access.refused", "incident:i1", person="ann")
    asked = story.add(2, "access.requested", "incident:i1", refused, person="ann")
    story.add(10, "access.granted", "incident:i1", asked, person="ann")
    story.add(11, "access.violated", "incident:i1", person="bob")
    assert values(story, "access_violations") == [1.0]
    assert values(story, "access_wait") == [8 * 60]
    assert [str(s.subject) for s in samples(story, "access_attempts_refused")] == ["person:ann"]
