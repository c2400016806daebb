"""Module 7, continuity without a workplace: people, the crisis team, manual work, and what was left undone."""

from __future__ import annotations

from reports.index import Span, TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure, seconds, span_seconds
from timeline.commands import Action
from timeline.details import BacklogDetail, CommandDetail, StaffDetail
from timeline.events import Event
from timeline.instants import SECOND
from timeline.references import Reference


@measure(
    "minimum_staff_within",
    title="Time until a function has its minimum of people again",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="7.4",
    reference="ISO 22301:2019 8.4.4; ISO/TS 22317:2021",
)
def minimum_staff_within(index: TimelineIndex) -> list[Sample]:
    """From the moment in which fewer people of a skill than the minimum were at work, in its hours, until the minimum
    was reached again; a shortage that outlasts the hours goes on.  One sample a shortage of one skill."""
    return [span_seconds(index, span) for span in shortages(index)]


@measure(
    "crisis_team_convened_within",
    title="Time until the crisis team is convened",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="7.4",
    reference="ISO 22320:2018; ISO 22301:2019 8.4.2",
)
def crisis_team_convened_within(index: TimelineIndex) -> list[Sample]:
    """From the loss of a workplace until a quorum of the roles of the crisis team was held.  One sample a loss; open
    when the team was never together."""
    found = []
    for closed in index.of_kind("workplace.closed"):
        faults = index.causality.faults_behind(closed)
        later = (e for e in index.of_kind("crisis.convened") if e.seq > closed.seq)
        convened = next((e for e in later if index.causality.faults_behind(e) & faults), None)
        found.append(seconds(index, closed.subject, closed, convened))
    return found


@measure(
    "fallback_set_up_within",
    title="Time until manual work carries a function",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="7.2",
    reference="ISO 22301:2019 8.4.4; NIST SP 800-34r1",
)
def fallback_set_up_within(index: TimelineIndex) -> list[Sample]:
    """From the moment in which a function fell below its minimum level (or from the order, when that came first) until
    its manual fallback was up.  One sample a function whose fallback was ordered; open when it never came up."""
    first: dict[Reference, Event] = {}
    for event in index.of_kind("command.submitted"):
        if detail_of(event, CommandDetail).action == Action.START_FALLBACK:
            first.setdefault(event.subject, event)
    found = []
    for subject, ordered in first.items():
        down = [s for s in index.disruptions if s.subject == subject and s.begun.seq < ordered.seq]
        begun = down[-1].begun if down else ordered
        up = next((e for e in index.of_kind("fallback.started") if e.subject == subject and e.seq > ordered.seq), None)
        found.append(seconds(index, subject, begun, up))
    return found


@measure(
    "backlog_catch_up_time",
    title="Time to catch up with what was left undone",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="7.2",
    reference="ISO/TS 22317:2021",
)
def backlog_catch_up_time(index: TimelineIndex) -> list[Sample]:
    """From the moment in which a function was whole again until no work of the disruption was left.  One sample a
    backlog; open while work is left, at zero while the function is not even whole."""
    found = []
    for course in backlogs(index):
        *_, last = course
        whole = next((e for e in reversed(course) if e.kind == "backlog.catching_up"), None)
        if last.kind == "backlog.growing":
            found.append(Sample(last.subject, 0.0, (course[0].seq, last.seq), censored=True))
        elif last.kind == "backlog.catching_up":
            found.append(seconds(index, last.subject, last, None))
        else:
            found.append(seconds(index, last.subject, whole or last, last))
    return found


@measure(
    "backlog_peak",
    title="Most work left undone",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="7.2",
    reference="ISO/TS 22317:2021",
)
def backlog_peak(index: TimelineIndex) -> list[Sample]:
    """The largest amount of work of a function that waited at once, as time of normal work at the peak.  One sample a
    backlog; open while it grows."""
    return [
        Sample(
            course[0].subject,
            peak_work_ms(course, index.until_ms) / SECOND,
            tuple(sorted({course[0].seq, course[-1].seq})),
            censored=course[-1].kind == "backlog.growing",
        )
        for course in backlogs(index)
    ]


def shortages(index: TimelineIndex) -> list[Span]:
    """Times in which a skill of a function was below its minimum, in order of their beginning."""
    spans: list[Span] = []
    lasting: dict[tuple[Reference, str], Span] = {}
    for event in index.of_kind("staff.short", "staff.minimum_reached"):
        key = (event.subject, detail_of(event, StaffDetail).need)
        if event.kind == "staff.short":
            lasting[key] = Span(event.subject, event)
            spans.append(lasting[key])
        elif span := lasting.pop(key, None):
            span.ended = event
    return spans


def backlogs(index: TimelineIndex) -> list[list[Event]]:
    """The course of each backlog: its events up to the one in which nothing is left, where there is one."""
    courses: list[list[Event]] = []
    running: dict[Reference, list[Event]] = {}
    for event in index.of_kind("backlog.growing", "backlog.catching_up", "backlog.cleared"):
        if event.subject not in running:
            running[event.subject] = []
            courses.append(running[event.subject])
        running[event.subject].append(event)
        if event.kind == "backlog.cleared":
            del running[event.subject]
    return courses


def peak_work_ms(course: list[Event], until_ms: int) -> float:
    """Most work that waited in the course of a backlog, as ms of normal work; what grows does so until the end."""
    last = detail_of(course[-1], BacklogDetail)
    at_end = last.work_ms + max(last.rate_ratio, 0.0) * (until_ms - course[-1].at_ms)
    return max(at_end, *(detail_of(e, BacklogDetail).work_ms for e in course))
