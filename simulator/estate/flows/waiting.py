"""How long requests wait: Erlang's formulas for a steady load, and a fluid queue for one that does not fit.

With offered load `a = arrivals x mean service time` on `c` servers (Erlang 1917; Kleinrock 1975, volume 1, chapter 3):

    B(c, a)  = share lost where nobody may wait:   B(0) = 1,  B(n) = a B(n-1) / (n + a B(n-1))
    C(c, a)  = share that has to wait:             C = B / (1 - rho (1 - B)),  rho = a / c
    P(wait > t) = C exp(-(capacity - arrivals) t),  mean wait = C / (capacity - arrivals)

The recursion for B is stable for any number of servers.

A *work queue* adds what Erlang's formulas leave out: more comes than fits, so a *backlog* grows by
`arrivals - capacity` a second until there is no more room, and shrinks by the same rule afterwards.  What arrives waits
for all that came before it: `backlog / capacity`, whatever its caller thinks of that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from timeline.instants import SECOND
from topologies.flows import Queue

HIGHEST_UTILISATION = 0.99
"""Beyond it the steady state takes longer to come about than loads stay as they are: waits are held here."""


def erlang_b(servers: int, offered: float) -> float:
    """Share of requests lost by `servers` without a place to wait, under an offered load in erlangs."""
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = offered * blocked / (number + offered * blocked)
    return blocked


def erlang_c(servers: int, offered: float) -> float:
    """Share of requests that have to wait; 1 from full load on."""
    utilisation = offered / servers
    if utilisation >= 1:
        return 1.0
    blocked = erlang_b(servers, offered)
    return blocked / (1 - utilisation * (1 - blocked))


@dataclass(slots=True)
class WorkQueue:
    """The queue of one component.  `backlog` is its state; the other fields are what it last settled at."""

    spec: Queue
    backlog: float = 0.0
    """Requests that wait because more came than fitted."""
    capacity_rps: float = 0.0
    chance: float = field(default=0.0, init=False)
    """That a request finds all servers busy."""
    wait_rate_per_s: float = field(default=math.inf, init=False)
    """Waits behind busy servers are exponential with this rate."""
    wait_s: float = field(default=0.0, init=False)
    """Mean wait of what arrives now."""

    @property
    def room(self) -> float:
        """Requests that may wait now."""
        if self.spec.shed_above is None:
            return self.spec.limit
        return min(self.spec.limit, self.capacity_rps * self.spec.shed_above / SECOND)

    @property
    def backlog_s(self) -> float:
        """How long the backlog takes to work off."""
        return self.backlog / self.capacity_rps if self.capacity_rps else 0.0

    def settle(self, offered_rps: float, capacity_rps: float, servers: int) -> float:
        """Share let in under a load that stays as it is; sets how long it waits."""
        self.capacity_rps = capacity_rps
        utilisation = offered_rps / capacity_rps
        if self.spec.limit == 0:
            return 1 - erlang_b(servers, utilisation * servers)
        held = min(utilisation, HIGHEST_UTILISATION)
        self.chance = erlang_c(servers, held * servers)
        self.wait_rate_per_s = capacity_rps * (1 - held)
        self.wait_s = min(self.backlog_s + self.chance / self.wait_rate_per_s, self.room / capacity_rps)
        return 1 / utilisation if utilisation > 1 and self.backlog >= self.room else 1.0

    def late(self, patience_s: float) -> float:
        """Share of requests that wait longer than their callers do."""
        if not self.capacity_rps or patience_s >= self.room / self.capacity_rps:
            return 0.0
        left_s = patience_s - self.backlog_s
        return 1.0 if left_s <= 0 else self.chance * math.exp(-self.wait_rate_per_s * left_s)

    def advance(self, offered_rps: float, step_s: float) -> None:
        """The backlog after a step in which load and capacity stay as they are."""
        grown = self.backlog + (offered_rps - self.capacity_rps) * step_s
        self.backlog = min(max(grown, 0.0), self.room) if self.capacity_rps else 0.0

    def clear(self) -> None:
        """Whoever held the requests is gone, and they with it."""
        self.backlog, self.capacity_rps, self.wait_s = 0.0, 0.0, 0.0
