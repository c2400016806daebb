"""Timers in virtual time: what is due next, in an order that depends on nothing but the timers themselves.

A timer is like one of Go's: it can be set, set anew and stopped, and calls its action with the moment it was set for.
"Now" is always that moment; nobody asks a clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable


class Timer:
    """Made by `Timers.timer`.  Timers that are due together act in the order in which they were made."""

    __slots__ = ("_action", "_order", "_timers", "at_ms")

    def __init__(self, timers: Timers, order: int, action: Callable[[int], None]) -> None:
        self._timers = timers
        self._order = order
        self._action = action
        self.at_ms: int | None = None
        """When it acts, or None while it is stopped."""

    def reset(self, at_ms: int) -> None:
        if at_ms != self.at_ms:
            self.at_ms = at_ms
            self._timers.push(at_ms, self._order, self)

    def stop(self) -> None:
        self.at_ms = None

    def discard(self) -> None:
        """Stops it for good and lets go of what it would have acted on."""
        self.at_ms = None
        del self._action

    def fire(self) -> None:
        """Acts; it has to be set."""
        now_ms, self.at_ms = self.at_ms, None
        assert now_ms is not None
        self._action(now_ms)


class Timers:
    """All timers of one simulation.  Entries of timers that were set anew or stopped are skipped when they come up."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, int, Timer]] = []
        self._made = 0
        self._pushed = 0

    def timer(self, action: Callable[[int], None]) -> Timer:
        self._made += 1
        return Timer(self, self._made, action)

    def push(self, at_ms: int, order: int, timer: Timer) -> None:
        self._pushed += 1
        heapq.heappush(self._heap, (at_ms, order, self._pushed, timer))

    def next_due(self) -> int | None:
        while self._heap and self._heap[0][3].at_ms != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run(self, before_ms: int) -> None:
        """Lets every timer act that is due before `before_ms`, and those that these set."""
        heap = self._heap
        while heap and heap[0][0] < before_ms:
            at_ms, _, _, timer = heapq.heappop(heap)
            if timer.at_ms == at_ms:
                timer.fire()
