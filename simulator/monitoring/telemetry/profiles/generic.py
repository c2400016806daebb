"""Two exporters that stand for many: a message broker of no particular make, and the power of a building."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.monitoring.telemetry.recipe import Exposed, Profile, Recipe, Replica, gauge, state
from topologies.signals import Signal

_POWER_LEVEL = 0.5
USUAL_CONSUMERS = 4.0


def _queue(_: Replica) -> Sequence[Recipe]:
    """What waits, and whether anybody consumes."""
    return [
        gauge("queue_messages_ready", lambda r: np.floor(np.maximum(r.exact(Signal.QUEUE_DEPTH), 0))),
        gauge(
            "queue_consumers",
            lambda r: np.where(
                r.exact(Signal.SERVING_RATIO) > 0, np.round(USUAL_CONSUMERS * r.exact(Signal.CONSUMERS_RATIO)), 0.0
            ),
        ),
    ]


def _power(_: Replica) -> Sequence[Recipe]:
    """As a building's management system exports it, which has a supply of its own."""
    return [
        gauge(
            "power_source_up",
            lambda r: (r.exact(Signal.SERVING_RATIO) >= _POWER_LEVEL).astype(np.float64),
            exposed=Exposed.OUTSIDE,
        ),
        state("ups_on_battery", Signal.ON_BATTERY, exposed=Exposed.OUTSIDE),
    ]


QUEUE = Profile(Exposed.PROCESS, _queue)
POWER = Profile(Exposed.OUTSIDE, _power)
