"""What lies behind an event: the faults and the parameters among its causes, all the way up.

`Causality` walks a timeline once, forward.  Because a cause always comes before what it causes, the *origins* of an
event (one bit for each fault, one for each parameter) are those of its causes and its own; every later question is a
lookup.  A timeline of a million events costs about two seconds, whatever is asked afterwards.

    fault.started #1   -> {#1}
    alert.firing #7, causes (1)      -> {#1}
    page.sent #9, causes (7, 8)      -> {#1} and whatever is behind 8
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from timeline.events import Event


class Causality:
    """The causal graph of a timeline, closed upward."""

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events
        self.faults: list[Event] = []
        """Every `fault.started`, in order: fault number n is bit n."""
        self._parameters: dict[str, int] = {}
        self._faults_of: list[int] = []
        self._parameters_of: list[int] = []
        self._alerted: bytearray = bytearray(len(events))
        for event in events:
            self._append(event)

    def _append(self, event: Event) -> None:
        faults = parameters = 0
        for cause in event.causes:
            faults |= self._faults_of[cause]
            parameters |= self._parameters_of[cause]
            self._alerted[event.seq] |= self._alerted[cause]
        if event.kind == "fault.started":
            faults |= 1 << len(self.faults)
            self.faults.append(event)
        elif event.kind == "alert.firing":
            self._alerted[event.seq] = 1
        for path in event.rests_on:
            parameters |= 1 << self._parameters.setdefault(path, len(self._parameters))
        self._faults_of.append(faults)
        self._parameters_of.append(parameters)

    def faults_behind(self, event: Event) -> int:
        """The faults without which `event` would not have happened, as bits; a fault is behind itself."""
        return self._faults_of[event.seq]

    def is_behind(self, fault: int, event: Event) -> bool:
        """Whether fault number `fault` is among the origins of `event`."""
        return bool(self._faults_of[event.seq] >> fault & 1)

    def follows_alert(self, event: Event) -> bool:
        """Whether an alert that fired is among the causes."""
        return bool(self._alerted[event.seq])

    def rests_on(self, seqs: Iterable[int]) -> tuple[str, ...]:
        """Paths of the parameters behind these events and all their causes, sorted."""
        bits = 0
        for seq in seqs:
            bits |= self._parameters_of[seq]
        return tuple(sorted(path for path, number in self._parameters.items() if bits >> number & 1))

    def first_by_fault(self, events: Iterable[Event]) -> list[Event | None]:
        """For each fault (by number) the first of `events` that it lies behind.  Stops once all are found."""
        firsts: list[Event | None] = [None] * len(self.faults)
        missing = (1 << len(self.faults)) - 1
        for event in events:
            found = self._faults_of[event.seq] & missing
            for number in bits_of(found):
                firsts[number] = event
            missing &= ~found
            if not missing:
                break
        return firsts

    def path_to(self, event: Event) -> list[Event]:
        """The critical path: from an origin to `event`, at each step back the cause that came last.

        An event happens when the last of its causes has; so the gaps along this path add up to the time from the
        origin to the event, and shortening anything else would not have made it earlier.
        """
        path = [event]
        while path[-1].causes:
            path.append(self._events[max(path[-1].causes)])
        return path[::-1]


def bits_of(mask: int) -> Iterator[int]:
    """Numbers of the bits that are set, from the lowest."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
