"""Weak spots of the burn-rate alerts of an objective, each at its rule or at the SLO.

Source: Site Reliability Workbook (2018), chapter 5, Alerting on SLOs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from simulator.monitoring.promql.printing import write_number
from simulator.monitoring.rules import RuleGroup
from simulator.monitoring.slo.burn_rates import BurnRate, budget_spent, time_to_fire_ms, workbook_rates
from simulator.monitoring.slo.judging import Watched, Watching, watched
from simulator.monitoring.slo.objectives import Objective
from simulator.monitoring.slo.recognition import Branch
from timeline.findings import Finding, Severity
from timeline.instants import format_duration
from timeline.registry import Registry
from topologies.checks.catalogue import Check, Remark, findings_of, register

SLO_CHECKS: Registry[Check[Watched]] = Registry("check of an SLO")
_SAME = 0.01
"""Factors and budgets closer than this are meant to be the same."""
_JUST_ABOVE = 1.05
_MUCH_MORE = 2.0
_WORTH_TELLING = 0.05


def check_objectives(objectives: Sequence[Objective], groups: Sequence[RuleGroup]) -> list[Finding]:
    """Findings on the burn-rate alerts of these objectives in a rule set."""
    return [finding for one in watched(objectives, groups) for finding in findings_of(SLO_CHECKS.values(), one)]


def _slo_check(
    id: str, severity: Severity
) -> Callable[[Callable[[Watched], Iterable[Remark]]], Callable[[Watched], Iterable[Remark]]]:
    return register(SLO_CHECKS, id, severity)


@_slo_check("slo.no-burn-alert", Severity.WARNING)
def no_burn_alert(watched: Watched) -> Iterator[Remark]:
    """No alert watches the error budget of an SLO.

    Nobody is told while the budget burns.  `blackstart alerts slo generate` makes the rules.
    """
    if not watched.alerts:
        message = f"no rule alerts on the error budget of {watched.objective.name!r}"
        yield Remark(watched.objective.place, message, "`blackstart alerts slo generate` makes the rules")


@_slo_check("slo.other-indicator", Severity.WARNING)
def other_indicator(watched: Watched) -> Iterator[Remark]:
    """A burn-rate alert compares another error ratio than the SLO's indicator.

    Other metrics, other conditions or another division: what it fires on is not what was promised.
    """
    for alert in watched.alerts:
        if alert.difference is not None:
            message = f"the alert {_name(alert)} does not measure {watched.objective.name!r}: {alert.difference}"
            yield Remark(alert.place, message, f"the SLO stands at {watched.objective.place}")


@_slo_check("slo.other-objective", Severity.WARNING)
def other_objective(watched: Watched) -> Iterator[Remark]:
    """A threshold belongs to another objective than the SLO's.

    It is written as factor x budget with the budget of another target, or it is a bare number that is the workbook's
    factor for its window only for another target.
    """
    budget = watched.objective.budget_ratio
    for alert, branch, rate in _branches(watched):
        product = branch.long.product
        usual = next((r for r in workbook_rates(watched.objective.window_ms) if r.long_ms == rate.long_ms), None)
        if product is not None:
            if any(_close(operand, budget) for operand in product):
                continue
            written = " * ".join(write_number(operand) for operand in product)
        elif usual is None or _close(rate.factor, usual.factor):
            continue
        else:
            written = write_number(branch.long.threshold)
        message = (
            f"the threshold {written} of {_name(alert)} is {rate.factor:.3g} times the error budget "
            f"{write_number(budget)} of {watched.objective.name!r}"
        )
        hint = ""
        if usual is not None:
            hint = (
                f"{write_number(usual.factor)} * {write_number(budget)} is usual over {format_duration(usual.long_ms)}"
            )
        yield Remark(alert.place, message, hint)


@_slo_check("slo.cannot-fire", Severity.ERROR)
def cannot_fire(watched: Watched) -> Iterator[Remark]:
    """An alert cannot fire even while every request fails.

    Factor x budget is 1 or more: with a low target, the factors of the workbook are out of reach.
    """
    for alert, branch, _ in _branches(watched):
        if branch.long.threshold >= 1 or (branch.short is not None and branch.short.threshold >= 1):
            message = f"{_name(alert)} does not fire even at an error ratio of 1: its threshold is "
            message += write_number(round(max(c.threshold for c in branch.comparisons), 9))
            most = 1 / watched.objective.budget_ratio
            yield Remark(alert.place, message, f"the factor has to stay below {most:.3g} for this target")


@_slo_check("slo.fires-within-budget", Severity.WARNING)
def fires_within_budget(watched: Watched) -> Iterator[Remark]:
    """An alert fires at a burn rate at which the budget lasts: nothing is wrong then."""
    for alert, _, rate in _branches(watched):
        if rate.factor < 1:
            message = f"{_name(alert)} fires at {rate.factor:.3g} times the budget of {watched.objective.name!r}"
            yield Remark(alert.place, message, "below a burn rate of 1 the budget lasts; use a factor of at least 1")


@_slo_check("slo.fires-too-late", Severity.WARNING)
def fires_too_late(watched: Watched) -> Iterator[Remark]:
    """When an alert fires, the whole budget is gone: factor x long window is longer than the SLO's window."""
    for alert, branch, rate in _branches(watched):
        spent = rate.spent_ratio(watched.objective.window_ms)
        if spent >= 1 > branch.long.threshold:
            message = f"when {_name(alert)} fires, {spent:.0%} of the budget of {watched.objective.name!r} is spent"
            yield Remark(alert.place, message, "use a shorter window or a smaller factor")


