"""The load of each person over a span: time on call from the schedule, pages from timelines or from the past.

Time on call, nights, weekends and holidays come from the rotations; two held at once count once.  Pages are known only
where there is a record of them.  Everybody who takes turns in one of the rotations, holds one by an override, or was
paged is counted, also with nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from reports.workload.inequality import gini
from reports.workload.pages import Page, busiest_window, by_person, occupied_ms
from simulator.response.oncall import Hardship, OnCall, Shift, hardship, shifts_of
from simulator.response.oncall.clock import LocalClock
from timeline.instants import HOUR, MINUTE, UNIX_EPOCH
from topologies.organisation import Organisation


@dataclass(frozen=True, slots=True)
class Span:
    """Milliseconds since 1970 (UTC), the end not included."""

    from_ms: int
    to_ms: int

    @property
    def length_ms(self) -> int:
        return self.to_ms - self.from_ms


@dataclass(frozen=True, slots=True)
class Paged:
    """What pages asked of one person."""

    pages: int
    sleep_pages: int
    per_shift: float | None
    """None without a shift."""
    busiest: int
    """Incidents in the busiest twelve hours."""
    occupied_ms: int | None
    """None when no page says how long it took."""


@dataclass(frozen=True, slots=True)
class PersonLoad:
    """One person's share."""

    person: str
    duty: Hardship
    shifts: int
    on_call_ratio: float
    paged: Paged | None
    """None when nothing is known of pages."""


@dataclass(frozen=True, slots=True)
class Load:
    """The load of everybody."""

    spans: tuple[Span, ...]
    rotations: tuple[str, ...]
    people: tuple[PersonLoad, ...]
    shifts: tuple[Shift, ...]
    pages: tuple[Page, ...] | None

    @property
    def length_ms(self) -> int:
        return sum(span.length_ms for span in self.spans)


@dataclass(frozen=True, slots=True)
class Aspect:
    """One way to look at the load of a person; None where it is not known."""

    id: str
    title: str
    read: Callable[[PersonLoad], float | None]

    def inequality(self, people: Iterable[PersonLoad]) -> float | None:
        """The Gini coefficient over people; None when it is not known of all, or nobody carries anything."""
        values = [self.read(person) for person in people]
        known = [value for value in values if value is not None]
        return gini(known) if len(known) == len(values) else None


def _of_pages(read: Callable[[Paged], float | None]) -> Callable[[PersonLoad], float | None]:
    return lambda person: None if person.paged is None else read(person.paged)


ASPECTS = (
    Aspect("pages", "pages", _of_pages(lambda paged: paged.pages)),
    Aspect("sleep_hour_pages", "in sleep hours", _of_pages(lambda paged: paged.sleep_pages)),
    Aspect("pages_per_shift", "per shift", _of_pages(lambda paged: paged.per_shift)),
    Aspect("busiest_12h", "busiest 12 h", _of_pages(lambda paged: paged.busiest)),
    Aspect(
        "interrupted_minutes",
        "minutes interrupted",
        _of_pages(lambda paged: None if paged.occupied_ms is None else paged.occupied_ms / MINUTE),
    ),
    Aspect("shifts", "shifts", lambda person: person.shifts),
    Aspect("on_call_hours", "hours on call", lambda person: person.duty.on_call_ms / HOUR),
    Aspect("on_call_ratio", "share of time", lambda person: person.on_call_ratio),
    Aspect("night_hours", "night hours", lambda person: person.duty.night_ms / HOUR),
    Aspect("weekends", "weekends", lambda person: len(person.duty.weekends)),
    Aspect("holidays", "holidays", lambda person: len(person.duty.holidays)),
)


def load_of(
    organisation: Organisation, rotations: Sequence[str], spans: Sequence[Span], pages: Sequence[Page] | None = None
) -> Load:
    """The load over spans (of several exercises; mostly one).  Pages outside of all spans are left out.

    Moments of pages are milliseconds since 1970.  Raises KeyError for a rotation that the organisation does not have.
    """
    oncall = OnCall(organisation, UNIX_EPOCH)
    within = None if pages is None else tuple(p for p in pages if any(s.from_ms <= p.at_ms < s.to_ms for s in spans))
    shifts = [shift for span in spans for shift in shifts_of(oncall, rotations, span.from_ms, span.to_ms)]
    people = dict.fromkeys(id for rotation in rotations for id in organisation.rotations[rotation].everybody)
    people |= dict.fromkeys(shift.person for shift in shifts)
    people |= dict.fromkeys(page.person for page in within or ())
    paged = by_person(within or ())
    length_ms = sum(span.length_ms for span in spans)
    loads = []
    for id in people:
        held = [shift for shift in shifts if shift.person == id]
        clock = LocalClock(organisation.people[id].timezone, UNIX_EPOCH)
        duty = hardship([(shift.from_ms, shift.to_ms) for shift in held], clock, organisation.holidays)
        of_pages = None if within is None else _paged(paged.get(id, []), len(held))
        loads.append(PersonLoad(id, duty, len(held), duty.on_call_ms / length_ms, of_pages))
    return Load(tuple(spans), tuple(rotations), tuple(loads), tuple(shifts), within)


def _paged(pages: Sequence[Page], shifts: int) -> Paged:
    known = not pages or any(page.occupied is not None for page in pages)
    return Paged(
        pages=len(pages),
        sleep_pages=sum(bool(page.sleep_hours) for page in pages),
        per_shift=len(pages) / shifts if shifts else None,
        busiest=len(busiest_window(pages)),
        occupied_ms=occupied_ms(pages) if known else None,
    )
