"""Communication at work: which words go out and who pays for them, which way they take, what the status page shows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.response.building import Rig, organisation, person, suffers
from timeline.commands import Observation
from timeline.events import Event
from timeline.instants import MINUTE

TEMPLATE = {"title": "trouble", "text": "{functions}: {state} since {since}.  More by {next_update}."}
RECOVERED = {"title": "over", "says": "recovery", "text": "{functions}: {state}."}
TEMPLATES = {"trouble": TEMPLATE, "over": RECOVERED}
ALWAYS_SLIPS = {"slips": 1.0}
PAGE = {
    "title": "Status page",
    "channel": "page",
    "audience": "customers",
    "role": "speaker",
    "writing": "2m",
    "entries": {"shop": {"title": "Shop", "function": "shop"}},
}
STAFF = {"title": "All", "stakeholders": "staff", "on": "declared", "role": "speaker", "preparing": "1m"}
TARGET = {"share": 0.9, "within": "30m"}


def organised(*, customers: dict[str, Any] | None = None, lasts: bool = True, **communication: Any) -> dict[str, Any]:
    """Sue speaks to customers every half hour; Max, who manages incidents, approves.  Nobody may act, so that it
    lasts."""
    org = organisation(**({"authority": []} if lasts else {}))
    org["people"] |= {"sue": person(None), "boss": person(None)}
    org["policies"] |= {
        "speakers": {"title": "speakers", "steps": [{"people": ["sue"], "wait": "5m"}]},
        "bosses": {"title": "bosses", "steps": [{"people": ["boss"], "wait": "5m"}]},
    }
    org["roles"] |= {
        "speaker": {"title": "Speaker", "policy": "speakers"},
        "approver": {"title": "Approver", "policy": "bosses"},
    }
    org["channels"] |= {
        "page": {"title": "status page", "latency": "0s", "failure": 0.0},
        "mail": {"title": "mail", "latency": "0s", "failure": 0.0},
        "phone": {"title": "phone", "latency": "0s", "failure": 0.0},
    }
    org["severities"][0]["update_every"] = {"customers": "30m"}
    spec = {"title": "Customers", "channel": "page", "role": "speaker", "writing": "5m", "stakeholders": "customers"}
    org["audiences"] = {"customers": {**spec, **(customers or {})}}
    return {**org, "communication": communication}


def first(rig: Rig, kind: str) -> Event:
    return rig.of(kind)[0]


def said(rig: Rig, kind: str = "update.sent") -> list[str]:
    return [event.detail.text for event in rig.of(kind)]  # type: ignore[attr-defined]


def detail(rig: Rig, kind: str) -> Any:
    return first(rig, kind).detail


# Words


def test_a_template_is_filled_with_what_is_known() -> None:
    rig = Rig(org=organised(templates=TEMPLATES)).alert("web").play(2)
    assert said(rig)[0] == "Shop: out of service since 10:03.  More by 11:10."
    assert (detail(rig, "update.sent").template, detail(rig, "update.sent").approval) == ("trouble", "template")


def test_text_from_an_approved_template_asks_nobody() -> None:
    free = {"approver": "approver", "approval": "10m"}
    rig = Rig(org=organised(templates=TEMPLATES, free_text=free)).alert("web").play(2)
    assert rig.of("approval.requested") == []


def test_free_text_takes_its_own_time_and_waits_for_approval() -> None:
    free = {"writing": "9m", "approver": "approver", "approval": "4m", "slips": 0}
    rig = Rig(org=organised(free_text=free)).alert("web").play(2)
    assert detail(rig, "update.sent").approval == "approved"
    assert detail(rig, "update.sent").effort_ms == 9 * MINUTE
    asked, granted = rig.minutes("approval.requested")[0], rig.minutes("approval.granted")[0]
    assert granted - asked >= 4
    assert rig.minutes("update.sent")[0] >= granted


def test_without_an_approver_it_goes_out_as_written() -> None:
    rig = Rig(org=organised(free_text={"slips": 0})).alert("web").play(2)
    assert {e.detail.approval for e in rig.of("update.sent")} == {"unapproved"}  # type: ignore[attr-defined]


def test_a_template_that_is_not_approved_needs_approval_too() -> None:
    templates = {"trouble": {**TEMPLATE, "approved": False}}
    free = {"approver": "approver", "approval": "4m"}
    rig = Rig(org=organised(templates=templates, free_text=free)).alert("web").play(2)
    assert (detail(rig, "update.sent").template, detail(rig, "update.sent").approval) == (None, "approved")
    assert said(rig)[0].startswith("Shop: out of service since")


def test_an_author_gives_up_waiting_for_an_approver_who_cannot_be_found() -> None:
    org = organised(free_text={"approver": "nobody", "approval": "4m", "gives_up_after": "10m", "slips": 0})
    org["roles"] |= {"nobody": {"title": "Nobody"}}
    rig = Rig(org=org).alert("web").play(2)
    assert detail(rig, "update.sent").approval == "unapproved"
    assert rig.minutes("update.sent")[0] - rig.minutes("approval.requested")[0] == pytest.approx(10, abs=1)


def test_what_an_author_lets_slip_is_held_back_by_the_check_and_taken_out() -> None:
    check = {"check": {"takes": "1m", "rewriting": "3m"}}
    rig = Rig(org=organised(free_text=ALWAYS_SLIPS, disclosure=check)).alert("web").play(2)
    assert detail(rig, "text.flagged").rules
    assert rig.of("text.disclosed") == []
    assert detail(rig, "update.sent").effort_ms == (5 + 1 + 3) * MINUTE
    assert first(rig, "text.flagged").seq in first(rig, "update.sent").causes


def test_without_a_check_it_is_out() -> None:
    rig = Rig(org=organised(free_text=ALWAYS_SLIPS)).alert("web").play(2)
    disclosed = first(rig, "text.disclosed")
    assert first(rig, "update.sent").seq in disclosed.causes
    assert all(word in said(rig)[0] for word in disclosed.detail.words)  # type: ignore[attr-defined]


def test_those_inside_may_hear_of_causes() -> None:
    org = organised(customers={"stakeholders": "executives"}, free_text={"slips": 0})
    rig = Rig(org=org).alert("web").play(2)
    assert "Cause found: crash on db" in said(rig)[0]
    assert (
        rig.of(
            "text.disclosed",
        )
        == []
    )


def test_news_that_change_while_they_are_written_are_told_as_they_are() -> None:
    rig = Rig(org=organised(templates=TEMPLATES, customers={"writing": "25m"}, lasts=False)).alert("web").play(2)
    assert said(rig)[0] == "Shop: back in service."


# The way and the clock


def test_when_a_channel_is_dead_the_next_is_used() -> None:
    org = organised(templates=TEMPLATES, customers={"alternatives": [{"channel": "mail", "reach": 0.4}]})
    rig = Rig(org=org, dead_channels=("page",)).alert("web").play(2)
    assert (detail(rig, "update.failed").channel, detail(rig, "update.sent").channel) == ("page", "mail")
    assert detail(rig, "update.sent").reach_ratio == 0.4


def test_what_no_channel_takes_is_sent_again() -> None:
    rig = Rig(org=organised(templates=TEMPLATES), dead_channels=("page",)).alert("web").play(2)
    tries = rig.minutes("update.failed")
    assert rig.of("update.sent") == []
    assert tries[1] - tries[0] == 5


def test_a_message_outside_their_hours_waits_for_the_readers() -> None:
    hours = {"timezone": "Europe/Vienna", "start": "13:00", "end": "17:00"}
    rig = Rig(org=organised(templates=TEMPLATES, customers={"hours": hours})).alert("web").play(4)
    assert rig.minutes("update.sent")[0] == 180


def test_readers_acknowledge_what_reached_them() -> None:
    answer = {"share": 0.5, "after": "7m"}
    org = organised(templates=TEMPLATES, customers={"reach": 0.8, "acknowledgement": answer})
    rig = Rig(org=org).alert("web").play(2)
    assert detail(rig, "update.acknowledged").reach_ratio == pytest.approx(0.4)
    assert rig.minutes("update.acknowledged")[0] - rig.minutes("update.sent")[0] == 7


def test_the_first_message_of_the_plan_is_begun_at_once_and_owed_from_the_declaration() -> None:
    org = organised(templates=TEMPLATES, plan=[{"audience": "customers", "within": "20m"}])
    rig = Rig(org=org).alert("web").play(2)
    (declared,) = rig.minutes("incident.declared")
    assert rig.minutes("update.owed") == [declared]
    assert detail(rig, "update.owed").due_at_ms == (declared + 20) * MINUTE
    assert rig.minutes("update.due")[0] == declared


def test_no_moment_is_promised_that_has_passed_and_what_was_missed_is_on_record() -> None:
    rig = Rig(org=organised(templates=TEMPLATES, customers={"writing": "70m"})).alert("web").play(6)
    assert all(e.detail.next_at_ms > e.at_ms - 1 for e in rig.of("update.sent"))  # type: ignore[attr-defined]
    assert "the one before was not out yet" in said(rig, "update.failed")


def test_an_audience_of_the_plan_without_a_cadence_hears_once() -> None:
    org = organised(templates=TEMPLATES, plan=[{"audience": "customers", "within": "20m"}])
    org["severities"][0]["update_every"] = {}
    assert len(Rig(org=org).alert("web").play(6).of("update.sent")) == 1


def test_a_briefing_is_held_at_its_cadence_and_keeps_its_speaker_busy() -> None:
    bridge = {"title": "Bridge", "audience": "customers", "role": "speaker", "channel": "phone", "first": "20m"}
    bridge |= {"every": "40m", "preparing": "5m", "lasts": "10m"}
    rig = Rig(org=organised(templates=TEMPLATES, briefings={"bridge": bridge})).alert("web").play(2)
    (declared,) = rig.minutes("incident.declared")
    held = rig.minutes("briefing.held")
    assert held[0] == pytest.approx(declared + 30, abs=0.1)
    assert "Cause found: crash on db" in said(rig, "briefing.held")[0]


def test_a_bridge_that_cannot_be_opened_fails() -> None:
    bridge = {"title": "Bridge", "audience": "customers", "role": "speaker", "channel": "phone", "first": "20m"}
    bridge |= {"every": "40m", "preparing": "5m", "lasts": "10m"}
    org = organised(templates=TEMPLATES, briefings={"bridge": bridge})
    rig = Rig(org=org, dead_channels=("phone",)).alert("web").play(2)
    assert (rig.of("briefing.held"), said(rig, "briefing.failed")[0]) == ([], "phone does not work")


# The status page


def shown(rig: Rig) -> list[tuple[float, str]]:
    """Minutes with the state of the shop on the page."""
    events = [e for e in rig.timeline if e.kind in ("status_page.opened", "status_page.posted")]
    return [(e.at_ms / MINUTE, e.detail.entries[0].state) for e in events]  # type: ignore[attr-defined]


def test_the_page_shows_what_is_known_until_it_is_over() -> None:
    rig = Rig(org=organised(templates=TEMPLATES, status_page=PAGE, lasts=False)).alert("web").play(4)
    assert [state for _, state in shown(rig)] == ["operational", "major outage", "operational"]
    (declared,) = rig.minutes("incident.declared")
    assert declared + 2 <= shown(rig)[1][0] < declared + 10


def test_a_page_that_is_down_cannot_be_changed() -> None:
    org = organised(templates=TEMPLATES, status_page=PAGE, lasts=False)
    rig = Rig(org=org, dead_channels=("page",)).alert("web").play(4)
    assert [state for _, state in shown(rig)] == ["operational"]
    assert detail(rig, "status_page.failed").reason == "status page does not work"


def test_a_service_of_which_something_is_left_is_in_partial_outage() -> None:
    org = organised(templates=TEMPLATES, status_page=PAGE)
    shows = {"function:shop": Observation("down", None, ("web",), level_ratio=0.4), "web": suffers("api")}
    rig = Rig(shows, org).alert("web").play(2)
    assert shown(rig)[1][1] == "partial outage"


def test_without_a_page_nothing_is_shown() -> None:
    assert not Rig(org=organised(templates=TEMPLATES)).alert("web").play(2).kinds("status_page")


# Callouts


def callout(**how: Any) -> dict[str, Any]:
    return {"all": {**STAFF, "target": TARGET, **how}}


def tree(**fields: Any) -> dict[str, Any]:
    nodes = {"a": {"calls": ["b", "c"]}, "b": {"calls": ["d"]}, "c": {}, "d": {"people": 2}}
    return {"begins_with": "a", "nodes": nodes, "ways": [{"channel": "phone"}], "call": "1m", **fields}


def reached(rig: Rig) -> list[tuple[float, float]]:
    """Minutes since the start with how many had been reached."""
    (started,) = rig.minutes("callout.started")
    return [(e.at_ms / MINUTE - started, e.detail.reached) for e in rig.of("callout.reached")]  # type: ignore[attr-defined]


def test_everybody_who_was_reached_calls_those_below() -> None:
    rig = Rig(org=organised(callouts=callout(tree=tree()))).alert("web").play(2)
    assert dict(reached(rig)) == {0: 1, 1: 2, 2: 4, 3: 5}
    assert detail(rig, "callout.assessed").reached == 5


def test_over_a_dead_way_the_next_is_tried() -> None:
    both = tree(ways=[{"channel": "phone"}, {"channel": "mail"}])
    rig = Rig(org=organised(callouts=callout(tree=both)), dead_channels=("phone",)).alert("web").play(2)
    assert detail(rig, "callout.failed").reason == "phone does not work"
    assert [(over.channel, over.people) for over in detail(rig, "callout.assessed").over] == [("mail", 4)]


def test_with_every_way_dead_nobody_hears() -> None:
    rig = Rig(org=organised(callouts=callout(tree=tree())), dead_channels=("phone",)).alert("web").play(2)
    assert detail(rig, "callout.assessed").reached == 1


def test_whoever_is_called_in_vain_is_passed_by() -> None:
    nodes = {"a": {"calls": ["b"]}, "b": {"person": "zoe", "calls": ["c"]}, "c": {}}
    org = organised(callouts=callout(tree=tree(nodes=nodes)))
    org["people"]["zoe"] = person(None)
    assert dict(reached(Rig(org=org).alert("web").play(2))) == {0: 1, 1: 2, 2: 3}
    assert dict(reached(Rig(org=org, out={"zoe": None}).alert("web").play(2))) == {0: 1, 2: 2}


def test_somebody_who_calls_does_nothing_else_meanwhile() -> None:
    nodes = {"a": {"person": "sue", "calls": ["b"]}, "b": {}}
    org = organised(templates=TEMPLATES, callouts=callout(tree=tree(call="40m", nodes=nodes)))
    busy = Rig(org=org).alert("web").play(3)
    org["communication"] |= {"callouts": {}}
    free = Rig(org=org).alert("web").play(3)
    assert dict(reached(busy)) == {0: 1, 40: 2}
    assert busy.minutes("update.sent")[0] > free.minutes("update.sent")[0]


def test_a_mass_notification_tries_one_channel_after_the_other() -> None:
    ways = [{"channel": "mail", "reach": 0.0}, {"channel": "phone", "notices": "2m"}]
    mass = {"people": 4_000, "ways": ways, "one_after_another": "10m"}
    rig = Rig(org=organised(callouts=callout(mass=mass))).alert("web").play(2)
    minutes, people = zip(*reached(rig), strict=True)
    assert (set(minutes), people[-1]) == ({12}, 4_000)


def test_only_those_who_have_not_acknowledged_are_sent_to_again() -> None:
    mass = {"people": 100, "ways": [{"channel": "phone", "answers": 0.5}], "retries": 6, "again_after": "2m"}
    rig = Rig(org=organised(callouts=callout(mass=mass))).alert("web").play(2)
    assert detail(rig, "callout.assessed").reached > 95
    assert max(minute for minute, _ in reached(rig)) <= 12


def test_a_callout_waits_for_whoever_starts_it() -> None:
    org = organised(callouts=callout(tree=tree()))
    org["roles"]["speaker"] = {"title": "Nobody"}
    rig = Rig(org=org).alert("web").play(2)
    assert (detail(rig, "callout.failed").reason, rig.of("callout.started")) == ("nobody holds the role speaker", [])