@_slo_check("slo.no-short-window", Severity.WARNING)
def no_short_window(watched: Watched) -> Iterator[Remark]:
    """A burn-rate alert looks at a long window only.

    It goes on firing after the trouble has ended, until the window has forgotten it.  A short window, a twelfth of the
    long one and joined by `and`, ends it soon.
    """
    for alert, _, rate in _branches(watched):
        if rate.short_ms is None:
            message = (
                f"{_name(alert)} looks at {format_duration(rate.long_ms)} only: it may fire that long after the trouble"
            )
            short = format_duration(max(rate.long_ms // 12, 60_000) // 60_000 * 60_000)
            yield Remark(alert.place, message, f"add `and` with the same threshold over {short}")


@_slo_check("slo.delayed-by-for", Severity.INFO)
def delayed_by_for(watched: Watched) -> Iterator[Remark]:
    """`for` makes an alert late when it matters most: in a total outage more budget burns in it than in the window.

    The long window already sees to it that a short spike alerts nobody; the workbook's alerts have no `for`.
    """
    objective = watched.objective
    for alert, _, rate in _branches(watched):
        if rate.factor * objective.budget_ratio >= 1:
            continue
        share = rate.spent_ratio(objective.window_ms)
        waited = budget_spent(rate.for_ms, objective.budget_ratio, 1.0, objective.window_ms)
        if waited > share and share + waited > _WORTH_TELLING:
            message = (
                f"in a total outage {_name(alert)} fires when {share + waited:.0%} of the budget of "
                f"{objective.name!r} is spent, {waited:.0%} of it in its `for`"
            )
            yield Remark(alert.place, message, "leave out `for`: the long window does its work")


@_slo_check("slo.unequal-thresholds", Severity.WARNING)
def unequal_thresholds(watched: Watched) -> Iterator[Remark]:
    """The long and the short window of an alert have different thresholds.

    The higher one decides when it fires, the lower one only when it ends.
    """
    for alert, branch, _ in _branches(watched):
        if branch.short is not None and not _close(branch.short.threshold, branch.long.threshold):
            long, short = (write_number(round(c.threshold, 9)) for c in (branch.long, branch.short))
            message = f"{_name(alert)} has the threshold {long} over its long window and {short} over its short one"
            yield Remark(alert.place, message, "use the same threshold for both")


@_slo_check("slo.unseen-burn", Severity.WARNING)
def unseen_burn(watched: Watched) -> Iterator[Remark]:
    """A burn rate is seen by no alert, or only after more than twice the budget that the workbook's pair would spend.

    One pair of windows is fast or thorough, not both: short windows with high factors miss slow burns, long windows
    with low factors are late for fast ones.
    """
    objective = watched.objective
    if not watched.watching:
        return
    rates = [rate for alert in watched.watching for rate in alert.rates]
    for usual in workbook_rates(objective.window_ms):
        error_ratio = usual.factor * objective.budget_ratio * _JUST_ABOVE
        if error_ratio > 1:
            continue
        share = usual.spent_ratio(objective.window_ms)
        spent = [
            budget_spent(after, objective.budget_ratio, error_ratio, objective.window_ms)
            for rate in rates
            if (after := time_to_fire_ms(rate, objective.budget_ratio, error_ratio)) is not None
        ]
        if spent and min(spent) <= _MUCH_MORE * share:
            continue
        pace = f"{write_number(usual.factor)} times the pace that the budget of {objective.name!r} allows"
        what = "no alert sees" if not spent else f"{min(spent):.0%} of it is spent before an alert sees"
        windows = " and ".join(format_duration(ms) for ms in (usual.long_ms, usual.short_ms) if ms is not None)
        missing = f"{write_number(usual.factor)} over {windows}"
        yield Remark(
            objective.place, f"{what} a burn just above {pace}", f"add {missing}: it fires when {share:.0%} is spent"
        )


def _branches(watched: Watched) -> Iterator[tuple[Watching, Branch, BurnRate]]:
    """Every branch of every alert that measures the objective, with its burn rate."""
    for alert in watched.watching:
        for branch, rate in zip(alert.alert.branches, alert.rates, strict=True):
            yield alert, branch, rate


def _name(alert: Watching) -> str:
    return repr(alert.alert.rule.alert)


def _close(left: float, right: float) -> bool:
    return abs(left - right) <= _SAME * abs(right)
