"""Damping of alerts that flap: repeats of one alert that comes and goes wake nobody again.

An alert *flaps* from the moment when its state (firing, resolved) has changed `changes` times within `within`, until
it has kept one state for `calm`.  Repeated notifications of one state are no change.

Example: `changes: 4, within: 30m, calm: 15m`.  Firing at 0, resolved at 5, firing at 10 and resolved at 15 minutes: the
fourth change makes it flap.  Firing again at 20 is damped; if it still fires at 35 minutes it counts as new.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from topologies.event_management import Flapping

Key = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _History:
    status: str = "resolved"
    changes: deque[int] = field(default_factory=deque)
    """Moments of the last changes, not more than it takes to flap."""
    flaps: bool = False


class FlapDamper:
    """Remembers the changes of each alert, known by its labels."""

    def __init__(self, spec: Flapping) -> None:
        self._spec = spec
        self._histories: dict[Key, _History] = {}

    def damps(self, labels: Mapping[str, str], status: str, at_ms: int) -> bool:
        """Takes note of an alert's state, and says whether this piece of news has to wait until it is calm."""
        history = self._history(labels)
        if history.flaps and at_ms - history.changes[-1] >= self._spec.calm:
            history.flaps = False
            history.changes.clear()
        was_flapping = history.flaps
        if status != history.status:
            history.status = status
            history.changes.append(at_ms)
            if len(history.changes) > self._spec.changes:
                history.changes.popleft()
            full = len(history.changes) == self._spec.changes
            history.flaps |= full and at_ms - history.changes[0] <= self._spec.within
        return was_flapping

    def is_calm(self, labels: Mapping[str, str], status: str, at_ms: int) -> bool:
        """Whether an alert that flaps has kept this state for long enough."""
        history = self._history(labels)
        return history.flaps and history.status == status and at_ms - history.changes[-1] >= self._spec.calm

    def calm_at(self, labels: Mapping[str, str]) -> int:
        """When an alert that flaps will be calm again if it keeps its state."""
        return self._history(labels).changes[-1] + self._spec.calm

    def _history(self, labels: Mapping[str, str]) -> _History:
        return self._histories.setdefault(tuple(sorted(labels.items())), _History())
