"""Retry storms and failures that outlive their trigger.

The numbers are those of the example of Bronson et al., "Metastable failures in distributed systems" (HotOS 2021): a
database of 300 queries a second, a web application that makes 280 and tries each once more, so that a storm is 560.
"""

from typing import Any

import pytest

from tests.simulator.estate.building import FLAT_DAY, Rig, hard, service

CAPACITY_RPS = 300
DEMAND_RPS = 280
IMPATIENT = {"timeout": "1s", "retries": 1}
LONG_QUEUE = {"limit": 3_000}
"""Ten seconds of work: all of it older than anybody waits."""


def shop(
    rps: float = DEMAND_RPS,
    call: dict[str, Any] = IMPATIENT,
    queue: dict[str, Any] = LONG_QUEUE,
    web: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A web application on a database."""
    return {
        "components": {
            "web": service(latency_ms=50, depends_on={"db": hard(**call)}, **(web or {})),
            "db": service(capacity_rps=CAPACITY_RPS, latency_ms=10, queue=queue, recovery={"restart": "30s"}),
        },
        "functions": {
            "shop": {
                "title": "shop",
                "supported_by": {"web": hard()},
                "minimum_level": 0.5,
                "demand": {"entry": "web", "peak_rps": rps, "by_hour": FLAT_DAY},
            }
        },
    }


def blip(capacity_factor: float = 0.3, duration: str = "90s") -> dict[str, Any]:
    parameters = {"latency_factor": 1.01, "capacity_factor": capacity_factor}
    return {"fault": "slow", "target": "db", "at": "10m", "duration": duration, "parameters": parameters}


def after(rig: Rig, **faults: dict[str, Any]) -> float:
    """Level of the application when it is over, long after the trigger."""
    return rig.play(**faults).level("web")


def test_without_time_outs_and_retries_overload_ends_with_its_trigger() -> None:
    plain = shop(call={})
    del plain["components"]["db"]["queue"]
    rig = Rig(hours=1, **plain).play(f=blip())
    assert rig.level("web") == 1
    assert rig.moments("function.disrupted") == [600]
    assert rig.moments("function.restored") == [690]


def test_without_retries_a_backlog_is_worked_off_and_then_all_is_well() -> None:
    """90 s at 280 - 90 fill the queue; it drains at 300 - 280, and the last second of it is still in time."""
    rig = Rig(hours=1, **shop(call={"timeout": "1s"})).play(f=blip())
    assert rig.level("web") == pytest.approx(1, abs=1e-3)
    restored = rig.moments("function.restored")[-1]
    assert restored - 690 == pytest.approx((3_000 - 300) / 20, rel=0.05)


def test_a_storm_of_impatient_retries_outlives_its_trigger() -> None:
    rig = Rig(hours=3, **shop()).play(f=blip())
    assert rig.level("web") < 0.01
    assert rig.estate.compiled["db"].load_rps == pytest.approx(560)
    assert not rig.moments("function.restored")
    assert not rig.estate.faults.on(rig.estate.compiled["db"])


def test_goodput_collapses_while_throughput_does_not() -> None:
    """The database is as busy as it can be, with work that nobody waits for."""
    rig = Rig(hours=1, **shop()).play(f=blip())
    db = rig.estate.compiled["db"]
    assert db.load_rps * db.level == pytest.approx(CAPACITY_RPS)
    assert rig.history("component:db")[-1][1] == "down"


@pytest.mark.parametrize(("rps", "stays_down"), [(100, False), (145, False), (155, True), (200, True), (280, True)])
def test_below_half_its_capacity_it_is_stable_and_above_it_vulnerable(rps: float, stays_down: bool) -> None:
    """One retry doubles the load: the threshold is capacity / 2 = 150 (stable and vulnerable states, Bronson 2021)."""
    quiet = Rig(hours=2, **shop(rps=rps))
    assert quiet.play().level("web") == pytest.approx(1, abs=0.05)
    level = after(Rig(hours=2, **shop(rps=rps)), f=blip(0.1, "5m"))
    assert level == pytest.approx(0 if stays_down else 1, abs=0.01)


@pytest.mark.parametrize(("duration", "stays_down"), [("1s", False), ("90s", True)])
def test_a_vulnerable_system_needs_a_trigger_that_is_long_enough(duration: str, stays_down: bool) -> None:
    """At 200 a second it takes more than a second of backlog, 300 requests, to start the storm."""
    level = after(Rig(hours=2, **shop(rps=200)), f=blip(0.3, duration))
    assert level == pytest.approx(0 if stays_down else 1, abs=0.01)


BREAKER = {"threshold": 0.5, "window": "10s", "open": "30s", "probes": 5}
CURES: dict[str, dict[str, Any]] = {
    "budget": shop(call={**IMPATIENT, "retry_budget": 0.05}),
    "back-off and budget": shop(call={**IMPATIENT, "back_off": {"base": "1s"}, "retry_budget": 0.05}),
    "breaker": shop(call={**IMPATIENT, "breaker": BREAKER}),
    "admission": shop(queue={**LONG_QUEUE, "shed_above": "500ms"}),
    "short queue": shop(queue={"limit": 200}),
    "patience": shop(call={**IMPATIENT, "timeout": "15s"}),
}


@pytest.mark.parametrize("cure", CURES)
def test_it_recovers_by_itself_with(cure: str) -> None:
    rig = Rig(hours=2, **CURES[cure]).play(f=blip())
    assert rig.level("web") == pytest.approx(1, abs=0.02)
    assert rig.moments("function.restored")


def test_back_off_alone_carries_it_over_a_short_trigger() -> None:
    """Ten seconds: with pauses of a minute most further tries come when the backlog is gone."""
    patient = {**IMPATIENT, "back_off": {"base": "1m"}}
    assert after(Rig(hours=2, **shop(rps=200)), f=blip(0.3, "10s")) < 0.01
    assert after(Rig(hours=2, **shop(rps=200, call=patient)), f=blip(0.3, "10s")) == pytest.approx(1, abs=1e-3)


def test_back_off_alone_does_not_carry_it_over_a_long_one() -> None:
    """New users keep coming: what they try again later adds up to the same load."""
    patient = {**IMPATIENT, "back_off": {"base": "1m"}}
    rig = Rig(hours=2, **shop(rps=200, call=patient)).play(f=blip(0.3, "5m"))
    assert rig.level("web") < 0.01
    assert rig.estate.compiled["db"].load_rps == pytest.approx(400, rel=0.01)


def test_a_breaker_opens_probes_and_closes_with_causes() -> None:
    rig = Rig(hours=1, **CURES["breaker"]).play(f=blip())
    kinds = [e.kind for e in rig.timeline if e.kind.startswith("flow.")]
    assert kinds[0] == "flow.breaker_opened"
    assert kinds[-1] == "flow.breaker_closed"
    opened = next(e for e in rig.timeline if e.kind == "flow.breaker_opened")
    assert rig.timeline[opened.causes[0]].kind in ("signal.health_changed", "fault.started")


def test_a_state_that_lasts_costs_no_steps() -> None:
    """Nine hours of a failure that sustains itself put nothing on the calendar."""
    rig = Rig(hours=10, **shop()).play(f=blip())
    late = [e for e in rig.timeline if e.at_ms > 1_200_000]
    assert late == []
    assert not rig.estate._flows._stepping


def test_restarting_the_database_clears_its_queue() -> None:
    """With nothing but retries at once behind it, that is a way out (of an estate without cold caches)."""
    from timeline.commands import Action

    rig = Rig(hours=1, **shop()).play(f=blip())
    rig.estate.apply(Action.RESTART, rig.estate.compiled["db"], rig.timeline[0].seq)
    rig.kernel.env.run(until=rig.until_ms + 120_000)
    assert rig.level("web") == pytest.approx(1, abs=1e-3)
