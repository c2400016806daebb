"""Stress: what was recorded, made worse in a stated way, to test a continuity plan.

worst-week[=N]      the week with the most incidents, N times in a row (4)
overlap[=K]         every K incidents that follow each other begin within five minutes (3)
scale[=F]           F times as many (2): each incident again in other weeks, at its weekday and hour, at random
holiday[=DATE]      the busiest day once more on a holiday: by default the first one in the span
peak[=FUNCTION]     the busiest hour once more at the peak of a function, on every working day of the busiest week
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from simulator.randomness import Streams
from studies.replay.incidents import Incident, in_order
from timeline.findings import InputError, nearest
from timeline.instants import HOUR, MINUTE, UNIX_EPOCH, WEEK, to_wall
from topologies.calendars import HolidayCalendar
from topologies.estate import Estate
from topologies.organisation import Organisation

_OVERLAP_WITHIN_MS = 5 * MINUTE
_WORKING_DAYS = 5


@dataclass(frozen=True, slots=True)
class World:
    """What a stress may ask: where holidays and peaks are."""

    estate: Estate
    organisation: Organisation

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.estate.timezone)


@dataclass(frozen=True, slots=True)
class Stress:
    """A named stress with its parameter as text; it makes the incidents of a replication from those of the history."""

    name: str
    parameter: str
    world: World

    def __str__(self) -> str:
        return f"{self.name}={self.parameter}"

    def __call__(self, incidents: Sequence[Incident], streams: Streams) -> tuple[Incident, ...]:
        """Raises InputError where the history has nothing to place."""
        return in_order(STRESSES[self.name].make(self, incidents, streams))

    def number(self, least: float) -> float:
        """The parameter as a number.  Raises InputError below `least`."""
        try:
            value = float(self.parameter)
        except ValueError:
            value = float("nan")
        if not value >= least or value == float("inf"):
            hint = f"write {self.name}=N with a number from {least:g} on"
            raise InputError.single("input.option", "--stress", f"{self.parameter!r} does not do for {self.name}", hint)
        return value


Make = Callable[[Stress, Sequence[Incident], Streams], list[Incident]]


@dataclass(frozen=True, slots=True)
class StressKind:
    """A stress as the catalogue lists it."""

    title: str
    default: str
    make: Make
    check: Callable[[Stress], object]
    """Raises InputError where the parameter cannot be meant."""


def parse_stress(text: str, world: World) -> Stress:
    """A stress like `scale=2`, or its name alone.  Raises InputError for what is not there or cannot be meant."""
    name, _, parameter = text.partition("=")
    if name not in STRESSES:
        hint = nearest(name, STRESSES) or f"there are {', '.join(STRESSES)}"
        raise InputError.single("input.not-found", "--stress", f"there is no stress {name!r}", hint)
    stress = Stress(name, parameter or STRESSES[name].default, world)
    STRESSES[name].check(stress)
    return stress


def _worst_week(stress: Stress, incidents: Sequence[Incident], _: Streams) -> list[Incident]:
    zone = stress.world.zone
    week = _busiest(incidents, lambda one: _monday(one, zone))
    return [
        one.moved(number * WEEK, one.id if number == 0 else f"{one.id}~{number + 1}")
        for number in range(int(stress.number(1)))
        for one in week
    ]


def _overlap(stress: Stress, incidents: Sequence[Incident], streams: Streams) -> list[Incident]:
    together = int(stress.number(2))
    moved = []
    for start in range(0, len(incidents), together):
        group = incidents[start : start + together]
        for one in group:
            u = streams.uniform("stress", "overlap", one.id)
            begins = group[0].at_ms + (0 if one is group[0] else int(u * _OVERLAP_WITHIN_MS))
            moved.append(one.moved(begins - one.at_ms))
    return moved


def _scale(stress: Stress, incidents: Sequence[Incident], streams: Streams) -> list[Incident]:
    factor = stress.number(0.01)
    weeks = max((incidents[-1].at_ms - incidents[0].at_ms) // WEEK, 1)
    begin, made = incidents[0].at_ms, []
    for one in incidents:
        copies = int(factor) + (streams.uniform("stress", "scale", one.id) < factor % 1)
        made += [one] * (copies > 0)
        for copy in range(1, copies):
            shift = int(streams.uniform("stress", "week", f"{one.id}/{copy}") * weeks)
            nudge = int((streams.uniform("stress", "minute", f"{one.id}/{copy}") - 0.5) * HOUR)
            place = begin + (one.at_ms - begin + shift * WEEK) % (weeks * WEEK) + nudge
            made.append(one.moved(place - one.at_ms, f"{one.id}~{copy + 1}"))
    return made


def _holiday(stress: Stress, incidents: Sequence[Incident], _: Streams) -> list[Incident]:
    zone = stress.world.zone
    storm = _busiest(incidents, lambda one: _local(one, zone).date())
    shift = _midnight_ms(_holiday_of(stress, incidents), zone) - _midnight_ms(_local(storm[0], zone).date(), zone)
    return [*incidents, *(one.moved(shift, f"{one.id}~storm") for one in storm)]


def _holiday_of(stress: Stress, incidents: Sequence[Incident]) -> date:
    """The day that is named, else the first holiday of organisation, rotations or people in the span of the history."""
    if stress.parameter != "first":
        return date.fromisoformat(stress.parameter)
    zone, organisation = stress.world.zone, stress.world.organisation
    first, last = (_local(one, zone).date() for one in (incidents[0], incidents[-1]))
    own = [rotation.holidays for rotation in organisation.rotations.values()]
    own += [person.holidays for person in organisation.people.values()]
    calendars = [HolidayCalendar(days=organisation.holidays), *(one for one in own if one is not None)]
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    found = next((day for day in days if any(day in calendar for calendar in calendars)), None)
    if found is None:
        message = f"the organisation states no holiday from {first} to {last}"
        raise InputError.single("input.option", "--stress", message, "name a day: holiday=2026-12-25")
    return found


def _peak(stress: Stress, incidents: Sequence[Incident], _: Streams) -> list[Incident]:
    zone, functions = stress.world.zone, stress.world.estate.functions
    demand = functions[_function_of(stress)].demand
    assert demand is not None
    hour = int(np.argmax(demand.by_hour))
    storm = _busiest(incidents, lambda one: one.at_ms // HOUR)
    monday = _monday(_busiest(incidents, lambda one: _monday(one, zone))[0], zone)
    made = list(incidents)
    for number in range(_WORKING_DAYS):
        day = datetime.combine(monday + timedelta(days=number), time(hour), zone)
        begins = _ms(day)
        base = storm[0].at_ms // HOUR * HOUR
        made += [one.moved(begins - base, f"{one.id}~storm-{number + 1}") for one in storm]
    return made


def _function_of(stress: Stress) -> str:
    """The function that is named, else the one with the highest peak."""
    peaks = {id: f.demand.peak_rps for id, f in stress.world.estate.functions.items() if f.demand is not None}
    if not peaks:
        message = "no function of the estate states its demand"
        raise InputError.single("input.option", "--stress", message, "state `demand` of a function, or choose another")
    if stress.parameter == "highest":
        return max(peaks, key=peaks.__getitem__)
    if stress.parameter not in peaks:
        message = f"there is no function {stress.parameter!r} that states its demand"
        raise InputError.single("input.not-found", "--stress", message, nearest(stress.parameter, peaks))
    return stress.parameter


def _check_day(stress: Stress) -> None:
    if stress.parameter == "first":
        return
    try:
        date.fromisoformat(stress.parameter)
    except ValueError:
        message = f"{stress.parameter!r} is no day"
        raise InputError.single("input.option", "--stress", message, "write one like 2026-12-25") from None


STRESSES: dict[str, StressKind] = {
    "worst-week": StressKind("the heaviest week, again and again", "4", _worst_week, lambda s: s.number(1)),
    "overlap": StressKind("incidents that follow each other come at once", "3", _overlap, lambda s: s.number(2)),
    "scale": StressKind("so many times as many incidents", "2", _scale, lambda s: s.number(0.01)),
    "holiday": StressKind("the busiest day once more on a holiday", "first", _holiday, _check_day),
    "peak": StressKind("the busiest hour at a function's peak", "highest", _peak, _function_of),
}


def _busiest(incidents: Sequence[Incident], place: Callable[[Incident], object]) -> list[Incident]:
    """The incidents of the place in time that has most of them, the first such."""
    counts = Counter(place(one) for one in incidents)
    chosen = max(counts, key=counts.__getitem__)
    return [one for one in incidents if place(one) == chosen]


def _local(incident: Incident, zone: ZoneInfo) -> datetime:
    return to_wall(incident.at_ms, UNIX_EPOCH).astimezone(zone)


def _monday(incident: Incident, zone: ZoneInfo) -> date:
    day = _local(incident, zone).date()
    return day - timedelta(days=day.weekday())


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    return _ms(datetime.combine(day, time(0), zone))


def _ms(moment: datetime) -> int:
    return int((moment - UNIX_EPOCH) / timedelta(milliseconds=1))
