"""What it costs to turn from one thing to another.

A *thread* is a piece of work that somebody can lose: the diagnosis of an incident, a task of its playbook, the updates
to its audiences.  Whoever stays with his thread goes on at once.  Whoever turns to another one first has to get into
it, and once more when he comes back: notes are read again, screens are found again.  A glance at a page is no thread.
"""

from __future__ import annotations

from collections import Counter

from simulator.randomness import Streams
from timeline.distributions import Distribution


class Switching:
    """The threads that everybody holds."""

    def __init__(self, streams: Streams, resume: Distribution) -> None:
        self._streams = streams
        self._resume = resume
        self._holds: dict[str, str] = {}
        self._turns: Counter[tuple[str, str]] = Counter()

    def takes_ms(self, person: str, thread: str) -> int:
        """How long until somebody who turns to a thread is in it; 0 for who is, and for the first of all."""
        before, self._holds[person] = self._holds.get(person), thread
        if before is None or before == thread:
            return 0
        self._turns[person, thread] += 1
        occasion = f"{thread}/turn-{self._turns[person, thread]}"
        return self._streams.draw(self._resume, f"person/{person}", "switches", occasion)
