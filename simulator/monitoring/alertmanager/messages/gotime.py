"""Moments as Go's templates see them: `{{ .StartsAt.Format "15:04" }}`, `{{ date "2 Jan" .StartsAt }}`.

A *layout* shows how the moment Monday, 2 January 2006, 15:04:05, zone MST (-0700) would be written.

Source: the documentation of Go's package `time`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from simulator.monitoring.gotemplate import Record, TemplateError

_ELEMENT = re.compile(
    r"January|Jan|Monday|Mon|MST|2006|Z07:00:00|Z07:00|Z0700|Z07|-07:00:00|-07:00|-0700|-07|__2|_2|002|01|02|03|04|05|06"
    r"|15|PM|pm|[.,]0+(?!\d)|[.,]9+(?!\d)|1|2|3|4|5"
)
_SHOWN = "2006-01-02 15:04:05.999999999 -0700 MST"


def _offset(moment: datetime, layout: str) -> str:
    minutes = (moment.utcoffset() or timedelta()) // timedelta(minutes=1)
    if layout.startswith("Z") and minutes == 0:
        return "Z"
    hours, rest = divmod(abs(minutes), 60)
    separator = ":" if ":" in layout else ""
    parts = [f"{hours:02d}", f"{rest:02d}", "00"][: len(layout[1:].replace(":", "")) // 2]
    return ("-" if minutes < 0 else "+") + separator.join(parts)


def _fraction(moment: datetime, layout: str) -> str:
    digits = f"{moment.microsecond:06d}".ljust(9, "0")[: len(layout) - 1]
    if layout[1] == "9":
        digits = digits.rstrip("0")
    return layout[0] + digits if digits else ""


_ELEMENTS: dict[str, Callable[[datetime], str]] = {
    "January": lambda t: t.strftime("%B"),
    "Jan": lambda t: t.strftime("%b"),
    "Monday": lambda t: t.strftime("%A"),
    "Mon": lambda t: t.strftime("%a"),
    "MST": lambda t: t.tzname() or "",
    "2006": lambda t: f"{t.year:04d}",
    "06": lambda t: f"{t.year % 100:02d}",
    "01": lambda t: f"{t.month:02d}",
    "1": lambda t: str(t.month),
    "02": lambda t: f"{t.day:02d}",
    "_2": lambda t: f"{t.day:2d}",
    "2": lambda t: str(t.day),
    "002": lambda t: f"{t.timetuple().tm_yday:03d}",
    "__2": lambda t: f"{t.timetuple().tm_yday:3d}",
    "15": lambda t: f"{t.hour:02d}",
    "03": lambda t: f"{(t.hour + 11) % 12 + 1:02d}",
    "3": lambda t: str((t.hour + 11) % 12 + 1),
    "04": lambda t: f"{t.minute:02d}",
    "4": lambda t: str(t.minute),
    "05": lambda t: f"{t.second:02d}",
    "5": lambda t: str(t.second),
    "PM": lambda t: "AM" if t.hour < 12 else "PM",
    "pm": lambda t: "am" if t.hour < 12 else "pm",
}


def format_layout(moment: datetime, layout: str) -> str:
    """The moment, written as the layout shows."""

    def written(found: re.Match[str]) -> str:
        element = found[0]
        if element in _ELEMENTS:
            return _ELEMENTS[element](moment)
        return _fraction(moment, element) if element[0] in ".," else _offset(moment, element)

    return _ELEMENT.sub(written, layout)


def go_time(moment: datetime) -> Record:
    """A `time.Time`; `datetime` remembers the moment for the functions that take one."""
    return Record(
        "time.Time",
        {"datetime": moment},
        {
            "Format": lambda layout: format_layout(moment, layout),
            "Unix": lambda: int(moment.timestamp()),
            "UnixMilli": lambda: int(moment.timestamp() * 1000),
            "UTC": lambda: go_time(moment.astimezone(UTC)),
            "Sub": lambda other: go_duration(moment - moment_of(other)),
            "Before": lambda other: moment < moment_of(other),
            "After": lambda other: moment > moment_of(other),
            "Equal": lambda other: moment == moment_of(other),
            "Weekday": lambda: moment.strftime("%A"),
            "Year": lambda: moment.year,
            "Day": lambda: moment.day,
            "Hour": lambda: moment.hour,
            "Minute": lambda: moment.minute,
            "String": lambda: format_layout(moment, _SHOWN),
        },
        shown=format_layout(moment, _SHOWN),
    )


def moment_of(value: object) -> datetime:
    """The moment behind a `time.Time`.  Raises TemplateError for anything else."""
    if not isinstance(value, Record) or value.type_name != "time.Time":
        raise TemplateError("wrong type for value; expected time.Time")
    moment = value.fields["datetime"]
    assert isinstance(moment, datetime)
    return moment


def in_zone(name: str, value: object) -> Record:
    """`tz`: the same moment on the clock of a zone."""
    if name != "UTC" and name not in available_timezones():
        raise TemplateError(f"unknown time zone {name}")
    return go_time(moment_of(value).astimezone(ZoneInfo(name)))


def go_duration(length: timedelta) -> Record:
    """A `time.Duration`, printed as `1h2m3s`."""
    seconds = length.total_seconds()
    return Record(
        "time.Duration",
        {"seconds": seconds},
        {
            "Seconds": lambda: seconds,
            "Minutes": lambda: seconds / 60,
            "Hours": lambda: seconds / 3600,
            "Milliseconds": lambda: round(seconds * 1000),
            "String": lambda: _duration_text(length),
        },
        shown=_duration_text(length),
    )


def _duration_text(length: timedelta) -> str:
    sign, length = ("-", -length) if length < timedelta() else ("", length)
    if length and length < timedelta(seconds=1):
        return f"{sign}{length / timedelta(milliseconds=1):g}ms"
    minutes, rest = divmod(length, timedelta(minutes=1))
    seconds = f"{rest.total_seconds():.6f}".rstrip("0").rstrip(".") + "s"
    if minutes < 60:
        return f"{sign}{minutes}m{seconds}" if minutes else sign + seconds
    return f"{sign}{minutes // 60}h{minutes % 60}m{seconds}"
