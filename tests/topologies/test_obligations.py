"""Regulatory clocks: when they start, when they end, and what weekends and months do to them."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from topologies.calendars import HolidayCalendar
from topologies.loading.document import read_document
from topologies.loading.validation import validate
from topologies.obligations import Counting, Obligation, Period, Report, due_at
from topologies.shipped import shipped_obligations

VIENNA = ZoneInfo("Europe/Vienna")
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))
HOURS = st.integers(min_value=0, max_value=200)


def shipped(name: str) -> Obligation:
    return validate(read_document(shipped_obligations()[name]), Obligation)


def by(
    entity: str | None = "other-financial-entity", *, withdrawn: bool = False, country: str | None = None
) -> Counting:
    days = HolidayCalendar(country=country)
    return Counting(VIENNA, entity, withdrawn, lambda day: day in days)  # type: ignore[arg-type]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIENNA)


def test_what_is_shipped_is_valid_and_named() -> None:
    assert list(shipped_obligations()) == ["dora", "gdpr-33", "nis2"]
    assert all(shipped(name).source for name in shipped_obligations())


@pytest.mark.parametrize(
    ("from_", "months", "to"),
    [
        ("2026-01-31T10:00", 1, "2026-02-28T10:00"),
        ("2028-01-31T10:00", 1, "2028-02-29T10:00"),
        ("2026-02-28T10:00", 1, "2026-03-28T10:00"),
        ("2026-12-15T23:59", 1, "2027-01-15T23:59"),
        ("2026-08-31T08:00", 6, "2027-02-28T08:00"),
        ("2026-03-15T12:00", 1, "2026-04-15T12:00"),  # summer time begins in between: the clock stays
        ("2026-02-28T02:30", 1, "2026-03-28T02:30"),
    ],
)
def test_a_month_ends_on_its_day_or_on_the_last_one(from_: str, months: int, to: str) -> None:
    assert Period(months=months).after(at(from_), VIENNA) == at(to)


def test_a_time_that_the_clock_skips_becomes_the_one_it_shows() -> None:
    ends = Period(months=1).after(at("2026-02-28T02:30") + timedelta(days=1), VIENNA)
    assert ends.isoformat() == "2026-04-01T02:30:00+02:00"
    assert Period(months=2).after(at("2026-01-29T02:30"), VIENNA).isoformat() == "2026-03-29T03:30:00+02:00"


def test_hours_run_through_the_change_of_the_clock() -> None:
    assert Period(ms=24 * 3_600_000).after(at("2026-03-28T12:00"), VIENNA) == at("2026-03-29T13:00")
    assert Period(ms=24 * 3_600_000).after(at("2026-10-24T12:00"), VIENNA) == at("2026-10-25T11:00")


@given(MOMENTS, st.integers(min_value=1, max_value=48))
@settings(max_examples=200)
def test_months_keep_the_clock_and_never_pass_the_end_of_the_month(moment: datetime, months: int) -> None:
    local, ends = moment.astimezone(VIENNA), Period(months=months).after(moment, VIENNA)
    assert (ends.year - local.year) * 12 + ends.month - local.month == months
    assert ends.day == min(local.day, calendar.monthrange(ends.year, ends.month)[1])
    assert (ends.hour, ends.minute) == (local.hour, local.minute) or not _exists(ends.date(), local)


def _exists(day: date, local: datetime) -> bool:
    wanted = datetime.combine(day, local.time(), VIENNA)
    return wanted.astimezone(UTC).astimezone(VIENNA).replace(tzinfo=None) == wanted.replace(tzinfo=None)


@pytest.mark.parametrize("text", ["", "4", "0h", "0 months", "-1h", "soon", "1.5 months"])
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"h|month"):
        Period.parse(text)


@pytest.mark.parametrize("text", ["4h", "72h", "1 month", "2 months"])
def test_a_period_is_read_as_it_is_written(text: str) -> None:
    assert Period.parse(str(Period.parse(text))) == Period.parse(text)


# DORA: the earlier of two, and the later classification


@pytest.mark.parametrize(
    ("classified_after_h", "due_after_h"),
    [(0, 4), (1, 5), (19, 23), (20, 24), (21, 24), (24, 24), (24.01, 28.01), (30, 34)],
)
def test_the_initial_notification_of_dora(classified_after_h: float, due_after_h: float) -> None:
    aware = at("2026-03-16T08:00")
    moments = {"aware": aware, "classified": aware + timedelta(hours=classified_after_h)}
    due = due_at(shipped("dora").reports["initial"], moments, by())
    assert due == aware + timedelta(hours=due_after_h)


@given(MOMENTS, HOURS)
@settings(max_examples=200)
def test_the_initial_notification_is_never_due_before_the_classification_nor_four_hours_after(
    aware: datetime, hours: int
) -> None:
    classified = aware + timedelta(hours=hours)
    due = due_at(shipped("dora").reports["initial"], {"aware": aware, "classified": classified}, by(None))
    assert due is not None
    assert classified <= due <= classified + timedelta(hours=4)
    assert hours > 24 or due <= aware + timedelta(hours=24)


@given(MOMENTS, HOURS, st.integers(min_value=0, max_value=20))
@settings(max_examples=100)
def test_an_earlier_classification_is_never_due_later(aware: datetime, hours: int, earlier: int) -> None:
    report = shipped("dora").reports["initial"]

    def due(after: int) -> datetime:
        found = due_at(report, {"aware": aware, "classified": aware + timedelta(hours=after)}, by(None))
        assert found is not None
        return found

    assert due(max(hours - earlier, 0)) <= due(hours)


def test_a_clock_that_has_not_started_is_not_due() -> None:
    reports = shipped("dora").reports
    assert due_at(reports["initial"], {"aware": at("2026-03-16T08:00")}, by()) is None
    assert due_at(reports["final"], {"initial": at("2026-03-16T08:00")}, by()) is None


def test_the_later_reports_run_from_the_one_before() -> None:
    reports, filed = shipped("dora").reports, at("2026-03-16T08:00")
    assert due_at(reports["intermediate"], {"initial": filed}, by()) == at("2026-03-19T08:00")
    assert due_at(reports["final"], {"intermediate": at("2026-03-31T08:00")}, by()) == at("2026-04-30T08:00")


def test_nis2_and_gdpr() -> None:
    moments = {"aware": at("2026-03-16T08:00"), "classified": at("2026-03-16T10:00")}
    nis2, gdpr = shipped("nis2").reports, shipped("gdpr-33").reports
    assert due_at(nis2["early-warning"], moments, by()) == at("2026-03-17T08:00")
    assert due_at(nis2["notification"], moments, by()) == at("2026-03-19T08:00")
    assert due_at(gdpr["notification"], moments, by()) == at("2026-03-19T10:00")


# Days off: Delegated Regulation (EU) 2025/301, article 5(4) to 5(6)


@pytest.mark.parametrize(
    ("entity", "report", "start", "due"),
    [
        ("other-financial-entity", "initial", "2026-03-13T21:00", "2026-03-16T12:00"),  # Saturday 01:00
        ("other-financial-entity", "initial", "2026-03-13T19:59", "2026-03-13T23:59"),  # still Friday
        ("other-financial-entity", "initial", "2026-03-15T20:00", "2026-03-16T00:00"),  # Monday, at midnight
        ("credit-institution", "initial", "2026-03-13T21:00", "2026-03-14T01:00"),
        ("essential-or-important", "initial", "2026-03-13T21:00", "2026-03-14T01:00"),
        (None, "initial", "2026-03-13T21:00", "2026-03-14T01:00"),
        ("credit-institution", "final", "2026-03-04T09:00", "2026-04-07T12:00"),  # Saturday, then Easter Monday
    ],
)
def test_who_has_relief_on_days_off(entity: str | None, report: str, start: str, due: str) -> None:
    spec = shipped("dora").reports[report]
    moments = {"aware": at(start), spec.starts: at(start)}
    assert due_at(spec, moments, by(entity, country="AT")) == at(due)


def test_relief_that_was_withdrawn_is_none() -> None:
    spec, start = shipped("dora").reports["final"], at("2026-03-04T09:00")
    assert due_at(spec, {"intermediate": start}, by(withdrawn=True)) == at("2026-04-04T09:00")


@given(MOMENTS)
@settings(max_examples=200)
def test_relief_never_falls_on_a_day_off_and_never_brings_forward(filed: datetime) -> None:
    spec = shipped("dora").reports["final"]
    relieved = due_at(spec, {"intermediate": filed}, by(country="AT"))
    plain = due_at(spec, {"intermediate": filed}, by(None))
    assert relieved is not None
    assert plain is not None
    assert relieved >= plain
    assert relieved.astimezone(VIENNA).weekday() < 5


# Files of one's own


def obligation(**reports: object) -> dict[str, object]:
    head = {"format": "blackstart/obligations/1", "title": "t", "regime": "R", "source": "s", "owed_when": "severity"}
    return {**head, "reports": reports}


def report(starts: str = "classified", of: str = "classified") -> dict[str, object]:
    return {"title": "t", "source": "s", "starts": starts, "limits": [{"within": "4h", "of": of}]}


@pytest.mark.parametrize(
    ("reports", "message"),
    [
        ({"first": report(of="clasified")}, "did you mean 'classified'"),
        ({"first": report(starts="second"), "second": report(starts="first")}, "wait for each other"),
        ({"first": report(starts="first")}, "when it is filed"),
        ({"aware": report()}, "cannot be that of a report"),
        ({"first": {**report(), "limits": []}}, "has a limit"),
    ],
)
def test_clocks_that_cannot_run_are_refused(reports: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Obligation.model_validate(obligation(**reports))


def test_the_neighbour_of_a_limit_is_another_answer() -> None:
    five = Report.model_validate({**report(), "limits": [{"within": "5h", "of": "classified"}]})
    four = Report.model_validate(report())
    moments = {"classified": at("2026-03-16T08:00")}
    assert due_at(five, moments, by()) != due_at(four, moments, by())
