"""What was observed of one fault, as a record that can be written, read again, and held beside the prediction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from injectors.monitoring.watching import Notified, Watched
from studies.coverage.inventory import Inventory
from studies.coverage.matrix import Seen, Trial
from timeline.files import write_whole


@dataclass(frozen=True, slots=True)
class ObservedAlert:
    """One alert of one fault on the real side; times in milliseconds from the onset, None where it did not come to it.

    Seen by asking, so each of the first three may be half a second late.
    """

    alert: str
    labels: Mapping[str, str]
    pending_ms: int | None
    firing_ms: int | None
    told_ms: Mapping[str, int]
    """By receiver: when the first notification arrived there."""
    resolved_told_ms: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ObservedFault:
    """One fault on its target."""

    fault: str
    prediction: str
    """Digest of the prediction that was on record before."""
    onset_wall_ms: int
    lasted_ms: int
    alerts: tuple[ObservedAlert, ...]
    users_hurt_ms: int | None
    """From the onset until the first journey of a user that failed."""
    journeys: int
    journeys_failed: int
    clock_ahead_ms: float
    left: tuple[str, ...] = ()
    """What was not as before after the undoing."""
    ended_for_safety: tuple[str, ...] = ()
    steady_after: bool = True

    def as_trial(self) -> Trial:
        """As coverage knows what happened in a draw."""
        return Trial(
            tuple(Seen(a.alert, a.firing_ms, dict(a.told_ms)) for a in self.alerts if a.firing_ms is not None),
            ("users",) if self.users_hurt_ms is not None else (),
        )


_ADAPTER = TypeAdapter(ObservedFault)


def write(path: Path, observed: ObservedFault) -> None:
    write_whole(path, _ADAPTER.dump_json(observed, indent=2) + b"\n")


def read(path: Path) -> ObservedFault:
    """Raises pydantic's ValidationError where it is not what `write` wrote."""
    return _ADAPTER.validate_json(path.read_bytes())


def alerts_of(watched: Watched, onset_ms: int, inventory: Inventory) -> tuple[ObservedAlert, ...]:
    """Alerts that became active after the onset, each by the id that the inventory of the model's rules gives it."""
    found = []
    for labels, seen in watched.alerts.items():
        if seen.pending_ms is None or seen.pending_ms < onset_ms:
            continue
        known = any(alert.name == seen.name for alert in inventory.alerts)
        found.append(
            ObservedAlert(
                inventory.alert_of(seen.name, seen.labels) if known else seen.name,
                seen.labels,
                seen.pending_ms - onset_ms,
                None if seen.firing_ms is None else seen.firing_ms - onset_ms,
                _first(watched.notifications, labels, "firing", onset_ms),
                _first(watched.notifications, labels, "resolved", onset_ms),
            )
        )
    return _merged(found)


def _first(
    notifications: list[Notified], labels: tuple[tuple[str, str], ...], status: str, onset_ms: int
) -> dict[str, int]:
    """Receiver to when it first heard of an alert, from the onset; external labels are let through."""
    first: dict[str, int] = {}
    for notified in notifications:
        heard = any(state == status and set(labels) <= set(theirs) for _, theirs, state in notified.alerts)
        if heard and notified.at_ms >= onset_ms:
            first.setdefault(notified.receiver, notified.at_ms - onset_ms)
    return first


def _merged(alerts: list[ObservedAlert]) -> tuple[ObservedAlert, ...]:
    """Several series of one rule count once: by the first of them to fire."""
    first: dict[str, ObservedAlert] = {}
    for alert in sorted(alerts, key=lambda a: (a.firing_ms is None, a.firing_ms or 0, a.pending_ms or 0)):
        first.setdefault(alert.alert, alert)
    return tuple(first.values())
