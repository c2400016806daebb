"""Stages stand on the timeline with what they set off, and a resolved incident is closed after its time."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.response.building import Rig, database_crash, organisation
from timeline.instants import HOUR, MINUTE
from timeline.workflow_details import StageDetail, WorkflowDetail

CHANNELS = {
    "push": {"title": "push", "latency": "10s", "failure": 0.0},
    "itsm": {"title": "The ITSM", "latency": "5s", "failure": 0.0},
}
AUDIENCES = {"customers": {"title": "Customers", "channel": "push", "role": "incident-manager", "writing": "1m"}}


def with_stages(on_entry: dict[str, Any] | None = None, *, reopen: str | None = None, **fields: Any) -> dict[str, Any]:
    lifecycle = {"on_entry": on_entry or {}, **fields}
    management = {"reopen_within": reopen} if reopen else {}
    return organisation(channels=CHANNELS, audiences=AUDIENCES, lifecycle=lifecycle, event_management=management)


def stages(rig: Rig) -> list[tuple[str, float]]:
    """Stages with the minutes in the one before."""
    entered = [e.detail for e in rig.of("stage.entered")]
    return [(d.stage, d.dwelt_ms / MINUTE) for d in entered if isinstance(d, StageDetail)]


def rules(rig: Rig, kind: str) -> list[str]:
    return [e.detail.rule for e in rig.of(kind) if isinstance(e.detail, WorkflowDetail)]


def test_without_a_lifecycle_nothing_is_said_of_stages() -> None:
    assert Rig().alert("web").play().kinds("stage", "trigger") == []


def test_an_incident_passes_its_stages_and_says_how_long_it_was_in_each() -> None:
    rig = Rig(org=with_stages()).alert("web").play()
    assert [stage for stage, _ in stages(rig)] == [
        "detected",
        "assigned",
        "triaged",
        "mitigating",
        "monitoring",
        "resolved",
        "closed",
    ]
    (opened,), (closed,) = rig.of("incident.opened"), rig.of("incident.closed")
    assert sum(dwelt for _, dwelt in stages(rig)) == (closed.at_ms - opened.at_ms) / MINUTE


def test_a_trigger_fires_on_its_stage_and_acts() -> None:
    tell = {"do": {"status_page": {"audience": "customers", "state": "identified"}}}
    rig = Rig(org=with_stages({"mitigating": {"tell": tell}}, channel="itsm")).alert("web").play()
    (entered,) = [e for e in rig.of("stage.entered") if e.detail.stage == "mitigating"]  # type: ignore[attr-defined]
    (fired,) = rig.of("trigger.fired")
    assert fired.causes == (entered.seq,)
    assert fired.at_ms - entered.at_ms == 5000, "the channel's latency"
    assert [e for e in rig.of("update.sent") if fired.seq in e.causes]


def test_over_a_channel_that_is_down_it_does_not() -> None:
    org = with_stages({"triaged": {"note": {"do": {"ticket": {}}}}}, channel="itsm")
    rig = Rig(org=org, dead_channels=("itsm",)).alert("web").play()
    assert rules(rig, "trigger.fired") == []
    assert rules(rig, "trigger.failed") == ["triaged/note"]


@pytest.mark.parametrize(("severities", "fires"), [(["sev1"], True), (["sev3"], False), ([], True)])
def test_a_trigger_may_be_for_some_severities_only(severities: list[str], fires: bool) -> None:
    org = with_stages({"triaged": {"note": {"do": {"ticket": {}}, "severities": severities}}})
    assert bool(rules(Rig(org=org).alert("web").play(), "trigger.fired")) is fires


def test_what_is_done_by_hand_waits_for_whoever_does_it() -> None:
    by_hand = {"do": {"ticket": {}}, "by": "incident-manager", "takes": "7m"}
    rig = Rig(org=with_stages({"triaged": {"note": by_hand}})).alert("web").play()
    (fired,) = rig.of("trigger.fired")
    (taken,) = rig.of("role.assigned")
    assert str(fired.actor) == "person:max"
    assert fired.at_ms >= taken.at_ms + 7 * MINUTE


@pytest.mark.parametrize(("once", "times"), [(True, 1), (False, 2)])
def test_a_stage_that_is_entered_again_sets_nothing_off_again(once: bool, times: int) -> None:
    """Service is lost again while the printer, which the incident is about as well, is still broken."""
    org = with_stages({"monitoring": {"note": {"do": {"ticket": {}}}}}, fire_once=once)
    rig = Rig(org=org).alert("web").alert("printer", 2 * MINUTE)
    bad = dict(rig.estate.shows)
    from timeline.commands import Observation

    printer = {"printer": Observation("degraded", "slow", ())}
    rig.kernel.call_at(MINUTE, lambda: rig.estate.shows.update(printer))
    rig.kernel.call_at(40 * MINUTE, lambda: rig.estate.shows.update(bad | printer))

    def keeps_the_printer_broken() -> None:
        rig.estate.shows.update(printer)
        rig.kernel.call_at(rig.kernel.now() + 30_000, keeps_the_printer_broken)

    rig.kernel.call_at(MINUTE, keeps_the_printer_broken)
    rig.play(3)
    assert [stage for stage, _ in stages(rig)].count("monitoring") == 2
    assert len(rules(rig, "trigger.fired")) == times


def test_a_resolved_incident_is_kept_open_for_the_stated_time() -> None:
    rig = Rig(org=with_stages(close_after="2h")).alert("web").play()
    (resolved,), (closed,) = rig.of("incident.resolved"), rig.of("incident.closed")
    assert closed.at_ms == resolved.at_ms + 2 * HOUR


def test_one_that_comes_back_in_that_time_is_closed_after_its_last_resolution() -> None:
    rig = Rig(org=with_stages(reopen="3h", close_after="2h")).alert("web")
    bad = database_crash()
    rig.kernel.call_at(HOUR, lambda: rig.estate.shows.update(bad))
    rig.resolved("web", at_ms=50 * MINUTE).alert("web", at_ms=HOUR).play()
    first, last = rig.of("incident.resolved")
    (closed,) = rig.of("incident.closed")
    assert first.at_ms < HOUR < last.at_ms
    assert closed.at_ms == last.at_ms + 2 * HOUR
    assert [stage for stage, _ in stages(rig)].count("detected") == 2


def test_what_has_become_part_of_another_incident_sets_nothing_off() -> None:
    org = with_stages({"resolved": {"note": {"do": {"ticket": {}}}}})
    org["receivers"]["other-pager"] = "other"
    org["policies"]["other"] = {"title": "other", "steps": [{"people": ["ann"], "wait": "5m"}]}
    rig = Rig(org=org).alert("web").alert("api", 2 * MINUTE, receiver="other-pager").play()
    assert len(rig.of("incident.merged")) == 1
    assert len([s for s, _ in stages(rig) if s == "resolved"]) == 2
    assert len(rules(rig, "trigger.fired")) == 1
