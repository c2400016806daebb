"""What load is too much: the limits of the Google SRE book, as findings.

Chapter 11, "Being On-Call": an incident with its follow-up takes six hours, so at most two in a shift of twelve hours;
and at most a quarter of an engineer's time is spent on call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reports.workload.load import Load, PersonLoad
from timeline.findings import Finding, Place, Severity

TOO_MANY, TOO_LONG = "oncall.too-many-incidents", "oncall.too-much-time"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one person should carry at most."""

    incidents_per_shift: int = 2
    """In any twelve hours."""
    on_call_ratio: float = 0.25


def exceeded(load: Load, limits: Limits, place_of: Callable[[str], Place]) -> Iterator[Finding]:
    """A finding for each person and limit; `place_of` says where a person stands in the file."""
    for person in load.people:
        yield from _of_person(person, limits, place_of(person.person))


def _of_person(load: PersonLoad, limits: Limits, place: Place) -> Iterator[Finding]:
    if load.paged is not None and load.paged.busiest > limits.incidents_per_shift:
        message = (
            f"{load.person} was paged for {load.paged.busiest} incidents within twelve hours; "
            f"{limits.incidents_per_shift} are the limit"
        )
        yield Finding(TOO_MANY, Severity.WARNING, place, message)
    if load.on_call_ratio > limits.on_call_ratio:
        share, limit = f"{load.on_call_ratio:.0%}", f"{limits.on_call_ratio:.0%}"
        message = f"{load.person} is on call for {share} of the time; {limit} is the limit"
        yield Finding(TOO_LONG, Severity.WARNING, place, message, "more people in the rotation, or shorter hours")
