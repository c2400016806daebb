"""Silences: alerts that match all matchers of an active silence are not notified.

A silence is pending before its start, active until its end, expired from then on.  Expiring one early ends it now.
A start in the past is moved to the moment of creation.  Silences survive a restart.

Source: Alertmanager, `silence/silence.go`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from simulator.monitoring.alertmanager.matchers import LabelSet, Matchers, matches_all
from timeline.instants import DAY

RETENTION_MS = 5 * DAY
"""Expired silences are kept this long (`--data.retention`)."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Active in [starts_at_ms, ends_at_ms)."""

    id: str
    matchers: Matchers
    starts_at_ms: int
    ends_at_ms: int
    updated_at_ms: int = 0
    created_by: str = ""
    comment: str = ""

    def active_at(self, now_ms: int) -> bool:
        return self.starts_at_ms <= now_ms < self.ends_at_ms


def is_too_wide(matchers: Matchers) -> bool:
    """Whether Alertmanager refuses it: every matcher holds for an empty value.  Negated ones never count as such."""
    return all(not matcher.type.negated and matcher.matches({}) for matcher in matchers)


class Silences:
    """The silences of one process, by id."""

    def __init__(self) -> None:
        self._silences: dict[str, Silence] = {}

    def set(self, silence: Silence, now_ms: int) -> Silence:
        """Keeps a new or changed silence.

        Raises ValueError when it is too wide or ends before it starts.
        """
        if is_too_wide(silence.matchers):
            raise ValueError("a silence needs at least one matcher that does not match the empty string")
        if silence.ends_at_ms < silence.starts_at_ms:
            raise ValueError("a silence cannot end before it starts")
        kept = replace(silence, starts_at_ms=max(silence.starts_at_ms, now_ms), updated_at_ms=now_ms)
        self._forget_old(now_ms)
        self._silences[kept.id] = kept
        return kept

    def expire(self, id: str, now_ms: int) -> Silence:
        """Ends a silence now; one that has ended stays as it is.  Raises KeyError for an unknown id."""
        silence = self._silences[id]
        if silence.ends_at_ms > now_ms:
            starts_at_ms = min(silence.starts_at_ms, now_ms)
            silence = replace(silence, starts_at_ms=starts_at_ms, ends_at_ms=now_ms, updated_at_ms=now_ms)
            self._silences[id] = silence
        return silence

    def merge(self, others: Iterable[Silence]) -> bool:
        """Takes over what another peer knows better; True when anything changed."""
        changed = False
        for silence in others:
            known = self._silences.get(silence.id)
            if known is None or known.updated_at_ms < silence.updated_at_ms:
                self._silences[silence.id] = silence
                changed = True
        return changed

    def muting(self, labels: LabelSet, now_ms: int) -> Iterator[Silence]:
        """The active silences that match."""
        for silence in self._silences.values():
            if silence.active_at(now_ms) and matches_all(silence.matchers, labels):
                yield silence

    def next_change(self, now_ms: int) -> int | None:
        """When the next silence starts or ends."""
        bounds = (bound for s in self._silences.values() for bound in (s.starts_at_ms, s.ends_at_ms) if bound > now_ms)
        return min(bounds, default=None)

    def __len__(self) -> int:
        return len(self._silences)

    def __iter__(self) -> Iterator[Silence]:
        return iter(self._silences.values())

    def _forget_old(self, now_ms: int) -> None:
        for silence in [s for s in self._silences.values() if s.ends_at_ms + RETENTION_MS <= now_ms]:
            del self._silences[silence.id]
