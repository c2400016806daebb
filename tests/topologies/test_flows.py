"""What files say of flows: days with another demand, and statements that cannot be meant."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from simulator.estate.demand import demand_rps
from topologies.estate import Component, Demand, Dependency, UserReports
from topologies.flows import Peak, Shedding

VIENNA = ZoneInfo("Europe/Vienna")
FLAT = {"entry": "web", "peak_rps": 100, "by_hour": [1.0] * 24}


def rps(moment: str, **fields: Any) -> float:
    return demand_rps(Demand.model_validate({**FLAT, **fields}), datetime.fromisoformat(moment), VIENNA)


PAYDAY = {"peaks": {"payday": {"factor": 1.5, "days_of_month": [25, -1]}}}
SALE = {"peaks": {"sale": {"factor": 3, "dates": ["2026-03-13"], "hours": [10, 14]}}}


@pytest.mark.parametrize(
    ("moment", "fields", "wanted"),
    [
        ("2026-03-13T12:00+01:00", {}, 100),
        ("2026-03-14T12:00+01:00", {"weekend": 0.4}, 40),
        ("2026-03-14T12:00+01:00", {"weekend": 0.4, "weekdays": {"saturday": 0.9}}, 90),
        ("2026-03-15T12:00+01:00", {"weekend": 0.4, "weekdays": {"saturday": 0.9}}, 40),
        ("2026-03-13T12:00+01:00", {"weekdays": {"friday": 1.2}}, 120),
        ("2026-03-25T00:30+01:00", PAYDAY, 150),
        ("2026-03-24T23:30+00:00", PAYDAY, 150),
        ("2026-03-24T22:30+00:00", PAYDAY, 100),
        ("2026-02-28T12:00+01:00", PAYDAY, 150),
        ("2024-02-28T12:00+01:00", PAYDAY, 100),
        ("2024-02-29T12:00+01:00", PAYDAY, 150),
        ("2026-03-13T09:59+01:00", SALE, 100),
        ("2026-03-13T10:00+01:00", SALE, 300),
        ("2026-03-13T13:59+01:00", SALE, 300),
        ("2026-03-13T14:00+01:00", SALE, 100),
        ("2026-03-13T12:00+01:00", {"peaks": {**SALE["peaks"], "x": {"factor": 0.5, "days_of_month": [13]}}}, 150),
    ],
)
def test_demand_of_a_day(moment: str, fields: dict[str, Any], wanted: float) -> None:
    assert rps(moment, **fields) == pytest.approx(wanted)


SERVICE = {"title": "a", "kind": "service"}


@pytest.mark.parametrize(
    ("model", "written", "message"),
    [
        (Component, {**SERVICE, "queue": {"limit": 5}}, "capacity_rps and latency_ms"),
        (Component, {**SERVICE, "autoscaling": {"target_ratio": 0.5, "max": 3, "start": "1m"}}, "state capacity_rps"),
        (
            Component,
            {
                **SERVICE,
                "capacity_rps": 9,
                "replicas": {"count": 4, "needed": 1},
                "autoscaling": {"target_ratio": 0.5, "max": 3, "start": "1m"},
            },
            "less than the 4 replicas",
        ),
        (Component, {**SERVICE, "shedding": {}}, "shed-load"),
        (Component, {**SERVICE, "cache": {"hit_ratio": 1, "warm_up": "1m"}}, "less than 1"),
        (Dependency, {"type": "hard", "retry_budget": 0.1}, "state `retries`"),
        (Dependency, {"type": "hard", "back_off": {"base": "1s"}}, "state `retries`"),
        (Dependency, {"type": "hard", "timeout": "0s"}, "greater than 0"),
        (Shedding, {"to_ratio": 0.5, "steps": [0.4]}, "lets in more than the one before: 0.5, 0.4, 1"),
        (Peak, {"factor": 2}, "states its days"),
        (Peak, {"factor": 2, "days_of_month": [0]}, "no day 0"),
        (Peak, {"factor": 2, "days_of_month": [1], "hours": [14, 10]}, "not from 14 to 10"),
        (UserReports, {"users": 5}, "either in all"),
        (UserReports, {"users": 5, "share": 0.1, "channels": {"phone": {"share": 0.1}}}, "either in all"),
        (UserReports, {"users": 5, "channels": {"pigeon": {"share": 0.1}}}, "'phone'"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_reason(model: Any, written: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(written)
    assert message in str(refused.value)
