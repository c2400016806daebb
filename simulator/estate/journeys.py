"""What synthetic users find: the steps of a journey, taken one after the other through the flows of the estate.

A step succeeds with the share of requests that its component serves well, and takes as long as its requests do, waiting
included.  The whole journey takes the sum, and fails when that is longer than its time-out.  A probe that stands in a
site of the estate is gone while the site is.
"""

from __future__ import annotations

from math import prod

from simulator.estate.graph import CompiledEstate
from simulator.estate.health import SERVING, answer_ms, served_share
from simulator.signals import Key, SignalBoard
from timeline.instants import SECOND
from topologies.journeys import JourneyTarget
from topologies.signals import Signal


class Journeys:
    """Writes what each journey shows from each of its places."""

    def __init__(self, board: SignalBoard, compiled: CompiledEstate, targets: dict[str, JourneyTarget]) -> None:
        self._board = board
        self._compiled = compiled
        self._targets = targets

    def steps(self, id: str) -> tuple[str, ...] | None:
        """What a target asks one after the other; None of what is no journey."""
        target = self._targets.get(id)
        return None if target is None else target.journey.steps

    def read(self, at_ms: int, cause: int | None) -> None:
        for id, target in self._targets.items():
            steps = [self._compiled[step] for step in target.journey.steps]
            takes_ms = sum(answer_ms(step) for step in steps)
            share = prod(served_share(step) for step in steps) if takes_ms <= target.journey.timeout else 0.0
            there = target.site is None or self._compiled[target.site].level >= SERVING
            put = self._board.put
            put(Key(id, 0, Signal.UP), at_ms, 1.0, 0.0, cause)
            put(Key(id, 0, Signal.HOST_UP), at_ms, float(there), 0.0, cause)
            put(Key(id, 0, Signal.SERVING_RATIO), at_ms, share, 0.0, cause)
            put(Key(id, 0, Signal.LATENCY_S), at_ms, min(takes_ms, target.journey.timeout) / SECOND, 0.0, cause)
