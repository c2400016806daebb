"""Caches, autoscaling, ejection, shedding, loss: what each does to the flow of requests, and what it puts on record."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.estate.health import served_share, throughput_rps
from tests.simulator.estate.building import FLAT_DAY, Rig, hard, service
from timeline.commands import Action, Command
from timeline.references import component, person


def function(entry: str, rps: float, **fields: Any) -> dict[str, Any]:
    demand = {"entry": entry, "peak_rps": rps, "by_hour": FLAT_DAY}
    return {"f": {"title": "f", "supported_by": {entry: hard()}, "minimum_level": 0.5, "demand": demand, **fields}}


def kinds(rig: Rig) -> list[tuple[int, str]]:
    """(seconds, kind) of what mechanisms put on record."""
    return [(e.at_ms // 1000, e.kind.removeprefix("flow.")) for e in rig.timeline if e.kind.startswith("flow.")]


def order(rig: Rig, action: Action, target: str, at_ms: int) -> None:
    """Somebody has an action done at a moment."""
    command = Command(action, component(target), person("op"), 0, occasion=f"{action}-{at_ms}")
    rig.kernel.call_at(at_ms, lambda: rig.estate.submit(command))


# Caches


def look_aside(rps: float = 900, **call: Any) -> dict[str, Any]:
    """A service that finds nine of ten things in its cache and asks a store of 300 a second for the rest."""
    origin = {"calls": 0.1, "timeout": "1s", "retries": 1, "cached_by": "cache", **call}
    shedding = {"shedding": {"to_ratio": 0.1, "steps": [0.5, 0.8], "hold": "10m"}}
    return {
        "components": {
            "api": service(
                latency_ms=50,
                depends_on={"store": hard(**origin), "cache": {"type": "soft", "degradation": 0}},
                recovery={"shed-load": "1m"},
                **shedding,
            ),
            "cache": service(kind="cache", latency_ms=1, cache={"hit_ratio": 0.9, "warm_up": "5m"}),
            "store": service(capacity_rps=300, latency_ms=10, queue={"limit": 3_000}, recovery={"restart": "30s"}),
        },
        "functions": function("api", rps),
    }


LOST_CACHE = {"fault": "crash", "target": "cache", "at": "10m", "duration": "90s"}


def test_a_warm_cache_spares_its_origin_most_calls() -> None:
    assert Rig(**look_aside()).estate.compiled["store"].load_rps == pytest.approx(90)


def test_without_its_cache_all_calls_go_to_the_origin() -> None:
    rig = Rig(hours=0.18, **look_aside(rps=200)).play(f=LOST_CACHE)
    assert rig.estate.compiled["store"].load_rps == pytest.approx(200)


def test_a_cold_cache_warms_up_where_the_origin_bears_it() -> None:
    rig = Rig(hours=1, **look_aside(rps=200)).play(f=LOST_CACHE)
    assert rig.level("api") == pytest.approx(1)
    assert rig.estate.compiled["store"].load_rps == pytest.approx(20, rel=0.01)
    (cold, _), (warm, _) = kinds(rig)
    assert cold == 600
    assert warm - 690 == pytest.approx(300, abs=5), "95 % after the warm-up time, at the usual flow"


def test_a_cold_cache_keeps_its_origin_down_where_it_does_not() -> None:
    """The trigger lasts 90 s; the store is asked for 900 a second and answers too late for the cache to fill."""
    rig = Rig(hours=4, **look_aside()).play(f=LOST_CACHE)
    assert rig.level("api") < 0.05
    assert [kind for _, kind in kinds(rig)] == ["cache_cold"]


def test_a_restart_alone_does_not_help_against_a_cold_cache() -> None:
    rig = Rig(hours=4, **look_aside())
    order(rig, Action.RESTART, "store", 1_800_000)
    assert rig.play(f=LOST_CACHE).level("api") < 0.05


def test_shedding_load_lets_the_cache_warm_up_and_all_is_let_in_again() -> None:
    rig = Rig(hours=4, **look_aside())
    order(rig, Action.SHED_LOAD, "api", 1_800_000)
    rig.play(f=LOST_CACHE)
    assert rig.level("api") == pytest.approx(1)
    assert [kind for _, kind in kinds(rig)][:2] == ["cache_cold", "load_shed"]
    shares = [e.detail.ratio for e in rig.timeline.of_kind("flow.load_admitted")]  # type: ignore[attr-defined]
    assert shares[-1] == 1.0
    assert shares == sorted(shares)


def test_letting_in_too_soon_goes_back_to_the_least() -> None:
    """After ten seconds nothing is warm: the step that tips it over is taken back, until one holds."""
    sections = look_aside()
    sections["components"]["api"]["shedding"]["hold"] = "20s"
    rig = Rig(hours=4, **sections)
    order(rig, Action.SHED_LOAD, "api", 1_800_000)
    rig.play(f=LOST_CACHE)
    assert [kind for _, kind in kinds(rig)].count("load_shed") > 1
    assert rig.level("api") == pytest.approx(1)


def test_a_cache_loses_with_a_replica_what_that_one_held() -> None:
    sections = look_aside(rps=200)
    sections["components"]["cache"]["replicas"] = {"count": 4, "needed": 1}
    rig = Rig(hours=0.18, **sections)
    rig.play(f={**LOST_CACHE, "parameters": {"replicas": 1}})
    assert rig.estate.compiled["store"].load_rps == pytest.approx(20 * (1 - 0.9 * 0.75) / 0.1, rel=0.35)


# Autoscaling


def scaled(rps: float, **fields: Any) -> dict[str, Any]:
    """A service of 50 a second and replica that grows from two to ten."""
    spec = {"target_ratio": 0.5, "max": 10, "interval": "15s", "start": "2m", "cool_down": "5m", **fields}
    replicas = {"count": 2, "needed": 1}
    return {
        "components": {"web": service(capacity_rps=50, latency_ms=20, replicas=replicas, autoscaling=spec)},
        "functions": function("web", rps),
    }


def replicas(rig: Rig) -> int:
    node = rig.estate.compiled["web"]
    assert node.component is not None
    return node.component.replicas.count + node.extra_replicas


@pytest.mark.parametrize(("rps", "wanted"), [(20, 2), (50, 2), (100, 4), (110, 5), (240, 10), (1_000, 10)])
def test_it_begins_with_the_replicas_that_the_load_asks_for(rps: float, wanted: int) -> None:
    """ceil(load / (50 x 0.5)), within a tenth of the target, between the count of the file and the most."""
    rig = Rig(**scaled(rps))
    assert replicas(rig) == pytest.approx(wanted, abs=0.5)
    assert not list(rig.timeline)


def test_more_replicas_serve_only_after_their_delay() -> None:
    """A fault takes half the capacity at 10:10; the next look is at a multiple of 15 s, the start takes two minutes."""
    slow = {"fault": "slow", "target": "web", "at": "610s", "parameters": {"latency_factor": 2, "capacity_factor": 0.5}}
    rig = Rig(hours=1, **scaled(100)).play(f=slow)
    assert kinds(rig)[0] == (615 + 120, "scaled_out")
    assert replicas(rig) == 8


def test_an_overload_hides_how_much_is_wanted() -> None:
    """A replica cannot be more than busy: each look asks for at most 1 / target as many."""
    sections = scaled(60)
    sections["functions"]["f"]["demand"]["peaks"] = {"sale": {"factor": 6, "dates": ["2026-03-10"], "hours": [11, 24]}}
    rig = Rig(hours=2, **sections).play()
    found = [e.detail.replicas for e in rig.timeline.of_kind("flow.scaled_out")]  # type: ignore[attr-defined]
    assert found == [6, 10]


def test_fewer_replicas_are_kept_only_after_the_cool_down() -> None:
    sections = scaled(200)
    sections["functions"]["f"]["demand"]["peaks"] = {
        "lull": {"factor": 0.5, "dates": ["2026-03-10"], "hours": [11, 24]}
    }
    rig = Rig(hours=2, **sections).play()
    assert kinds(rig) == [(3_600 + 300, "scaled_in")]
    assert replicas(rig) == 4


# Ejection


def balanced(count: int = 4, **fields: Any) -> dict[str, Any]:
    return {
        "components": {
            "web": service(
                capacity_rps=200,
                latency_ms=20,
                replicas={"count": count, "needed": count},
                ejection={"threshold": 0.5, "interval": "10s", "max_ratio": 0.5, "returns_after": "30s", **fields},
            )
        },
        "functions": function("web", 100),
    }


def failing(replicas: int, duration: str | None = None) -> dict[str, Any]:
    fault = {
        "fault": "bad-deploy",
        "target": "web",
        "at": "10m",
        "parameters": {"error_ratio": 1, "replicas": replicas},
    }
    return fault if duration is None else {**fault, "duration": duration}


def test_a_replica_that_fails_is_taken_out_and_the_others_carry_the_load() -> None:
    rig = Rig(hours=0.172, **balanced()).play(f=failing(1))
    assert kinds(rig) == [(610, "replicas_ejected")]
    assert rig.level("web") == pytest.approx(1)
    assert rig.history("component:web") == [(600, "degraded"), (610, "up")]


def test_it_comes_back_ever_later_while_it_fails_and_for_good_when_it_is_well() -> None:
    rig = Rig(hours=1, **balanced()).play(f=failing(1, "2m"))
    out = [at for at, kind in kinds(rig) if kind == "replicas_ejected"]
    back = [at for at, kind in kinds(rig) if kind == "replicas_returned"]
    assert out == [610, 650]
    assert back == [640, 710], "30 s the first time, 60 s the second"
    assert rig.level("web") == 1


def test_no_more_than_the_stated_share_is_taken_out() -> None:
    rig = Rig(hours=0.172, **balanced(max_ratio=0.25)).play(f=failing(2))
    assert rig.estate.compiled["web"].ejected == 1
    assert rig.level("web") == pytest.approx(1 - 1 / 3, abs=0.01)


def test_taking_out_too_many_overloads_the_rest() -> None:
    """Three of four out leave 50 a second for a load of 100."""
    rig = Rig(hours=0.172, **balanced(max_ratio=0.75)).play(f=failing(3))
    assert rig.level("web") == pytest.approx(0.5, abs=0.01)


# Users


def test_users_who_try_again_add_to_the_load() -> None:
    errors = {"fault": "bad-deploy", "target": "web", "at": "10m", "parameters": {"error_ratio": 0.5}}
    sections = {"components": {"web": service(latency_ms=20)}, "functions": function("web", 100)}
    sections["functions"]["f"]["supported_by"] = {"web": hard(timeout="8s", retries=2)}
    rig = Rig(hours=0.3, **sections).play(f=errors)
    assert rig.estate.compiled["web"].load_rps == pytest.approx(175)
    assert rig.level("function:f") == pytest.approx(1 - 0.5**3)


# What holds whatever is configured


@st.composite
def storms(draw: st.DrawFn) -> tuple[dict[str, Any], float, float]:
    """A caller on a queue, with what callers may do, and a trigger."""
    rps, capacity = draw(st.sampled_from([50, 150, 280, 400])), 300
    call: dict[str, Any] = {"timeout": draw(st.sampled_from(["200ms", "1s", "5s"])), "retries": draw(st.integers(0, 3))}
    if call["retries"] and draw(st.booleans()):
        call["back_off"] = {
            "base": draw(st.sampled_from(["500ms", "20s"])),
            "jitter": draw(st.sampled_from(["none", "full"])),
        }
    if call["retries"] and draw(st.booleans()):
        call["retry_budget"] = draw(st.sampled_from([0.1, 0.5]))
    if draw(st.booleans()):
        call["breaker"] = {"window": "5s", "open": "15s"}
    queue: dict[str, Any] = {"limit": draw(st.sampled_from([0, 50, 2_000])), "concurrency": draw(st.integers(1, 8))}
    if draw(st.booleans()):
        queue["shed_above"] = "400ms"
    sections = {
        "components": {
            "web": service(latency_ms=20, depends_on={"db": hard(**call)}),
            "db": service(capacity_rps=capacity, latency_ms=10, queue=queue),
        },
        "functions": function("web", rps),
    }
    return sections, rps, capacity


@settings(max_examples=40)
@given(storms(), st.sampled_from([0.1, 0.6]), st.sampled_from(["5s", "60s"]))
def test_goodput_exceeds_neither_demand_nor_capacity(
    made: tuple[dict[str, Any], float, float], factor: float, duration: str
) -> None:
    sections, rps, capacity = made
    parameters = {"latency_factor": 1.01, "capacity_factor": factor}
    trigger = {"fault": "slow", "target": "db", "at": "1m", "duration": duration, "parameters": parameters}
    rig = Rig(hours=0.2, **sections)
    rig.estate.tell = _watched(rig, rps, capacity, rig.estate.tell)  # type: ignore[method-assign]
    rig.play(f=trigger)


def _watched(rig: Rig, rps: float, capacity: float, tell: Any) -> Any:
    """Looks at each state that is told."""

    def told(reached: Any, trigger: int | None) -> None:
        web, db = rig.estate.compiled["web"], rig.estate.compiled["db"]
        assert 0 <= web.level <= 1
        assert 0 <= served_share(db) <= db.level <= 1
        assert web.load_rps * web.level <= rps * (1 + 1e-6)
        assert throughput_rps(db) <= capacity * (1 + 1e-6)
        assert db.queue is not None
        assert 0 <= db.queue.backlog <= db.queue.spec.limit
        (call,) = web.needs
        retries = call.spec.retries
        assert db.load_rps <= rps * (1 + retries) * (1 + 1e-6)
        tell(reached, trigger)

    return told


@settings(max_examples=15)
@given(storms(), st.randoms(use_true_random=False))
def test_the_order_of_the_file_changes_nothing(made: tuple[dict[str, Any], float, float], random: Any) -> None:
    sections, *_ = made
    shuffled = list(sections["components"].items())
    random.shuffle(shuffled)
    trigger = {"fault": "crash", "target": "db", "at": "1m", "duration": "30s"}
    first = Rig(hours=0.1, **sections).play(f=trigger)
    second = Rig(hours=0.1, **{**sections, "components": dict(shuffled)}).play(f=trigger)
    assert [(e.at_ms, e.kind, e.subject, e.detail) for e in first.timeline] == [
        (e.at_ms, e.kind, e.subject, e.detail) for e in second.timeline
    ]


def test_an_estate_that_states_no_flows_takes_no_step() -> None:
    sections = {"components": {"web": service(capacity_rps=50)}, "functions": function("web", 100)}
    rig = Rig(hours=0.5, **sections).play(f={"fault": "crash", "target": "web", "at": "5m", "duration": "60s"})
    assert not rig.estate._flows._stepping
    assert rig.estate._flows._told == {}
