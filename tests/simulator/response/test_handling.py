"""One incident from the first page to its closing, on a scripted estate."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.simulator.response.building import (
    Rig,
    broken,
    database_crash,
    facts,
    organisation,
    person,
    playbook,
    suffers,
)
from timeline.commands import Action, Observation
from timeline.events import TRUTH
from timeline.store import encode


def test_an_incident_goes_through_its_states_in_order() -> None:
    rig = Rig().alert("web").play()
    assert rig.kinds("incident") == [
        "incident.opened",
        "incident.assigned",
        "incident.triaged",
        "incident.declared",
        "incident.mitigated",
        "incident.resolved",
        "incident.closed",
    ]


def test_the_trail_is_followed_to_the_cause_and_the_runbook_ends_it() -> None:
    rig = Rig().alert("web").play()
    assert [e.detail.checked for e in rig.of("diagnosis.checked")] == ["web", "api"]  # type: ignore[attr-defined]
    assert [e.detail.finding for e in rig.of("diagnosis.concluded")] == ["crash on db"]  # type: ignore[attr-defined]
    assert [(c.action, c.target.id) for c in rig.estate.commands] == [("restart", "db")]


def test_mitigation_follows_from_the_action_that_brought_it_and_from_the_alert_that_told_of_it() -> None:
    rig = Rig().alert("web").play()
    (mitigated,) = rig.of("incident.mitigated")
    behind = {event.kind for event in rig.timeline.ancestors(mitigated)}
    assert {"command.completed", "diagnosis.concluded", "page.acknowledged", "alert.firing"} <= behind


@pytest.mark.parametrize(
    "org",
    [
        organisation(
            policies={"crew": {"title": "c", "steps": [{"rotations": ["r"], "wait": "5m"}]}}
            | {"managers": {"title": "m", "steps": [{"people": ["max"], "wait": "5m"}]}},
            rotations={"r": {"title": "nobody", "timezone": "Europe/Vienna"}},
        ),
        organisation(people={"ann": person(answer={"missed_day": 1.0}), "max": person(None)}),
    ],
    ids=["nobody on call", "nobody answers"],
)
def test_without_anybody_the_incident_just_stays_open(org: dict[str, Any]) -> None:
    rig = Rig(org=org).alert("web").play()
    assert rig.kinds("incident") == ["incident.opened"]
    assert rig.kinds("page")[-1] == "page.exhausted"


def test_an_alert_to_a_receiver_without_a_policy_reaches_nobody() -> None:
    assert Rig().alert("web", receiver="void").play().kinds("incident", "page") == []


def test_an_exhausted_call_is_made_again_at_the_next_sign_of_trouble() -> None:
    org = organisation(people={"ann": person(answer={"missed_day": 1.0}), "max": person(None)})
    rig = Rig(org=org).alert("web").alert("api", at_ms=3_600_000).play()
    assert rig.minutes("page.exhausted") == [6, 65]


def test_dead_channels_reach_nobody_and_nothing_breaks() -> None:
    rig = Rig(dead_channels=("push",)).alert("web").play()
    assert "page.delivered" not in rig.kinds("page")
    assert rig.kinds("incident") == ["incident.opened"]


def test_trouble_that_is_over_before_anybody_looks_is_closed_without_action() -> None:
    rig = Rig(shows={}).alert("web").resolved("web", at_ms=120_000).play()
    assert rig.kinds("command") == []
    assert rig.kinds("incident")[-1] == "incident.closed"


def test_no_function_down_means_no_major_incident() -> None:
    rig = Rig(shows={"printer": broken("crash")}).alert("printer").play()
    assert "incident.declared" not in rig.kinds("incident")
    assert [c.target.id for c in rig.estate.commands] == ["printer"]


def test_the_manager_who_validates_may_find_that_it_is_over() -> None:
    org = organisation(working=organisation()["working"] | {"validation": "1h"})
    rig = Rig(org=org).alert("web").play()
    chosen = [e.detail.chosen for e in rig.of("decision.made")]  # type: ignore[attr-defined]
    assert chosen == ["do not declare"]
    assert "incident.declared" not in rig.kinds("incident")


def test_a_cause_in_hand_does_not_end_the_search_for_what_it_does_not_explain() -> None:
    shows = {"web": broken("disk-full"), "printer": broken("crash")}
    rig = Rig(shows=shows).alert("web").alert("printer", at_ms=60_001, name="Jam").play()
    found = {e.detail.finding for e in rig.of("diagnosis.concluded")}  # type: ignore[attr-defined]
    assert found == {"disk-full on web", "crash on printer"}


def test_a_second_alert_of_the_team_attaches_and_a_repeated_one_says_nothing_new() -> None:
    rig = Rig().alert("web").alert("api", at_ms=61_000).alert("api", at_ms=62_000).play()
    assert rig.kinds("incident").count("incident.opened") == 1
    assert rig.kinds("incident").count("incident.alert_attached") == 1


def test_users_alone_lead_to_an_incident_when_monitoring_says_nothing() -> None:
    desk = {"team": "crew", "reports_to_open": 3, "handling": "5m"}
    rig = Rig(org=organisation(service_desk=desk)).reports(1).reports(2, at_ms=120_000).play()
    assert rig.minutes("incident.opened") == [7]
    assert rig.of("incident.opened")[0].detail.source == "user-report"  # type: ignore[attr-defined]
    assert rig.kinds("incident")[-1] == "incident.closed"


def test_reports_about_a_known_incident_open_no_second_one() -> None:
    desk = {"team": "crew", "reports_to_open": 1, "handling": "5m"}
    rig = Rig(org=organisation(service_desk=desk)).alert("web").reports(9, at_ms=90_000).play()
    assert rig.kinds("incident").count("incident.opened") == 1


def two_teams(**sections: Any) -> dict[str, Any]:
    """Bob's crew gets the alerts of the printer; otherwise as usual."""
    org = organisation()
    people = org["people"] | {"bob": person("printers")}
    policies = org["policies"] | {"printers": {"title": "p", "steps": [{"people": ["bob"], "wait": "5m"}]}}
    teams = org["teams"] | {"printers": {"title": "Printers", "policy": "printers"}}
    receivers = org["receivers"] | {"printer-pager": "printers"}
    return {**org, "people": people, "policies": policies, "teams": teams, "receivers": receivers, **sections}


