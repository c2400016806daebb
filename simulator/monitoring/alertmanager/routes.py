"""The routing tree: which routes, and so which receivers, an alert reaches.

A route matches when all its matchers do.  The search goes depth first, left to right; the first child that matches
ends it unless that child says `continue`.  A route none of whose children match is itself the result.  Receiver,
grouping and intervals are inherited from the parent; time intervals are not.

Source: Alertmanager, `dispatch/route.go`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from simulator.monitoring.alertmanager.matchers import DecisionCache, LabelSet, Matchers, matches_all
from timeline.findings import Place
from timeline.instants import HOUR, MINUTE, SECOND

GROUP_WAIT_MS, GROUP_INTERVAL_MS, REPEAT_INTERVAL_MS = 30 * SECOND, 5 * MINUTE, 4 * HOUR


@dataclass(frozen=True, eq=False)
class Route:
    """One node of the tree, with everything inherited filled in.  `place` is where it was written."""

    receiver: str
    place: Place
    matchers: Matchers = ()
    continues: bool = False
    group_by: tuple[str, ...] = ()
    group_by_all: bool = False
    group_wait_ms: int = GROUP_WAIT_MS
    group_interval_ms: int = GROUP_INTERVAL_MS
    repeat_interval_ms: int = REPEAT_INTERVAL_MS
    mute_time_intervals: tuple[str, ...] = ()
    active_time_intervals: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()
    parent_key: str = ""
    _match: DecisionCache[tuple[Route, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        names = [matcher.name for route in self.walk() for matcher in route.matchers]
        object.__setattr__(self, "_match", DecisionCache(names, self._search))

    @cached_property
    def key(self) -> str:
        """Names the route in group keys.  Siblings with the same matchers share it, as they do in Alertmanager."""
        own = "{" + ",".join(map(str, self.matchers)) + "}"
        return f"{self.parent_key}/{own}" if self.parent_key else own

    def match(self, labels: LabelSet) -> tuple[Route, ...]:
        """The routes that an alert with these labels reaches, in the order of the tree; empty if not even this one."""
        return self._match(labels)

    def group_values(self, labels: LabelSet) -> tuple[str | None, ...]:
        """What tells the groups of this route apart."""
        if self.group_by_all:
            return tuple([part for name in sorted(labels) for part in (name, labels[name])])
        return tuple(map(labels.get, self.group_by))

    def group_labels(self, labels: LabelSet) -> dict[str, str]:
        """The labels that the route groups by, as far as the alert has them."""
        if self.group_by_all:
            return dict(labels)
        return {name: labels[name] for name in self.group_by if name in labels}

    def walk(self) -> Iterator[Route]:
        """This route and all below it, depth first."""
        yield self
        for route in self.routes:
            yield from route.walk()

    def _search(self, labels: LabelSet) -> tuple[Route, ...]:
        if not matches_all(self.matchers, labels):
            return ()
        found: list[Route] = []
        for route in self.routes:
            matches = route._search(labels)
            found.extend(matches)
            if matches and not route.continues:
                break
        return tuple(found) or (self,)
