"""Service levels at work: when promises are due, who is called before one is broken, what stops their clocks.

The exercise begins on a Tuesday at ten; an alert comes at a minute past, Ann answers after 1 min 10 s.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.response.building import Rig, organisation, person
from timeline.details import ServiceLevelDetail
from timeline.events import Event
from timeline.instants import HOUR, MINUTE, SECOND

TARGETS = {"sev1": {"respond": "20m", "resolve": "2h"}, "sev3": {"respond": "2h", "resolve": "24h"}}
ANSWERED = MINUTE + 70 * SECOND


def agreed(*, desk: dict[str, Any] | None = None, deaf: bool = False, **fields: Any) -> Rig:
    """A rig under one agreement; `deaf`: nobody of the crew ever notices a page."""
    org = organisation(service_levels={"standard": {"title": "Standard", "targets": TARGETS, **fields}})
    if desk is not None:
        org["service_desk"] = {"team": "crew", "reports_to_open": 1, "handling": "1m", **desk}
    if deaf:
        org["people"]["ann"] = person(answer={"missed_day": 1.0})
    return Rig(org=org)


def told(rig: Rig, kind: str, promise: str | None = None) -> list[tuple[Event, ServiceLevelDetail]]:
    found = []
    for event in rig.of(f"sla.{kind}"):
        assert isinstance(event.detail, ServiceLevelDetail)
        if promise is None or event.detail.promise == promise:
            found.append((event, event.detail))
    return found


def test_both_promises_run_from_the_opening_once_it_is_known_how_grave_it_is() -> None:
    rig = agreed().alert("web").play()
    opened = rig.of("incident.opened")[0].at_ms
    due = {d.promise: d.due_at_ms for _, d in told(rig, "due")}
    assert due == {"respond": opened + 20 * MINUTE, "resolve": opened + 2 * HOUR}
    ((_, respond),) = told(rig, "met", "respond")
    assert respond.left_ms == 20 * MINUTE - 70 * SECOND
    ((resolved, resolve),) = told(rig, "met", "resolve")
    assert resolve.left_ms == 2 * HOUR - (resolved.at_ms - opened)
    assert not told(rig, "breached")


def test_before_triage_the_stated_severity_is_owed_its_response() -> None:
    rig = agreed(before_triage="sev3").alert("web").play()
    severities = [(d.severity, d.left_ms) for _, d in told(rig, "met", "respond")]
    assert severities == [("sev3", 2 * HOUR - 70 * SECOND), ("sev1", 20 * MINUTE - 70 * SECOND)]


def test_a_promise_that_nobody_keeps_is_broken_a_moment_after_it_was_due() -> None:
    rig = agreed(deaf=True, before_triage="sev1").alert("web").play()
    ((broken, detail),) = told(rig, "breached")
    assert detail.promise == "respond"
    assert broken.at_ms == MINUTE + 20 * MINUTE + 1


def test_before_it_is_broken_somebody_else_is_called_and_takes_the_incident() -> None:
    escalation = {"at": 0.5, "policy": "managers"}
    rig = agreed(deaf=True, before_triage="sev1", escalation=escalation).alert("web").play()
    ((escalated, _),) = told(rig, "escalated", "respond")
    assert escalated.at_ms == MINUTE + 10 * MINUTE
    assert rig.of("incident.assigned")[0].actor.id == "max"
    assert rig.of("incident.assigned")[0].at_ms == escalated.at_ms + 70 * SECOND
    assert not told(rig, "breached", "respond")


def test_who_is_called_first_wins_and_the_other_call_ends() -> None:
    org = organisation(
        service_levels={
            "standard": {
                "title": "Standard",
                "targets": {"sev1": {"respond": "4m"}, "sev3": {"respond": "4m"}},
                "before_triage": "sev1",
                "escalation": {"at": 0.25, "policy": "managers"},
            }
        }
    )
    org["people"]["ann"] = person(answer={"day": "10m"})
    org["policies"]["crew"]["steps"] = [{"people": ["ann"], "wait": "30m"}]
    rig = Rig(org=org).alert("web").play()
    assert [e.actor.id for e in rig.of("incident.assigned")] == ["max"]
    assert [e.detail.person for e in rig.of("page.acknowledged")].count("ann") == 0  # type: ignore[attr-defined]


def test_without_an_escalation_nobody_else_comes() -> None:
    rig = agreed(deaf=True, before_triage="sev1").alert("web").play()
    assert not rig.of("incident.assigned")


@pytest.mark.parametrize(("always", "due_ms"), [([], 23 * HOUR + 30 * MINUTE), (["sev1"], 2 * HOUR + MINUTE)])
def test_outside_business_hours_only_what_counts_always_runs(always: list[str], due_ms: int) -> None:
    """The office closes at 10:31 and opens at 8 the next day: half an hour is worked today, one and a half tomorrow."""
    calendar = {"timezone": "Europe/Vienna", "hours": {"tuesday": ["08:00-10:31"], "wednesday": ["08:00-10:31"]}}
    rig = agreed(calendar=calendar, always=always).alert("web").play(1)
    ((_, due),) = told(rig, "due", "resolve")
    assert due.due_at_ms == due_ms


def test_the_clock_stands_still_while_those_who_reported_it_are_asked() -> None:
    desk = {"confirmation": "5h"}
    waits = agreed(desk=desk, pauses_while_waiting=True).reports(3).play(12)
    goes_on = agreed(desk=desk).reports(3).play(12)
    ((paused, _),) = told(waits, "paused")
    assert paused.at_ms == waits.of("incident.awaits_user")[0].at_ms
    assert waits.of("incident.resolved")[0].at_ms == waits.of("incident.user_confirmed")[0].at_ms
    kept, late = told(waits, "met", "resolve")[-1][1].left_ms, told(goes_on, "met", "resolve")[-1][1].left_ms
    assert kept is not None
    assert late == kept - 5 * HOUR
    assert told(goes_on, "breached", "resolve")
    assert not told(waits, "breached", "resolve")


def test_an_alert_is_resolved_without_asking_users() -> None:
    rig = agreed(desk={"confirmation": "5h"}).alert("web").play(12)
    assert not rig.of("incident.awaits_user")
    assert rig.of("incident.resolved")


def test_an_agreement_holds_for_what_it_covers_and_for_what_that_needs() -> None:
    assert told(agreed(covers=["api"]).alert("db").play(), "due")
    assert told(agreed(covers=["shop"]).alert("db").play(), "due")
    assert not told(agreed(covers=["printer"]).alert("db").play(), "due")
