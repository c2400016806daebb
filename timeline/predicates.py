"""Predicates: the one closed language in which playbooks, injects, objectives and guards say "when".

A predicate is data with exactly one key; nothing in it is ever executed:

    all: [P, ...]       every one holds (an empty list holds)
    any: [P, ...]       at least one holds
    not: P
    seen: {kind: incident.declared, subject: incident:*}         such an event has been seen
    count: {kind: page.sent, at_least: 3}                        that many have been seen
    elapsed: {since: {kind: incident.declared}, at_least: 10m}   that long since the first such event
    known: {subject: component:core-db, state: down}             the last known state

What "seen" and "known" mean depends on who asks: a playbook sees what was delivered to its people, an inject or
an objective sees the whole timeline.  So evaluation takes a `View`.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field, model_validator

from timeline.events import DETAIL_OF_KIND, Event
from timeline.fields import DurationMs
from timeline.findings import nearest
from timeline.references import Reference


class View(Protocol):
    """What the asker has seen so far."""

    def events_seen(self) -> Iterable[Event]: ...

    def known_state(self, subject: Reference) -> str | None: ...


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class EventPattern(_Closed):
    """Events of a kind, about subjects that match a pattern (`component:core-*`)."""

    kind: str
    subject: str = "*"

    @model_validator(mode="after")
    def _known_kind(self) -> EventPattern:
        if self.kind not in DETAIL_OF_KIND:
            raise ValueError(f"{self.kind!r} is not a kind of event; {nearest(self.kind, DETAIL_OF_KIND)}")
        return self

    def matches(self, event: Event) -> bool:
        return event.kind == self.kind and fnmatchcase(str(event.subject), self.subject)


class Count(EventPattern):
    """At least so many events that match."""

    at_least: int = Field(ge=1)


class Elapsed(_Closed):
    """Time since the first event that matches."""

    since: EventPattern
    at_least: DurationMs


class KnownState(_Closed):
    """The last known state of a subject."""

    subject: str
    state: str


class Predicate(_Closed):
    """Exactly one of the forms above."""

    all: tuple[Predicate, ...] | None = None
    any: tuple[Predicate, ...] | None = None
    not_: Predicate | None = Field(default=None, alias="not")
    seen: EventPattern | None = None
    count: Count | None = None
    elapsed: Elapsed | None = None
    known: KnownState | None = None

    @model_validator(mode="after")
    def _exactly_one_form(self) -> Predicate:
        if len(self.model_fields_set) != 1:
            given = ", ".join(sorted(self.model_fields_set)) or "none"
            raise ValueError(
                f"a predicate has exactly one key (all, any, not, seen, count, elapsed, known); given: {given}"
            )
        return self

    def holds(self, view: View, at_ms: int) -> bool:
        """Whether it is true for this view at this moment.  Elapsed time is true from its very millisecond on."""
        if self.all is not None:
            return all(p.holds(view, at_ms) for p in self.all)
        if self.any is not None:
            return any(p.holds(view, at_ms) for p in self.any)
        if self.not_ is not None:
            return not self.not_.holds(view, at_ms)
        if self.seen is not None:
            return any(self.seen.matches(e) for e in view.events_seen())
        if self.count is not None:
            return sum(self.count.matches(e) for e in view.events_seen()) >= self.count.at_least
        if self.elapsed is not None:
            start = next((e.at_ms for e in view.events_seen() if self.elapsed.since.matches(e)), None)
            return start is not None and at_ms - start >= self.elapsed.at_least
        assert self.known is not None
        return view.known_state(Reference.parse(self.known.subject)) == self.known.state

    def due_ms(self, view: View) -> list[int]:
        """Moments at which an `elapsed` inside may turn true although nothing new happens."""
        inner = [*(self.all or ()), *(self.any or ()), *([self.not_] if self.not_ else [])]
        due = [moment for p in inner for moment in p.due_ms(view)]
        if self.elapsed is not None:
            due += [e.at_ms + self.elapsed.at_least for e in view.events_seen() if self.elapsed.since.matches(e)][:1]
        return due
