"""The arithmetic of burn-rate alerts: when they fire, and how much of the error budget is gone by then.

Terms.  An alert looks at the error ratio over a *long window* and fires while it is above *factor* x budget.  A *short
window*, a twelfth of it, must agree, so that the alert ends soon after the trouble.  For a constant error ratio e that
begins after a time without errors, the error ratio over a window of length w after t is e t / w, so

    time to fire   = factor x budget / e x long window      (+ `for`); never where e <= factor x budget
    budget spent   = e x time / (budget x SLO window)       = factor x long window / SLO window, without `for`

Example: target 99.9 % over 30 days, factor 14.4 over 1 h.  All requests fail: fires after 14.4 x 0.001 x 3600 s = 52 s;
2 % of the budget is spent, whatever the error ratio.

Source: Site Reliability Workbook (2018), chapter 5, Alerting on SLOs, approaches 5 and 6 and table 5-8.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from timeline.instants import DAY, HOUR, MINUTE


class Urgency(StrEnum):
    """What an alert asks for."""

    PAGE = "page"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class BurnRate:
    """One pair of windows with its factor; `short_ms` is None where no short window has to agree."""

    factor: float
    long_ms: int
    short_ms: int | None
    urgency: Urgency
    for_ms: int = 0

    def spent_ratio(self, slo_window_ms: int) -> float:
        """Share of the budget that is gone when the long window reaches the threshold."""
        return self.factor * self.long_ms / slo_window_ms


MONTH_MS = 30 * DAY
_WORKBOOK = (
    BurnRate(14.4, HOUR, 5 * MINUTE, Urgency.PAGE),
    BurnRate(6, 6 * HOUR, 30 * MINUTE, Urgency.PAGE),
    BurnRate(3, DAY, 2 * HOUR, Urgency.TICKET),
    BurnRate(1, 3 * DAY, 6 * HOUR, Urgency.TICKET),
)
_A_MONTH_MS = range(28 * DAY, 31 * DAY + 1)
SHORTEST_SLO_WINDOW_MS = 7 * DAY
"""Below it the shortest window would hold too few scrapes."""
_SHORTEST_ALERT_WINDOW_MS = 2 * MINUTE


def workbook_rates(slo_window_ms: int) -> tuple[BurnRate, ...]:
    """The workbook's four pairs for an SLO's window.

    They are made for 30 days and taken as they are for a month of 28 to 31 days.  For another window their lengths are
    scaled with it, to whole minutes, so that each still fires at the same share of the budget.
    """
    if slo_window_ms in _A_MONTH_MS:
        return _WORKBOOK
    scale = slo_window_ms / MONTH_MS

    def scaled(window_ms: int) -> int:
        return max(round(window_ms * scale / MINUTE) * MINUTE, _SHORTEST_ALERT_WINDOW_MS)

    return tuple(
        BurnRate(rate.factor, scaled(rate.long_ms), scaled(rate.short_ms or 0), rate.urgency) for rate in _WORKBOOK
    )


def time_to_fire_ms(rate: BurnRate, budget_ratio: float, error_ratio: float) -> float | None:
    """How long after the beginning of a constant error ratio the alert fires; None when it never does."""
    threshold = rate.factor * budget_ratio
    if error_ratio <= threshold:
        return None
    return threshold / error_ratio * max(rate.long_ms, rate.short_ms or 0) + rate.for_ms


def budget_spent(elapsed_ms: float, budget_ratio: float, error_ratio: float, slo_window_ms: int) -> float:
    """Share of the budget that a constant error ratio uses up within `elapsed_ms`."""
    return error_ratio * elapsed_ms / (budget_ratio * slo_window_ms)