def test_what_belongs_to_a_major_incident_is_merged_and_its_people_join_the_bridge() -> None:
    rig = Rig(org=two_teams()).alert("web").alert("db", at_ms=61_000, receiver="printer-pager").play()
    (merged,) = rig.of("incident.merged")
    assert (merged.subject.id, merged.detail.parent) == ("printers-1", "crew-1")  # type: ignore[attr-defined]
    assert "bob" in {e.detail.person for e in rig.of("bridge.joined")}  # type: ignore[attr-defined]


def test_an_independent_fault_is_not_swallowed_by_a_major_incident() -> None:
    shows = database_crash() | {"printer": broken("crash")}
    rig = Rig(shows=shows, org=two_teams()).alert("web").alert("printer", at_ms=61_000, receiver="printer-pager")
    assert rig.play().of("incident.merged") == []


def test_a_repair_waits_for_the_third_party_and_does_not_hold_up_the_rest() -> None:
    shows = {"printer": broken("disk-full")}
    org = organisation(external=[{"vendor": "smith", "channel": "push"}])
    rig = Rig(shows=shows, org=org, documentation=facts(vendors_of={"printer": "smith"})).alert("printer").play()
    (there,) = [e for e in rig.of("page.acknowledged") if str(e.subject) == "vendor:smith"]
    (submitted,) = rig.of("command.submitted")
    assert submitted.causes == (there.seq,)
    assert submitted.at_ms == there.at_ms


def test_a_third_party_without_a_contact_cannot_be_called() -> None:
    shows = {"printer": broken("disk-full")}
    rig = Rig(shows=shows, documentation=facts(vendors_of={"printer": "smith"})).alert("printer").play(2)
    assert rig.estate.commands == []
    assert "page.failed" in rig.kinds("page")


