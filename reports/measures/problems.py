"""Module 2, incidents and problems side by side: duplicates, and whether why it happened is found out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from reports.index import FaultSpan, Incident, TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure, seconds
from timeline.events import Event
from timeline.references import Reference
from timeline.workflow_details import ProblemDetail, ProblemRule


@measure(
    "duplicate_rate",
    title="Incidents that are duplicates",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    judged=Judged.MEAN,
    practice="2.2",
    reference="ITIL 4 incident management",
)
def duplicate_rate(index: TimelineIndex) -> list[Sample]:
    """Share of incidents that were opened although one about the same fault was open.  One sample an incident that a
    fault lies behind: 1 a duplicate, whether or not it was linked later, 0 not."""
    return [
        Sample(incident.subject, float(first is not None), _both(incident, first))
        for incident, first in _with_original(index)
    ]


@measure(
    "duplicates_linked",
    title="Duplicates linked to their parent",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="2.2",
    reference="ITIL 4 incident management",
    takes_absence_of=("incident.merged",),
)
def duplicates_linked(index: TimelineIndex) -> list[Sample]:
    """Share of duplicates that became part of the incident about the same fault, in either direction.  One sample a
    duplicate, whoever opened it: 1 linked, 0 not."""
    samples = []
    for incident, first in _with_original(index):
        if first is not None:
            linked = index.root_of(incident.subject.id) is index.root_of(first.subject.id)
            samples.append(Sample(incident.subject, float(linked), _both(incident, first)))
    return samples


@measure(
    "problems_without_root_cause",
    title="Problems without a root cause",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="2.2",
    reference="ITIL 4 problem management",
)
def problems_without_root_cause(index: TimelineIndex) -> list[Sample]:
    """Problems whose root cause was not found.  One sample a problem: 1 not found, which may still change while the
    exercise lasts, 0 found."""
    samples = []
    for opened in index.of_kind("problem.opened"):
        found = _found(index, opened)
        evidence = (opened.seq,) if found is None else (opened.seq, found.seq)
        samples.append(Sample(opened.subject, float(found is None), evidence, censored=found is None))
    return samples


@measure(
    "time_to_root_cause",
    title="Time to the root cause",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="2.2",
    reference="ITIL 4 problem management",
)
def time_to_root_cause(index: TimelineIndex) -> list[Sample]:
    """From the opening of a problem until its root cause is found.  One sample a problem."""
    problems = index.of_kind("problem.opened")
    return [seconds(index, opened.subject, opened, _found(index, opened)) for opened in problems]


@measure(
    "incidents_without_problem",
    title="Incidents without the problem that the policy wants",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="2.2",
    reference="ITIL 4 problem management",
)
def incidents_without_problem(index: TimelineIndex) -> list[Sample]:
    """Incidents for which the organisation's own policy wants a problem, and there is none: declared major ones, and
    those of a failure (kind of fault and place, by the truth) that has recurred within the policy's time.  One sample
    an incident that stands by itself and has to have one: 1 without, 0 with."""
    rule = index.exercise.problem_rule
    if rule is None:
        return []
    problems = _problem_of(index)
    samples = []
    for incident, because in _wanting(index, rule):
        named = problems.get(incident.subject.id)
        evidence = (because.seq,) if named is None else (because.seq, named.seq)
        samples.append(Sample(incident.subject, float(named is None), evidence))
    return samples


def _wanting(index: TimelineIndex, rule: ProblemRule) -> Iterator[tuple[Incident, Event]]:
    """Incidents that have to have a problem, with what makes them."""
    before: dict[tuple[str, str], dict[Reference, int]] = defaultdict(dict)
    for incident in index.root_incidents:
        declared = incident.first("incident.declared")
        recurs = False
        for fault in index.faults_of(incident.faults):
            seen = before[fault.detail.fault, fault.detail.target]
            seen.setdefault(incident.subject, incident.opened.at_ms)
            recurs = recurs or _recurs(rule, fault, list(seen.values()), incident.opened.at_ms)
        if rule.major and declared is not None:
            yield incident, declared
        elif recurs:
            yield incident, incident.opened


def _recurs(rule: ProblemRule, fault: FaultSpan, seen_ms: list[int], now_ms: int) -> bool:
    if rule.recurrences is None or rule.within_ms is None:
        return False
    past = [p.at_ms for p in rule.past if p.target == fault.detail.target and p.fault in (None, fault.detail.fault)]
    recent = [ms for ms in (*seen_ms, *past) if 0 <= now_ms - ms <= rule.within_ms]
    return len(recent) >= rule.recurrences


def _problem_of(index: TimelineIndex) -> dict[str, Event]:
    """Each incident that a problem names, itself or as part of one that it names, with the first event that does."""
    found: dict[str, Event] = {}
    for event in index.of_kind("problem.opened", "problem.incident_linked"):
        for id in detail_of(event, ProblemDetail).incidents:
            root = index.root_of(id)
            found.setdefault(root.subject.id if root is not None else id, event)
    return found


def _found(index: TimelineIndex, opened: Event) -> Event | None:
    return next((e for e in index.of_kind("problem.root_cause_found") if e.subject == opened.subject), None)


def _with_original(index: TimelineIndex) -> Iterator[tuple[Incident, Incident | None]]:
    """Incidents that a fault lies behind, each with the first open one about a fault of its own when it was opened."""
    behind = index.causality.faults_behind
    earlier: list[Incident] = []
    for incident in index.incidents.values():
        mask = behind(incident.opened)
        if not mask:
            continue
        original = next((e for e in earlier if behind(e.opened) & mask and _is_open(index, e, incident.opened)), None)
        yield incident, original
        earlier.append(incident)


def _is_open(index: TimelineIndex, incident: Incident, at: Event) -> bool:
    """Whether an incident, or what it had become part of, was open when an event happened."""
    root = index.root_of(incident.subject.id)
    ends = [e.seq for e in index.of_kind("incident.resolved") if root is not None and e.subject == root.subject]
    again = [e.seq for e in index.of_kind("incident.reopened") if root is not None and e.subject == root.subject]
    return sum(seq < at.seq for seq in ends) <= sum(seq < at.seq for seq in again)


def _both(incident: Incident, first: Incident | None) -> tuple[int, ...]:
    return (incident.opened.seq,) if first is None else (first.opened.seq, incident.opened.seq)
