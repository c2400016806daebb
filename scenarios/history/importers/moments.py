"""Moments as exports write them, and what such a text may leave open: the zone, and which number is the day.

Understood are ISO 8601 (`2026-03-01T09:15:00Z`, `2026-03-01 09:15`), numbers in day-first or month-first order
(`01/03/2026 09:15`, `1.3.26 9:15 AM`), names of months (`01-Mar-2026`, `Mar 1, 2026 9:15 AM`) and seconds or
milliseconds since 1970.  Years before 1970 and after 2199 are fillers for "no date", and refused.

`02/03/2026` says nothing about its order.  One date with a number above 12 in the first or second place does, for the
whole file (`Evidence`); dots are always day-first.  Without such a date the order is a guess, which the importer tells.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from zoneinfo import ZoneInfo

from timeline.instants import UNIX_EPOCH

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_TIME = r"(?:[ T,]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?)?"
_HALF = r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?"
_OFFSET = r"(?:\s*(?P<offset>Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
_REST = _TIME + _HALF + _OFFSET
_NUMBERS = re.compile(r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<other>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})" + _REST)
_DAY_NAME = re.compile(r"(?P<day>\d{1,2})[-/ .]+(?P<month>[A-Za-z]{3,9})\.?[-/ .,]+(?P<year>\d{4}|\d{2})" + _REST)
_NAME_DAY = re.compile(r"(?P<month>[A-Za-z]{3,9})\.? +(?P<day>\d{1,2}),? +(?P<year>\d{4})" + _REST)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})[/.](?P<month>\d{1,2})[/.](?P<day>\d{1,2})" + _REST)
_SPACED_ZONE = re.compile(r"\s+(?:UTC|GMT|Z)$|\s+(?=[+-]\d{2}:?\d{2}$)")
_EPOCH = re.compile(r"\d{10}(?:\.\d+)?|\d{13}")
_YEARS = range(1970, 2200)
_ENOUGH_EVIDENCE = 200
_ENOUGH_ISO = 2_000
_REMEMBERED = 50_000


class DateOrder(StrEnum):
    """Which of two numbers is the day."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


@dataclass(frozen=True, slots=True)
class Evidence:
    """How many of the dates that were looked at can only be day-first, only month-first, or either."""

    day_first: int
    month_first: int
    either: int

    @property
    def order(self) -> DateOrder | None:
        """What most of the telling dates say; None where none tells."""
        if not self.day_first and not self.month_first:
            return None
        return DateOrder.DAY_FIRST if self.day_first >= self.month_first else DateOrder.MONTH_FIRST


def weigh(texts: Iterable[str | None]) -> Evidence:
    """What the dates of a file say about their order; looks at as many as it takes, all of them if none tells."""
    day_first = month_first = either = seen = 0
    for text in texts:
        if not text:
            continue
        seen += 1
        if match := _NUMBERS.fullmatch(text.strip()):
            first, other = int(match["first"]), int(match["other"])
            if match["mark"] == "." or (first > 12 >= other):
                day_first += 1
            elif other > 12 >= first:
                month_first += 1
            elif first != other:
                either += 1
        if day_first + month_first >= _ENOUGH_EVIDENCE or (
            seen >= _ENOUGH_ISO and not day_first + month_first + either
        ):
            break
    return Evidence(day_first, month_first, either)


class MomentReader:
    """Reads the moments of one file: in `zone` where they name none, in `order` where they are numbers.

    `zoneless` is the first text that named no zone; `clock_changes` counts moments that the change of the clocks makes
    double (the first is taken) or impossible (moved forward by the change).
    """

    def __init__(self, zone: ZoneInfo, order: DateOrder = DateOrder.DAY_FIRST) -> None:
        self.zone = zone
        self.order = order
        self.zoneless: str | None = None
        self.clock_changes = 0
        self._known: dict[str, datetime] = {}

    def read(self, text: str) -> datetime:
        """The moment in UTC, in whole milliseconds.  Raises ValueError saying what is wrong with the text."""
        known = self._known.get(text)
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            known = self._known[text] = self._read(text.strip())
        return known

    def _read(self, text: str) -> datetime:
        if _EPOCH.fullmatch(text):
            number = float(text)
            moment = UNIX_EPOCH + timedelta(milliseconds=number if number >= 1e11 else round(number * 1000))
        else:
            moment = self._aware(_parse(text, self.order), text)
        if moment.year not in _YEARS:
            raise ValueError(f"{text!r} is a filler, not a moment")
        return _whole_ms(moment)

    def _aware(self, moment: datetime, text: str) -> datetime:
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
        if self.zoneless is None:
            self.zoneless = text
        if self.zone.key == "UTC":
            return moment.replace(tzinfo=UTC)
        local = moment.replace(tzinfo=self.zone)
        if local.utcoffset() != local.replace(fold=1).utcoffset():
            self.clock_changes += 1
        return local.astimezone(UTC)


def _whole_ms(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000) if moment.microsecond else moment


def _parse(text: str, order: DateOrder) -> datetime:
    """Raises ValueError saying what was expected."""
    if text[:4].isdecimal():
        with contextlib.suppress(ValueError):
            return datetime.fromisoformat(_SPACED_ZONE.sub(lambda m: "Z" if m.group().strip() else "", text))
    if match := _NUMBERS.fullmatch(text):
        first, other = int(match["first"]), int(match["other"])
        day_first = order is DateOrder.DAY_FIRST or match["mark"] == "."
        day, month = (first, other) if day_first else (other, first)
        if month > 12:
            raise ValueError(f"{text!r} is no {order} date")
    elif (match := _DAY_NAME.fullmatch(text)) or (match := _NAME_DAY.fullmatch(text)):
        day, month = int(match["day"]), _MONTHS.get(match["month"][:3].lower(), 0)
    elif match := _YEAR_FIRST.fullmatch(text):
        day, month = int(match["day"]), int(match["month"])
    else:
        raise ValueError(f"{text!r} is not a moment")
    try:
        return _assemble(match, day, month)
    except ValueError:
        raise ValueError(f"{text!r} is not a moment") from None


def _assemble(match: re.Match[str], day: int, month: int) -> datetime:
    year = int(match["year"])
    hour = int(match["hour"] or 0)
    if half := match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half in "Pp" else 0)
    microsecond = int(((match["fraction"] or "") + "000000")[:6])
    moment = datetime(
        year + 2000 if year < 100 else year,
        month,
        day,
        hour,
        int(match["minute"] or 0),
        int(match["second"] or 0),
        microsecond,
    )
    return moment.replace(tzinfo=_offset(match["offset"]))


def _offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text[0] not in "+-":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