def test_an_inject_before_any_incident_is_known_to_the_first() -> None:
    plan = playbook(answer={"when": {"seen": {"kind": "inject.delivered"}}})
    rig = Rig(plan=plan).inject("incident-manager", at_ms=1000).alert("web").play()
    assert len(rig.of("task.completed")) == 1


def test_nobody_is_told_the_truth() -> None:
    rig = Rig(plan=playbook(look={})).alert("web").reports(3).inject("incident-manager", at_ms=5000).play()
    known = [event for case in rig.response._cases for event in case.knowledge.events_seen()]
    assert known
    assert not [event for event in known if event.family in TRUTH]


def test_the_same_seed_gives_the_same_bytes_and_another_one_other_times() -> None:
    def run(seed: int) -> list[str]:
        org = organisation(working=dict.fromkeys(organisation()["working"], "lognormal(median=5m, p90=15m)"))
        return [encode(event) for event in Rig(org=org, seed=seed).alert("web").play().timeline]

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_somebody_whom_checks_tell_nothing_lets_a_specialist_on_the_bridge_look() -> None:
    org = two_teams(roles={"incident-manager": {"title": "m", "policy": "printers"}})
    org["people"]["ann"]["skills"] = {"*": 0.0}
    rig = Rig(org=org).alert("web").play()
    checkers = {e.detail.person for e in rig.of("diagnosis.concluded")}  # type: ignore[attr-defined]
    assert checkers == {"bob"}


def test_what_fails_again_while_it_is_being_verified_is_not_put_on_record_as_mitigated() -> None:
    rig = Rig(org=organisation(authority=[], working=organisation()["working"] | {"verification": "20m"})).alert("web")
    bad = dict(rig.estate.shows)
    rig.kernel.call_at(30 * 60_000, rig.estate.shows.clear)
    rig.kernel.call_at(45 * 60_000, lambda: rig.estate.shows.update(bad))
    assert "incident.mitigated" not in rig.play(3).kinds("incident")


def test_a_relapse_takes_the_incident_back_to_work() -> None:
    rig = Rig(shows=database_crash() | {"printer": broken("crash")}, org=organisation(authority=[]))
    rig.alert("web").alert("printer", at_ms=61_000)
    bad = dict(rig.estate.shows)
    rig.kernel.call_at(30 * 60_000, lambda: [rig.estate.shows.pop(node) for node in database_crash()])
    rig.kernel.call_at(90 * 60_000, lambda: rig.estate.shows.update(bad))
    states = [e.detail.state for e in rig.play(3).timeline if e.family == "incident"]  # type: ignore[attr-defined]
    assert states[-2:] == ["mitigated", "triaged"]


def test_what_was_merged_ends_with_the_major_incident() -> None:
    rig = Rig(org=two_teams()).alert("web").alert("db", at_ms=61_000, receiver="printer-pager").play()
    assert [e.subject.id for e in rig.of("incident.closed")] == ["crew-1", "printers-1"]


def test_an_early_inject_is_news_to_one_incident_only() -> None:
    shows = {"web": broken("crash"), "printer": broken("crash")}
    rig = Rig(shows=shows, org=two_teams()).inject("incident-manager", at_ms=1000)
    rig.alert("web").alert("printer", at_ms=61_000, receiver="printer-pager").play()
    told = [any(e.kind == "inject.delivered" for e in case.knowledge.events_seen()) for case in rig.response._cases]
    assert told == [True, False]


def with_timeout(timeout: str | None, skill: float = 0.0, **answer: str) -> dict[str, Any]:
    """Ann and Bea are paged together and, without skill, find nothing.  By default Ann answers first, always."""
    return organisation(
        people={
            "ann": person(skill=skill, answer=answer),
            "bea": person(skill=skill, answer={"day": "4m"}),
            "max": person(None, skill=skill),
        },
        policies={
            "crew": {
                "title": "c",
                "steps": [{"people": ["ann", "bea"], "wait": "10m"}],
                "acknowledge_timeout": timeout,
            },
            "managers": {"title": "m", "steps": [{"people": ["max"], "wait": "5m"}]},
        },
    )


