"""Synthetic users: what they find comes from the same flows that serve real ones, and is read by the same rules."""

from typing import Any

from simulator.monitoring.promql import Matcher, MatchType
from simulator.monitoring.telemetry import SignalStorage
from tests.simulator.estate.building import FLAT_DAY, Rig, hard, service
from timeline.instants import MINUTE

JOURNEY = {"title": "Sign in and pay", "steps": ["web", "pay"], "locations": {"outside": None, "branch": "office"}}


def bank(**journey: Any) -> dict[str, Any]:
    return {
        "sites": {"office": {"title": "Office", "kind": "workplace", "timezone": "Europe/Zurich"}},
        "components": {
            "web": service(latency_ms=100),
            "pay": service(latency_ms=200, depends_on={"db": hard(timeout="2s")}),
            "db": service(capacity_rps=100, latency_ms=5, queue={"limit": 5_000}),
        },
        "functions": {
            "payments": {
                "title": "payments",
                "supported_by": {"pay": hard()},
                "demand": {"entry": "pay", "peak_rps": 90, "by_hour": FLAT_DAY},
                "journeys": {"pay": {**JOURNEY, **journey}},
            }
        },
    }


def series(rig: Rig, name: str, at_min: int) -> dict[str, float]:
    """Value of a series at a moment, by location."""
    storage = SignalStorage(rig.estate.model, rig.board, rig.kernel.streams.key)
    wanted = (Matcher("__name__", MatchType.EQUAL, name), Matcher("journey", MatchType.EQUAL, "pay"))
    found = storage.select(wanted, (at_min - 1) * MINUTE, at_min * MINUTE)
    return {s.labels["location"]: float(s.values[-1]) for s in found}


def test_it_passes_while_all_is_well_and_takes_as_long_as_its_steps() -> None:
    rig = Rig(hours=0.2, **bank()).play()
    assert series(rig, "probe_success", 10) == {"outside": 1.0, "branch": 1.0}
    assert 0.2 < series(rig, "probe_duration_seconds", 10)["outside"] < 0.5


def test_it_fails_with_any_of_its_steps_also_when_the_cause_is_a_queue_behind() -> None:
    slow = {
        "fault": "slow",
        "target": "db",
        "at": "5m",
        "parameters": {"latency_factor": 1.01, "capacity_factor": 0.2},
    }
    rig = Rig(hours=0.2, **bank()).play(f=slow)
    assert series(rig, "probe_success", 4)["outside"] == 1.0
    assert series(rig, "probe_success", 10)["outside"] == 0.0


def test_it_gives_up_when_the_steps_take_longer_than_it_waits() -> None:
    slow = {"fault": "slow", "target": "web", "at": "5m", "parameters": {"latency_factor": 40}}
    assert series(Rig(hours=0.2, **bank()).play(f=slow), "probe_success", 10)["outside"] == 1.0
    assert series(Rig(hours=0.2, **bank(timeout="3s")).play(f=slow), "probe_success", 10)["outside"] == 0.0


def test_a_probe_is_gone_with_the_place_it_stands_in() -> None:
    rig = Rig(hours=0.2, **bank()).play(f={"fault": "site-loss", "target": "office", "at": "5m"})
    assert series(rig, "probe_success", 4).keys() == {"outside", "branch"}
    assert series(rig, "probe_success", 10).keys() == {"outside"}


def test_what_it_shows_is_explained_by_the_troubles_of_its_steps() -> None:
    rig = Rig(hours=0.2, **bank()).play(f={"fault": "crash", "target": "db", "at": "5m"})
    told = [rig.timeline[number] for number in rig.estate.troubles("journey:payments/pay/outside")]
    assert {(e.kind, str(e.subject)) for e in told} == {("signal.health_changed", "component:pay")}
