"""What a measure is: one function that reads samples off a timeline, with everything needed to understand its number.

A *sample* is one value about one subject (a fault, a function, an incident, a task...), with the events that it was
read from.  A sample is *censored* when what it measures was still open when the timeline ended: its value is then what
had been seen by that moment (a time is at least so long; a promise not yet broken counts 1, one already broken 0).

The *figure* of a measure is its samples in one number, in the way that the measure names:

- `worst`: the worst sample; a target holds for every subject;
- `mean`: the mean; of ones and zeros, a share;
- `total`: the sum.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from reports.index import FaultSpan, Span, TimelineIndex
from reports.milestones import showed
from timeline.events import Event
from timeline.instants import SECOND
from timeline.references import Reference
from timeline.registry import Registry


class Unit(StrEnum):
    """What a value counts."""

    SECONDS = "s"
    RATIO = "ratio"
    COUNT = "count"
    CURRENCY = "currency"
    """In the currency in which the estate states its loss per hour."""


class Direction(StrEnum):
    """Which way is good."""

    LOWER = "lower"
    HIGHER = "higher"


class Judged(StrEnum):
    """How samples become the figure that a target is held against."""

    WORST = "worst"
    MEAN = "mean"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Sample:
    """One value in the unit of its measure, with the numbers of the events behind it, the deciding one last."""

    subject: Reference
    value: float
    evidence: tuple[int, ...]
    censored: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """Samples in one number.  `censored`: it may still get worse (or, of a promise, be broken)."""

    value: float
    censored: bool
    samples: int
    open_samples: int
    evidence: tuple[int, ...]
    """Of the deciding sample for `worst`, of all otherwise."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One registered measure."""

    id: str
    title: str
    unit: Unit
    direction: Direction
    judged: Judged
    practice: str
    """Id of the practice that it tells about."""
    reference: str
    """The standard and clause, or the paper, that asks for it or defines it."""
    meaning: str
    """In plain language: from where to where, over what."""
    read: Callable[[TimelineIndex], list[Sample]]
    takes_absence_of: tuple[str, ...] = ()
    """Kinds of event whose absence it takes for a fact, besides the end of what it measures."""

    def samples(self, index: TimelineIndex) -> list[Sample]:
        """What can be read off a timeline.  On a record that is not whole, an absence shows nothing: neither what is
        open at its end nor what rests on an event that is missing gives a sample."""
        if not index.tells(*self.takes_absence_of):
            return []
        return [s for s in self.read(index) if not (s.censored and index.is_partial)]

    def figure(self, samples: Sequence[Sample]) -> Figure | None:
        """The samples in one number; None when there are none."""
        if not samples:
            return None
        still_open = sum(s.censored for s in samples)
        if self.judged is Judged.WORST:
            worst = self.worst(samples)
            return Figure(worst.value, worst.censored, len(samples), still_open, worst.evidence)
        total = math.fsum(s.value for s in samples)
        value = total / len(samples) if self.judged is Judged.MEAN else total
        evidence = tuple(sorted({seq for s in samples for seq in s.evidence}))
        return Figure(value, still_open > 0, len(samples), still_open, evidence)

    def worst(self, samples: Sequence[Sample]) -> Sample:
        """The worst sample; of equal values one that is still open, then the first."""
        sign = 1 if self.direction is Direction.LOWER else -1
        return max(samples, key=lambda s: (sign * s.value, s.censored))


Reader = Callable[[TimelineIndex], list[Sample]]
MEASURES: Registry[Measure] = Registry("measure")


def measure(
    id: str,
    *,
    title: str,
    unit: Unit,
    direction: Direction,
    judged: Judged,
    practice: str,
    reference: str,
    takes_absence_of: tuple[str, ...] = (),
) -> Callable[[Reader], Reader]:
    """Registers a reader; its docstring is the plain-language meaning."""

    def register(read: Reader) -> Reader:
        meaning = inspect.getdoc(read) or ""
        made = Measure(id, title, unit, direction, judged, practice, reference, meaning, read, takes_absence_of)
        MEASURES.add(id, made)
        return read

    return register


def since_showing(index: TimelineIndex, reached: Iterable[tuple[FaultSpan, Event | None]]) -> list[Sample]:
    """The time from where the clocks of a fault begin to what was reached for it; nothing for one that lies silent."""
    begun = [(fault, showed(index, fault), event) for fault, event in reached]
    return [seconds(index, fault.subject, shown, event) for fault, shown, event in begun if shown is not None]


def seconds(index: TimelineIndex, subject: Reference, begun: Event, ended: Event | None) -> Sample:
    """The time from one event to another; while the other has not come, the time so far, censored."""
    if ended is None:
        return Sample(subject, (index.until_ms - begun.at_ms) / SECOND, (begun.seq,), censored=True)
    return Sample(subject, (ended.at_ms - begun.at_ms) / SECOND, (begun.seq, ended.seq))


def span_seconds(index: TimelineIndex, span: Span) -> Sample:
    """How long a span lasted, censored while it does."""
    return seconds(index, span.subject, span.begun, span.ended)
