"""Durations as fields of models: written with a unit in files, milliseconds inside."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

from timeline.instants import format_duration, parse_duration


def _duration(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, str):
        raise ValueError(f"{value!r} is not a duration; write a number with a unit, like 90s, 15m or 2h30m")
    return parse_duration(value)


DurationMs = Annotated[
    int,
    BeforeValidator(_duration, json_schema_input_type=str),
    PlainSerializer(format_duration, return_type=str),
]
"""Milliseconds, written as a duration (`90s`, `2h30m`)."""
