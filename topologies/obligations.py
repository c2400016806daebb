"""Regulatory clocks as data: which reports a regime wants, from which moment, and until when.

    format: blackstart/obligations/1
    title: Reports of major ICT-related incidents
    regime: DORA
    source: Regulation (EU) 2022/2554, article 19(4)
    owed_when: dora-major
    reports:
      initial:
        source: Delegated Regulation (EU) 2025/301, article 5(1)(a) and 5(2)
        starts: classified
        limits:
          - {within: 4h, of: classified}
          - {within: 24h, of: aware, unless_passed: true}

Terms:

- a *moment* is `aware` (something about the incident first reached a human), `classified` (somebody decided that the
  incident is one that the regime wants to hear of) or the id of a report: the moment at which it was last filed;
- a report's clock *starts* at one moment; its *limits* give moments, and the earliest of them is when it is *due*.  A
  limit that is `unless_passed` does not count where it lay in the past when the clock started: DORA's 24 hours from
  awareness, once an incident is classified later than that;
- *relief* puts off what falls due on a weekend or a holiday to a time on the next working day; some kinds of entity do
  not have it.

Hours run on the UTC line.  A month ends on the same day of the next month, or on its last day where it has no such day,
at the same time by the clock of the authority.  (Regulation (EEC, Euratom) 1182/71, article 3, would let a period of
months run to the end of that day: the earlier moment is the safe one.)
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from timeline.findings import nearest
from timeline.instants import format_duration, parse_duration
from topologies.calendars import HolidayCalendar
from topologies.fields import ChannelId, Duration, Id, Model, RoleId, TimeZone, require_approver

FORMAT = "blackstart/obligations/1"

AWARE = "aware"
CLASSIFIED = "classified"
_MONTHS = re.compile(r"\s*(\d+)\s*(?:month|months|mo)\s*")
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as regulations write it: so many months, or so many milliseconds."""

    months: int = 0
    ms: int = 0

    @classmethod
    def parse(cls, text: str) -> Period:
        """`4h`, `72h`, `1 month`.  Raises ValueError with what was expected."""
        if (written := _MONTHS.fullmatch(text)) is not None:
            if (months := int(written.group(1))) == 0:
                raise ValueError("a period of months has at least one")
            return cls(months=months)
        ms = parse_duration(text)
        if ms <= 0:
            raise ValueError(f"{text!r} is no time at all; write one like 4h, 72h or 1 month")
        return cls(ms=ms)

    def __str__(self) -> str:
        if self.months:
            return f"{self.months} month{'s' if self.months > 1 else ''}"
        return format_duration(self.ms)

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The (aware) moment at which it ends, counted from an aware moment; months by the clock of the zone."""
        if not self.months:
            return (moment.astimezone(UTC) + timedelta(milliseconds=self.ms)).astimezone(zone)
        local = moment.astimezone(zone)
        years, month = divmod(local.month - 1 + self.months, 12)
        year = local.year + years
        day = min(local.day, calendar.monthrange(year, month + 1)[1])
        # Through UTC: a time that the clock skips in spring becomes the one that it shows instead.
        return local.replace(year=year, month=month + 1, day=day).astimezone(UTC).astimezone(zone)


def _period(value: Any) -> Period:
    if isinstance(value, Period):
        return value
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a period; write one like 4h, 72h or 1 month")
    return Period.parse(value)


WrittenPeriod = Annotated[
    Period, BeforeValidator(_period, json_schema_input_type=str), PlainSerializer(str, return_type=str)
]
ClockHour = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Trigger = Literal["dora-major", "severity", "personal-data"]
"""What makes an incident one of the regime's: major by Delegated Regulation (EU) 2024/1772; of a severity that the
organisation names; personal data affected."""
EntityKind = Literal[
    "credit-institution",
    "central-counterparty",
    "trading-venue",
    "essential-or-important",
    "other-financial-entity",
    "other",
]
"""`essential-or-important`: an entity under Directive (EU) 2022/2555, article 3."""


class Limit(Model):
    """One moment until which a report may be filed."""

    within: WrittenPeriod
    of: Id
    unless_passed: bool = False
    """Does not count where it has passed when the clock starts."""


class Relief(Model):
    """What falls due on a day off may be filed until a time on the next working day."""

    until: ClockHour
    source: str
    not_for: tuple[EntityKind, ...] = ()


class Report(Model):
    """One report that the regime wants."""

    title: str
    source: str
    starts: Id
    limits: tuple[Limit, ...]
    relief: Relief | None = None
    again_when_recovered: bool = False
    """Is filed once more when service is back, without a time limit of its own."""

    @model_validator(mode="after")
    def _ends_at_some_time(self) -> Report:
        if not self.limits:
            raise ValueError("the clock of a report has a limit: within so long of a moment")
        return self


class Obligation(Model):
    """What one regime wants to be told, as an obligations file states it."""

    format: Literal["blackstart/obligations/1"]
    title: str
    regime: str
    source: str
    owed_when: Trigger
    reports: dict[Id, Report] = Field(min_length=1)

    @model_validator(mode="after")
    def _moments_exist(self) -> Obligation:
        known = {AWARE, CLASSIFIED, *self.reports}
        if both := {AWARE, CLASSIFIED} & self.reports.keys():
            raise ValueError(f"{', '.join(sorted(both))}: the name of a moment cannot be that of a report")
        for id, report in self.reports.items():
            for moment in (report.starts, *(limit.of for limit in report.limits)):
                if moment not in known:
                    raise ValueError(f"reports.{id}: there is no moment {moment!r}; {nearest(moment, known)}")
                if moment == id:
                    raise ValueError(f"reports.{id}: the clock of a report cannot start when it is filed")
        self._check_order()
        return self

    def _check_order(self) -> None:
        """Each report can be reached from `aware` and `classified`."""
        reached = {AWARE, CLASSIFIED}
        left = dict(self.reports)
        while ready := [id for id, report in left.items() if report.starts in reached]:
            reached.update(ready)
            for id in ready:
                del left[id]
        if left:
            raise ValueError(f"the clocks of {', '.join(left)} wait for each other and never start")


class ReportDuty(Model):
    """How an organisation goes about one report."""

    writing: Duration
    begins_after: Duration | None = None
    """How long after its clock started the writing begins; at once when left out."""


class ObligationDuty(Model):
    """An obligation that applies to an organisation, and who sees to it."""

    role: RoleId
    """Classifies and writes."""
    channel: ChannelId
    approver: RoleId | None = None
    """Whose approval a report needs before it is filed."""
    approval: Duration | None = None
    entity: EntityKind | None = None
    """Decides who has relief on days off; none where it is not stated."""
    relief_withdrawn: bool = False
    """The authority has taken it away (Delegated Regulation (EU) 2025/301, article 5(6))."""
    timezone: TimeZone | None = None
    """By whose clock months and days off are counted; that of the estate when left out."""
    holidays: HolidayCalendar | None = None
    classification: Duration
    """How long it takes to judge the incident, each time."""
    reassess_every: Duration | None = None
    """How long until an incident that was not one of the regime's is judged again; never when left out."""
    from_severity: Id | None = None
    """Least severity of an incident that counts (`owed_when: severity`)."""
    complaints: int | None = Field(default=None, ge=1)
    """From how many complaints on they are repetitive (Delegated Regulation (EU) 2024/1772, article 2(b)): the
    regulation has no number."""
    reports: dict[Id, ReportDuty] = Field(min_length=1)

    @model_validator(mode="after")
    def _approval_has_an_approver(self) -> ObligationDuty:
        require_approver(self.approver, self.approval)
        return self


