"""What those who work on an incident know: only what was delivered to them.

Knowledge is filled by deliveries (alerts in a page, users' reports, injects, what a check showed, what became of a
command, tasks that are done) and by nothing else: an event of the truth (`fault`, `signal`, `function`, `data`) is
refused.  Playbooks, decisions and the search for the cause read it and nothing besides.
"""

from __future__ import annotations

from collections.abc import Iterable

import simpy

from timeline.events import TRUTH, Event
from timeline.references import Reference


class Knowledge:
    """Events seen and states believed by the people on one incident.  Implements `timeline.predicates.View`."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._events: list[Event] = []
        self._states: dict[Reference, str] = {}
        self._news = env.event()

    def deliver(self, event: Event) -> None:
        """Something reached these people.  Raises ValueError for an event that nobody can have been told."""
        if event.family in TRUTH:
            raise ValueError(f"nobody is told of {event.kind}: it is the truth, not a message")
        self._events.append(event)
        self._announce()

    def believe(self, subject: Reference, state: str) -> None:
        """A check or a message says how something is."""
        if self._states.get(subject) != state:
            self._states[subject] = state
            self._announce()

    def absorb(self, other: Knowledge) -> None:
        """What others know is known here too; what was seen here stays."""
        known = {event.seq: event for event in (*self._events, *other._events)}
        self._events = [known[seq] for seq in sorted(known)]
        self._states = {**other._states, **self._states}
        self._announce()

    def known_bad(self) -> list[Reference]:
        """What was last seen degraded or down, in the order in which it was first looked at."""
        return [subject for subject, state in self._states.items() if state in ("degraded", "down")]

    def events_seen(self) -> Iterable[Event]:
        return self._events

    def known_state(self, subject: Reference) -> str | None:
        return self._states.get(subject)

    def news(self) -> simpy.Event:
        """Fires when something new is known."""
        return self._news

    def _announce(self) -> None:
        news, self._news = self._news, self._env.event()
        news.succeed()
