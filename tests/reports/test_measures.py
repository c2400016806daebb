"""Each measure on a timeline made by hand, with its sibling in which one thing went otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from reports.index import TimelineIndex
from reports.measures import MEASURES, Sample
from tests.reports.building import Story
from timeline.details import ObjectiveOfService
from timeline.instants import MINUTE
from timeline.journal import Timeline
from timeline.references import Reference

Found = list[tuple[str, float, bool]]
HOUR_S = 3600.0
FAULTS = [Reference.parse("fault:first"), Reference.parse("fault:second")]
FAULT, PAYMENTS, CARDS, INCIDENT = "fault:crash", "function:payments", "function:cards", "incident:i1"


def read(measure: str, timeline: Timeline) -> Found:
    """(subject, value, still open) of every sample."""
    return [(str(s.subject), s.value, s.censored) for s in MEASURES[measure].read(TimelineIndex(timeline))]


def outage(
    *,
    alert: float | None = 2,
    page: float | None = 3,
    report: float | None = 8,
    declared: float | None = 15,
    restored: float | None = 45,
    lost: bool = False,
    rto_min: float | None = 60,
    rpo_min: float | None = 1,
) -> Timeline:
    """A crash at 0 min that takes payments down at 5 min; moments that are None never come; the end is at 60 min."""
    promises = {
        "rto_ms": None if rto_min is None else round(rto_min * MINUTE),
        "rpo_ms": None if rpo_min is None else round(rpo_min * MINUTE),
        "loss_per_hour": 1000.0,
    }
    rows: list[tuple[str, float | None, str, str, tuple[str, ...], dict[str, Any]]] = [
        ("fault", 0, "fault.started", FAULT, (), {}),
        ("alert", alert, "alert.firing", "alert:A", ("fault",), {}),
        ("incident", alert, "incident.opened", INCIDENT, ("alert",), {}),
        ("sent", page, "page.sent", "person:duty-1", ("alert", "incident"), {}),
        ("page", page, "page.delivered", "person:duty-1", ("sent",), {}),
        ("ack", page and page + 4, "page.acknowledged", "person:duty-1", ("page",), {}),
        ("down", 5, "function.disrupted", PAYMENTS, ("fault",), promises),
        ("report", report, "report.received", PAYMENTS, ("down",), {}),
        ("declared", declared, "incident.declared", INCIDENT, ("incident",), {}),
        ("lost", 44 if lost else None, "data.lost", PAYMENTS, ("down",), {"lost_ms": 90_000}),
        ("restored", restored, "function.restored", PAYMENTS, ("down",), {"level_ratio": 1.0}),
    ]
    story, made = Story(functions=["payments", "cards"]), {}
    for name, minute, kind, subject, causes, fields in sorted(rows, key=lambda row: row[1] or 0):
        if minute is not None:
            made[name] = story.add(minute, kind, subject, *(made[c] for c in causes if c in made), **fields)
    return story.end(60)


CASES: list[tuple[str, str, Timeline, Found]] = [
    ("time_to_detect", "the page is delivered first", outage(), [(FAULT, 180.0, False)]),
    ("time_to_detect", "without a page the users tell", outage(page=None), [(FAULT, 480.0, False)]),
    ("time_to_detect", "nobody ever hears", outage(page=None, report=None), [(FAULT, HOUR_S, True)]),
    ("time_to_alert", "a rule sees it", outage(), [(FAULT, 120.0, False)]),
    ("time_to_alert", "no rule sees it", outage(alert=None), [(FAULT, HOUR_S, True)]),
    ("alert_recall", "the fault is alerted", outage(), [(FAULT, 1.0, False)]),
    ("alert_recall", "the fault is not alerted", outage(alert=None), [(FAULT, 0.0, False)]),
    ("detected_before_users", "page before report", outage(), [(FAULT, 1.0, False)]),
    ("detected_before_users", "report before page", outage(page=9), [(FAULT, 0.0, False)]),
    ("detected_before_users", "nobody knew", outage(page=None, report=None), [(FAULT, 0.0, False)]),
    ("detection_lead", "five minutes before the users", outage(), [(FAULT, 300.0, False)]),
    ("detection_lead", "a minute after the users", outage(page=9), [(FAULT, -60.0, False)]),
    ("user_reports", "one report", outage(), [(PAYMENTS, 1.0, False)]),
    ("user_reports", "none", outage(report=None), []),
    ("pages_per_incident", "one page", outage(), [(INCIDENT, 1.0, False)]),
    ("pages_per_incident", "no page", outage(page=None), [(INCIDENT, 0.0, False)]),
    ("time_to_declare", "from the first suffering", outage(), [(INCIDENT, 600.0, False)]),
    ("time_to_declare", "declared before anything suffered", outage(declared=4), [(INCIDENT, 0.0, False)]),
    ("time_to_declare", "never", outage(declared=None), [(INCIDENT, 3300.0, True)]),
    ("time_to_declare", "not even an incident", outage(alert=None, declared=None), [(PAYMENTS, 3300.0, True)]),
    ("time_to_restore", "from the fault to the whole function", outage(), [(FAULT, 2700.0, False)]),
    ("time_to_restore", "still down", outage(restored=None), [(FAULT, HOUR_S, True)]),
    ("recovery_time_achieved", "from the disruption", outage(), [(PAYMENTS, 2400.0, False)]),
    ("recovery_time_achieved", "still down", outage(restored=None), [(PAYMENTS, 3300.0, True)]),
    ("rto_met", "back in time; cards untouched", outage(), [(PAYMENTS, 1.0, False), (CARDS, 1.0, False)]),
    ("rto_met", "to the very millisecond", outage(rto_min=40), [(PAYMENTS, 1.0, False), (CARDS, 1.0, False)]),
    ("rto_met", "a little late", outage(rto_min=39.9), [(PAYMENTS, 0.0, False), (CARDS, 1.0, False)]),
    ("rto_met", "down, but there is time left", outage(restored=None), [(PAYMENTS, 1.0, True), (CARDS, 1.0, False)]),
    ("rto_met", "no RTO is known", outage(rto_min=None), [(CARDS, 1.0, False)]),
    ("recovery_point_achieved", "nothing was lost", outage(), [(PAYMENTS, 0.0, False)]),
    ("recovery_point_achieved", "90 s were lost", outage(lost=True), [(PAYMENTS, 90.0, False)]),
    ("rpo_met", "nothing was lost", outage(), [(PAYMENTS, 1.0, False), (CARDS, 1.0, False)]),
    ("rpo_met", "more than the RPO was lost", outage(lost=True), [(PAYMENTS, 0.0, False), (CARDS, 1.0, False)]),
    ("rpo_met", "it may lose two minutes", outage(lost=True, rpo_min=2), [(PAYMENTS, 1.0, False), (CARDS, 1.0, False)]),
    ("financial_loss", "40 minutes at 1000 an hour", outage(), [(PAYMENTS, 1000.0 * 40 / 60, False)]),
    ("pages_answered", "answered", outage(), [(INCIDENT, 1.0, False)]),
]


@pytest.mark.parametrize(
    ("measure", "timeline", "expected"), [(m, t, e) for m, _, t, e in CASES], ids=[f"{m}: {w}" for m, w, _, _ in CASES]
)
def test_measure_of_an_outage(measure: str, timeline: Timeline, expected: Found) -> None:
    assert read(measure, timeline) == expected


def test_an_alert_without_a_fault_behind_it_is_false_and_a_dead_mans_switch_is_not_counted() -> None:
    story = Story()
    fault = story.add(0, "fault.started", "fault:f")
    story.add(1, "alert.firing", "alert:True", fault, fingerprint="t")
    story.add(2, "alert.firing", "alert:False", fingerprint="f")
    story.add(3, "alert.firing", "alert:DeadMansSwitch", fingerprint="d", labels=(("severity", "none"),))
    assert read("alert_precision", story.end(10)) == [("alert:True", 1.0, False), ("alert:False", 0.0, False)]


def test_a_page_to_a_third_party_is_neither_detection_nor_a_page_of_ours() -> None:
    story = Story()
    fault = story.add(0, "fault.started", "fault:f")
    opened = story.add(1, "incident.opened", "incident:i1", fault)
    sent = story.add(1, "page.sent", "vendor:carrier", opened, person="carrier")
    delivered = story.add(2, "page.delivered", "vendor:carrier", sent, person="carrier")
    story.add(30, "page.acknowledged", "vendor:carrier", delivered, person="carrier")
    timeline = story.end(60)
    assert read("time_to_detect", timeline) == [("fault:f", HOUR_S, True)]
    assert read("pages_per_incident", timeline) == [("incident:i1", 0.0, False)]
    assert read("vendor_engaged_within", timeline) == [("vendor:carrier", 29 * 60.0, False)]


def test_a_third_party_that_never_comes_is_still_awaited() -> None:
    story = Story()
    story.add(10, "page.sent", "vendor:carrier", person="carrier")
    assert read("vendor_engaged_within", story.end(60)) == [("vendor:carrier", 3000.0, True)]


def test_a_second_disruption_after_a_partial_return_is_a_sample_of_its_own() -> None:
    story = Story(functions=["payments"])
    fault = story.add(0, "fault.started", "fault:f")
    down = story.add(0, "function.disrupted", "function:payments", fault)
    back = story.add(10, "function.restored", "function:payments", down)
    story.add(10, "function.degraded", "function:payments", back, level_ratio=0.8)
    again = story.add(20, "function.disrupted", "function:payments", fault)
    story.add(50, "function.restored", "function:payments", again)
    timeline = story.end(60)
    assert [value for _, value, _ in read("recovery_time_achieved", timeline)] == [600.0, 1800.0]
    assert read("time_to_restore", timeline) == [("fault:f", 3000.0, False)]


def test_a_function_that_comes_back_in_part_is_hurt_without_a_break() -> None:
    story = Story(functions=["payments"])
    down = story.add(0, "function.disrupted", "function:payments")
    back = story.add(10, "function.restored", "function:payments", down)
    story.add(10, "function.degraded", "function:payments", back, level_ratio=0.8)
    whole = story.add(30, "function.restored", "function:payments", back)
    found = TimelineIndex(story.end(60)).impairments
    assert [(span.begun, span.ended) for span in found] == [(down, whole)]


def test_each_fault_has_what_follows_from_it_and_from_no_other() -> None:
    story = Story()
    first = story.add(0, "fault.started", "fault:first")
    second = story.add(10, "fault.started", "fault:second")
    story.add(12, "page.delivered", "person:duty-1", second)
    story.add(30, "page.delivered", "person:duty-1", first)
    assert read("time_to_detect", story.end(60)) == [("fault:first", 1800.0, False), ("fault:second", 120.0, False)]


def test_a_fault_that_another_brought_about_shares_what_follows() -> None:
    story = Story()
    first = story.add(0, "fault.started", "fault:first")
    second = story.add(10, "fault.started", "fault:second", first)
    story.add(12, "page.delivered", "person:duty-1", second)
    assert read("time_to_detect", story.end(60)) == [("fault:first", 720.0, False), ("fault:second", 120.0, False)]


@pytest.mark.parametrize(
    ("measure", "worst"), [("time_to_detect", 1800.0), ("detection_lead", -60.0), ("alert_precision", 0.75)]
)
def test_the_figure_is_the_worst_sample_by_its_direction_or_the_mean(measure: str, worst: float) -> None:
    values = {"time_to_detect": [60.0, 1800.0], "detection_lead": [300.0, -60.0], "alert_precision": [1.0, 0.5]}
    samples = [Sample(FAULTS[n], value, (n,)) for n, value in enumerate(values[measure])]
    figure = MEASURES[measure].figure(samples)
    assert figure is not None
    assert figure.value == worst


def test_a_worst_figure_is_open_while_any_of_its_samples_is() -> None:
    """One was over after half an hour; the other has lasted ten minutes, and may yet take longer."""
    back = Sample(FAULTS[0], 1800.0, (1,))
    down = Sample(FAULTS[1], 600.0, (2,), censored=True)
    figure = MEASURES["recovery_time_achieved"].figure([back, down])
    assert figure is not None
    assert (figure.value, figure.censored, figure.evidence) == (1800.0, True, (1,))


def test_of_equal_samples_the_open_one_is_worse() -> None:
    samples = [Sample(FAULTS[0], 60.0, (0,)), Sample(FAULTS[1], 60.0, (1,), censored=True)]
    figure = MEASURES["time_to_detect"].figure(samples)
    assert figure is not None
    assert (figure.censored, figure.evidence, figure.open_samples) == (True, (1,), 1)


def test_a_degraded_function_is_hurt_but_its_rto_clock_does_not_run() -> None:
    story = Story(functions=["payments"])
    fault = story.add(0, "fault.started", "fault:f")
    hurt = story.add(5, "function.degraded", "function:payments", fault, level_ratio=0.9)
    story.add(25, "function.restored", "function:payments", hurt)
    timeline = story.end(60)
    assert read("recovery_time_achieved", timeline) == []
    assert read("time_to_restore", timeline) == [("fault:f", 1500.0, False)]


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        pytest.param("approval.granted", 0.0, id="granted"),
        pytest.param("approval.refused", 1.0, id="refused and done nevertheless"),
        pytest.param(None, 1.0, id="asked and not waited for"),
    ],
)
def test_a_change_needs_the_approval_that_was_asked_for(answer: str | None, value: float) -> None:
    story = Story()
    last = story.add(0, "approval.requested", "component:db")
    if answer:
        last = story.add(5, answer, "component:db", last)
    called = story.add(6, "page.acknowledged", "vendor:carrier", last, person="carrier")
    story.add(7, "command.submitted", "component:db", called, actor="person:duty-1")
    assert read("unapproved_changes", story.end(60)) == [("component:db", value, False)]


def test_a_refusal_followed_by_a_grant_is_a_grant() -> None:
    story = Story()
    first = story.add(0, "approval.requested", "component:db")
    refused = story.add(5, "approval.refused", "component:db", first)
    second = story.add(6, "approval.requested", "component:db", refused)
    granted = story.add(9, "approval.granted", "component:db", second)
    story.add(10, "command.submitted", "component:db", granted, actor="person:duty-1")
    timeline = story.end(60)
    assert read("unapproved_changes", timeline) == [("component:db", 0.0, False)]
    assert [value for _, value, _ in read("approval_wait", timeline)] == [300.0, 180.0]


def test_looking_is_no_change_and_own_authority_needs_no_approval() -> None:
    story = Story()
    story.add(0, "command.submitted", "component:db", actor="person:duty-1", action="inspect")
    story.add(1, "command.submitted", "component:db", actor="person:duty-1", action="restart")
    assert read("unapproved_changes", story.end(60)) == [("component:db", 0.0, False)]


def test_a_role_that_nobody_could_be_found_for_stays_open_until_somebody_takes_it() -> None:
    story = Story()
    opened = story.add(0, "incident.opened", "incident:i1")
    declared = story.add(10, "incident.declared", "incident:i1", opened)
    story.add(12, "role.assigned", "role:incident-manager", declared)
    story.add(20, "role.unfilled", "role:scribe", declared, role="scribe", person="")
    story.add(25, "role.unfilled", "role:lead", declared, role="lead", person="")
    story.add(40, "role.assigned", "role:lead", declared, role="lead")
    assert read("roles_filled_within", story.end(60)) == [
        ("role:incident-manager", 120.0, False),
        ("role:scribe", 3000.0, True),
        ("role:lead", 1800.0, False),
    ]


def test_a_role_that_was_taken_before_the_declaration_took_no_time() -> None:
    story = Story()
    taken = story.add(5, "role.assigned", "role:incident-manager")
    story.add(10, "incident.declared", "incident:i1", taken)
    assert read("roles_filled_within", story.end(60)) == [("role:incident-manager", 0.0, False)]


def test_no_role_is_filled_where_nothing_is_declared() -> None:
    assert read("roles_filled_within", outage(declared=None)) == [(PAYMENTS, 3300.0, True)]


def updates(*sent: float | None) -> Timeline:
    """Updates promised every 30 minutes, written from 5 minutes before, sent at these (None: failed); until 100 min."""
    story = Story()
    for number, at in enumerate(sent, start=1):
        promised = number * 30
        written = max(promised - 5.0, story.timeline[-1].at_ms / MINUTE)
        due = story.add(written, "update.due", "audience:executives", due_at_ms=promised * MINUTE)
        kind = "update.failed" if at is None else "update.sent"
        story.add(at or promised, kind, "audience:executives", due, due_at_ms=promised * MINUTE)
    return story.end(100)


def test_an_update_is_in_time_before_the_next_is_due() -> None:
    assert [value for _, value, _ in read("update_cadence_adherence", updates(30, 59, 90))] == [1.0, 1.0, 1.0]


def test_an_update_is_late_when_the_next_was_already_promised() -> None:
    assert [value for _, value, _ in read("update_cadence_adherence", updates(61, 64, 90))] == [0.0, 1.0, 1.0]


def test_a_failed_update_counts_nothing() -> None:
    assert [value for _, value, _ in read("update_cadence_adherence", updates(30, None, 90))] == [1.0, 0.0, 1.0]


def test_where_nobody_was_told_anything_each_disruption_counts() -> None:
    assert read("update_cadence_adherence", outage()) == [(PAYMENTS, 0.0, False)]


def test_a_duplicate_ticket_is_counted_although_it_was_merged() -> None:
    story = Story()
    fault = story.add(0, "fault.started", "fault:f")
    story.add(1, "incident.opened", "incident:i1", fault)
    second = story.add(2, "incident.opened", "incident:i2", fault)
    sent = story.add(3, "page.sent", "person:duty-1", second, incident="i2")
    story.add(4, "incident.merged", "incident:i2", sent, parent="i1")
    timeline = story.end(60)
    assert read("tickets_per_fault", timeline) == [("fault:f", 2.0, False)]
    assert read("pages_per_incident", timeline) == [("incident:i1", 1.0, False)]


def test_an_incident_that_was_passed_on_was_assigned_wrongly() -> None:
    story = Story()
    story.add(1, "incident.assigned", "incident:i1")
    story.add(1, "incident.assigned", "incident:i2")
    story.add(9, "incident.reassigned", "incident:i2")
    assert read("first_assignment_accuracy", story.end(60)) == [
        ("incident:i1", 1.0, False),
        ("incident:i2", 0.0, False),
    ]


def test_an_escalation_that_reached_nobody() -> None:
    story = Story()
    opened = story.add(1, "incident.opened", "incident:i1")
    story.add(30, "page.exhausted", "incident:i1", opened, person="")
    assert read("escalations_exhausted", story.end(60)) == [("incident:i1", 1.0, False)]


def test_monitoring_that_stopped_is_blind_until_it_resumes() -> None:
    story = Story()
    stopped = story.add(10, "monitoring.stopped", "component:prometheus")
    story.add(25, "monitoring.resumed", "component:prometheus", stopped)
    story.add(50, "monitoring.stopped", "component:prometheus")
    assert read("monitoring_blind", story.end(60)) == [
        ("component:prometheus", 900.0, False),
        ("component:prometheus", 600.0, True),
    ]


DAY = 24 * 60 * MINUTE
GATEWAY_SLO = ObjectiveOfService("gateway", "component:gateway", 0.99, 10 * DAY)


def burning(*slos: ObjectiveOfService, levels: dict[float, float], page: float | None) -> Timeline:
    """A crash at 0 min; the gateway's level from each minute on; the first page, or none; the end is at 60 min."""
    story = Story(slos=slos)
    fault = story.add(0, "fault.started", FAULT)
    moments = sorted([*levels, *([] if page is None else [page])])
    for minute in moments:
        if minute == page:
            story.add(minute, "page.delivered", "person:duty-1", story.add(minute, "alert.firing", "alert:A", fault))
        if minute in levels:
            story.add(minute, "signal.health_changed", "component:gateway", fault, level_ratio=levels[minute])
    return story.end(60)