@dataclass(frozen=True, slots=True)
class Counting:
    """By which clock and calendar a duty is counted."""

    zone: ZoneInfo
    entity: EntityKind | None
    relief_withdrawn: bool
    is_holiday: Callable[[date], bool]


def counting(duty: ObligationDuty, timezone: str, holidays: tuple[date, ...] = ()) -> Counting:
    """How a duty is counted; `timezone` is that of the estate, `holidays` are days off of the whole organisation."""

    def is_holiday(day: date) -> bool:
        return day in holidays or (duty.holidays is not None and day in duty.holidays)

    return Counting(ZoneInfo(duty.timezone or timezone), duty.entity, duty.relief_withdrawn, is_holiday)


def due_at(report: Report, moments: Mapping[str, datetime], by: Counting) -> datetime | None:
    """When a report is due, by the moments that have come; None while its clock has not started.

    Limits of moments that have not come do not count yet.
    """
    started = moments.get(report.starts)
    if started is None:
        return None
    ends = [
        end
        for limit in report.limits
        if limit.of in moments
        and not ((end := limit.within.after(moments[limit.of], by.zone)) < started and limit.unless_passed)
    ]
    return _relieved(min(ends), report.relief, by) if ends else None


def _relieved(due: datetime, relief: Relief | None, by: Counting) -> datetime:
    if relief is None or by.relief_withdrawn or by.entity is None or by.entity in relief.not_for:
        return due
    if not _is_off(due.date(), by):
        return due
    day = due.date()
    while _is_off(day, by):
        day += timedelta(days=1)
    return datetime.combine(day, clock.fromisoformat(relief.until), by.zone)


def _is_off(day: date, by: Counting) -> bool:
    return day.weekday() >= _SATURDAY or by.is_holiday(day)
