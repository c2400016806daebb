"""Is it a major incident?  The criteria of DORA, judged from facts; what is not known stays unknown and is listed.

Delegated Regulation (EU) 2024/1772 asks for *critical services affected* (article 6) and, besides, for a successful
malicious access to data (article 9(5)(b)) or for two or more of the thresholds of article 9 (article 8(1)).

| criterion      | article | met when                                                                                 |
|----------------|---------|------------------------------------------------------------------------------------------|
| clients        | 9(1)    | over 10 % of the clients of the service, or over 100,000; over 30 % of the counterparts; |
|                |         | over 10 % of a day's transactions, by number or by value; a relevant client affected     |
| reputation     | 9(2), 2 | repeated complaints (of article 2 the one limb that a model can see)                     |
| duration       | 9(3)    | over 24 hours; or over 2 hours of downtime of a critical or important function           |
| geography      | 9(4)    | two or more Member States                                                                |
| data           | 9(5)(a) | data lost beyond what the business allows (its RPO)                                      |
| cost           | 9(6)    | over 100,000 euros                                                                       |

Answers have three values: True, False and None for "not known".  A limb that is met decides a criterion whatever else
is not known; a criterion of which nothing is met is False only when every limb is known.

The facts come from *spells*: a function was hurt from here to there, and lost at most this share of its service.  The
same arithmetic serves the truth of a run and what its people know; only the spells differ.  Conventions where the
regulation leaves room: affected clients are those of the worst-hit function times the share of service lost (they
overlap from function to function, so they are not added up); transactions are those that demand by hour puts into the
spell, against a day's mean; cost is what the function loses an hour while below its minimum, so far.  Data that is out
of reach for a while, but not lost, is left to judgement: it does not count here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from timeline.instants import HOUR, to_wall
from topologies.fields import Duration, Model, Ratio

if TYPE_CHECKING:
    from topologies.estate import BusinessFunction, Demand

CLIENTS_RATIO, CLIENTS_NUMBER, COUNTERPARTS_RATIO, TRANSACTIONS_RATIO = 0.10, 100_000, 0.30, 0.10
DURATION_MS, CRITICAL_DOWNTIME_MS = 24 * HOUR, 2 * HOUR
MEMBER_STATES = 2
COST_EUR = 100_000
THRESHOLDS_NEEDED = 2
"""Thresholds of Delegated Regulation (EU) 2024/1772, articles 8 and 9.  All but the number of Member States have to be
exceeded, not reached."""

CRITICALITIES = ("critical", "important")
_WEEKEND = 5


class Served(Model):
    """Whom a function serves, as far as the classification of incidents asks.  What is left out stays unknown."""

    clients: int | None = Field(default=None, ge=1)
    """All clients that use it."""
    counterparts_ratio: Ratio | None = None
    """Share of all financial counterparts that it serves."""
    relevant: bool | None = None
    """Whether it serves a client or counterpart that counts as relevant (article 1(3))."""
    member_states: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}$")], ...] = ()
    """Member States in which it is used (ISO 3166-1); unknown when left out."""
    personal_data: bool | None = None
    """Whether it holds data of natural persons."""
    reconciliation: Duration | None = None
    """From a loss of data until somebody knows of it; nobody finds out when left out."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the criteria ask; None where it is not known."""

    critical_services: bool | None = None
    malicious_access: bool | None = None
    clients: float | None = None
    clients_ratio: float | None = None
    """Of all clients that use the affected service."""
    counterparts_ratio: float | None = None
    transactions_ratio: float | None = None
    """Of the number on a regular day."""
    transactions_value_ratio: float | None = None
    relevant_affected: bool | None = None
    reputation: bool | None = None
    duration_ms: int | None = None
    critical_downtime_ms: int | None = None
    member_states: int | None = None
    data_harmed: bool | None = None
    cost_eur: float | None = None


@dataclass(frozen=True, slots=True)
class Classification:
    """The verdict: `major` is None while what is unknown could still decide it."""

    major: bool | None
    met: tuple[str, ...]
    unknown: tuple[str, ...]


def classify(facts: Facts) -> Classification:
    """Article 8(1) on the criteria of article 9."""
    critical = _any(facts.critical_services, facts.malicious_access)
    thresholds = _thresholds(facts)
    answers = {"critical-services": critical, "malicious-access": facts.malicious_access, **thresholds}
    met = sum(answer is True for answer in thresholds.values())
    possible = sum(answer is not False for answer in thresholds.values())
    enough = True if met >= THRESHOLDS_NEEDED else False if possible < THRESHOLDS_NEEDED else None
    return Classification(
        _all(critical, _any(facts.malicious_access, enough)),
        tuple(id for id, answer in answers.items() if answer is True),
        tuple(id for id, answer in answers.items() if answer is None),
    )


