"""Copies and logs on the clock: which copies of a data set exist at a moment, and how far its log reaches.

Plain arithmetic: copy number k of a plan is of the moment `anchor + offset + k x every`, is complete so much later as
it takes, and is kept for as long as the plan says.  None is made while the store is away, and one that was under way
when it went is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from timeline.instants import from_wall
from topologies.recovery import BackupPlan, LogArchive

Span = tuple[int, int]
"""A time [from, to) in which a store was away."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy: of the moment `as_of_ms`, usable from `done_ms` on."""

    id: str
    plan: str
    as_of_ms: int
    done_ms: int
    immutable: bool


def monday_ms(epoch: datetime, zone: ZoneInfo) -> int:
    """Monday 00:00 of the week of STARTEX in a zone, as exercise time."""
    local = epoch.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    monday = midnight - timedelta(days=local.weekday())
    return from_wall(monday.replace(tzinfo=zone), epoch)


def copies_at(
    id: str,
    plan: BackupPlan,
    now_ms: int,
    first_ms: int,
    takes_ms: Callable[[int], int],
    away: Sequence[Span] = (),
) -> Iterable[Copy]:
    """Complete copies of a plan that are kept at a moment, the newest first.

    `first_ms` is the moment of copy 0 (others come before it and after it), `takes_ms` how long copy number k took.
    """
    last = (now_ms - first_ms) // plan.every
    for k in range(last, (now_ms - plan.keeps - first_ms - 1) // plan.every, -1):
        as_of = first_ms + k * plan.every
        done = as_of + takes_ms(k)
        spoilt = any(start <= done and as_of < end for start, end in away)
        if done <= now_ms and not spoilt:
            yield Copy(f"{id}@{k}", id, as_of, done, plan.immutable)


def log_end_ms(log: LogArchive, anchor_ms: int, stopped_ms: int, *, cleanly: bool) -> int:
    """How far the log reaches when writes stopped at a moment: to the last archived piece, or to the end where the
    store itself is whole and its writes were stopped on purpose."""
    return stopped_ms if cleanly else anchor_ms + (stopped_ms - anchor_ms) // log.every * log.every


def replayed_to(log: LogArchive | None, copy: Copy, end_ms: int, until_ms: int | None, now_ms: int) -> int:
    """The moment that a copy stands at after the replay; its own where no log can be put on it."""
    if log is None or copy.as_of_ms < now_ms - log.keeps:
        return copy.as_of_ms
    return max(copy.as_of_ms, end_ms if until_ms is None else min(end_ms, until_ms))


def unlike_ms(one: Span | None, other: Span | None) -> int:
    """Length of what exactly one of two spans covers: the time that one data set knows and the other does not."""
    spans = [span for span in (one, other) if span is not None]
    total = sum(end - start for start, end in spans)
    if len(spans) == 2:
        (a, b), (c, d) = spans
        total -= 2 * max(0, min(b, d) - max(a, c))
    return total
