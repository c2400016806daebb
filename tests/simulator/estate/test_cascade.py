"""How trouble travels over dependencies, and back."""

import pytest

from tests.simulator.estate.building import Rig, hard, service

CRASH = {"fault": "crash", "at": "10m", "duration": "20m"}


def test_a_hard_dependency_takes_its_dependents_with_it_and_gives_them_back() -> None:
    rig = Rig(components={"db": service(), "api": service(depends_on={"db": hard()})})
    rig.play(f={**CRASH, "target": "db"})
    assert rig.history("component:api") == [(600, "down"), (1800, "up")]


def test_a_soft_dependency_costs_the_stated_share() -> None:
    soft = {"type": "soft", "degradation": 0.3}
    rig = Rig(components={"hints": service(), "api": service(depends_on={"hints": soft})}, hours=0.25)
    rig.play(f={**CRASH, "target": "hints"})
    assert rig.level("api") == pytest.approx(0.7)


def test_an_asynchronous_dependency_costs_nothing_but_a_backlog() -> None:
    rig = Rig(
        hours=0.5,
        components={"worker": service(), "api": service(depends_on={"worker": {"type": "asynchronous"}})},
        functions={"f": {"title": "f", "supported_by": {"api": hard()}, "demand": demand("api", 10)}},
    )
    rig.play(f={**CRASH, "target": "worker", "duration": "1h"})
    assert rig.level("api") == 1.0
    waiting = rig.board.value("api", 0, "queue_depth", 20 * 60_000)  # type: ignore[arg-type]
    assert waiting == pytest.approx(10 * 600, rel=0.01)


def demand(entry: str, rps: float) -> dict[str, object]:
    return {"entry": entry, "peak_rps": rps, "by_hour": [1.0] * 24}


def test_a_loss_with_a_delay_is_felt_only_after_it_and_not_at_all_when_it_was_shorter() -> None:
    sections = {"components": {"feed": service(), "room": service(depends_on={"feed": hard(after="4m")})}}
    long = Rig(**sections).play(f={**CRASH, "target": "feed"})
    short = Rig(**sections).play(f={**CRASH, "target": "feed", "duration": "3m"})
    assert long.history("component:room") == [(600 + 240, "down"), (1800, "up")]
    assert short.history("component:room") == []


def test_a_second_loss_is_not_felt_at_the_delay_of_the_first() -> None:
    rig = Rig(components={"feed": service(), "room": service(depends_on={"feed": hard(after="4m")})})
    rig.play(
        a={**CRASH, "target": "feed", "duration": "3m"},
        b={**CRASH, "target": "feed", "at": "13m30s", "duration": "10m"},
    )
    assert rig.history("component:room") == [(13 * 60 + 30 + 240, "down"), (23 * 60 + 30, "up")]


@pytest.mark.parametrize(("lost", "level"), [(0, 1.0), (1, 1.0), (2, 0.0), (3, 0.0)])
def test_a_group_serves_while_enough_members_do(lost: int, level: float) -> None:
    members = ["m0", "m1", "m2"]
    rig = Rig(
        hours=0.25,
        components={id: service() for id in members},
        groups={"g": {"title": "g", "members": members, "needed": 2}},
    )
    rig.play(**{f"f{i}": {**CRASH, "target": members[i]} for i in range(lost)})
    assert rig.level("g") == level


@pytest.mark.parametrize(("lost", "level"), [(1, 1.0), (2, 0.5), (3, 0.0)])
def test_replicas_below_the_needed_number_carry_only_their_share(lost: int, level: float) -> None:
    rig = Rig(hours=0.25, components={"web": service(replicas={"count": 3, "needed": 2})})
    rig.play(f={**CRASH, "target": "web", "parameters": {"replicas": lost}})
    assert rig.level("web") == level


def test_a_site_takes_with_it_what_stands_there_and_each_starts_up_in_its_own_time() -> None:
    site = {"title": "dc", "kind": "datacentre", "timezone": "Europe/Zurich"}
    rig = Rig(
        sites={"dc": site},
        components={
            "db": service(site="dc", recovery={"start-up": "5m"}),
            "web": service(site="dc", recovery={"start-up": "2m"}, depends_on={"db": hard()}),
            "away": service(),
        },
    )
    rig.play(f={"fault": "site-loss", "target": "dc", "at": "10m", "duration": "20m"})
    assert rig.history("component:db") == [(600, "down"), (1800 + 300, "up")]
    assert rig.history("component:web")[-1] == (1800 + 300, "up")
    assert rig.history("component:away") == []


def test_power_that_feeds_a_site_is_not_taken_down_by_that_site() -> None:
    site = {"title": "dc", "kind": "datacentre", "timezone": "Europe/Zurich", "depends_on": {"feed": hard()}}
    rig = Rig(sites={"dc": site}, components={"feed": {"title": "feed", "kind": "power", "site": "dc"}})
    rig.play(f={"fault": "power-loss", "target": "feed", "at": "10m", "duration": "20m"})
    assert rig.history("site:dc") == [(600, "down"), (1800, "up")]


def test_everything_that_happens_traces_back_to_its_fault() -> None:
    rig = Rig(
        components={
            "db": service(),
            "api": service(depends_on={"db": hard()}),
            "ui": service(depends_on={"api": hard()}),
        }
    )
    rig.play(f={**CRASH, "target": "db"})
    (started,) = rig.timeline.of_kind("fault.started")
    for event in rig.timeline:
        assert event is started or started in rig.timeline.ancestors(event)


def test_a_cycle_of_dependencies_recovers_with_its_cause() -> None:
    rig = Rig(
        components={"a": service(depends_on={"b": hard(calls=0.5)}), "b": service(depends_on={"a": hard(calls=0.5)})}
    )
    rig.play(f={**CRASH, "target": "a"})
    assert rig.history("component:b")[0] == (600, "degraded")
    assert rig.level("a") == pytest.approx(1.0, abs=0.01)
