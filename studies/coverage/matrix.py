"""The matrix: for each case the alerts that its fault makes fire, when, and whom they reach.

An alert counts as made by a fault when it begins to fire after the onset and does not in the quiet run of the same draw
at the same moment.  Times count from the onset and are intervals: the least and the most over the draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.monitoring.promql import Labels
from studies.coverage.faults import Case
from studies.coverage.inventory import Inventory
from studies.coverage.running import Record
from topologies.organisation import Organisation


@dataclass(frozen=True, slots=True)
class Seen:
    """One alert in one draw: when it fired first, and when each receiver was first told, in ms from the onset."""

    alert: str
    fired_ms: int
    told: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Trial:
    """One case in one draw."""

    alerts: tuple[Seen, ...]
    disrupted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """The least and the most of a time, in ms."""

    low_ms: int
    high_ms: int

    @classmethod
    def of(cls, times: Sequence[int]) -> Interval:
        return cls(min(times), max(times))


@dataclass(frozen=True, slots=True)
class Cell:
    """One alert in one case.  `draws` counts those in which it fired."""

    alert: str
    fired: Interval
    told: Mapping[str, Interval]
    draws: int

    @property
    def first_told(self) -> Interval | None:
        if not self.told:
            return None
        return Interval(min(t.low_ms for t in self.told.values()), min(t.high_ms for t in self.told.values()))


@dataclass(frozen=True, slots=True)
class Row:
    """One case: its cells, the first to fire first, and the business functions that it disrupts."""

    case: Case
    cells: tuple[Cell, ...]
    disrupted: tuple[str, ...]
    trials: tuple[Trial, ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom a receiver reaches.  It *pages* when it starts an escalation policy."""

    teams: tuple[str, ...]
    pages: bool


class Addressees:
    """From receivers to teams, as the organisation maps them."""

    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation

    def of(self, receiver: str) -> Reached:
        policy = self._organisation.receivers.get(receiver)
        teams = [
            id
            for id, team in sorted(self._organisation.teams.items())
            if receiver in team.receivers or (policy is not None and team.policy == policy)
        ]
        return Reached(tuple(teams), policy is not None)


def trial(
    record: Record,
    quiet: Record,
    inventory: Inventory,
    external_labels: Mapping[str, str],
    onset_ms: int,
    until_ms: int,
) -> Trial:
    """What a fault did to alerts, beside what would have happened anyway.

    In notifications, alerts of Prometheus carry its external labels too.
    """
    usual = {(fired.labels, fired.at_ms) for fired in quiet.fired}
    made = [f for f in record.fired if onset_ms <= f.at_ms <= until_ms and (f.labels, f.at_ms) not in usual]
    id_of = {fired.labels: inventory.alert_of(fired.name, fired.labels) for fired in made}
    id_of |= {Labels({**external_labels, **labels}): id for labels, id in id_of.items()}
    fired_ms: dict[str, int] = {}
    for fired in made:
        fired_ms.setdefault(id_of[fired.labels], fired.at_ms - onset_ms)
    told_ms: dict[str, dict[str, int]] = {id: {} for id in fired_ms}
    for told in record.told:
        if told.at_ms >= onset_ms:
            for labels in told.alerts:
                if labels in id_of:
                    told_ms[id_of[labels]].setdefault(told.receiver, told.at_ms - onset_ms)
    return Trial(tuple(Seen(id, at_ms, told_ms[id]) for id, at_ms in fired_ms.items()), record.disrupted)


def row(case: Case, trials: Sequence[Trial]) -> Row:
    """The draws of one case together."""
    by_alert: dict[str, list[Seen]] = {}
    for one in trials:
        for seen in one.alerts:
            by_alert.setdefault(seen.alert, []).append(seen)
    cells = [_cell(alert, seen) for alert, seen in by_alert.items()]
    cells.sort(key=lambda cell: (cell.fired.low_ms, cell.alert))
    disrupted = sorted({function for one in trials for function in one.disrupted})
    return Row(case, tuple(cells), tuple(disrupted), tuple(trials))


def _cell(alert: str, seen: Sequence[Seen]) -> Cell:
    receivers = sorted({receiver for one in seen for receiver in one.told})
    told = {r: Interval.of([one.told[r] for one in seen if r in one.told]) for r in receivers}
    return Cell(alert, Interval.of([one.fired_ms for one in seen]), told, len(seen))
