"""Builders for rotations in tests, and moments written as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

from simulator.response.oncall.schedule import Schedule
from timeline.instants import from_wall
from topologies.rotations import Layer, Override, Restriction, Rotation

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"]


def layer(people: str, start: str, length: str = "1d", *restrictions: Restriction, until: str | None = None) -> Layer:
    """`people` are single letters, in the order of their turns."""
    return Layer(people=tuple(people), start=start, length=length, restrictions=restrictions, until=until)  # type: ignore[arg-type]


def restriction(start: str, end: str, *days: str) -> Restriction:
    return Restriction(start=start, end=end, days=days) if days else Restriction(start=start, end=end)  # type: ignore[arg-type]


def override(start: str, end: str, person: str | None) -> Override:
    return Override(start=start, end=end, person=person)  # type: ignore[arg-type]


def rotation(timezone: str, *layers: Layer, overrides: tuple[Override, ...] = ()) -> Rotation:
    return Rotation(title="a rotation", timezone=timezone, layers=layers, overrides=overrides)


def schedule(timezone: str, *layers: Layer, overrides: tuple[Override, ...] = ()) -> Schedule:
    return Schedule(rotation(timezone, *layers, overrides=overrides), EPOCH)


def at(moment: str) -> int:
    """Exercise time of an ISO 8601 moment with offset."""
    return from_wall(datetime.fromisoformat(moment), EPOCH)


def who(people: str | None) -> tuple[str, ...]:
    """Holders as tests write them: letters, or None for nobody."""
    return tuple(people or "")
