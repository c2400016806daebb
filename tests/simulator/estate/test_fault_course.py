"""Onset, intermittency and scope: the same for every kind of fault, and nothing is left when it is over."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenarios.faults import FAULTS, Effect
from scenarios.faults.strength import Onset, at_strength
from tests.simulator.estate.building import FLAT_DAY, Rig, hard, service
from timeline.commands import Action, Command
from timeline.details import FaultDetail
from timeline.instants import MINUTE
from timeline.references import SCENARIO, component
from timeline.store import encode
from topologies.signals import USUAL, Signal

DEMAND = {"entry": "web", "peak_rps": 100, "by_hour": FLAT_DAY}
SITES = {
    id: {"title": id, "kind": kind, "timezone": "Europe/Zurich", "repair": "5m"}
    for id, kind in (("north", "datacentre"), ("south", "datacentre"), ("cloud", "cloud-region"))
}


def shop() -> dict[str, Any]:
    """A web front in the cloud over two engines (a pair over two sites) and a group."""
    engine = {"capacity_rps": 400, "latency_ms": 10, "recovery": {"restart": "2m", "repair": "5m"}}
    return {
        "sites": SITES,
        "vendors": {"v": {"title": "v", "provides": "lines", "response": "1h"}},
        "components": {
            "web": service(
                site="cloud",
                replicas={"count": 4, "needed": 2},
                capacity_rps=300,
                latency_ms=50,
                depends_on={"engine": hard(retries=1), "caches": hard(calls=0.5), "work": {"type": "asynchronous"}},
            ),
            "engine-n": service(site="north", depends_on={"ledger": hard()}, **engine),
            "engine-s": service(site="south", depends_on={"ledger": hard()}, **engine),
            "ledger": service(kind="database", site="north", capacity_rps=900),
            "cache-1": service(kind="cache", site="cloud"),
            "cache-2": service(kind="cache", site="cloud"),
            "cache-3": service(kind="cache", site="south", vendor="v"),
            "work": service(site="south", capacity_rps=150),
        },
        "standby_pairs": {
            "engine": {
                "title": "engine",
                "primary": "engine-n",
                "standby": "engine-s",
                "fail_over": {"mode": "manual", "takes": "5m"},
            }
        },
        "groups": {"caches": {"title": "caches", "members": ["cache-1", "cache-2", "cache-3"], "needed": 2}},
        "shared_fate": {
            "account": {"title": "a", "kind": "credential", "members": {"engine-n": {}, "engine-s": {}, "work": {}}},
            "rack": {"title": "r", "kind": "rack", "members": {"web": {"replicas": 3}, "cache-1": {}}},
            "names": {"title": "n", "kind": "dns", "carried_by": "ledger", "after": "4m", "members": {"web": {}}},
            "segment": {"title": "s", "kind": "network", "members": {"cache-2": {}, "cache-3": {}}},
        },
        "functions": {"f": {"title": "f", "supported_by": {"web": hard()}, "demand": DEMAND}},
    }


THINGS = {
    "web": ["crash", "hang", "slow", "bad-deploy", "partition", "packet-loss", "cpu-starvation", "ransomware"],
    "engine-n": ["crash", "partition", "memory-leak", "quota-exhausted", "credential-revoked", "ransomware"],
    "ledger": ["disk-full", "read-only", "clock-skew", "partition"],
    "cache-3": ["vendor-outage", "cache-eviction"],
    "north": ["site-loss", "overheating", "flood", "partition"],
    "cloud": ["region-loss", "flood"],
    "account": ["credential-revoked"],
    "rack": ["rack-loss"],
    "names": ["dns-failure"],
    "segment": ["network-outage", "packet-loss", "partition"],
    "v": ["vendor-outage"],
}


@st.composite
def faults(draw: st.DrawFn) -> dict[str, Any]:
    target = draw(st.sampled_from(sorted(THINGS)))
    kind = FAULTS[draw(st.sampled_from(THINGS[target]))]
    made: dict[str, Any] = {"fault": kind.id, "target": target, "at": f"{draw(st.integers(1, 40))}m"}
    parameters = dict(kind.typical)
    if kind.has_scope:
        parameters |= draw(
            st.fixed_dictionaries(
                {},
                optional={
                    "replicas": st.integers(1, 5),
                    "traffic": st.sampled_from([0.1, 0.5, 1.0]),
                    "callers": st.lists(st.sampled_from(["web", "south", "engine-n"]), max_size=2, unique=True),
                },
            )
        )
    if kind.id == "partition":
        parameters |= {
            "peers": draw(st.lists(st.sampled_from(["web", "south", "cloud"]), max_size=2, unique=True)),
            "one_way": draw(st.booleans()),
        }
    if draw(st.booleans()):
        made["onset"] = {"over": f"{draw(st.integers(1, 30))}m", "steps": draw(st.integers(2, 6))}
    if draw(st.booleans()):
        made["intermittent"] = {"bad": "exponential(mean=4m)", "good": "uniform(1m, 9m)"}
    return {**made, "duration": f"{draw(st.integers(1, 60))}m", "parameters": parameters}


def state(rig: Rig) -> dict[str, float]:
    """Level, load and slowness of every node, what every edge feels and carries, and every signal that was moved."""
    found: dict[str, float] = {}
    for id, node in rig.estate.compiled.nodes.items():
        found |= {f"{id} level": node.level, f"{id} load": node.load_rps, f"{id} slowness": node.slowness}
        for edge in node.needs:
            way = f"{id} -> {edge.dependency.id}"
            found |= {f"{way} seen": edge.seen, f"{way} calls": edge.calls_factor, f"{way} reach": edge.reach}
            found |= {f"{way} slowness": edge.slowness, f"{way} late": edge.late}
    for id, spec in rig.estate.model.components.items():
        for replica in range(spec.replicas.count):
            for signal in Signal:
                value = rig.board.value(id, replica, signal, rig.kernel.now())
                found[f"{id}/{replica} {signal}"] = USUAL[signal] if value is None else value
    return found


@settings(max_examples=60)
@given(st.lists(faults(), min_size=1, max_size=3), st.randoms())
def test_whatever_came_and_went_leaves_the_estate_as_it_was(several: list[dict[str, Any]], random: Any) -> None:
    """Within the tolerance at which a settling stops (1e-4)."""
    before = state(Rig(hours=5, **shop()))
    named = list({f"fault-{n}": spec for n, spec in enumerate(several)}.items())
    rig = Rig(hours=5, **shop()).play(**dict(named))
    assert len(rig.timeline.of_kind("fault.ended")) == len(named)
    assert list(rig.estate.faults) == []
    assert state(rig) == {what: pytest.approx(value, rel=5e-4, abs=5e-4) for what, value in before.items()}
    random.shuffle(named)
    other = Rig(hours=5, **shop()).play(**dict(named))
    assert sorted(map(told, other.timeline)) == sorted(map(told, rig.timeline))


def told(event: Any) -> tuple[int, str, str]:
    return (event.at_ms, event.kind, str(event.subject))


def test_a_ramp_rises_in_the_stated_steps() -> None:
    rig = Rig(hours=1, components={"web": service()})
    rig.play(
        f={
            "fault": "bad-deploy",
            "target": "web",
            "at": "10m",
            "parameters": {"error_ratio": 0.6},
            "onset": {"over": "20m", "steps": 5},
        }
    )
    levels = [(e.at_ms // MINUTE, e.detail.level_ratio) for e in rig.timeline.of_kind("signal.health_changed")]  # type: ignore[attr-defined]
    assert levels == [(10, 0.88), (15, 0.76), (20, 0.64), (25, 0.52), (30, 0.4)]


def test_signals_go_their_share_of_the_way_while_it_grows() -> None:
    rig = Rig(hours=1, components={"web": service()})
    spec = {"fault": "packet-loss", "target": "web", "at": "10m", "parameters": {"loss_ratio": 0.4}}
    rig.play(f={**spec, "onset": {"over": "10m", "steps": 2}})
    loss = [rig.board.value("web", 0, Signal.PACKET_LOSS_RATIO, m * MINUTE) for m in (9, 11, 21)]
    assert loss == [0.0, 0.2, 0.4]


def test_replicas_fall_one_after_the_other_and_a_single_one_only_at_last() -> None:
    down = Effect(down=True)
    assert [at_strength(down, s, 4).replicas for s in (0.1, 0.25, 0.6)] == [None, 1, 2]
    assert [at_strength(down, s, 1).down for s in (0.5, 0.9, 1.0)] == [False, False, True]


def test_the_last_step_of_a_ramp_comes_when_its_time_has_passed() -> None:
    assert Onset.model_validate({"over": "20m", "steps": 5}).moments()[-1] == (20 * MINUTE, 1.0)


def test_good_and_bad_times_alternate_and_nothing_is_seen_in_good_ones() -> None:
    rig = Rig(hours=1, components={"web": service(recovery={"restart": "1m"})})
    spec = {"fault": "hang", "target": "web", "at": "10m", "intermittent": {"bad": "2m", "good": "8m"}}
    seen: list[str | None] = []
    for minute in (11, 15, 21):
        rig.kernel.call_at(
            minute * MINUTE, lambda: seen.append(rig.estate.submit(look("web")).value.observation.own_fault)
        )
    rig.play(f=spec)
    assert rig.history("component:web")[:4] == [(600, "down"), (720, "up"), (1200, "down"), (1320, "up")]
    assert seen == ["hang", None, "hang"]


def look(id: str) -> Command:
    return Command(Action.INSPECT, component(id), SCENARIO, 0)


def test_what_is_mended_in_good_times_is_mended() -> None:
    rig = Rig(hours=1, components={"web": service(recovery={"restart": "1m"})})
    order = Command(Action.RESTART, component("web"), SCENARIO, 0, occasion="test")
    rig.kernel.call_at(15 * MINUTE, lambda: rig.estate.submit(order))
    rig.play(f={"fault": "hang", "target": "web", "at": "10m", "intermittent": {"bad": "2m", "good": "8m"}})
    assert rig.history("component:web") == [(600, "down"), (720, "up")]


@pytest.mark.parametrize(("traffic", "level"), [(0.25, 0.75), (1.0, 0.0)])
def test_a_share_of_traffic_meets_it(traffic: float, level: float) -> None:
    rig = Rig(hours=0.5, components={"web": service()})
    rig.play(f={"fault": "crash", "target": "web", "at": "1m", "parameters": {"traffic": traffic}})
    assert rig.level("web") == level


def test_only_the_callers_that_are_named_feel_it() -> None:
    rig = Rig(
        hours=0.5,
        sites=SITES,
        components={
            "db": service(site="north"),
            "a": service(site="north", depends_on={"db": hard()}),
            "b": service(site="south", depends_on={"db": hard()}),
            "c": service(site="south", depends_on={"db": hard()}),
        },
    )
    failing = {"fault": "bad-deploy", "target": "db", "at": "1m"}
    rig.play(f={**failing, "parameters": {"error_ratio": 0.4, "callers": ["south"]}})
    assert [rig.level(id) for id in ("db", "a", "b", "c")] == [1.0, 1.0, 0.6, 0.6]


def test_what_does_not_end_is_still_there_at_the_end() -> None:
    rig = Rig(
        hours=2,
        vendors={"v": {"title": "v", "provides": "x", "response": "1h"}},
        components={"saas": service(vendor="v", recovery={"repair": "5m", "restart": "1m"})},
    )
    for action in (Action.REPAIR, Action.RESTART):
        order = Command(action, component("saas"), SCENARIO, 0, occasion=action)
        rig.kernel.call_at(30 * MINUTE, lambda order=order: rig.estate.submit(order))  # type: ignore[misc]
    rig.play(f={"fault": "vendor-failure", "target": "v", "at": "10m", "duration": "20m"})
    assert rig.history("component:saas") == [(600, "down")]


@pytest.mark.parametrize(
    ("spec", "silent", "malicious"),
    [
        ({"fault": "corruption", "parameters": {"silent": True}}, True, False),
        ({"fault": "corruption", "parameters": {"silent": False}}, False, False),
        ({"fault": "ransomware"}, False, True),
        ({"fault": "crash"}, False, False),
    ],
)
def test_its_beginning_says_whether_it_is_silent_or_malicious(
    spec: dict[str, Any], silent: bool, malicious: bool
) -> None:
    rig = Rig(hours=0.5, components={"db": service(kind="database")}).play(f={"target": "db", "at": "10m", **spec})
    (started,) = rig.timeline.of_kind("fault.started")
    assert isinstance(started.detail, FaultDetail)
    assert (started.detail.silent, started.detail.malicious) == (silent, malicious)
    line = encode(started)
    assert ("silent" in line, "malicious" in line) == (silent, malicious), "what does not apply is not written"