def _thresholds(facts: Facts) -> dict[str, bool | None]:
    return {
        "clients": _any(
            _over(facts.clients_ratio, CLIENTS_RATIO),
            _over(facts.clients, CLIENTS_NUMBER),
            _over(facts.counterparts_ratio, COUNTERPARTS_RATIO),
            _over(facts.transactions_ratio, TRANSACTIONS_RATIO),
            _over(facts.transactions_value_ratio, TRANSACTIONS_RATIO),
            facts.relevant_affected,
        ),
        "reputation": facts.reputation,
        "duration": _any(
            _over(facts.duration_ms, DURATION_MS), _over(facts.critical_downtime_ms, CRITICAL_DOWNTIME_MS)
        ),
        "geography": None if facts.member_states is None else facts.member_states >= MEMBER_STATES,
        "data": facts.data_harmed,
        "cost": _over(facts.cost_eur, COST_EUR),
    }


def _over(value: float | None, threshold: float) -> bool | None:
    return None if value is None else value > threshold


def _any(*answers: bool | None) -> bool | None:
    """Or with three values."""
    return True if True in answers else None if None in answers else False


def _all(*answers: bool | None) -> bool | None:
    """And with three values."""
    return False if False in answers else None if None in answers else True


# From what happened to facts


@dataclass(frozen=True, slots=True)
class Spell:
    """A function was hurt: from `begun_ms` until `ended_ms` (None while it is), `disrupted` below its minimum."""

    function: str
    begun_ms: int
    ended_ms: int | None
    lost_ratio: float
    """The largest share of its service that was lost."""
    disrupted: bool

    def length_ms(self, now_ms: int) -> int:
        return (now_ms if self.ended_ms is None else min(self.ended_ms, now_ms)) - self.begun_ms


@dataclass(frozen=True, slots=True)
class Setting:
    """What the facts are taken against: the functions by id, the clock and the currency of the estate, and from how
    many complaints on these are repetitive (None: never said)."""

    functions: Mapping[str, BusinessFunction]
    epoch: datetime
    timezone: ZoneInfo
    currency: str | None
    complaints: int | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What has happened so far, or what is known of it.  `begun_ms` is None while there is no incident."""

    begun_ms: int | None
    over_ms: int | None
    """When it was resolved."""
    spells: Sequence[Spell]
    lost_ms: Mapping[str, int]
    """Data lost, by function, as time."""
    complaints: int
    malicious: bool | None


def facts_of(course: Course, setting: Setting, now_ms: int) -> Facts:
    """The facts at a moment of the exercise."""
    if course.begun_ms is None:
        return Facts(critical_services=False, malicious_access=course.malicious)
    functions = setting.functions
    hurt = list(dict.fromkeys(spell.function for spell in course.spells))
    served = [functions[id].serves or Served() for id in hurt]
    return Facts(
        critical_services=_any(*(_is_critical(functions[id]) for id in hurt)),
        malicious_access=course.malicious,
        clients=_most([_clients(functions[s.function], s) for s in course.spells], CLIENTS_NUMBER),
        clients_ratio=max((s.lost_ratio for s in course.spells), default=0.0),
        counterparts_ratio=_most([s.counterparts_ratio for s in served], COUNTERPARTS_RATIO),
        transactions_ratio=_transactions(course.spells, setting, now_ms),
        transactions_value_ratio=None if hurt else 0.0,
        relevant_affected=_any(*(s.relevant for s in served)),
        reputation=_complained(course.complaints, setting.complaints),
        duration_ms=(now_ms if course.over_ms is None else course.over_ms) - course.begun_ms,
        critical_downtime_ms=_downtime(course.spells, functions, now_ms),
        member_states=_states(served),
        data_harmed=_any(*(_harmed(functions[id], lost) for id, lost in course.lost_ms.items())),
        cost_eur=_cost(course.spells, setting, now_ms),
    )


def personal_data_affected(course: Course, functions: Mapping[str, BusinessFunction]) -> bool | None:
    """Whether data of natural persons was lost (Regulation (EU) 2016/679, article 4(12))."""
    served = [functions[id].serves for id, lost in course.lost_ms.items() if lost > 0]
    return _any(*(None if s is None else s.personal_data for s in served))


def _is_critical(function: BusinessFunction) -> bool | None:
    return None if function.criticality is None else function.criticality in CRITICALITIES


def _clients(function: BusinessFunction, spell: Spell) -> float | None:
    clients = None if function.serves is None else function.serves.clients
    return None if clients is None else clients * spell.lost_ratio


def _most(values: Sequence[float | None], threshold: float) -> float | None:
    """The largest.  Where one is not known the others are a lower bound, worth having only beyond the threshold."""
    known = max((value for value in values if value is not None), default=0.0)
    return None if None in values and known <= threshold else known


def _complained(complaints: int, repetitive: int | None) -> bool | None:
    """Media, rules not met and clients lost (article 2(a), (c), (d)) are not modelled: without complaints it stays
    unknown."""
    return True if repetitive is not None and complaints >= repetitive else None


def _harmed(function: BusinessFunction, lost_ms: int) -> bool | None:
    return None if function.rpo is None and lost_ms > 0 else lost_ms > (function.rpo or 0)


def _states(served: Sequence[Served]) -> int | None:
    states = {state for s in served for state in s.member_states}
    if all(s.member_states for s in served) or len(states) >= MEMBER_STATES:
        return len(states)
    return None


def _downtime(spells: Sequence[Spell], functions: Mapping[str, BusinessFunction], now_ms: int) -> int | None:
    """The longest of any critical or important function, partial service counted (article 3(4))."""
    by_function: dict[str, int] = {}
    unknown = False
    for spell in spells:
        critical = _is_critical(functions[spell.function])
        unknown = unknown or critical is None
        if critical:
            by_function[spell.function] = by_function.get(spell.function, 0) + spell.length_ms(now_ms)
    longest = max(by_function.values(), default=0)
    return None if unknown and longest <= CRITICAL_DOWNTIME_MS else longest


def _transactions(spells: Sequence[Spell], setting: Setting, now_ms: int) -> float | None:
    """Of the worst-hit function, against its own regular day."""
    shares: dict[str, float | None] = {}
    for spell in spells:
        demand, so_far = setting.functions[spell.function].demand, shares.get(spell.function, 0.0)
        if demand is None or so_far is None:
            shares[spell.function] = None
            continue
        begun = to_wall(spell.begun_ms, setting.epoch)
        ended = to_wall(spell.begun_ms + spell.length_ms(now_ms), setting.epoch)
        shares[spell.function] = so_far + spell.lost_ratio * day_share(demand, begun, ended, setting.timezone)
    return _most(list(shares.values()), TRANSACTIONS_RATIO)


def day_share(demand: Demand, begun: datetime, ended: datetime, timezone: ZoneInfo) -> float:
    """The demand between two aware moments as a share of a mean day's, constant within each hour of the local clock."""
    usual = math.fsum(demand.by_hour) * (5 + 2 * demand.weekend) / 7
    if usual == 0:
        return 0.0
    total, at, end = 0.0, begun.astimezone(UTC), ended.astimezone(UTC)
    while at < end:
        local = at.astimezone(timezone)
        into_hour = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        until = min(at + timedelta(hours=1) - into_hour, end)
        weight = demand.by_hour[local.hour] * (demand.weekend if local.weekday() >= _WEEKEND else 1.0)
        total += weight * ((until - at) / timedelta(hours=1))
        at = until
    return total / usual


