"""How a caller deals with failure: tries again at once or after a pause, within a budget, or not at all for a while.

Of `first` calls a second a share `f` fails.  A caller who tries again at once makes, for each first call,

    tries = min(1 + f + f^2 + ... + f^retries, 1 + budget).

With a back-off the further tries come later.  Those whose k-th try has failed wait in pause k, of mean length d(k), and
leave it at the rate `waiting(k) / d(k)`; what fails again moves on to the next pause.  A long trouble thus meets the
same load as without pauses, a short one is over before they end.

A *circuit breaker* is closed (lets all through), open (nothing), or probing (a few calls a second).
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

from timeline.instants import SECOND
from topologies.estate import Dependency
from topologies.flows import CircuitBreaker

_FAILS = 1e-4
"""Failures below this share are those of a good day: no breaker counts them."""


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"


@dataclass(slots=True)
class Breaker:
    """A circuit breaker with the failures of its window: share failing since each moment, oldest first."""

    spec: CircuitBreaker
    state: BreakerState = BreakerState.CLOSED
    opens_until_ms: int = 0
    failures: deque[tuple[int, float]] = field(default_factory=deque)

    def judge(self, now_ms: int, failing: float) -> bool:
        """Takes in that this share of calls fails from now on; whether its state changed."""
        before = self.state
        if self.state is BreakerState.CLOSED:
            self._record(now_ms, failing)
            if self.failed_share(now_ms) >= self.spec.threshold:
                self._open(now_ms)
        elif self.state is BreakerState.OPEN:
            if now_ms >= self.opens_until_ms:
                self.state = BreakerState.PROBING
        elif failing < self.spec.threshold:
            self.state = BreakerState.CLOSED
            self.failures.clear()
        else:
            self._open(now_ms)
        return self.state is not before

    def lets_through(self, calls_rps: float) -> float:
        """Share of calls that it lets through."""
        if self.state is BreakerState.PROBING:
            return min(1.0, self.spec.probes / calls_rps) if calls_rps else 1.0
        return float(self.state is BreakerState.CLOSED)

    def failed_share(self, now_ms: int) -> float:
        """Share of calls that failed over the window; before the first record nothing did."""
        begins_ms = now_ms - self.spec.window
        ends = [*(at_ms for at_ms, _ in self.failures), now_ms][1:]
        failed = sum(
            share * (end_ms - max(at_ms, begins_ms))
            for (at_ms, share), end_ms in zip(self.failures, ends, strict=True)
            if end_ms > begins_ms
        )
        return failed / self.spec.window

    def is_settled(self, now_ms: int, failing: float) -> bool:
        """Closed, with the same share failing for as long as it looks back."""
        if self.state is not BreakerState.CLOSED:
            return False
        if not self.failures:
            return failing < _FAILS
        (since_ms, share), *later = self.failures
        return not later and share == _counted(failing) and since_ms <= now_ms - self.spec.window

    def _open(self, now_ms: int) -> None:
        self.state = BreakerState.OPEN
        self.opens_until_ms = now_ms + self.spec.open
        self.failures.clear()

    def _record(self, now_ms: int, failing: float) -> None:
        counted = _counted(failing)
        if (self.failures[-1][1] if self.failures else 0.0) != counted:
            self.failures.append((now_ms, counted))
        while len(self.failures) > 1 and self.failures[1][0] <= now_ms - self.spec.window:
            self.failures.popleft()


@dataclass(slots=True)
class CallPath:
    """The memory of one call path."""

    spec: Dependency
    waiting: list[float] = field(default_factory=list)
    """Calls in each pause between tries."""
    released_rps: float = 0.0
    """Further tries that leave their pauses."""
    breaker: Breaker | None = None
    _leaving_rps: list[float] = field(default_factory=list)

    @classmethod
    def of(cls, spec: Dependency) -> CallPath:
        pauses = spec.retries if spec.back_off is not None else 0
        breaker = Breaker(spec.breaker) if spec.breaker is not None else None
        return cls(spec, [0.0] * pauses, 0.0, breaker, [0.0] * pauses)

    def calls_rps(self, first_rps: float, failing: float) -> float:
        """Calls a second that reach the other side, further tries included."""
        if self.spec.back_off is None:
            wanted = first_rps * self._tries_at_once(failing)
        else:
            wanted = first_rps + self.released_rps
        return wanted * self.lets_through(wanted)

    def succeeds(self, first_rps: float, failing: float) -> float:
        """Share of first calls that come to a good end, at one try or another."""
        if first_rps <= 0:
            return 1 - failing
        return min(1.0, (1 - failing) * self.calls_rps(first_rps, failing) / first_rps)

    def lets_through(self, calls_rps: float) -> float:
        return 1.0 if self.breaker is None else self.breaker.lets_through(calls_rps)

    def _tries_at_once(self, failing: float) -> float:
        tries = sum(failing**number for number in range(self.spec.retries + 1))
        return tries if self.spec.retry_budget is None else min(tries, 1 + self.spec.retry_budget)

    def advance(self, first_rps: float, failing: float, in_vain_s: float, step_s: float) -> None:
        """Moves the pauses on by a step.  `in_vain_s`: how long a failed try was waited for, on average."""
        if self.spec.back_off is None:
            return
        through = self.lets_through(first_rps + self.released_rps)
        entering = [first_rps * through * failing, *(rate * through * failing for rate in self._leaving_rps[:-1])]
        if self.spec.retry_budget is not None and (total := sum(entering)) > 0:
            allowed = min(1.0, self.spec.retry_budget * first_rps / total)
            entering = [rate * allowed for rate in entering]
        for number, rate in enumerate(entering):
            length_s = self.spec.back_off.mean_ms(number) / SECOND + in_vain_s
            before, target = self.waiting[number], rate * length_s
            self.waiting[number] = target + (before - target) * math.exp(-step_s / length_s)
            self._leaving_rps[number] = rate - (self.waiting[number] - before) / step_s
        self.released_rps = sum(self._leaving_rps)

    def empty_pauses(self) -> None:
        """What is left in the pauses is next to nothing."""
        self.waiting = [0.0] * len(self.waiting)
        self._leaving_rps = [0.0] * len(self._leaving_rps)
        self.released_rps = 0.0


def _counted(failing: float) -> float:
    """The share of failures that a breaker takes notice of, to four digits: what is less does not keep it counting."""
    return round(failing, 4) if failing >= _FAILS else 0.0
