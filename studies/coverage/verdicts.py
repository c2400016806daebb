"""Expectations held against the matrix: met, late, wrong team, missed.

An expectation is *met* in a draw when one of its alerts is notified within its time to its team.  It is of the *wrong
team* when that comes in time to others only, *late* when it comes to the team after the time, and *missed* when none of
its alerts is notified at all.  Over several draws the worst counts, and in how many draws it was met is told.  An
expectation all of whose alerts are set aside is *not assessable*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from studies.coverage.inventory import Inventory
from studies.coverage.matrix import Addressees, Interval, Row, Trial
from topologies.expectations import Expectation


class Verdict(StrEnum):
    """From best to worst."""

    MET = "met"
    LATE = "late"
    WRONG_TEAM = "wrong team"
    MISSED = "missed"
    NOT_ASSESSABLE = "not assessable"


_FROM_BEST = (Verdict.MET, Verdict.LATE, Verdict.WRONG_TEAM, Verdict.MISSED)


@dataclass(frozen=True, slots=True)
class Judgement:
    """One expectation beside what is predicted.  `told` is the first notification of one of its alerts, to anybody."""

    expectation: str
    case: str
    verdict: Verdict
    met_in: int
    draws: int
    alerts: tuple[str, ...]
    """Those of its alerts that fired."""
    told: Interval | None
    teams: tuple[str, ...]
    """Teams that were told of one of them."""


def judge(id: str, expectation: Expectation, row: Row, addressees: Addressees, inventory: Inventory) -> Judgement:
    """One expectation on the case that tries its fault."""
    ids = {alert.id for alert in inventory.alerts if alert.name in expectation.alerts}
    verdicts = [_of_trial(expectation, ids, trial, addressees) for trial in row.trials]
    told = [ms for trial in row.trials if (ms := _first_told(ids, trial)) is not None]
    worst = max(verdicts, key=_FROM_BEST.index)
    if worst is not Verdict.MET and _is_set_aside(expectation, ids, inventory):
        worst = Verdict.NOT_ASSESSABLE
    return Judgement(
        id,
        row.case.id,
        worst,
        sum(verdict is Verdict.MET for verdict in verdicts),
        len(verdicts),
        tuple(cell.alert for cell in row.cells if cell.alert in ids),
        Interval.of(told) if told else None,
        tuple(sorted({team for c in row.cells if c.alert in ids for r in c.told for team in addressees.of(r).teams})),
    )


def masked(alone: Mapping[str, Judgement], together: Judgement) -> bool:
    """Whether an expectation that is met when its fault comes alone is not when another one comes with it."""
    return alone[together.expectation].verdict is Verdict.MET and together.verdict is not Verdict.MET


def _is_set_aside(expectation: Expectation, ids: set[str], inventory: Inventory) -> bool:
    aside = {rule.rule for rule in inventory.set_aside if rule.alerting}
    return not ids and all(name in aside for name in expectation.alerts)


def _of_trial(expectation: Expectation, ids: set[str], trial: Trial, addressees: Addressees) -> Verdict:
    told = [(ms, r) for seen in trial.alerts if seen.alert in ids for r, ms in seen.told.items()]
    right = [ms for ms, r in told if expectation.team is None or expectation.team in addressees.of(r).teams]
    if right and min(right) <= expectation.within:
        return Verdict.MET
    if any(ms <= expectation.within for ms, _ in told) or (told and not right):
        return Verdict.WRONG_TEAM
    return Verdict.LATE if right else Verdict.MISSED


def _first_told(ids: set[str], trial: Trial) -> int | None:
    return min((ms for seen in trial.alerts if seen.alert in ids for ms in seen.told.values()), default=None)