def called_anew(rig: Rig) -> list[tuple[str, float]]:
    """Who acknowledged an escalation after a timeout, and when in minutes."""
    events = [(e.detail, e.at_ms) for e in rig.of("page.acknowledged")]
    return [(d.person, at / 60_000) for d, at in events if d.purpose.startswith("acknowledgement-timeout")]  # type: ignore[attr-defined]


def test_a_case_that_is_not_mitigated_is_escalated_anew_each_time_its_acknowledgement_times_out() -> None:
    rig = Rig(org=with_timeout("20m")).alert("web").play(1.2)
    acknowledged = [e.at_ms for e in rig.of("page.acknowledged") if e.detail.policy == "crew"]  # type: ignore[attr-defined]
    called = {e.detail.purpose: e.at_ms for e in reversed(rig.of("page.sent")) if e.detail.policy == "crew"}  # type: ignore[attr-defined]
    assert [who for who, _ in called_anew(rig)] == ["ann", "ann", "ann"]
    assert [called[f"acknowledgement-timeout-{lap}"] for lap in (1, 2, 3)] == [
        at_ms + 20 * 60_000 for at_ms in acknowledged[:3]
    ]
    assert not rig.of("incident.reassigned"), "the same person answered: nothing changes hands"


def test_whoever_answers_the_new_escalation_has_the_case() -> None:
    rigs = [Rig(org=with_timeout("20m", day="uniform(1m, 9m)"), seed=seed).alert("web").play(0.6) for seed in range(12)]
    changed = [rig for rig in rigs if rig.of("incident.reassigned")]
    assert 0 < len(changed) < len(rigs)
    for rig in changed:
        first, anew = rig.of("page.acknowledged")[0].detail, called_anew(rig)
        assert any(who != first.person for who, _ in anew)  # type: ignore[attr-defined]


def test_without_such_a_time_nobody_is_paged_again() -> None:
    assert called_anew(Rig(org=with_timeout(None)).alert("web").play(2)) == []


def test_a_case_that_is_mitigated_in_time_is_not_escalated_again() -> None:
    rig = Rig(org=with_timeout("1h", skill=1.0)).alert("web").play()
    assert rig.of("incident.resolved")
    assert called_anew(rig) == []


TOO_MUCH = Observation("down", None, (), utilisation=1.5)
OVERLOADED = {"function:shop": suffers("web"), "web": suffers("api"), "api": TOO_MUCH}
LOAD = organisation(authority=[{"action": action, "teams": ["crew"]} for action in ("shed-load", "scale-out")])


@pytest.mark.parametrize(
    ("possible", "expected"),
    [
        ({"api": {Action.SHED_LOAD, Action.SCALE_OUT}, "web": {Action.SHED_LOAD}}, ("shed-load", "api")),
        ({"web": {Action.SHED_LOAD}, "api": {Action.SCALE_OUT}}, ("shed-load", "web")),
        ({"api": {Action.SCALE_OUT}, "db": {Action.SHED_LOAD}}, ("scale-out", "api")),
        ({"db": {Action.SHED_LOAD}}, None),
    ],
    ids=["where it is", "above it", "more of it", "nothing below it helps"],
)
def test_overload_is_met_by_shedding_or_by_adding_capacity(
    possible: dict[str, set[Action]], expected: tuple[str, str] | None
) -> None:
    documented = replace(facts(), possible={node: frozenset(actions) for node, actions in possible.items()})
    rig = Rig(shows=OVERLOADED, org=LOAD, documentation=documented).alert("web").play(1)
    assert rig.of("diagnosis.concluded")[0].detail.finding == "overload on api"  # type: ignore[attr-defined]
    assert next(((c.action, c.target.id) for c in rig.estate.commands), None) == expected


def test_load_that_the_playbook_sheds_is_not_shed_twice() -> None:
    shed = {"takes": "20m", "does": {"action": "shed-load", "target": "api"}}
    org = organisation(authority=[{"action": "shed-load", "teams": ["crew"], "roles": ["incident-manager"]}])
    rig = Rig(shows=OVERLOADED, org=org, plan=playbook(shed=shed)).alert("web").play(2)
    assert [c.action for c in rig.estate.commands] == ["shed-load"]
    assert rig.of("task.completed")
