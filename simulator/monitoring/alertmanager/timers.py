"""Timers in virtual time: what is due next, in an order that depends on nothing but the timers themselves.

A timer is like one of Go's: it can be set, set anew and stopped, and calls its action with the moment it was set for.
"Now" is always that moment; nobody asks a clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

_Entry = tuple[int, int, "Timer"]
"""When, which of those due together, and whose."""


class Timer:
    """Made by `Timers.timer`.  Timers that are due together act in the order in which they were made."""

    __slots__ = ("_action", "_heap", "_order", "at_ms")

    def __init__(self, heap: list[_Entry], order: int, action: Callable[[int], None]) -> None:
        self._heap = heap
        self._order = order
        self._action = action
        self.at_ms: int | None = None
        """When it acts, or None while it is stopped."""

    def reset(self, at_ms: int) -> None:
        if at_ms != self.at_ms:
            self.at_ms = at_ms
            heapq.heappush(self._heap, (at_ms, self._order, self))

    def __lt__(self, other: Timer) -> bool:
        """Entries of one timer for one moment are alike."""
        return False

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
        self._heap: list[_Entry] = []
        self._made = 0

    def timer(self, action: Callable[[int], None]) -> Timer:
        self._made += 1
        return Timer(self._heap, self._made, action)

    def next_due(self) -> int | None:
        while self._heap and self._heap[0][2].at_ms != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def run(self, before_ms: int) -> None:
        """Lets every timer act that is due before `before_ms`, and those that these set."""
        heap = self._heap
        while heap and heap[0][0] < before_ms:
            at_ms, _, timer = heapq.heappop(heap)
            if timer.at_ms == at_ms:
                timer.fire()
