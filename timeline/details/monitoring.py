"""What the machinery saw and sent."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AlertDetail:
    """One alert of one rule, as the rule engine sees it."""

    name: str
    labels: tuple[tuple[str, str], ...]
    annotations: tuple[tuple[str, str], ...]
    value: float | None
    active_at_ms: int
    fingerprint: str

    @property
    def is_deliberate(self) -> bool:
        """Whether it fires while all is well (a dead man's switch), as the Prometheus mixins mark it."""
        return ("severity", "none") in self.labels


@dataclass(frozen=True, slots=True)
class NotificationDetail:
    """One notification of the alert manager to one receiver."""

    receiver: str
    group_key: str
    status: str
    alerts: tuple[str, ...]
    """Names of the firing alerts in the group."""
    reason: str = ""
