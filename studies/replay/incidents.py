"""What is replayed: the incidents of a history, each placed on a component with a kind of fault.

Moments are milliseconds since 1970 (UTC).  A history seldom says everything, so each incident carries what it can be
held against:

- *acknowledgement* counts from the opening of the record, in the model from the first notice to anybody;
- *restoration* counts from the start of the disruption where the record knows it (`impact_from`), else from the
  opening, in the model accordingly; and it ends where users were served again if the record knows that (`impact_to`),
  else where somebody had put on record that it was over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from scenarios.history.record import IncidentRecord
from timeline.instants import UNIX_EPOCH

MIDDLE_PRIORITY = 3
"""Of an incident whose record states none."""
_MILLISECOND = timedelta(milliseconds=1)


class Pair(NamedTuple):
    """What breaks, and how: a component (or site) of the estate and a kind of fault of the catalogue."""

    target: str
    fault: str

    def __str__(self) -> str:
        return f"{self.fault}@{self.target}"


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident to replay.  Spans are in milliseconds, None where the record does not tell."""

    id: str
    name: str
    """What the history calls the place: its service or component."""
    pair: Pair
    at_ms: int
    """When the disruption began."""
    opened_ms: int
    priority: int
    """1 is the most urgent."""
    recorded_acknowledge_ms: int | None
    recorded_restore_ms: int | None
    from_impact: bool
    """Whether the recorded restoration counts from the start of the impact, not from the opening."""
    to_service: bool
    """Whether it ends when users were served again, not when somebody had put it on record."""

    def moved(self, by_ms: int, id: str | None = None) -> Incident:
        """The same at another time."""
        return Incident(
            id or self.id,
            self.name,
            self.pair,
            self.at_ms + by_ms,
            self.opened_ms + by_ms,
            self.priority,
            self.recorded_acknowledge_ms,
            self.recorded_restore_ms,
            self.from_impact,
            self.to_service,
        )


def incident_of(record: IncidentRecord, name: str, pair: Pair) -> Incident:
    """A record placed on the estate.  An impact that begins after the opening is taken from the opening."""
    opened_ms, began_ms = _at_ms(record.opened_at), _at_ms(record.began_at)
    return Incident(
        id=record.id,
        name=name,
        pair=pair,
        at_ms=min(began_ms, opened_ms),
        opened_ms=opened_ms,
        priority=MIDDLE_PRIORITY if record.priority_rank is None else record.priority_rank,
        recorded_acknowledge_ms=_ms(record.acknowledge_time),
        recorded_restore_ms=_ms(record.restore_time),
        from_impact=record.impact_from is not None,
        to_service=record.impact_to is not None,
    )


def in_order(incidents: Iterable[Incident]) -> tuple[Incident, ...]:
    """By the moment at which they begin, then by id."""
    return tuple(sorted(incidents, key=lambda one: (one.at_ms, one.id)))


def _at_ms(moment: datetime) -> int:
    return (moment - UNIX_EPOCH) // _MILLISECOND


def _ms(span: timedelta | None) -> int | None:
    return None if span is None else span // _MILLISECOND
