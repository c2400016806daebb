"""The clocks: what *detected*, *acknowledged*, *declared*, *restored* mean, each with its events.

This is the one place where a milestone is defined; measures, record comparison, figures and documents use these.

| milestone    | reached at the first                                                                          |
|--------------|-----------------------------------------------------------------------------------------------|
| began        | `fault.started`; of a fault that lay silent, the first of `data.corruption_found` and impact    |
| impact       | `function.disrupted` or `function.degraded`                                                   |
| alerted      | `alert.firing`: a rule of the monitoring saw it                                               |
| detected     | delivery to a human: `page.delivered`, `report.received` (read by the service desk),          |
|              | `alarm.raised` (the floor wardens call), or an incident that a person opened on what they saw |
| acknowledged | `page.acknowledged` by somebody of the organisation                                           |
| declared     | `incident.declared`: the major-incident procedure is active                                   |
| cause_found  | `diagnosis.concluded` with the true cause                                                     |
| mitigated    | `incident.mitigated`: responders verified that service is back                                |
| restored     | moment from which every function that was hurt is whole again, whoever knows it (truth)       |
| resolved     | `incident.resolved` after which the incident was not reopened                                 |

Of a fault, an event counts when the fault is among its causes; of the whole exercise, the first over all faults, and
the last for *restored*.  RTO runs from `function.disrupted` to `function.restored` of one function.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from reports.index import FaultSpan, FunctionSpan, Incident, TimelineIndex, detail_of
from timeline.details import DiagnosisDetail, IncidentDetail
from timeline.events import Event


class Milestone(StrEnum):
    """Steps in the life of an incident, in their usual order."""

    BEGAN = "began"
    IMPACT = "impact"
    ALERTED = "alerted"
    DETECTED = "detected"
    ACKNOWLEDGED = "acknowledged"
    DECLARED = "declared"
    CAUSE_FOUND = "cause_found"
    MITIGATED = "mitigated"
    RESTORED = "restored"
    RESOLVED = "resolved"


MEANINGS: dict[Milestone, str] = {
    Milestone.BEGAN: "the fault began, or first showed after it had lain silent",
    Milestone.IMPACT: "the first business function suffered",
    Milestone.ALERTED: "the first alert fired",
    Milestone.DETECTED: "it first reached a human: a page, a user's report, or what somebody saw",
    Milestone.ACKNOWLEDGED: "somebody acknowledged a page",
    Milestone.DECLARED: "a major incident was declared",
    Milestone.CAUSE_FOUND: "the diagnosis named a true cause",
    Milestone.MITIGATED: "responders verified that service was back",
    Milestone.RESTORED: "every business function that suffered was whole again",
    Milestone.RESOLVED: "the incident was resolved",
}

_DELIVERIES = ("page.delivered", "report.received", "alarm.raised")
_KINDS: dict[Milestone, tuple[str, ...]] = {
    Milestone.IMPACT: ("function.disrupted", "function.degraded"),
    Milestone.ALERTED: ("alert.firing",),
    Milestone.ACKNOWLEDGED: ("page.acknowledged",),
    Milestone.DECLARED: ("incident.declared",),
    Milestone.MITIGATED: ("incident.mitigated",),
    Milestone.RESOLVED: ("incident.resolved",),
}


def of_fault(index: TimelineIndex, fault: FaultSpan, milestone: Milestone) -> Event | None:
    """The event in which a milestone was reached for one fault, None when it was not."""
    if milestone is Milestone.BEGAN:
        return showed(index, fault)
    if milestone is Milestone.DETECTED:
        return detected(index, fault)
    if milestone is Milestone.CAUSE_FOUND:
        return cause_found(index, fault)
    if milestone is Milestone.RESTORED:
        return last_end(hurt_by(index, fault))
    return index.first_after(fault, *_KINDS[milestone])


def of_exercise(index: TimelineIndex, milestone: Milestone) -> Event | None:
    """The event in which a milestone was reached for the first fault; for *restored* that of the last function."""
    if milestone is Milestone.RESTORED:
        return last_end(index.impairments)
    if index.is_partial and not index.faults:
        return _as_recorded(index, milestone)
    reached = [e for f in index.faults if (e := of_fault(index, f, milestone)) is not None]
    return min(reached, key=lambda e: e.seq, default=None)


def _as_recorded(index: TimelineIndex, milestone: Milestone) -> Event | None:
    """Of a record that does not know its faults: the first event of its kinds, whatever it was about."""
    if milestone is Milestone.ALERTED:
        return index.alerts[0].begun if index.alerts else None
    kinds = (*_DELIVERIES, "incident.opened") if milestone is Milestone.DETECTED else _KINDS.get(milestone, ())
    return next((e for e in index.of_kind(*kinds) if e.kind != "incident.opened" or _by_a_person(e)), None)


def showed(index: TimelineIndex, fault: FaultSpan) -> Event | None:
    """Where clocks begin: the fault itself; of one that lay silent the event in which it was found, or first hurt a
    business function.  None while it lies silent: there is nothing that anybody could have noticed."""
    if not fault.detail.silent:
        return fault.begun
    return index.first_after(fault, "data.corruption_found", *_KINDS[Milestone.IMPACT])


def detected(index: TimelineIndex, fault: FaultSpan) -> Event | None:
    """First delivery to a human of anything that the fault lies behind."""
    seen = [index.first_after(fault, *_DELIVERIES)]
    seen.append(
        next((e for e in index.of_kind("incident.opened") if _by_a_person(e) and _behind(index, fault, e)), None)
    )
    return min((e for e in seen if e is not None), key=lambda e: e.seq, default=None)


def cause_found(index: TimelineIndex, fault: FaultSpan) -> Event | None:
    """First `diagnosis.concluded` that names the fault: `kind on component`."""
    truth = f"{fault.detail.fault} on {fault.detail.target}"
    return next(
        (
            e
            for e in index.of_kind("diagnosis.concluded")
            if e.at_ms >= fault.begun.at_ms and detail_of(e, DiagnosisDetail).finding == truth
        ),
        None,
    )


def hurt_by(index: TimelineIndex, fault: FaultSpan) -> list[FunctionSpan]:
    """Impairments of business functions that the fault lies behind."""
    return [span for span in index.impairments if _behind(index, fault, span.begun)]


def impact_of(index: TimelineIndex, incident: Incident) -> Event | None:
    """The first suffering of a function that shares a fault with the incident."""
    return next((s.begun for s in index.impairments if index.causality.faults_behind(s.begun) & incident.faults), None)


def _behind(index: TimelineIndex, fault: FaultSpan, event: Event) -> bool:
    return index.causality.is_behind(fault.number, event)


def _by_a_person(opened: Event) -> bool:
    return detail_of(opened, IncidentDetail).source == "person"


def last_end(spans: Iterable[FunctionSpan]) -> Event | None:
    """The last end of spans that have all ended."""
    ends = [span.ended for span in spans]
    if not ends or None in ends:
        return None
    return max((e for e in ends if e is not None), key=lambda e: e.seq)
