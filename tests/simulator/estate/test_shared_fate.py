"""Partitions, shared things, order of starting, spreading: trouble that travels otherwise than over dependencies."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.estate.building import FLAT_DAY, Rig, hard, service
from timeline.commands import Action, Command, Outcome, Verdict
from timeline.details import FaultDetail
from timeline.instants import MINUTE
from timeline.references import SCENARIO, component
from topologies.signals import Signal

SITES = {
    id: {"title": id, "kind": "datacentre", "timezone": "Europe/Zurich", "repair": "5m"} for id in ("north", "south")
}
BOOT = {"type": "bootstrap"}


def order(rig: Rig, action: Action, target: str, minute: int) -> list[Outcome]:
    outcomes: list[Outcome] = []

    def give() -> None:
        done = rig.estate.submit(Command(action, component(target), SCENARIO, 0, occasion=f"{action}-{minute}"))
        assert done.callbacks is not None
        done.callbacks.append(lambda event: outcomes.append(event.value))

    rig.kernel.call_at(minute * MINUTE, give)
    return outcomes


# Partitions


def two_sites() -> dict[str, Any]:
    """Each side calls the other, itself, and a pair with a member on each side."""
    calls = {
        "north-calls-south": ("north", "south-db"),
        "south-calls-north": ("south", "north-db"),
        "north-calls-north": ("north", "north-db"),
        "north-calls-pair": ("north", "pair"),
        "south-calls-pair": ("south", "pair"),
        "elsewhere": (None, "north-db"),
    }
    components = {
        id: service(depends_on={callee: hard()}, **({"site": site} if site else {}))
        for id, (site, callee) in calls.items()
    }
    stores = {f"{site}-db": service(kind="database", site=site) for site in SITES}
    pair = {
        "title": "pair",
        "primary": "north-db",
        "standby": "south-db",
        "fail_over": {"mode": "manual", "takes": "1m"},
    }
    return {"sites": SITES, "components": {**components, **stores}, "standby_pairs": {"pair": pair}}


CUT = {"fault": "partition", "target": "north", "at": "1m"}


@pytest.mark.parametrize(
    ("parameters", "hurt"),
    [
        ({"peers": ["south"]}, {"north-calls-south", "south-calls-north", "south-calls-pair"}),
        ({"peers": ["south"], "one_way": True}, {"north-calls-south"}),
        ({"peers": ["south-calls-pair"]}, {"south-calls-pair"}),
        ({}, {"north-calls-south", "south-calls-north", "south-calls-pair", "elsewhere", "pair"}),
    ],
)
def test_a_partition_cuts_the_calls_between_its_sides_and_no_others(parameters: dict[str, Any], hurt: set[str]) -> None:
    rig = Rig(hours=0.5, **two_sites()).play(cut={**CUT, "parameters": parameters})
    assert {id for id, node in rig.estate.compiled.nodes.items() if node.level == 0} == hurt
    assert {node.level for id, node in rig.estate.compiled.nodes.items() if id not in hurt} == {1.0}


def test_calls_that_do_not_arrive_are_no_load() -> None:
    rig = Rig(
        hours=0.5,
        components={"web": service(depends_on={"db": hard(retries=2)}), "db": service(capacity_rps=500)},
        functions={
            "f": {
                "title": "f",
                "supported_by": {"web": hard()},
                "demand": {"entry": "web", "peak_rps": 100, "by_hour": FLAT_DAY},
            }
        },
    )
    rig.play(cut={"fault": "partition", "target": "db", "at": "1m", "parameters": {"peers": ["web"]}})
    assert rig.estate.compiled["db"].load_rps == 0


def test_who_looks_at_a_caller_is_led_to_the_partition() -> None:
    rig = Rig(hours=0.5, **two_sites()).play(cut={**CUT, "parameters": {"peers": ["south"]}})
    look = rig.estate.submit(Command(Action.INSPECT, component("south-calls-pair"), SCENARIO, 0))
    assert look.value.observation.suffers_from == ("pair", "north")


def test_a_member_that_is_cut_off_from_everybody_is_failed_over_from() -> None:
    sections = two_sites()
    sections["standby_pairs"]["pair"]["fail_over"] = {"mode": "automatic", "detection": "30s", "takes": "1m"}
    rig = Rig(hours=0.5, **sections).play(cut=CUT)
    assert rig.history("component:south-calls-pair") == [(60, "down"), (150, "up")]


# Shared things


def test_a_rack_takes_its_replicas_with_it() -> None:
    rig = Rig(
        hours=0.5,
        components={"web": service(replicas={"count": 3, "needed": 3}), "db": service(), "other": service()},
        shared_fate={"rack": {"title": "r", "kind": "rack", "members": {"web": {"replicas": 1}, "db": {}}}},
    ).play(f={"fault": "rack-loss", "target": "rack", "at": "1m"})
    assert [round(rig.level(id), 3) for id in ("web", "db", "other")] == [0.667, 0.0, 1.0]
    assert [rig.board.value("web", n, Signal.HOST_UP, 2 * MINUTE) for n in range(3)] == [0.0, None, None]


def shared(kind: str, **fields: Any) -> dict[str, Any]:
    parts = {id: service(recovery={"repair": "5m", "restart": "1m"}) for id in ("a", "b")}
    thing = {"title": "t", "kind": kind, "members": {"a": {}, "b": {}}, **fields}
    return {"components": {**parts, "source": service()}, "shared_fate": {"thing": thing}}


@pytest.mark.parametrize(
    ("kind", "fault", "b"), [("certificate", "certificate-expiry", 0.0), ("rack", "rack-loss", 1.0)]
)
def test_copies_are_mended_one_by_one_and_one_thing_once_for_all(kind: str, fault: str, b: float) -> None:
    rig = Rig(hours=0.5, **shared(kind))
    order(rig, Action.REPAIR, "a", 10)
    rig.play(f={"fault": fault, "target": "thing", "at": "1m"})
    assert (rig.level("a"), rig.level("b")) == (1.0, b)
    assert len(rig.timeline.of_kind("fault.ended")) == (b == 1.0)


def test_cached_answers_live_on_for_their_time() -> None:
    rig = Rig(hours=1, **shared("dns", carried_by="source", after="7m", loss=0.8))
    rig.play(f={"fault": "crash", "target": "source", "at": "10m", "duration": "20m"})
    assert rig.history("component:a") == [(1020, "down"), (1800, "up")]
    assert rig.timeline.of_kind("signal.health_changed")[1].detail.level_ratio == pytest.approx(0.2)  # type: ignore[attr-defined]


def test_a_fault_of_the_shared_thing_itself_is_felt_after_that_time_too() -> None:
    failing = {"fault": "dns-failure", "target": "thing", "at": "10m"}
    long, short = (Rig(hours=1, **shared("dns", after="7m")) for _ in range(2))
    assert long.play(f={**failing, "duration": "20m"}).history("component:b") == [(1020, "down"), (1800, "up")]
    assert short.play(f={**failing, "duration": "5m"}).history("component:b") == []


def test_all_that_a_vendor_runs_is_lost_with_it() -> None:
    rig = Rig(
        hours=0.5,
        vendors={"v": {"title": "v", "provides": "x", "response": "1h"}},
        sites={"region": {"title": "r", "kind": "cloud-region", "timezone": "UTC", "vendor": "v"}},
        components={"saas": service(vendor="v"), "app": service(site="region"), "own": service()},
    ).play(f={"fault": "vendor-outage", "target": "v", "at": "1m"})
    assert [rig.level(id) for id in ("saas", "app", "own")] == [0.0, 0.0, 1.0]


def test_a_certificate_expires_on_its_date_in_every_member_and_is_seen_coming() -> None:
    rig = Rig(hours=2, **shared("certificate", expires="2026-03-10T10:30:00+01:00")).play()
    assert rig.history("component:a") == rig.history("component:b") == [(1800, "down")]
    left = [rig.board.value("b", 0, Signal.CERTIFICATE_LEFT_S, m * MINUTE) for m in (0, 20, 40)]
    assert left == [1800.0, 600.0, -600.0]
    (started,) = rig.timeline.of_kind("fault.started")
    assert started.rests_on == ("estate.shared_fate.thing.expires",)


def test_a_certificate_that_outlives_the_run_harms_nobody() -> None:
    rig = Rig(hours=2, **shared("certificate", expires="2026-04-10T10:30:00+01:00")).play()
    assert rig.timeline.of_kind("fault.started") == []


# Order of starting


def test_what_is_needed_to_start_is_not_needed_to_run() -> None:
    rig = Rig(components={"vault": service(), "app": service(depends_on={"vault": BOOT})})
    rig.play(f={"fault": "crash", "target": "vault", "at": "10m", "duration": "20m"})
    assert rig.history("component:app") == []


def test_a_start_waits_for_what_it_needs_and_then_takes_its_time() -> None:
    app = service(depends_on={"vault": BOOT}, recovery={"restart": "2m", "start-up": "3m"})
    rig = Rig(components={"vault": service(), "app": app})
    order(rig, Action.RESTART, "app", 15)
    rig.play(
        vault={"fault": "crash", "target": "vault", "at": "10m", "duration": "20m"},
        app={"fault": "crash", "target": "app", "at": "12m"},
    )
    assert rig.history("component:app") == [(720, "down"), (1800 + 180, "up")]


def test_who_restarts_what_cannot_start_has_stopped_it() -> None:
    rig = Rig(components={"vault": service(), "app": service(depends_on={"vault": BOOT}, recovery={"restart": "2m"})})
    order(rig, Action.RESTART, "app", 15)
    rig.play(f={"fault": "crash", "target": "vault", "at": "10m", "duration": "20m"})
    assert rig.history("component:app") == [(17 * 60, "down"), (1800, "up")]


def circle(**recovery: Any) -> Rig:
    """A directory and the names that it is found by, each of which needs the other to start."""
    return Rig(
        sites={"north": SITES["north"]},
        components={
            "directory": service(site="north", depends_on={"names": BOOT}, recovery={"restart": "1m", **recovery}),
            "names": service(site="north", depends_on={"directory": BOOT}, recovery={"restart": "1m"}),
        },
    )


DARK = {"fault": "site-loss", "target": "north", "at": "10m", "duration": "20m"}


def test_a_cold_start_of_things_that_need_each_other_to_start_never_ends() -> None:
    rig = circle()
    order(rig, Action.RESTART, "directory", 40)
    rig.play(f=DARK)
    assert rig.history("component:directory") == rig.history("component:names") == [(600, "down")]
    look = rig.estate.submit(Command(Action.INSPECT, component("directory"), SCENARIO, 0))
    assert "names" in look.value.observation.suffers_from


def test_a_start_by_hand_breaks_the_circle() -> None:
    rig = circle(**{"cold-start": "30m"})
    order(rig, Action.COLD_START, "directory", 40)
    rig.play(f=DARK)
    assert rig.history("component:directory") == rig.history("component:names") == [(600, "down"), (70 * 60, "up")]


def test_an_action_fails_without_the_tools_that_it_needs() -> None:
    app = service(recovery={"restart": "2m", "needs": ["console"]})
    rig = Rig(components={"console": service(), "app": app})
    outcomes = order(rig, Action.RESTART, "app", 15)
    rig.play(
        a={"fault": "crash", "target": "console", "at": "10m"},
        b={"fault": "crash", "target": "app", "at": "12m"},
    )
    assert [(o.verdict, o.reason) for o in outcomes] == [
        (Verdict.FAILED, "console, which is needed for that, is not serving")
    ]


# Spreading


def spreading(**faults: dict[str, Any]) -> Rig:
    """Two credentials that meet in b: a, b hold the one; b, c, d the other; e none."""
    members = {"one": ["a", "b"], "two": ["b", "c", "d"]}
    rig = Rig(
        hours=2,
        sites=SITES,
        components={id: service(site="south" if id == "d" else "north") for id in "abcde"},
        shared_fate={
            id: {"title": id, "kind": "credential", "members": {m: {} for m in held}} for id, held in members.items()
        },
    )
    malware = {"fault": "ransomware", "target": "a", "at": "10m", "parameters": {"hop": "10m"}}
    return rig.play(malware=malware, **faults)


def victims(rig: Rig) -> dict[str, int]:
    """Minute at which each was reached."""
    spread = rig.timeline.of_kind("fault.spread")
    return {e.detail.target: e.at_ms // MINUTE for e in spread if isinstance(e.detail, FaultDetail)}


def test_malware_goes_on_to_what_shares_a_credential_hop_by_hop() -> None:
    rig = spreading()
    assert victims(rig) == {"b": 20, "c": 30, "d": 30}
    assert [rig.level(id) for id in "abcde"] == [0.0, 0.0, 0.0, 0.0, 1.0]
    first, *_ = rig.timeline.of_kind("fault.started")
    assert all(first in rig.timeline.ancestors(event) for event in rig.timeline.of_kind("fault.spread"))


@pytest.mark.parametrize(
    ("stopped_by", "reached"),
    [
        ({"fault": "credential-revoked", "target": "two", "at": "25m"}, {"b"}),
        ({"fault": "partition", "target": "south", "at": "25m"}, {"b", "c"}),
        ({"fault": "site-loss", "target": "south", "at": "25m", "duration": "30m"}, {"b", "c"}),
        ({"fault": "partition", "target": "a", "at": "12m", "parameters": {"peers": ["b"]}}, set()),
    ],
)
def test_it_stops_at_what_it_cannot_reach(stopped_by: dict[str, Any], reached: set[str]) -> None:
    assert set(victims(spreading(stop=stopped_by))) == reached


def test_people_are_away_and_no_system_is_hurt() -> None:
    office = {"title": "office", "kind": "workplace", "timezone": "UTC"}
    rig = Rig(hours=2, sites={"office": office}, components={"web": service()})
    absent = {"fault": "staff-absence", "at": "5m", "duration": "30m"}
    rig.estate.kernel.call_at(20 * MINUTE, lambda: seen.extend(rig.estate.faults.of_people()))
    seen: list[Any] = []
    rig.play(
        flu={**absent, "target": "office", "parameters": {"share": 0.4, "teams": ["shop"]}},
        team={**absent, "target": "shop", "parameters": {"share": 0.5}},
        denied={"fault": "workplace-denied", "target": "office", "at": "6m", "duration": "1h"},
    )
    told = {e.subject.id: (e.detail.target, e.detail.absent_ratio, e.detail.teams) for e in starts(rig)}
    assert told == {"flu": ("office", 0.4, ("shop",)), "team": ("shop", 0.5, ()), "denied": ("office", 1.0, ())}
    assert {fault.id for fault in seen} == set(told)
    assert rig.timeline.of_kind("signal.health_changed") == []
    assert len(rig.timeline.of_kind("fault.ended")) == 3


def starts(rig: Rig) -> list[Any]:
    return list(rig.timeline.of_kind("fault.started"))
