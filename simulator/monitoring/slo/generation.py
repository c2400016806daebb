"""Objectives to a rule file: the error ratio recorded over each window, and the alerts that read it.

One group an objective.  Its alerts are the workbook's pairs, joined by `or` for each urgency, so that trouble which is
above two thresholds pages once.  An SLO whose own alert policies state burn-rate conditions gets these instead.

The text depends on nothing but the objectives and the options: same SLOs, same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from simulator.monitoring.promql.printing import write, write_number
from simulator.monitoring.slo.burn_rates import SHORTEST_SLO_WINDOW_MS, BurnRate, Urgency, workbook_rates
from simulator.monitoring.slo.objectives import BurnCondition, Objective
from timeline.findings import Finding, InputError, Severity
from timeline.instants import format_duration

ERRORS = "slo:errors:ratio_rate"
"""Recorded error ratios are called this with their window behind it: `slo:errors:ratio_rate1h`."""
PAGE_ALERT, TICKET_ALERT, CONDITION_ALERT = "ErrorBudgetBurnsFast", "ErrorBudgetBurnsSlowly", "ErrorBudgetBurns"
_ALERT_OF = {Urgency.PAGE: PAGE_ALERT, Urgency.TICKET: TICKET_ALERT}
_HEADER = "# Made by `blackstart alerts slo generate`: change the SLOs and make it again.\n"


@dataclass(frozen=True, slots=True)
class Severities:
    """What the label `severity` says for each urgency."""

    page: str = "page"
    ticket: str = "ticket"

    def of(self, urgency: Urgency) -> str:
        return self.page if urgency is Urgency.PAGE else self.ticket


@dataclass(frozen=True, slots=True)
class GeneratedAlert:
    """One alert of a generated file: it fires when one of its `rates` does."""

    name: str
    labels: Mapping[str, str]
    summary: str
    rates: tuple[BurnRate, ...]


def generated_alerts(objective: Objective, severities: Severities) -> list[GeneratedAlert]:
    """The alerts of an objective; thresholds that no error ratio can exceed are left out."""
    if objective.conditions:
        return [_of_condition(objective, c) for c in objective.conditions if _reachable(c.factor, objective)]
    alerts = []
    for urgency in Urgency:
        rates = tuple(r for r in workbook_rates(objective.window_ms) if r.urgency is urgency)
        possible = tuple(r for r in rates if _reachable(r.factor, objective))
        if possible:
            speed = "fast enough to wake somebody" if urgency is Urgency.PAGE else "too fast to last"
            labels = {**own_labels(objective), "severity": severities.of(urgency)}
            alerts.append(GeneratedAlert(_ALERT_OF[urgency], labels, _summary(objective, speed), possible))
    return alerts


def own_labels(objective: Objective) -> dict[str, str]:
    """The labels that every rule of an objective carries."""
    return {**objective.labels, "slo": objective.name, "service": objective.service}


def rule_file(objectives: Iterable[Objective], severities: Severities | None = None) -> str:
    """The rule file of these objectives.  Raises InputError for a window that is too short for these alerts."""
    objectives = list(objectives)
    findings = [_too_short(o) for o in objectives if o.window_ms < SHORTEST_SLO_WINDOW_MS and not o.conditions]
    if findings:
        raise InputError(findings)
    lines = [line for o in objectives for line in _group(o, severities or Severities())]
    return _HEADER + ("groups:" if lines else "groups: []") + "\n" + "".join(f"{line}\n" for line in lines)


def left_out(objectives: Iterable[Objective]) -> list[Finding]:
    """A finding for each threshold that was left out because even an error ratio of 1 does not exceed it."""
    return [
        Finding(
            "slo.cannot-fire",
            Severity.WARNING,
            objective.place,
            f"{write_number(factor)} times the budget of {objective.name!r} is more than all requests: no rule is made",
            "other factors still alert, at other speeds",
        )
        for objective in objectives
        for factor in _factors(objective)
        if not _reachable(factor, objective)
    ]


def _factors(objective: Objective) -> list[float]:
    if objective.conditions:
        return [condition.factor for condition in objective.conditions]
    return [rate.factor for rate in workbook_rates(objective.window_ms)]


def _of_condition(objective: Objective, condition: BurnCondition) -> GeneratedAlert:
    urgency = Urgency.TICKET if condition.severity.lower() == Urgency.TICKET else Urgency.PAGE
    rate = BurnRate(condition.factor, condition.window_ms, None, urgency, condition.after_ms)
    labels = {**own_labels(objective), "severity": condition.severity, "condition": condition.name}
    speed = f"at {write_number(condition.factor)} times the pace at which it lasts"
    return GeneratedAlert(CONDITION_ALERT, labels, _summary(objective, speed), (rate,))


def _summary(objective: Objective, speed: str) -> str:
    return f"{objective.service} uses up the error budget of '{objective.title}' {speed}"


def _reachable(factor: float, objective: Objective) -> bool:
    return factor * objective.budget_ratio < 1


def _too_short(objective: Objective) -> Finding:
    shortest = format_duration(SHORTEST_SLO_WINDOW_MS)
    message = f"the window of {objective.name!r} is {format_duration(objective.window_ms)}, shorter than {shortest}"
    hint = "its alert windows would hold too few scrapes; state conditions of its own in an AlertPolicy"
    return Finding("slo.window-too-short", Severity.ERROR, objective.place, message, hint)


def _group(objective: Objective, severities: Severities) -> Iterator[str]:
    alerts = generated_alerts(objective, severities)
    if not alerts:
        return
    windows = {w for alert in alerts for rate in alert.rates for w in (rate.long_ms, rate.short_ms) if w is not None}
    yield f"  # {objective.target_ratio:.10g} of {objective.title!r} over {format_duration(objective.window_ms)}."
    yield from _low_traffic(alerts, objective)
    yield f"  - name: {_quoted(f'slo:{objective.name}')}"
    yield "    interval: 1m"
    yield "    rules:"
    for window_ms in sorted(windows):
        yield f"      - record: {ERRORS}{format_duration(window_ms)}"
        yield "        expr: |"
        yield f"          {write(objective.indicator.error_ratio(window_ms))}"
        yield f"        labels: {_quoted(own_labels(objective))}"
    for alert in alerts:
        yield f"      - alert: {alert.name}"
        yield "        expr: |"
        for number, rate in enumerate(alert.rates):
            yield f"          {'or ' if number else ''}({_condition(objective, rate)})"
        if alert.rates[0].for_ms:
            yield f"        for: {format_duration(alert.rates[0].for_ms)}"
        yield f"        labels: {_templates(alert.labels)}"
        yield f"        annotations: {_templates({'summary': alert.summary})}"


def _low_traffic(alerts: list[GeneratedAlert], objective: Objective) -> Iterator[str]:
    """The workbook's caveat for services of low traffic: from how many events on a single bad one is no alert."""
    for alert in alerts:
        for rate in alert.rates:
            events = 1 / (rate.factor * objective.budget_ratio)
            long = format_duration(rate.long_ms)
            yield f"  # Below {events:,.0f} events in {long} a single bad one is above the threshold ({alert.name})."


def _condition(objective: Objective, rate: BurnRate) -> str:
    threshold = f"{write_number(rate.factor)} * {write_number(objective.budget_ratio)}"
    return " and ".join(
        f"{ERRORS}{format_duration(window_ms)}{{slo={_quoted(objective.name)}}} > {threshold}"
        for window_ms in (rate.long_ms, rate.short_ms)
        if window_ms is not None
    )


def _templates(pairs: Mapping[str, str]) -> str:
    """Labels or annotations of an alert, which are templates: what looks like one in a title stays text."""
    return _quoted({key: value.replace("{{", '{{"{{"}}') for key, value in pairs.items()})


def _quoted(value: str | dict[str, str]) -> str:
    """Text in double quotes, or a map of it: JSON's form is also YAML's, and PromQL's for text."""
    return json.dumps(value, ensure_ascii=False)