# The budget of ten days is 1 % of them: 144 minutes without any service.
@pytest.mark.parametrize(
    ("levels", "page", "expected"),
    [
        ({2: 0.0}, 14.4, [(FAULT, 12.4 / 144, False)]),
        ({2: 0.5, 4: 0.0}, 10, [(FAULT, 7 / 144, False)]),
        ({2: 0.0, 5: 1.0}, 10, [(FAULT, 3 / 144, False)]),
        ({2: 0.0}, None, [(FAULT, 58 / 144, True)]),
        ({2: 0.0, 5: 1.0}, None, [(FAULT, 3 / 144, True)]),
        ({20: 0.0}, 10, [(FAULT, 0.0, False)]),
        ({}, 10, []),
    ],
)
def test_the_budget_burns_by_what_is_lost_until_somebody_is_paged(
    levels: dict[float, float], page: float | None, expected: Found
) -> None:
    found = read("error_budget_spent_before_page", burning(GATEWAY_SLO, levels=levels, page=page))
    assert [(s, pytest.approx(v), c) for s, v, c in expected] == found


def test_a_narrower_promise_is_spent_sooner_and_another_subject_not_at_all() -> None:
    strict = ObjectiveOfService("strict", "component:gateway", 0.999, 10 * DAY)
    other = ObjectiveOfService("other", "component:cards", 0.999, 10 * DAY)
    found = read("error_budget_spent_before_page", burning(GATEWAY_SLO, strict, other, levels={0: 0.0}, page=14.4))
    assert [value for _, value, _ in found] == [pytest.approx(0.1), pytest.approx(1.0)]


