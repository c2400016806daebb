"""What a rota must keep to, and what makes one unfair.

A *slot* is a span of a rotation that one person holds as a whole.  A *rota* gives each slot to somebody.

A person may not hold a slot while on *leave*, without the *skills*, or while on call *elsewhere*; needs *rest* between
two slots; and holds at most a *share* of the whole time.

*Burdens* are whole numbers: minutes on call, minutes of weekends and of holidays, and nights, which are expected pages
in the hours of sleep (in thousandths) where it is known when pages come, minutes otherwise.  All are told on the clock
of the person, so that a slot can weigh differently on two people.

The *cost* of a rota is the sum over the burdens of `weight * (inequality + excess)`.  With n people, the burden x of
each, and totals that lie between a least L and a largest T, whoever holds what:
inequality is `sum over pairs of |x_i - x_j| / (n T)`, excess is `(sum of x_i - L) / T`.  Where all people live by one
clock L and T are the same, the excess is 0 and the inequality is the Gini coefficient.

Example: four slots of a week, two people.  Two slots each cost 0 in hours; three and one cost a quarter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import combinations
from math import gcd

SCALE = 10**10
"""Costs are whole numbers: this many make 1."""


class Rule(StrEnum):
    """What a rota must keep to."""

    LEAVE = "leave"
    SKILLS = "skills"
    ELSEWHERE = "elsewhere"
    REST = "rest"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Slot:
    """A span in milliseconds since 1970, with whoever holds it today (None: somebody who is no candidate)."""

    from_ms: int
    to_ms: int
    today: str | None

    @property
    def length_ms(self) -> int:
        return self.to_ms - self.from_ms

    def overlaps(self, span: tuple[int, int]) -> bool:
        return self.from_ms < span[1] and span[0] < self.to_ms


@dataclass(frozen=True, slots=True)
class Burden:
    """One kind of burden: what each slot weighs on each person (slot x person)."""

    id: str
    weight: float
    of: tuple[tuple[int, ...], ...]

    @property
    def largest_total(self) -> int:
        return sum(max(row) for row in self.of)

    @property
    def least_total(self) -> int:
        return sum(min(row) for row in self.of)

    @property
    def least_difference(self) -> int:
        """The sum of differences over pairs of people that no rota avoids, because slots cannot be divided.

        Where each slot weighs alike on everybody, loads are multiples of the greatest common divisor g of the weights.
        Of N such parts n people get at best q or q + 1 each, N = q n + r: r (n - r) pairs differ by g.
        """
        if any(len(set(row)) > 1 for row in self.of):
            return 0
        part = gcd(*(row[0] for row in self.of))
        people = len(self.of[0])
        rest = self.largest_total // part % people if part else 0
        return rest * (people - rest) * part

    def loads(self, rota: Sequence[int]) -> list[int]:
        """The burden of each person under a rota (the number of the person who holds each slot)."""
        loads = [0] * len(self.of[0])
        for row, holder in zip(self.of, rota, strict=True):
            loads[holder] += row[holder]
        return loads


@dataclass(frozen=True)
class Problem:
    """A rota to be found."""

    people: tuple[str, ...]
    slots: tuple[Slot, ...]
    burdens: tuple[Burden, ...]
    blocked: Mapping[tuple[int, int], frozenset[Rule]]
    """(person, slot) that may not be, with all reasons."""
    rest_ms: int = 0
    longest_ms: int | None = None
    """What one person holds at most."""

    @cached_property
    def too_close(self) -> tuple[tuple[int, int], ...]:
        """Pairs of slots between which there is too little rest for one person."""
        pairs = combinations(range(len(self.slots)), 2)
        return tuple(
            (s, t) for s, t in pairs if self.rest_ms and self.slots[t].from_ms - self.slots[s].to_ms < self.rest_ms
        )

    def demands(self) -> list[tuple[Rule, int]]:
        """Every rule that says something about a person (by number)."""
        blocking = {(rule, p) for (p, _), rules in self.blocked.items() for rule in rules}
        asked = {Rule.REST: bool(self.too_close), Rule.SHARE: self.longest_ms is not None}
        everybody = [(rule, p) for p in range(len(self.people)) for rule in Rule]
        return [(rule, p) for rule, p in everybody if (rule, p) in blocking or asked.get(rule)]

    def today(self) -> list[int | None]:
        """Who holds each slot today, by number."""
        numbers = {id: number for number, id in enumerate(self.people)}
        return [numbers.get(slot.today or "") for slot in self.slots]

    def factors(self, burden: Burden) -> tuple[int, int]:
        """What a unit of difference between two people costs, and a unit of burden."""
        largest = burden.largest_total
        if not largest:
            return 0, 0
        return round(SCALE * burden.weight / (len(self.people) * largest)), round(SCALE * burden.weight / largest)

    def cost(self, rota: Sequence[int]) -> int:
        """The cost of a rota, in parts of `SCALE`."""
        cost = 0
        for burden in self.burdens:
            apart, each = self.factors(burden)
            loads = burden.loads(rota)
            cost += apart * sum(abs(x - y) for x, y in combinations(loads, 2))
            cost += each * (sum(loads) - burden.least_total)
        return cost

    def broken(self, rota: Sequence[int]) -> set[tuple[Rule, str]]:
        """The rules that a rota breaks, each with whom it wrongs."""
        found = {
            (rule, self.people[holder])
            for slot, holder in enumerate(rota)
            for rule in self.blocked.get((holder, slot), ())
        }
        found |= {(Rule.REST, self.people[rota[s]]) for s, t in self.too_close if rota[s] == rota[t]}
        for number, person in enumerate(self.people):
            held_ms = sum(slot.length_ms for slot, holder in zip(self.slots, rota, strict=True) if holder == number)
            if self.longest_ms is not None and held_ms > self.longest_ms:
                found.add((Rule.SHARE, person))
        return found
