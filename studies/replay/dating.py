"""When a replay takes place: a history lies in the past, the schedules of an estate begin somewhere.

Before a rotation begins nobody holds it, and a replay would only show that.  So a history that begins earlier is moved
into the time of the schedules, by whole blocks of 52 weeks: weekdays, hours and seasons stay what they were (but for
days on which clocks change, and for holidays, which are those of the new year).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from studies.replay.incidents import Incident
from timeline.instants import UNIX_EPOCH, WEEK
from topologies.organisation import Organisation
from topologies.rotations import Rotation

BLOCK_WEEKS = 52


def weeks_to_schedules(incidents: Sequence[Incident], organisation: Organisation) -> int:
    """By how many weeks a history has to be moved so that every rotation has begun; 0 where all have."""
    begins = [begin for rotation in organisation.rotations.values() if (begin := _begin_ms(rotation)) is not None]
    late_ms = max(begins, default=0) - min(one.at_ms for one in incidents)
    return 0 if late_ms <= 0 else -(-late_ms // (BLOCK_WEEKS * WEEK)) * BLOCK_WEEKS


def moved(incidents: Sequence[Incident], weeks: int) -> tuple[Incident, ...]:
    """The same incidents so many weeks later."""
    return tuple(one.moved(weeks * WEEK) for one in incidents) if weeks else tuple(incidents)


def _begin_ms(rotation: Rotation) -> int | None:
    """When somebody holds a rotation first; None where nobody ever does."""
    zone = ZoneInfo(rotation.timezone)
    starts = [layer.start if layer.since is None else max(layer.start, layer.since) for layer in rotation.layers]
    starts += [shift.start for shift in rotation.shifts]
    moments = [start if start.tzinfo else start.replace(tzinfo=zone) for start in starts]
    return min((_ms(moment) for moment in moments), default=None)


def _ms(moment: datetime) -> int:
    return int((moment - UNIX_EPOCH) / timedelta(milliseconds=1))
