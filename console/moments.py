"""Moments and durations as options of commands give them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from timeline.findings import InputError
from timeline.instants import parse_duration


def parse_moment(text: str, option: str, zone: ZoneInfo | None = None) -> datetime:
    """An aware moment; one without an offset is local time of `zone`.

    Raises InputError naming the option when the text is no moment, or needs an offset and has none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is not a moment"
        raise InputError.single("input.option", option, message, "write one like 2026-03-14T02:10:00+01:00") from None
    if moment.tzinfo is not None:
        return moment
    if zone is None:
        raise InputError.single("input.option", option, f"{text!r} has no offset", f"write {text}+00:00 for UTC")
    return moment.replace(tzinfo=zone)


def parse_span(text: str, option: str) -> int:
    """Milliseconds of a duration.  Raises InputError naming the option."""
    try:
        return parse_duration(text)
    except ValueError as error:
        message, _, hint = str(error).partition("; ")
        raise InputError.single("input.option", option, message, hint) from None
