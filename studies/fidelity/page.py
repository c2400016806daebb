"""A fidelity run as one self-contained HTML page: no request leaves it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.html.environment import page_environment
from studies.coverage.verdicts import Verdict as Met
from studies.fidelity.history import Regression
from studies.fidelity.observing import ObservedAlert, ObservedFault
from studies.fidelity.predicting import PredictedAlert
from studies.fidelity.study import Fidelity
from studies.fidelity.verdicts import Cell, brier, off_by_ms
from timeline.instants import SECOND

_MET = {Met.MET: "good", Met.LATE: "fair", Met.WRONG_TEAM: "bad", Met.MISSED: "bad", Met.NOT_ASSESSABLE: "none"}


@dataclass(frozen=True, slots=True)
class Square:
    """A cell of the matrix: what each of the three sides says of it, in letters, and whether the last two agree."""

    expected: bool
    predicted: float
    """Share of the draws."""
    observed: bool
    agrees: bool
    word: str
    """What is wrong; nothing where all is as predicted."""


@dataclass(frozen=True, slots=True)
class Hops:
    """One alert of one fault on its way, both sides."""

    alert: str
    agrees: bool
    predicted: PredictedAlert | None
    observed: ObservedAlert | None


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One fault: its squares in the order of the alerts, its hops, its users."""

    observed: ObservedFault
    squares: tuple[Square, ...]
    hops: tuple[Hops, ...]
    users: str


def html_page(fidelity: Fidelity, regressions: Sequence[Regression]) -> str:
    """The text of `fidelity.html`.  Raises ValueError where nothing was observed."""
    alerts = list(dict.fromkeys(cell.alert for cell in fidelity.cells))
    environment = page_environment("studies.fidelity")
    environment.filters |= {"s": _seconds, "interval": _interval, "told": _told, "ratio": _ratio}
    return environment.get_template("fidelity.html.jinja").render(
        fidelity=fidelity,
        alerts=alerts,
        rows=[_row(fidelity, one, alerts) for one in fidelity.observed],
        brier=brier(fidelity.cells),
        off=off_by_ms(fidelity.cells),
        fired=sum(cell.observed is not None for cell in fidelity.cells),
        met=sum(one.verdict is Met.MET for one in fidelity.judgements),
        classes=_MET,
        regressions=regressions,
    )


def _row(fidelity: Fidelity, observed: ObservedFault, alerts: Sequence[str]) -> FaultRow:
    cells = {cell.alert: cell for cell in fidelity.cells if cell.fault == observed.fault}
    expected = fidelity.expected_in(observed.fault)
    return FaultRow(
        observed,
        tuple(_square(cells.get(alert), alert.partition("{")[0] in expected) for alert in alerts),
        tuple(
            Hops(cell.alert, cell.agrees, cell.predicted, cell.observed)
            for cell in cells.values()
            if cell.predicted or cell.observed
        ),
        _users(observed),
    )


def _square(cell: Cell | None, expected: bool) -> Square:
    if cell is None:
        return Square(expected, 0.0, observed=False, agrees=True, word="")
    word = "" if cell.agrees else str(cell.verdict) if not cell.in_time else "told elsewhere"
    return Square(expected, cell.share, cell.observed is not None, cell.agrees, word)


def _users(one: ObservedFault) -> str:
    """What users felt, beside what was told."""
    told = [at_ms for alert in one.alerts for at_ms in alert.told_ms.values()]
    fired = any(alert.firing_ms is not None for alert in one.alerts)
    if one.users_hurt_ms is None:
        return "users did well, and yet it alarmed" if fired else "users did well"
    if not told:
        return "users were hurt, and nobody was told" if fired else "users were hurt, and nothing fired"
    return f"somebody was told {_seconds(max(min(told) - one.users_hurt_ms, 0))} after the first failure"


def _seconds(ms: int | float | None) -> str:
    return "\N{EN DASH}" if ms is None else f"{ms / SECOND:.1f} s"


def _interval(alert: PredictedAlert | None) -> str:
    if alert is None:
        return "\N{EN DASH}"
    low, high = alert.fired_ms
    return f"{low / SECOND:.1f} to {high / SECOND:.1f} s"


def _told(moments: dict[str, int]) -> str:
    return ", ".join(f"{receiver} {_seconds(ms)}" for receiver, ms in moments.items()) or "\N{EN DASH}"


def _ratio(value: float | None) -> str:
    return "\N{EN DASH}" if value is None else f"{value:.0%}"
