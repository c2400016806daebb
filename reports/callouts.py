"""Callouts as they went: from the moment that asks for one, its progress, and how far it had come in its time."""

from __future__ import annotations

from dataclasses import dataclass

from reports.index import TimelineIndex, detail_of
from timeline.details import CalloutDetail
from timeline.events import Event

_KINDS = ("callout.due", "callout.started", "callout.reached", "callout.failed", "callout.assessed")


@dataclass(frozen=True, slots=True)
class CalloutCourse:
    """One callout of one incident; `events` are those of `_KINDS` about it, in order."""

    due: Event
    events: tuple[Event, ...]

    @property
    def detail(self) -> CalloutDetail:
        return detail_of(self.due, CalloutDetail)

    @property
    def progress(self) -> list[tuple[Event, float]]:
        """Each event in which more had been reached, with the share of the people."""
        return [(e, reached_ratio(e)) for e in self.events if e.kind == "callout.reached"]

    @property
    def assessed(self) -> Event | None:
        """The moment of the target; None where the timeline ends before."""
        return next((e for e in self.events if e.kind == "callout.assessed"), None)

    @property
    def failures(self) -> tuple[str, ...]:
        """What did not work, each once."""
        return tuple(
            dict.fromkeys(detail_of(e, CalloutDetail).reason for e in self.events if e.kind == "callout.failed")
        )

    @property
    def last(self) -> Event:
        return self.events[-1]

    @property
    def reached_in_time(self) -> float:
        """Share of the people at the moment of the target, or at the end where that comes first."""
        return reached_ratio(self.assessed or self.last)


def reached_ratio(event: Event) -> float:
    detail = detail_of(event, CalloutDetail)
    return detail.reached / detail.people


def callout_courses(index: TimelineIndex) -> list[CalloutCourse]:
    """Every callout that was asked for, in that order."""
    courses = []
    for due in index.of_kind("callout.due"):
        incident = detail_of(due, CalloutDetail).incident
        own = (e for e in index.of_kind(*_KINDS) if e.subject == due.subject)
        events = tuple(e for e in own if e.seq >= due.seq and detail_of(e, CalloutDetail).incident == incident)
        courses.append(CalloutCourse(due, events))
    return courses
