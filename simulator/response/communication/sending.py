"""Sending: over the first channel of an audience that works, to the share of it whom that channel reaches."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import simpy

from simulator.response.room import Room
from timeline.instants import from_wall
from topologies.communication import Audience


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that got through."""

    channel: str
    reach_ratio: float


def send(
    room: Room, audience_id: str, audience: Audience, occasion: str, on_failure: Callable[[str], None]
) -> Generator[simpy.Event, Any, Delivery | None]:
    """Tries each way once, in order; None when none of them worked.  `on_failure` is told of each that did not."""
    streams, env = room.kernel.streams, room.kernel.env
    for way in audience.ways:
        channel = room.organisation.channels[way.channel]
        entity, which = f"channel/{way.channel}", f"{audience_id}/{occasion}"
        if not room.reach.channel_works(way.channel) or streams.chance(channel.failure, entity, "fails", which):
            on_failure(way.channel)
            continue
        yield env.timeout(streams.draw(channel.latency, entity, "latency", which))
        if audience.hours is not None:
            opens_ms = from_wall(audience.hours.opens_at(room.kernel.wall()), room.kernel.epoch)
            yield env.timeout(max(opens_ms - room.kernel.now(), 0))
        return Delivery(way.channel, way.reach)
    return None
