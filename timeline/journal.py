"""The timeline while it is being written, and questions to it afterwards.

A `Timeline` numbers events, keeps them, and hands each to its listeners in the order in which they joined.
An event is the only side effect of the engine: whoever wants to draw, log or score reads it from here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload

from timeline.details import NoDetail
from timeline.events import DataClass, Event, LiveStamp
from timeline.references import Reference

Listener = Callable[[Event], None]
Stamper = Callable[[int], LiveStamp]
"""Makes the stamp of the next event, which happens at so many milliseconds."""
_NO_DETAIL = NoDetail()


class Timeline(Sequence[Event]):
    """Events of one exercise in order.  `at_ms` never falls."""

    def __init__(self, events: Iterable[Event] = (), stamper: Stamper | None = None) -> None:
        self._events: list[Event] = list(events)
        self._stamper = stamper
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def emit(
        self,
        at_ms: int,
        kind: str,
        subject: Reference,
        actor: Reference,
        detail: object = _NO_DETAIL,
        causes: Iterable[int] = (),
        *,
        data_class: DataClass = DataClass.INTERNAL,
        rests_on: Iterable[str] = (),
    ) -> Event:
        """Appends and announces an event; raises ValueError when it lies before the last one."""
        if self._events and at_ms < self._events[-1].at_ms:
            raise ValueError(f"{kind} at {at_ms} ms lies before the last event, at {self._events[-1].at_ms} ms")
        event = Event(
            seq=len(self._events),
            at_ms=at_ms,
            kind=kind,
            subject=subject,
            actor=actor,
            detail=detail,
            causes=tuple(sorted(set(causes))),
            data_class=data_class,
            rests_on=tuple(rests_on),
            live=self._stamper(at_ms) if self._stamper is not None else None,
        )
        self._events.append(event)
        for listener in self._listeners:
            listener(event)
        return event

    def __len__(self) -> int:
        return len(self._events)

    @overload
    def __getitem__(self, index: int) -> Event: ...
    @overload
    def __getitem__(self, index: slice) -> list[Event]: ...
    def __getitem__(self, index: int | slice) -> Event | list[Event]:
        return self._events[index]

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events)

    def of_kind(self, *kinds: str) -> list[Event]:
        """Events whose kind is one of `kinds`; a kind without a dot names a whole family."""
        wanted = set(kinds)
        return [e for e in self._events if e.kind in wanted or e.family in wanted]

    def first(self, *kinds: str) -> Event | None:
        wanted = set(kinds)
        return next((e for e in self._events if e.kind in wanted or e.family in wanted), None)

    def ancestors(self, event: Event) -> list[Event]:
        """Everything without which `event` would not have happened, in order."""
        seen: set[int] = set()
        frontier = list(event.causes)
        while frontier:
            seq = frontier.pop()
            if seq not in seen:
                seen.add(seq)
                frontier.extend(self._events[seq].causes)
        return [self._events[seq] for seq in sorted(seen)]

    def descendants(self, event: Event) -> list[Event]:
        """Everything that would not have happened without `event`, in order."""
        reached = {event.seq}
        found = []
        for later in self._events[event.seq + 1 :]:
            if not reached.isdisjoint(later.causes):
                reached.add(later.seq)
                found.append(later)
        return found
