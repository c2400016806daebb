"""Commands to the estate, fail-over with loss of data, business functions and their users."""

from statistics import mean
from typing import Any

import pytest

from tests.simulator.estate.building import FLAT_DAY, Rig, hard, service
from timeline.commands import Action, Command, Outcome, Verdict
from timeline.references import SCENARIO, component, function, person
from topologies.signals import Signal


def order(rig: Rig, action: Action, target: str, at_ms: int) -> list[Outcome]:
    """Gives a command at a moment; the list holds its outcome once it is there."""
    outcomes: list[Outcome] = []

    def give() -> None:
        done = rig.estate.submit(Command(action, component(target), SCENARIO, 0, occasion="test"))
        assert done.callbacks is not None
        done.callbacks.append(lambda event: outcomes.append(event.value))

    rig.kernel.call_at(at_ms, give)
    return outcomes


def pair(**fields: Any) -> dict[str, Any]:
    return {
        "components": {"a": service(), "b": service(), "app": service(depends_on={"db": hard()})},
        "standby_pairs": {
            "db": {
                "title": "db",
                "primary": "a",
                "standby": "b",
                "fail_over": {"mode": "manual", "takes": "5m"},
                "replication": {"type": "asynchronous", "lag": "40s"},
                "transactions_per_s": 10,
                **fields,
            }
        },
        "functions": {"pay": {"title": "pay", "supported_by": {"app": hard()}, "rto": "1h", "rpo": "1m"}},
    }


CRASH = {"fault": "crash", "at": "10m"}
MINUTE = 60_000


def test_restart_ends_a_crash_after_its_time() -> None:
    rig = Rig(components={"db": service(recovery={"restart": "3m", "start-up": "1m"})})
    outcomes = order(rig, Action.RESTART, "db", 20 * MINUTE)
    rig.play(f={**CRASH, "target": "db"})
    assert [o.verdict for o in outcomes] == [Verdict.COMPLETED]
    assert rig.history("component:db") == [(600, "down"), (1200 + 180 + 60, "up")]


@pytest.mark.parametrize("action", [Action.ROLL_BACK, Action.RESTART, Action.FAIL_OVER])
def test_what_the_file_gives_no_duration_is_refused(action: Action) -> None:
    rig = Rig(components={"db": service(recovery={"disable": "3m"})})
    outcomes = order(rig, action, "db", 20 * MINUTE)
    rig.play(f={**CRASH, "target": "db"})
    assert [o.verdict for o in outcomes] == [Verdict.REFUSED]


def test_the_wrong_action_takes_its_time_and_changes_nothing() -> None:
    rig = Rig(components={"db": service(recovery={"roll-back": "3m"})})
    outcomes = order(rig, Action.ROLL_BACK, "db", 20 * MINUTE)
    rig.play(f={**CRASH, "target": "db"})
    assert [o.verdict for o in outcomes] == [Verdict.COMPLETED]
    assert rig.history("component:db") == [(600, "down")]


def test_fail_over_restores_service_and_loses_what_was_not_replicated() -> None:
    rig = Rig(**pair())
    order(rig, Action.FAIL_OVER, "db", 20 * MINUTE)
    rig.play(f={**CRASH, "target": "a"})
    assert rig.moments("function.disrupted") == [600]
    assert rig.moments("function.restored") == [1500]
    (lost,) = rig.timeline.of_kind("data.lost")
    assert (lost.detail.lost_ms, lost.detail.transactions) == (40_000, 400.0)  # type: ignore[attr-defined]


def test_nothing_is_lost_when_the_primary_comes_back_by_itself() -> None:
    rig = Rig(**pair()).play(f={**CRASH, "target": "a", "duration": "30m"})
    assert rig.timeline.of_kind("data.lost") == []


def test_synchronous_replication_loses_nothing() -> None:
    rig = Rig(**pair(replication={"type": "synchronous"}))
    order(rig, Action.FAIL_OVER, "db", 20 * MINUTE)
    rig.play(f={**CRASH, "target": "a"})
    assert rig.moments("function.restored") == [1500]
    assert rig.timeline.of_kind("data.lost") == []


