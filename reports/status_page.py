"""The status page beside the truth: what each entry showed and how its service was, over time.

A *stretch* is a span of time in which neither the page nor the truth of an entry changed.  It is *troubled* while one
of the two is not operational.  The page *understates* while it shows a better state than the true one and *overstates*
while it shows a worse one; announced maintenance is no statement about the truth.

The truth of a business function are its disruptions and degradations, with what was left of it; of a component its
state of health.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from reports.index import TimelineIndex, detail_of
from timeline.details import FunctionDetail, HealthDetail, PageEntryState, StatusPageDetail
from timeline.events import Event
from timeline.references import Reference, RefKind
from timeline.status_page import PageState, page_state

_FUNCTION_STATES = {"function.disrupted": "down", "function.degraded": "degraded", "function.restored": "up"}


class Divergence(StrEnum):
    """How a page is apart from the truth."""

    UNDERSTATED = "understated"
    OVERSTATED = "overstated"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span of time in the course of an entry; `event` is the change with which it begins."""

    event: Event
    begun_ms: int
    ended_ms: int
    shown: PageState
    true: PageState

    @property
    def lasted_ms(self) -> int:
        return self.ended_ms - self.begun_ms

    @property
    def is_troubled(self) -> bool:
        return {self.shown, self.true} != {PageState.OPERATIONAL}

    @property
    def apart(self) -> Divergence | None:
        """How it is apart from the truth; None where it is not."""
        if self.shown is self.true or PageState.MAINTENANCE in (self.shown, self.true):
            return None
        return Divergence.UNDERSTATED if self.shown.rank < self.true.rank else Divergence.OVERSTATED


@dataclass(frozen=True)
class EntryCourse:
    """One entry of the page over the whole exercise."""

    subject: Reference
    title: str
    stretches: tuple[Stretch, ...]

    @cached_property
    def troubled(self) -> tuple[Stretch, ...]:
        return tuple(stretch for stretch in self.stretches if stretch.is_troubled and stretch.lasted_ms)

    @property
    def troubled_ms(self) -> int:
        return sum(stretch.lasted_ms for stretch in self.troubled)

    def spells_apart(self) -> list[tuple[Event, Event | None]]:
        """Each time the page was apart from the truth: the events with which that began and ended."""
        spells: list[tuple[Event, Event | None]] = []
        begun: Event | None = None
        for stretch in self.stretches:
            if stretch.apart is not None and stretch.lasted_ms:
                begun = begun or stretch.event
            elif begun is not None and stretch.lasted_ms:
                spells.append((begun, stretch.event))
                begun = None
        return [*spells, (begun, None)] if begun is not None else spells


def entry_courses(index: TimelineIndex) -> list[EntryCourse]:
    """Every entry of the page, in its order; nothing where there is no page."""
    opened = index.of_kind("status_page.opened")
    if not opened:
        return []
    page = detail_of(opened[0], StatusPageDetail)
    return [_course(index, entry, page.major_below_ratio) for entry in page.entries]


def _course(index: TimelineIndex, entry: PageEntryState, major_below_ratio: float) -> EntryCourse:
    subject = Reference.parse(entry.subject)
    shown = true = PageState.OPERATIONAL
    changes: list[tuple[Event, PageState, PageState]] = []
    truth = _Truth(subject, major_below_ratio)
    for event in index.of_kind("status_page.opened", "status_page.posted", *_FUNCTION_STATES, "signal.health_changed"):
        if isinstance(event.detail, StatusPageDetail):
            shown = next(PageState(e.state) for e in event.detail.entries if e.subject == entry.subject)
        elif event.subject == subject:
            true = truth.after(event)
        else:
            continue
        if not changes or changes[-1][1:] != (shown, true):
            changes.append((event, shown, true))
    return EntryCourse(subject, entry.title, tuple(_stretches(changes, index.until_ms)))


def _stretches(changes: list[tuple[Event, PageState, PageState]], until_ms: int) -> Iterator[Stretch]:
    ends = [event.at_ms for event, _, _ in changes[1:]] + [until_ms]
    for (event, shown, true), end_ms in zip(changes, ends, strict=True):
        yield Stretch(event, event.at_ms, end_ms, shown, true)


class _Truth:
    """How something is, event after event."""

    def __init__(self, subject: Reference, major_below_ratio: float) -> None:
        self._is_function = subject.kind is RefKind.FUNCTION
        self._major_below = major_below_ratio
        self._state = "up"
        self._level: float | None = 1.0

    def after(self, event: Event) -> PageState:
        detail = event.detail
        if isinstance(detail, FunctionDetail):
            self._state, self._level = _FUNCTION_STATES[event.kind], detail.level_ratio
        elif isinstance(detail, HealthDetail):
            self._level = detail.level_ratio
            if not self._is_function:
                self._state = detail.state
        return page_state(self._state, self._level, self._major_below)