def test_a_page_that_no_alert_led_to_does_not_stop_the_burning() -> None:
    story = Story(slos=[GATEWAY_SLO])
    fault = story.add(0, "fault.started", FAULT)
    story.add(0, "signal.health_changed", "component:gateway", fault)
    story.add(5, "page.delivered", "person:duty-1", story.add(4, "report.received", "function:payments", fault))
    assert read("error_budget_spent_before_page", story.end(60)) == [(FAULT, pytest.approx(60 / 144), True)]


def test_a_diagnosis_finds_the_cause_only_when_it_names_it() -> None:
    story = Story(functions=["payments"])
    fault = story.add(0, "fault.started", "fault:f", fault="crash", target="db")
    story.add(0, "function.disrupted", "function:payments", fault)
    story.add(10, "diagnosis.concluded", "incident:i1", fault, finding="crash on cache")
    story.add(20, "diagnosis.concluded", "incident:i1", fault, finding="crash on db")
    assert read("time_to_find_cause", story.end(60)) == [("fault:f", 1200.0, False)]


def test_every_measure_explains_itself_and_reads_an_empty_exercise() -> None:
    for id, measure in MEASURES.items():
        assert measure.meaning.endswith("."), id
        assert measure.title, id
        assert measure.reference, id
        assert read(id, Story().end(60)) == [], id


