"""Exercise time: integers of milliseconds from the start of the exercise (STARTEX), and how people write them.

A *duration* is written as in Prometheus with fractions allowed: `90s`, `2h30m`, `1.5h`, `250ms`, `7d`, `2w`.
An *epoch* is the wall-clock moment of STARTEX; what lies before it has a negative `at_ms`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

MILLISECOND = 1
SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY

UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_UNITS = {"ms": MILLISECOND, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK, "y": 365 * DAY}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdwy])")
_WHOLE = re.compile(rf"-?(?:{_PART.pattern})+")


def parse_duration(text: str) -> int:
    """Milliseconds of a written duration; `0` alone needs no unit.

    Raises ValueError with what was expected when the text is not a duration.
    """
    stripped = text.strip()
    if stripped == "0":
        return 0
    if not _WHOLE.fullmatch(stripped):
        raise ValueError(f"{text!r} is not a duration; write a number with a unit, like 90s, 15m or 2h30m")
    total = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(stripped))
    return round(-total if stripped.startswith("-") else total)


def format_duration(ms: int) -> str:
    """The shortest exact writing of a duration: 5_400_000 becomes `1h30m`, 0 becomes `0s`."""
    if ms == 0:
        return "0s"
    parts: list[str] = []
    rest = abs(ms)
    for unit in ("d", "h", "m", "s", "ms"):
        count, rest = divmod(rest, _UNITS[unit])
        if count:
            parts.append(f"{count}{unit}")
    return ("-" if ms < 0 else "") + "".join(parts)


def format_clock(ms: int) -> str:
    """Exercise time as people say it: `+01:07:30` after STARTEX, `-00:05:00` before it."""
    sign = "-" if ms < 0 else "+"
    seconds = abs(ms) // SECOND
    return f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def to_wall(at_ms: int, epoch: datetime) -> datetime:
    """The wall-clock moment of `at_ms`, in the zone of the (aware) epoch.  Arithmetic is on the UTC line."""
    if epoch.tzinfo is None:
        raise ValueError("the epoch needs a time zone")
    return (epoch.astimezone(UTC) + timedelta(milliseconds=at_ms)).astimezone(epoch.tzinfo)


def from_wall(moment: datetime, epoch: datetime) -> int:
    """Exercise time of an aware wall-clock moment."""
    return round((moment.astimezone(UTC) - epoch.astimezone(UTC)) / timedelta(milliseconds=1))


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The union of spans [start, end): in order, without overlaps, neighbours joined."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found
