"""Module 3, detection and alerting: how soon a fault reaches a human, and how far alerts can be believed.

An alert is *true* when a fault is among its causes; a fault is *recalled* when an alert is among its consequences.
Alerts that fire on purpose while all is well (a dead man's switch) are not counted.
"""

from __future__ import annotations

from reports.index import FaultSpan, Span, TimelineIndex, detail_of, is_external
from reports.measures.measure import Direction, Judged, Sample, Unit, measure, seconds, since_showing, span_seconds
from reports.milestones import Milestone, detected, hurt_by, of_fault, showed
from timeline.details import HealthDetail, MessageDetail, ObjectiveOfService
from timeline.events import Event
from timeline.instants import SECOND
from timeline.references import Reference


@measure(
    "time_to_detect",
    title="Time to detect",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="3.1",
    reference="NIST SP 800-61r2 3.2",
)
def time_to_detect(index: TimelineIndex) -> list[Sample]:
    """From the beginning of a fault until anything of it first reaches a human: a page delivered, a user's report at
    the service desk, or an incident opened by somebody who saw it.  Of a fault that lay silent, from the moment when it
    was found or first hurt a business function: before there was nothing to notice, and `time_undiscovered` tells how
    long that was.  One sample a fault that showed."""
    return since_showing(index, ((fault, detected(index, fault)) for fault in index.faults))


@measure(
    "time_undiscovered",
    title="Time undiscovered",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="3.1",
    reference="NIST SP 800-61r2 3.2",
)
def time_undiscovered(index: TimelineIndex) -> list[Sample]:
    """How long a fault that nothing showed (silent corruption of data) lay undiscovered: until a comparison of the data
    found it, or it first hurt a business function, or it ended by itself.  Other times of that fault count from there.
    One sample a silent fault; open while it lies there."""
    silent = [fault for fault in index.faults if fault.detail.silent]
    return [seconds(index, f.subject, f.begun, showed(index, f) or f.ended) for f in silent]


@measure(
    "time_to_alert",
    title="Time to alert",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="3.1",
    reference="Google SRE workbook, alerting on SLOs (detection time)",
)
def time_to_alert(index: TimelineIndex) -> list[Sample]:
    """From the beginning of a fault (of one that lay silent, from when it showed) until the first alert that it causes
    fires.  One sample a fault that showed."""
    return since_showing(index, ((fault, of_fault(index, fault, Milestone.ALERTED)) for fault in index.faults))


@measure(
    "error_budget_spent_before_page",
    title="Error budget spent before the page",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="3.1",
    reference="Google SRE workbook, alerting on SLOs (detection time)",
)
def error_budget_spent_before_page(index: TimelineIndex) -> list[Sample]:
    """Share of an SLO's error budget, the one of its whole window, that was used up from the moment a fault hurt the
    SLO's component or function until the first alert of that fault paged somebody: 1 - level over time, against
    1 - target over the window.  Requests count as even over time, and a level that moves by less than the timeline
    records is not seen.  One sample a fault and SLO that it hurt; open when nobody was ever paged."""
    samples = []
    for fault in index.faults:
        page = _first_alert_page(index, fault.number)
        spent = [_budget_spent(index, fault, slo, page) for slo in index.exercise.slos]
        samples += [sample for sample in spent if sample is not None]
    return samples


def _budget_spent(index: TimelineIndex, fault: FaultSpan, slo: ObjectiveOfService, page: Event | None) -> Sample | None:
    """None where the fault never hurt what the SLO is about."""
    changes = [e for e in index.of_kind("signal.health_changed") if str(e.subject) == slo.subject]
    hurt = [e for e in changes if _level(e) < 1 and index.causality.is_behind(fault.number, e)]
    if not hurt:
        return None
    until_ms = index.until_ms if page is None else page.at_ms
    counted = [e for e in changes if e.seq >= hurt[0].seq and e.at_ms <= until_ms]
    ends = [*(e.at_ms for e in counted[1:]), until_ms]
    lost_ms = sum((1 - _level(e)) * (end - e.at_ms) for e, end in zip(counted, ends, strict=False))
    evidence = sorted({fault.begun.seq, *(e.seq for e in counted), *(() if page is None else (page.seq,))})
    spent = lost_ms / ((1 - slo.target_ratio) * slo.window_ms)
    return Sample(fault.subject, spent, tuple(evidence), censored=page is None)


def _level(change: Event) -> float:
    return detail_of(change, HealthDetail).level_ratio


@measure(
    "alert_precision",
    title="Alert precision",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="3.1",
    reference="Google SRE workbook, alerting on SLOs (precision)",
    takes_absence_of=("fault.started",),
)
def alert_precision(index: TimelineIndex) -> list[Sample]:
    """Share of alerts that fired because of a fault.  One sample an alert: 1 true, 0 false."""
    return [
        Sample(alert.subject, float(index.causality.faults_behind(alert.begun) != 0), (alert.begun.seq,))
        for alert in index.alerts
    ]