def test_an_alert_belongs_to_whoever_owns_what_it_points_at() -> None:
    story = Story()
    story.add(1, "incident.opened", "incident:i1", addressed="crew", owners=("crew",))
    story.add(1, "incident.opened", "incident:i2", addressed="others", owners=("crew",))
    story.add(1, "incident.opened", "incident:i3", addressed="others", owners=("",))
    story.add(1, "incident.opened", "incident:i4", team="others")
    story.add(2, "incident.alert_attached", "incident:i2", addressed="crew", owners=("", "crew", "others"))
    story.add(3, "incident.reassigned", "incident:i2", team="crew")
    timeline = story.end(60)
    assert read("ownership_accuracy", timeline) == [
        ("incident:i1", 1.0, False),
        ("incident:i2", 0.0, False),
        ("incident:i2", 1.0, False),
        ("incident:i2", 0.0, False),
    ]
    assert read("alerts_without_owner", timeline) == [
        ("incident:i1", 0.0, False),
        ("incident:i2", 0.0, False),
        ("incident:i3", 1.0, False),
        ("incident:i2", 1.0, False),
    ]


def test_a_wait_for_somebody_free_ends_with_the_page_or_a_late_answer() -> None:
    story = Story()
    queued = story.add(1, "page.queued", "incident:i1", person="", incident="i1", purpose="first")
    story.add(2, "page.queued", "incident:i2", person="", incident="i2", purpose="first")
    story.add(3, "page.queued", "incident:i3", person="", incident="i3", purpose="first")
    story.add(7, "page.acknowledged", "incident:i2", person="max", incident="i2", purpose="first")
    story.add(11, "page.sent", "incident:i1", queued, person="ann", incident="i1", purpose="first")
    assert read("free_responder_wait", story.end(60)) == [
        ("incident:i1", 600.0, False),
        ("incident:i2", 300.0, False),
        ("incident:i3", 57 * 60.0, True),
    ]


def test_dependencies_that_a_check_met_are_in_the_catalogue_or_not() -> None:
    story = Story()
    story.add(1, "diagnosis.checked", "incident:i1", checked="web", suffers_from=("api", "dns"), undocumented=("dns",))
    story.add(2, "diagnosis.checked", "incident:i1", checked="cache", finding="nothing wrong")
    assert read("dependencies_documented", story.end(60)) == [
        ("component:api", 1.0, False),
        ("component:dns", 0.0, False),
    ]


def test_the_impact_that_the_catalogue_foretells_is_held_against_what_was_hurt() -> None:
    story = Story(functions=["payments", "lending", "cards"])
    fault = story.add(0, "fault.started", "fault:f", fault="crash", target="db")
    for function in ("payments", "lending"):
        story.add(1, "function.disrupted", f"function:{function}", fault)
    story.add(9, "diagnosis.concluded", "incident:i1", finding="crash on web", foreseen=("cards",))
    story.add(10, "diagnosis.concluded", "incident:i1", finding="crash on db", foreseen=("payments", "cards"))
    assert read("impact_foreseen", story.end(60)) == [("fault:f", pytest.approx(1 / 3), False)]
