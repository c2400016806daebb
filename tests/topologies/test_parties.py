"""Contracts: hours of service, promises that run on them, credits, the way out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from timeline.instants import DAY, HOUR
from topologies.parties import Contract, ExitPlan, ServiceHours

VIENNA = ZoneInfo("Europe/Vienna")
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIENNA)


def office(**fields: Any) -> ServiceHours:
    return ServiceHours.model_validate({"timezone": "Europe/Vienna", "holidays": {"country": "AT"}, **fields})


@pytest.mark.parametrize(
    ("called", "opens"),
    [
        ("2026-03-10T09:00", "2026-03-10T09:00"),
        ("2026-03-10T08:59", "2026-03-10T09:00"),
        ("2026-03-10T16:59", "2026-03-10T16:59"),
        ("2026-03-10T17:00", "2026-03-11T09:00"),
        ("2026-03-13T18:00", "2026-03-16T09:00"),  # over the weekend
        ("2026-04-03T17:00", "2026-04-07T09:00"),  # Easter Monday is a holiday
    ],
)
def test_a_call_outside_the_hours_waits_for_the_next_opening(called: str, opens: str) -> None:
    assert office().opens_at(at(called)) == at(opens)


@pytest.mark.parametrize(
    ("called", "hours", "ends"),
    [
        ("2026-03-10T10:00", 4, "2026-03-10T14:00"),
        ("2026-03-10T13:00", 4, "2026-03-10T17:00"),
        ("2026-03-10T16:00", 4, "2026-03-11T12:00"),
        ("2026-03-13T16:00", 4, "2026-03-16T12:00"),
        ("2026-03-14T12:00", 4, "2026-03-16T13:00"),
        ("2026-03-10T09:00", 17, "2026-03-12T10:00"),
    ],
)
def test_a_promise_runs_on_the_hours_of_service(called: str, hours: int, ends: str) -> None:
    assert office().after(hours * HOUR, at(called)) == at(ends)


@given(MOMENTS, st.integers(min_value=1, max_value=60), st.integers(min_value=1, max_value=60))
@settings(max_examples=60)
def test_time_of_work_adds_up_and_never_ends_outside_the_hours(called: datetime, first: int, second: int) -> None:
    hours = office()
    whole = hours.after((first + second) * HOUR, called)
    assert hours.after(second * HOUR, hours.after(first * HOUR, called)) == whole
    assert 9 <= (whole - timedelta(microseconds=1)).astimezone(VIENNA).hour < 17


def test_around_the_clock_it_is_plain_time() -> None:
    contract = Contract.model_validate({"respond": {"sev1": "15m"}})
    assert contract.due("respond", "sev1", at("2026-03-14T03:00")) == at("2026-03-14T03:15")
    assert contract.due("restore", "sev1", at("2026-03-14T03:00")) is None
    assert contract.due("respond", "sev2", at("2026-03-14T03:00")) is None


def test_whoever_is_on_call_counts_all_hours_and_the_others_their_own() -> None:
    contract = Contract.model_validate(
        {"respond": {"sev1": "2h", "sev2": "2h"}, "hours": {"timezone": "Europe/Vienna"}, "on_call": ["sev1"]}
    )
    assert contract.due("respond", "sev1", at("2026-03-14T03:00")) == at("2026-03-14T05:00")
    assert contract.due("respond", "sev2", at("2026-03-14T03:00")) == at("2026-03-16T11:00")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"on_call": ["sev1"]}, "needs nobody on call"),
        ({"hours": {"timezone": "Europe/Vienna", "start": "17:00", "end": "09:00"}}, "end after they start"),
        ({"hours": {"timezone": "Europe/Vienna", "days": []}}, "need a day"),
        ({"hours": {"timezone": "Europe/Viena"}}, "Europe/Vienna"),
        ({"credits": [{"promise": "answer", "share": 0.1}]}, "respond"),
        ({"credits": [{"promise": "respond", "share": 1.1}]}, "less than or equal to 1"),
    ],
)
def test_contracts_that_cannot_be_meant_are_refused(data: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Contract.model_validate(data)


def test_the_last_hour_of_the_day_can_be_served() -> None:
    day = office(start="00:00", end="24:00", days=["sunday"], holidays=None)
    assert day.after(24 * HOUR, at("2026-03-13T12:00")) == at("2026-03-16T00:00")
    assert day.after(23 * HOUR, at("2026-03-28T12:00")) == at("2026-03-30T00:00")  # a Sunday of 23 hours


def test_an_exit_gets_the_data_back_first() -> None:
    plan = ExitPlan.model_validate({"substitute": "another", "takes": "10d", "data_return": "2d"})
    assert plan.until_substitute_ms(0.9) == 12 * DAY