@measure(
    "alert_recall",
    title="Alert recall",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="3.1",
    reference="Google SRE workbook, alerting on SLOs (recall)",
    takes_absence_of=("alert.firing", "fault.started"),
)
def alert_recall(index: TimelineIndex) -> list[Sample]:
    """Share of faults that made at least one alert fire.  One sample a fault: 1 alerted, 0 not."""
    samples = []
    for fault in index.faults:
        alerted = of_fault(index, fault, Milestone.ALERTED)
        evidence = (fault.begun.seq,) if alerted is None else (fault.begun.seq, alerted.seq)
        samples.append(Sample(fault.subject, float(alerted is not None), evidence))
    return samples


@measure(
    "detected_before_users",
    title="Detected before users reported",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="3.2",
    reference="Google SRE book, monitoring distributed systems",
    takes_absence_of=("page.delivered", "report.received"),
)
def detected_before_users(index: TimelineIndex) -> list[Sample]:
    """Share of faults with an impact on business where an alert had reached a responder before the first user
    reported.  One sample a fault that hurt a function: 1 the alert came first, 0 the users did, or nobody knew."""
    samples = []
    for fault in index.faults:
        if not hurt_by(index, fault):
            continue
        page, report = _first_alert_page(index, fault.number), index.first_after(fault, "report.received")
        first = page is not None and (report is None or page.seq < report.seq)
        evidence = tuple(sorted(e.seq for e in (fault.begun, page, report) if e is not None))
        samples.append(Sample(fault.subject, float(first), evidence))
    return samples


@measure(
    "detection_lead",
    title="Lead of detection over users",
    unit=Unit.SECONDS,
    direction=Direction.HIGHER,
    judged=Judged.WORST,
    practice="3.2",
    reference="Google SRE book, monitoring distributed systems",
)
def detection_lead(index: TimelineIndex) -> list[Sample]:
    """How long before the first user's report an alert reached a responder; negative when the user was earlier.  One
    sample a fault for which both happened."""
    samples = []
    for fault in index.faults:
        page, report = _first_alert_page(index, fault.number), index.first_after(fault, "report.received")
        if page is not None and report is not None:
            evidence = tuple(sorted((page.seq, report.seq)))
            samples.append(Sample(fault.subject, (report.at_ms - page.at_ms) / SECOND, evidence))
    return samples


@measure(
    "user_reports",
    title="Reports by users",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="3.2",
    reference="ITIL 4 service desk",
)
def user_reports(index: TimelineIndex) -> list[Sample]:
    """Reports of trouble that users made to the service desk.  One sample a function that was reported."""
    reports: dict[Reference, list[Event]] = {}
    for event in index.of_kind("report.received"):
        reports.setdefault(event.subject, []).append(event)
    return [
        Sample(subject, float(sum(detail_of(e, MessageDetail).count for e in events)), tuple(e.seq for e in events))
        for subject, events in reports.items()
    ]


@measure(
    "monitoring_blind",
    title="Time without monitoring",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="3.6",
    reference="Google SRE book, monitoring distributed systems",
)
def monitoring_blind(index: TimelineIndex) -> list[Sample]:
    """How long a part of the monitoring itself (rules, notification, paging) did not work.  One sample a stop."""
    stops: list[Span] = []
    stopped: dict[Reference, Span] = {}
    for event in index.of_kind("monitoring.stopped", "monitoring.resumed"):
        if event.kind == "monitoring.stopped":
            stopped[event.subject] = Span(event.subject, event)
            stops.append(stopped[event.subject])
        elif span := stopped.pop(event.subject, None):
            span.ended = event
    return [span_seconds(index, span) for span in stops]


@measure(
    "pages_per_incident",
    title="Pages per incident",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.MEAN,
    practice="3.4",
    reference="Google SRE book, being on-call",
    takes_absence_of=("page.sent",),
)
def pages_per_incident(index: TimelineIndex) -> list[Sample]:
    """Pages sent to people of the organisation for one incident and for everything that was merged into it."""
    samples = []
    for incident in index.root_incidents:
        sent = tuple(p.seq for p in incident.pages if p.kind == "page.sent" and not is_external(p))
        samples.append(Sample(incident.subject, float(len(sent)), sent or (incident.opened.seq,)))
    return samples


def _first_alert_page(index: TimelineIndex, fault: int) -> Event | None:
    return next(
        (
            page
            for page in index.of_kind("page.delivered")
            if not is_external(page) and index.causality.is_behind(fault, page) and index.causality.follows_alert(page)
        ),
        None,
    )
