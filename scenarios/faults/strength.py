"""When a fault comes and goes: at once or over a time, for good or on and off.  The same for every kind.

- *Onset*: it grows in equal steps, the first at its beginning, the last when `over` has passed.  With 5 steps over 20
  minutes it has a fifth of its strength at once, two fifths after five minutes, and all of it after twenty.
- *Intermittent*: bad and good times alternate (a renewal process), each drawn anew, beginning with a bad one.

A fault of part strength fails its share of requests, costs its share of time and capacity, and moves signals its share
of the way from usual.  What is down has no shares: of its replicas so many are down, rounded down, and of a single one
none until the last step.
"""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from scenarios.faults.catalogue import Effect
from topologies.fields import Duration, DurationMs, Model
from topologies.signals import USUAL

NO_EFFECT = Effect()


class Onset(Model):
    """How it grows."""

    over: DurationMs = Field(gt=0)
    steps: int = Field(default=10, ge=2, le=100)

    def moments(self) -> list[tuple[int, float]]:
        """(milliseconds from the beginning, strength in (0, 1]) of each step."""
        last = self.steps - 1
        return [(round(self.over * step / last), (step + 1) / self.steps) for step in range(self.steps)]


class Intermittent(Model):
    """How long bad and good times last.  Over a long time it is well for good / (good + bad) of it, by their means."""

    bad: Duration
    good: Duration


def at_strength(effect: Effect, strength: float, replicas: int) -> Effect:
    """What is left of an effect on a target of so many replicas at part of its strength, in (0, 1]."""
    if strength >= 1:
        return effect
    signals = {
        signal: (USUAL[signal] + (value - USUAL[signal]) * strength, slope * strength)
        for signal, (value, slope) in effect.signals.items()
    }
    if effect.down:
        hit = replicas if effect.replicas is None else min(effect.replicas, replicas)
        falling = int(hit * strength)
        return replace(effect, replicas=falling, signals=effect.signals) if falling else NO_EFFECT
    return replace(effect.for_share(strength), signals=signals)
