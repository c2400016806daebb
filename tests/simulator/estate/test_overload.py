"""Load, capacity, retries and waiting."""

from typing import Any

import pytest

from tests.simulator.estate.building import FLAT_DAY, Rig, hard, service


def shop(retries: int, rps: float = 100) -> dict[str, Any]:
    """A front end that calls a store of 150 requests a second."""
    return {
        "components": {
            "web": service(depends_on={"store": hard(retries=retries)}),
            "store": service(capacity_rps=150),
        },
        "functions": {
            "shop": {
                "title": "shop",
                "supported_by": {"web": hard()},
                "demand": {"entry": "web", "peak_rps": rps, "by_hour": FLAT_DAY},
            }
        },
    }


HALVED = {"fault": "cpu-starvation", "target": "store", "at": "10m", "duration": "90s"}


def test_demand_beyond_capacity_is_served_to_the_limit() -> None:
    rig = Rig(**shop(retries=0, rps=300))
    assert rig.level("web") == pytest.approx(0.5, abs=0.01)


def test_retries_hide_independent_errors() -> None:
    errors = {"fault": "bad-deploy", "target": "store", "at": "10m", "parameters": {"error_ratio": 0.1}}
    plain = Rig(hours=0.3, **shop(retries=0)).play(f=errors)
    retried = Rig(hours=0.3, **shop(retries=2)).play(f=errors)
    assert plain.level("web") == pytest.approx(0.9, abs=0.01)
    assert retried.level("web") == pytest.approx(0.999, abs=0.001)


def test_retries_multiply_the_load_on_what_is_failing() -> None:
    errors = {"fault": "bad-deploy", "target": "store", "at": "10m", "parameters": {"error_ratio": 0.2}}
    rig = Rig(hours=0.3, **shop(retries=2)).play(f=errors)
    assert rig.estate.compiled["store"].load_rps == pytest.approx(100 * (1 + 0.2 + 0.04), rel=0.01)


def test_a_short_loss_of_capacity_heals_when_its_trigger_is_gone() -> None:
    rig = Rig(**shop(retries=0)).play(f={**HALVED, "parameters": {"capacity_factor": 0.3}})
    assert rig.level("web") == pytest.approx(1.0)


def test_calls_multiplied_by_a_bad_deploy_overload_the_dependency_and_whoever_shares_it() -> None:
    sections = shop(retries=0)
    sections["components"]["login"] = service(depends_on={"store": hard()})
    storm = {"fault": "bad-deploy", "target": "web", "at": "10m", "parameters": {"calls_factor": {"store": 6}}}
    rig = Rig(hours=0.3, **sections).play(f=storm)
    assert rig.level("login") == pytest.approx(150 / 600, abs=0.01)
    observation = rig.estate._recovery.observe("store")
    assert observation.own_fault is None
    assert observation.suffers_from == ("web",)


def test_a_request_waits_longer_as_load_nears_capacity() -> None:
    slowness = [Rig(**shop(retries=0, rps=rps)).estate.compiled["store"].slowness for rps in (15, 75, 135, 148)]
    assert slowness == sorted(slowness)
    assert slowness[0] < 1.2
    assert slowness[-1] > 10


def test_a_look_shows_how_much_of_what_arrives_fits() -> None:
    rig = Rig(**shop(retries=0, rps=300))
    seen = rig.estate._recovery.observe("store")
    assert seen.utilisation == pytest.approx(2.0)
    assert seen.is_overloaded
    assert seen.own_fault is None
    assert rig.estate._recovery.observe("web").utilisation is None, "its capacity is not stated"


def test_what_fits_is_not_overloaded_and_what_a_fault_starves_has_a_fault() -> None:
    assert not Rig(**shop(retries=0, rps=100)).estate._recovery.observe("store").is_overloaded
    lasting = {**HALVED, "parameters": {"capacity_factor": 0.3}, "duration": "2h"}
    starved = Rig(hours=0.2, **shop(retries=0)).play(f=lasting)
    assert starved.estate._recovery.observe("store").own_fault == "cpu-starvation"
