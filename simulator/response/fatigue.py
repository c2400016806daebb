"""Fatigue: how sleep that was lost to pages slows the next answer.

*Sleep pressure* follows the homeostatic part of the two-process model of sleep (Borbély 1982; time constants of Daan,
Beersma and Borbély 1984): it rises towards 1 with a time constant of 18.2 h while somebody is awake and falls towards
0 with one of 4.2 h while asleep.  People sleep every night from `asleep_from` to `asleep_until` on their own clock.
Whoever notices a page in these hours is awake from then on, until `back_to_sleep` after the last incident is over.

A *lost night* is the unit: the pressure above that of undisturbed sleep, divided by that excess after a night without
any sleep.  With `n` lost nights a reaction takes `lost_night_slows ** n` times as long, and the odds of missing a page
are `lost_night_misses ** n` times as high.  Who sleeps undisturbed has lost exactly 0 and reacts as the file states.

*Sleep inertia* comes on top for whoever has been woken and works: `inertia_slows` at first, with an exponent that falls
by a time constant of 0.3 h (reaction times after waking at night: Achermann, Werth, Dijk, Borbély 1995).  Being woken
itself is part of `answer.night`.

Example: asleep from 23:00 to 07:00, woken at 02:00 and at work until 07:00: 0.57 lost nights at 07:00, 0.35 at 16:00,
0.04 after the next night.  The model forgives within a night what longer restriction of sleep does not (Belenky et
al. 2003): it understates weeks of bad nights.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from simulator.response.oncall.clock import LocalClock
from timeline.instants import HOUR
from topologies.organisation import Organisation
from topologies.working import Fatigue

_RISE_MS, _FALL_MS = 18.2 * HOUR, 4.2 * HOUR
_INERTIA_MS = 0.3 * HOUR


@dataclass(frozen=True, slots=True)
class Weariness:
    """What fatigue does to one reaction: a factor on its time and one on the odds of missing the page."""

    slower: float = 1.0
    missed_odds: float = 1.0

    def delay_ms(self, rested_ms: int) -> int:
        return round(self.slower * rested_ms)

    def missed(self, rested: float) -> float:
        """The chance of missing a page, from that of somebody rested."""
        if self.missed_odds == 1.0:
            return rested
        return rested * self.missed_odds / (1 - rested + rested * self.missed_odds)


RESTED = Weariness()


class Sleeper:
    """The sleep of one person.  Moments are exercise time and must not fall from call to call."""

    def __init__(self, fatigue: Fatigue, clock: LocalClock) -> None:
        self._fatigue = fatigue
        self._clock = clock
        self._from, self._until = time.fromisoformat(fatigue.asleep_from), time.fromisoformat(fatigue.asleep_until)
        evening, self._morning = _undisturbed(self._night_ms())
        self._lost_night = _awake(evening, self._night_ms()) - self._morning
        self._at_ms: int | None = None
        self._pressure = self._undisturbed = self._morning
        self._awake_until_ms: float = -math.inf
        self._woken_ms: int | None = None

    def notice(self, at_ms: int) -> None:
        """A page is noticed: whoever was asleep is awake now."""
        self._advance(at_ms)
        if at_ms >= self._awake_until_ms and self._is_bedtime(at_ms):
            self._woken_ms = at_ms
        self._awake_until_ms = max(self._awake_until_ms, at_ms + self._fatigue.back_to_sleep)

    def work(self, at_ms: int) -> None:
        """An incident keeps the person awake from now on."""
        self._advance(at_ms)
        self._awake_until_ms = math.inf

    def rest(self, at_ms: int) -> None:
        """No incident keeps the person awake any more."""
        self._advance(at_ms)
        self._awake_until_ms = at_ms + self._fatigue.back_to_sleep

    def lost_nights(self, at_ms: int) -> float:
        """Sleep lost and not yet made up for, in nights."""
        self._advance(at_ms)
        return (self._pressure - self._undisturbed) / self._lost_night

    def weariness(self, at_ms: int, *, at_work: bool) -> Weariness:
        """How fatigue acts on a reaction that begins now."""
        lost = self.lost_nights(at_ms)
        slower = self._fatigue.lost_night_slows**lost
        if at_work and self._woken_ms is not None:
            slower *= self._fatigue.inertia_slows ** math.exp((self._woken_ms - at_ms) / _INERTIA_MS)
        return Weariness(slower, self._fatigue.lost_night_misses**lost)

    def _advance(self, at_ms: int) -> None:
        """Brings both pressures to a moment.  Before the first one asked for everybody slept undisturbed."""
        if self._at_ms is None:
            self._at_ms = max(end for _, end in self._nights(at_ms, days=3) if end <= at_ms)
        for start_ms, end_ms in self._nights(self._at_ms):
            self._pass(min(start_ms, at_ms), awake=True, bedtime=False)
            self._pass(round(max(min(self._awake_until_ms, end_ms, at_ms), self._at_ms)), awake=True, bedtime=True)
            self._pass(min(end_ms, at_ms), awake=False, bedtime=True)
            if end_ms >= at_ms:
                return

    def _pass(self, until_ms: int, *, awake: bool, bedtime: bool) -> None:
        """Passes time up to a moment, which is all bedtime or all day, all of it awake or asleep."""
        assert self._at_ms is not None
        span_ms = until_ms - self._at_ms
        if span_ms > 0:
            self._pressure = (_awake if awake else _asleep)(self._pressure, span_ms)
            self._undisturbed = (_asleep if bedtime else _awake)(self._undisturbed, span_ms)
            self._at_ms = until_ms

    def _is_bedtime(self, at_ms: int) -> bool:
        return any(start <= at_ms < end for start, end in self._nights(at_ms, days=3))

    def _nights(self, at_ms: int, days: int = 0) -> Iterator[tuple[int, int]]:
        """Nights in order, from one that is over by a moment; so many, or without end."""
        day, number = self._clock.wall(at_ms).date() - timedelta(days=2), 0
        while not days or number < days:
            following = day + timedelta(days=1) if self._until <= self._from else day
            yield (
                self._clock.at_ms(datetime.combine(day, self._from)),
                self._clock.at_ms(datetime.combine(following, self._until)),
            )
            day, number = day + timedelta(days=1), number + 1

    def _night_ms(self) -> int:
        minutes = 60 * (self._until.hour - self._from.hour) + self._until.minute - self._from.minute
        return round(minutes % (24 * 60) * HOUR / 60)


def sleepers(organisation: Organisation, epoch: datetime) -> dict[str, Sleeper]:
    """The sleep of everybody, where the organisation states what fatigue does; else nothing."""
    fatigue = organisation.working.fatigue
    if fatigue is None:
        return {}
    return {id: Sleeper(fatigue, LocalClock(spec.timezone, epoch)) for id, spec in organisation.people.items()}


def _awake(pressure: float, span_ms: float) -> float:
    return 1 - (1 - pressure) * math.exp(-span_ms / _RISE_MS)


def _asleep(pressure: float, span_ms: float) -> float:
    return pressure * math.exp(-span_ms / _FALL_MS)


def _undisturbed(night_ms: int) -> tuple[float, float]:
    """Pressure in the evening and in the morning of days that are all alike."""
    rise, fall = math.exp(-(24 * HOUR - night_ms) / _RISE_MS), math.exp(-night_ms / _FALL_MS)
    evening = (1 - rise) / (1 - rise * fall)
    return evening, evening * fall
