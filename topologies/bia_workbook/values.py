"""One cell: what it holds as YAML has it, and how people write it in a table.

Durations are written as everywhere (`4h`, `2d`, `30m`); cells that a spreadsheet has turned into a time or a day are
understood too, and so are `2 hours`, `30 min` and `1:30` (hours and minutes).  Shares are numbers from 0 to 1 or per
cent.  Text that a spreadsheet would take for a formula is kept as text.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Any

from timeline.distributions import Distribution
from timeline.findings import nearest
from timeline.instants import HOUR, MINUTE, SECOND, format_duration, parse_duration
from topologies.bia_workbook.layout import Column, Kind

_WORDS = {
    "ms": ("ms", "millisecond", "milliseconds"),
    "s": ("s", "sec", "secs", "second", "seconds"),
    "m": ("m", "min", "mins", "minute", "minutes"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "d": ("d", "day", "days"),
    "w": ("w", "week", "weeks"),
}
_UNIT = {word: unit for unit, words in _WORDS.items() for word in words}
_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z]+)\.?")
_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d))?")
_ID = re.compile(r"[a-z0-9][a-z0-9._-]*")

Value = str | int | float
"""As YAML has it: durations and distributions are text."""


def read_cell(column: Column, cell: Any) -> Value | None:
    """The value of a cell; None when it is empty.  Raises ValueError with what was expected."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    text = cell.strip() if isinstance(cell, str) else cell
    match column.kind:
        case Kind.TEXT:
            return str(text)
        case Kind.ID:
            return _id(text)
        case Kind.CHOICE:
            return _choice(column, text)
        case Kind.DURATION:
            return _duration(text)
        case Kind.DISTRIBUTION:
            return _distribution(text)
        case Kind.RATIO:
            return _ratio(text)
        case Kind.NUMBER:
            return _number(text)
        case Kind.COUNT:
            return _count(text)


def same(column: Column, one: Value | None, other: Value | None) -> bool:
    """Whether two values mean the same: `2h` and `120m` do."""
    if one is None or other is None:
        return one is other
    if column.kind is Kind.DURATION:
        return parse_duration(str(one)) == parse_duration(str(other))
    if column.kind is Kind.DISTRIBUTION:
        return Distribution.parse(str(one)) == Distribution.parse(str(other))
    if column.kind is Kind.TEXT:
        return str(one).split() == str(other).split()
    return one == other


def _id(value: Any) -> str:
    text = str(value)
    if not _ID.fullmatch(text):
        raise ValueError(f"{text!r} is not an id: lower-case letters, digits, dot, dash and underscore")
    return text


def _choice(column: Column, value: Any) -> str:
    found = str(value).lower()
    if found not in column.choices:
        raise ValueError(
            f"{value!r} is not one of {', '.join(column.choices)}; {nearest(found, column.choices)}".rstrip("; ")
        )
    return found


def _duration(value: Any) -> str:
    if isinstance(value, timedelta):
        return format_duration(round(value / timedelta(milliseconds=1)))
    if isinstance(value, datetime):
        raise ValueError(f"{value} is a date, not a duration; write one like 4h or 2d")
    if isinstance(value, time):
        return format_duration(value.hour * HOUR + value.minute * MINUTE + value.second * SECOND)
    if isinstance(value, int | float):
        raise ValueError(f"{value} has no unit; write a duration like 30m, 4h or 2d")
    if clock := _CLOCK.fullmatch(value):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return format_duration(hours * HOUR + minutes * MINUTE + seconds * SECOND)
    written = value.lower()
    rest = _PART.sub("", written).replace("and", "").strip(" ,")
    parts = _PART.findall(written)
    if parts and not rest and all(unit in _UNIT for _, unit in parts):
        return format_duration(
            parse_duration("".join(f"{number.replace(',', '.')}{_UNIT[unit]}" for number, unit in parts))
        )
    return format_duration(parse_duration(value))


def _distribution(value: Any) -> str:
    if isinstance(value, str) and "(" in value:
        Distribution.parse(value)
        return value
    return _duration(value)


def _ratio(value: Any) -> float:
    text = str(value)
    share = _number(text[:-1].strip()) / 100 if text.endswith("%") else _number(value)
    if not 0 <= share <= 1:
        raise ValueError(f"{text} is not a share: from 0 to 1, or from 0 % to 100 %")
    return round(share, 6)


def _number(value: Any) -> float | int:
    if isinstance(value, bool):
        raise ValueError(f"{value} is not a number")
    if isinstance(value, int | float):
        number = float(value)
    else:
        try:
            number = float(str(value).replace(" ", "").replace("\N{NO-BREAK SPACE}", "").replace("'", ""))
        except ValueError:
            raise ValueError(f"{value!r} is not a number; write it without separators, like 180000 or 0.5") from None
    if not number == number or number in (float("inf"), float("-inf")):
        raise ValueError(f"{value!r} is not a number")
    return int(number) if number == int(number) else number


def _count(value: Any) -> int:
    number = _number(value)
    if not isinstance(number, int) or number < 0:
        raise ValueError(f"{value} is not a whole number")
    return number