def test_automatic_fail_over_waits_for_its_detection_time() -> None:
    rig = Rig(**pair(fail_over={"mode": "automatic", "detection": "1m", "takes": "2m"}))
    rig.play(f={**CRASH, "target": "a"})
    assert rig.moments("function.restored") == [600 + 60 + 120]


def test_fail_over_to_a_dead_standby_fails() -> None:
    rig = Rig(**pair())
    outcomes = order(rig, Action.FAIL_OVER, "db", 20 * MINUTE)
    rig.play(f={**CRASH, "target": "a"}, g={**CRASH, "target": "b"})
    assert [(o.verdict, o.reason) for o in outcomes] == [(Verdict.FAILED, "b is not serving")]


def test_lag_of_the_standby_grows_by_a_second_a_second_while_the_primary_is_gone() -> None:
    rig = Rig(**pair()).play(f={**CRASH, "target": "a", "duration": "10m"})
    lag = [rig.board.value("b", 0, Signal.REPLICATION_LAG_S, m * MINUTE) for m in (5, 10, 15, 25)]
    assert lag == [40.0, 40.0, 340.0, 40.0]


def test_a_disk_that_fills_stops_service_when_it_is_full() -> None:
    rig = Rig(components={"db": {"title": "db", "kind": "database"}})
    rig.play(
        f={"fault": "disk-full", "target": "db", "at": "10m", "parameters": {"free_ratio": 0.2, "fills_in": "50m"}}
    )
    assert rig.history("component:db") == [(3600, "down")]
    assert rig.board.value("db", 0, Signal.DISK_FREE_RATIO, 35 * MINUTE) == pytest.approx(0.1)


def users(seed: int) -> Rig:
    """Two hours in which a function of 6,000 users is half lost, from ten minutes on."""
    rig = Rig(
        seed=seed,
        hours=2 + 1 / 6,
        components={"web": service()},
        functions={
            "f": {
                "title": "f",
                "supported_by": {"web": hard()},
                "minimum_level": 0.8,
                "reports": {"users": 6000, "share": 0.01},
                "demand": {"entry": "web", "peak_rps": 1, "by_hour": FLAT_DAY},
            }
        },
    )
    half = {"fault": "bad-deploy", "target": "web", "at": "10m", "parameters": {"error_ratio": 0.5}}
    return rig.play(f=half)


def test_users_report_as_a_poisson_process_of_the_stated_rate() -> None:
    """6,000 users x 1 % x half lost = 30 an hour; the first after two minutes on average."""
    runs = [users(seed) for seed in range(200)]
    first = [run.reports[0].at_ms / MINUTE - 10 for run in runs]
    assert mean(first) == pytest.approx(2.0, abs=3 * 2.0 / 200**0.5)
    total = [sum(e.detail.count for e in run.reports) for run in runs]  # type: ignore[attr-defined]
    assert 25 < mean(total) <= 60


def test_users_are_silent_while_all_is_well() -> None:
    rig = Rig(
        components={"web": service()},
        functions={"f": {"title": "f", "supported_by": {"web": hard()}, "reports": {"users": 10**6, "share": 1.0}}},
    )
    assert rig.play().reports == []


@pytest.mark.parametrize(("minimum", "seen"), [(0.5, "degraded"), (0.7, "down")])
def test_a_look_at_a_function_says_whether_it_keeps_its_minimum(minimum: float, seen: str) -> None:
    rig = Rig(
        components={"web": service(replicas={"count": 1, "needed": 1})},
        functions={"shop": {"title": "Shop", "supported_by": {"web": hard()}, "minimum_level": minimum}},
    ).play(bad={"fault": "bad-deploy", "target": "web", "at": "1m", "parameters": {"error_ratio": 0.4}})
    look = Command(Action.INSPECT, function("shop"), person("p"), cause=0)
    assert rig.estate.submit(look).value.observation.state == seen