def _cost(spells: Sequence[Spell], setting: Setting, now_ms: int) -> float | None:
    """So far, of functions below their minimum.  Other currencies than the euro are not converted."""
    if setting.currency != "EUR":
        return None
    losses = [(setting.functions[s.function].loss_per_hour, s.length_ms(now_ms) / HOUR) for s in spells if s.disrupted]
    known = math.fsum(loss * hours for loss, hours in losses if loss is not None)
    return known if known > COST_EUR or all(loss is not None for loss, _ in losses) else None


class Spells:
    """Spells as they are being written, one function at a time."""

    def __init__(self) -> None:
        self._open: dict[str, Spell] = {}
        self._ended: list[Spell] = []

    def change(self, function: str, state: str, lost_ratio: float, at_ms: int) -> None:
        """The function is `up`, `degraded` or `down` (below its minimum) from now on."""
        going = self._open.pop(function, None)
        if going is not None and going.disrupted == (state == "down") and state != "up":
            self._open[function] = replace(going, lost_ratio=max(going.lost_ratio, lost_ratio))
            return
        if going is not None:
            self._ended.append(replace(going, ended_ms=at_ms))
        if state != "up":
            self._open[function] = Spell(function, at_ms, None, lost_ratio, state == "down")

    def worsen(self, function: str, lost_ratio: float) -> None:
        """More of its service is lost than before; nothing for a function that is well."""
        if (going := self._open.get(function)) is not None:
            self._open[function] = replace(going, lost_ratio=max(going.lost_ratio, lost_ratio))

    @property
    def all(self) -> list[Spell]:
        return [*self._ended, *self._open.values()]

    @property
    def are_over(self) -> bool:
        return not self._open

    @property
    def begun_ms(self) -> int | None:
        return min((spell.begun_ms for spell in self.all), default=None)

    @property
    def ended_ms(self) -> int | None:
        """The end of the last one; None while one lasts."""
        return None if self._open else max((s.ended_ms for s in self._ended if s.ended_ms is not None), default=None)
