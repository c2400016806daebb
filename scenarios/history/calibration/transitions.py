"""How often an incident is handed on and how often it comes back: shares with exact-coverage intervals.

Only incidents that are over count: an open one may yet be handed on.  Intervals are Jeffreys' (Brown, Cai and DasGupta
2001): quantiles of Beta(k + 1/2, n - k + 1/2), with the ends 0 and 1 where nothing or everything was seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `cases`, with the 95 % interval of the probability."""

    hits: int
    cases: int
    low: float
    high: float

    @property
    def value(self) -> float:
        return self.hits / self.cases


def share(hits: int, cases: int) -> Share:
    """Raises ValueError without a case."""
    from scipy.stats import beta

    if cases < 1:
        raise ValueError("no case")
    low, high = beta.ppf([0.025, 0.975], hits + 0.5, cases - hits + 0.5)
    return Share(hits, cases, 0.0 if hits == 0 else float(low), 1.0 if hits == cases else float(high))


def occurrence(counts: Sequence[int | None]) -> Share | None:
    """The share of incidents with at least one, among those that say how many; None where none says."""
    known = [count for count in counts if count is not None]
    return share(sum(count > 0 for count in known), len(known)) if known else None


def repetition(counts: Sequence[int | None]) -> Share | None:
    """The probability of one more after each (geometric): how often a hand-over is followed by another."""
    known = [count for count in counts if count]
    further = sum(count - 1 for count in known)
    return share(further, further + len(known)) if known else None


@dataclass(frozen=True, slots=True)
class ServiceShare:
    """The share of incidents that a service has, drawn towards the common share, with its 95 % interval."""

    service: str
    incidents: int
    value: float
    low: float
    high: float


def service_shares(services: Sequence[str]) -> list[ServiceShare]:
    """Shares by service, the largest first: one further incident is spread evenly over all (Perks' prior), so that rare
    services are drawn towards the common share, and none is impossible or certain."""
    from scipy.stats import beta

    names = sorted(set(services))
    prior = 1 / len(names) if names else 0.0
    found = []
    for name in names:
        count = services.count(name) if isinstance(services, list) else sum(s == name for s in services)
        a, b = count + prior, len(services) - count + 1 - prior
        low, high = beta.ppf([0.025, 0.975], a, max(b, 1e-9))
        found.append(ServiceShare(name, count, a / (a + b), float(low), float(high)))
    return sorted(found, key=lambda s: (-s.incidents, s.service))
