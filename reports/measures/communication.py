"""Who was told what and when: words, briefings, the status page beside the truth, callouts, the communications plan."""

from __future__ import annotations

from collections.abc import Iterator

from reports.callouts import callout_courses
from reports.index import TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure, seconds
from reports.status_page import Divergence, EntryCourse, entry_courses
from timeline.details import CalloutDetail, MessageDetail, StatusPageDetail
from timeline.events import Event
from timeline.instants import SECOND
from timeline.references import Reference, RefKind
from timeline.stakeholders import OUTSIDE

_EXECUTIVES = "executives"
_MOST = 0.9
"""What `time_to_reach_90` waits for."""


@measure(
    "responder_time_on_updates",
    title="Time that responders spent on telling others",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="2.4",
    reference="ITIL 4 incident management; Google SRE workbook, incident response",
)
def responder_time_on_updates(index: TimelineIndex) -> list[Sample]:
    """How long people were busy writing, checking and rewriting texts, and briefing.  One sample a text that was sent
    and a briefing that was held."""
    told = index.of_kind("update.sent", "status_page.posted", "briefing.held")
    return [Sample(e.subject, ms / SECOND, (e.seq,)) for e in told if (ms := _effort_ms(e)) is not None]


@measure(
    "templated_updates_share",
    title="Texts from an approved template",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="4.5",
    reference="ISO 22301:2019 8.4.3; ISO 22361:2022, crisis communication",
)
def templated_updates_share(index: TimelineIndex) -> list[Sample]:
    """Share of the texts sent to audiences and posted on the status page that came from a template approved
    beforehand.  One sample a text of which that is known: 1 from a template, 0 written freely."""
    return [Sample(e.subject, float(_approval(e) == "template"), (e.seq,)) for e in _texts(index) if _approval(e)]


@measure(
    "unapproved_text_sent",
    title="Texts that nobody approved",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="4.5",
    reference="ISO 22301:2019 7.4; ISO 22361:2022, crisis communication",
)
def unapproved_text_sent(index: TimelineIndex) -> list[Sample]:
    """Texts sent or posted though neither their template was approved nor anybody had approved them.  One sample a text
    of which that is known: 1 unapproved, 0 otherwise."""
    known = ((event, _approval(event)) for event in _texts(index))
    return [Sample(e.subject, float(approval == "unapproved"), (e.seq,)) for e, approval in known if approval]


@measure(
    "time_to_first_executive_brief",
    title="Time until executives are told",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="4.5",
    reference="ISO 22301:2019 8.4.2; ISO 22361:2022",
    takes_absence_of=("briefing.held", "update.sent"),
)
def time_to_first_executive_brief(index: TimelineIndex) -> list[Sample]:
    """From the declaration of a major incident until executives are briefed or sent an update for the first time.  One
    sample a declared incident, where the organisation says who its executives are; open when they never hear."""
    said = index.of_kind("update.owed", "update.due", "update.sent", "briefing.due", "briefing.held")
    if not any(detail_of(e, MessageDetail).stakeholders == _EXECUTIVES for e in said):
        return []
    first: dict[str | None, Event] = {}
    for event in index.of_kind("update.sent", "briefing.held"):
        message = detail_of(event, MessageDetail)
        if message.stakeholders == _EXECUTIVES:
            first.setdefault(message.incident, event)
    return [
        seconds(index, incident.subject, declared, first.get(incident.subject.id))
        for incident in index.root_incidents
        if (declared := incident.first("incident.declared")) is not None
    ]


# The status page


@measure(
    "status_page_accuracy",
    title="Status page as the truth has it",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="5.6",
    reference="ISO 22301:2019 8.4.3; Google SRE workbook, incident response",
)
def status_page_accuracy(index: TimelineIndex) -> list[Sample]:
    """Share of the time in which an entry of the status page showed its true state, counted while the service was hurt
    or the page said so.  One sample an entry with such a time."""
    return [_share(course, None) for course in _troubled(index)]


@measure(
    "status_page_understated",
    title="Status page better than the truth",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    judged=Judged.MEAN,
    practice="5.6",
    reference="ISO 22301:2019 8.4.3",
)
def status_page_understated(index: TimelineIndex) -> list[Sample]:
    """Share of the time in which an entry of the status page showed a better state than the true one, counted as for
    the accuracy.  One sample an entry."""
    return [_share(course, Divergence.UNDERSTATED) for course in _troubled(index)]


@measure(
    "status_page_overstated",
    title="Status page worse than the truth",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    judged=Judged.MEAN,
    practice="5.6",
    reference="ISO 22301:2019 8.4.3",
)
def status_page_overstated(index: TimelineIndex) -> list[Sample]:
    """Share of the time in which an entry of the status page showed a worse state than the true one, counted as for the
    accuracy.  One sample an entry."""
    return [_share(course, Divergence.OVERSTATED) for course in _troubled(index)]


@measure(
    "status_page_lag",
    title="How long the status page was behind",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="5.6",
    reference="ISO 22301:2019 8.4.3",
)
def status_page_lag(index: TimelineIndex) -> list[Sample]:
    """From the moment in which an entry of the status page was no longer true until it was true again, because somebody
    changed the page or the service changed.  One sample each time; open while it is wrong."""
    samples = []
    for course in _troubled(index):
        for begun, ended in course.spells_apart():
            until_ms = index.until_ms if ended is None else ended.at_ms
            evidence = (begun.seq,) if ended is None else (begun.seq, ended.seq)
            samples.append(Sample(course.subject, (until_ms - begun.at_ms) / SECOND, evidence, censored=ended is None))
    return samples


@measure(
    "disclosures_posted",
    title="Texts that gave away what they must not",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="5.6",
    reference="ISO/IEC 27001:2022 A.5.14; ISO 22301:2019 7.4",
    takes_absence_of=("text.disclosed",),
)
def disclosures_posted(index: TimelineIndex) -> list[Sample]:
    """Texts for the outside that were sent or posted with something in them that the disclosure policy forbids: names
    of systems, addresses, versions, weaknesses, data of persons.  One sample a text for the outside: 1 or 0."""
    found = {seq: e for e in index.of_kind("text.disclosed") for seq in e.causes}
    return [
        Sample(e.subject, float(e.seq in found), (e.seq, found[e.seq].seq) if e.seq in found else (e.seq,))
        for e in _texts(index)
        if _is_outside(e) and _approval(e)
    ]


@measure(
    "disclosures_flagged",
    title="Texts held back by the disclosure check",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="5.6",
    reference="ISO/IEC 27001:2022 A.5.14; ISO 22301:2019 7.4",
    takes_absence_of=("text.flagged",),
)
def disclosures_flagged(index: TimelineIndex) -> list[Sample]:
    """Texts for the outside in which the check found, before they were sent, something that the disclosure policy
    forbids.  One sample a text for the outside: 1 or 0."""
    flagged = {e.seq: e for e in index.of_kind("text.flagged")}
    samples = [
        Sample(e.subject, float(bool(held)), (*held, e.seq))
        for e in _texts(index)
        if _is_outside(e) and _approval(e)
        for held in [tuple(seq for seq in e.causes if seq in flagged)]
    ]
    sent = {seq for sample in samples for seq in sample.evidence}
    return samples + [Sample(e.subject, 1.0, (seq,)) for seq, e in flagged.items() if seq not in sent]


# Reach


@measure(
    "audience_reach",
    title="Share of an audience that updates reach",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="7.5",
    reference="ISO 22301:2019 8.4.3",
)
def audience_reach(index: TimelineIndex) -> list[Sample]:
    """Share of an audience whom an update reached over the channel that it took; an update that was due and reached
    nobody counts 0.  One sample an update that was due, where the organisation states reach; the last of an audience is
    left out while it may still come."""
    sent = {seq: e for e in index.of_kind("update.sent") for seq in e.causes}
    if not any(detail_of(e, MessageDetail).reach_ratio is not None for e in sent.values()):
        return []
    failed = {seq for e in index.of_kind("update.failed") for seq in e.causes}
    return [
        Sample(due.subject, detail_of(answer, MessageDetail).reach_ratio or 0.0, (due.seq, answer.seq))
        if answer is not None
        else Sample(due.subject, 0.0, (due.seq,))
        for due in index.of_kind("update.due")
        for answer in [sent.get(due.seq)]
        if answer is not None or due.seq in failed
    ]


@measure(
    "share_reached_within",
    title="Share reached within the target time",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.WORST,
    practice="7.5",
    reference="ISO 22301:2019 8.4.3; ISO 22398:2013",
)
def share_reached_within(index: TimelineIndex) -> list[Sample]:
    """Share of the people of a call tree or a mass notification who had been reached when its target time was over.
    One sample a callout; open when the exercise ended before."""
    return [
        Sample(
            course.due.subject,
            course.reached_in_time,
            tuple(sorted({course.due.seq, (course.assessed or course.last).seq})),
            censored=course.assessed is None,
        )
        for course in callout_courses(index)
    ]


@measure(
    "reached_by_channel",
    title="Share reached first over a channel",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.WORST,
    practice="7.5",
    reference="ISO 22301:2019 8.4.3",
)
def reached_by_channel(index: TimelineIndex) -> list[Sample]:
    """Share of the people of a callout whom a channel reached before any other did, at its end or that of the exercise.
    One sample a channel that reached anybody."""
    samples = []
    for course in callout_courses(index):
        detail = detail_of(course.last, CalloutDetail)
        for over in detail.over:
            channel = Reference(RefKind.CHANNEL, f"{course.due.subject.id}.{over.channel}")
            samples.append(Sample(channel, over.people / detail.people, (course.due.seq, course.last.seq)))
    return samples


@measure(
    "time_to_reach_90",
    title="Time until nine in ten are reached",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="7.5",
    reference="ISO 22301:2019 8.4.3",
)
def time_to_reach_90(index: TimelineIndex) -> list[Sample]:
    """From the alarm or the declaration that asks for a callout until nine tenths of its people have been reached.  One
    sample a callout; open when that many were never reached."""
    found = []
    for course in callout_courses(index):
        most = next((event for event, share in course.progress if share >= _MOST), None)
        found.append(seconds(index, course.due.subject, course.due, most))
    return found


@measure(
    "communications_plan_coverage",
    title="First messages of the plan sent in time",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="7.5",
    reference="ISO 22301:2019 7.4 and 8.4.3",
    takes_absence_of=("update.sent", "briefing.held", "status_page.posted"),
)
def communications_plan_coverage(index: TimelineIndex) -> list[Sample]:
    """Share of the first messages that the communications plan owes an audience that came in time: an update, a
    briefing, or a change of the status page that it reads.  One sample a message that is owed: 1 in time, 0 late or
    never; open when the exercise ended before it was due."""
    samples = []
    told = index.of_kind("update.sent", "briefing.held", "status_page.posted")
    for owed in index.of_kind("update.owed"):
        due_ms = detail_of(owed, MessageDetail).due_at_ms
        if due_ms is None:
            continue
        first = next((e for e in told if e.seq > owed.seq and heard_by(e) == heard_by(owed)), None)
        in_time = first is not None and first.at_ms <= due_ms
        evidence = (owed.seq,) if first is None else (owed.seq, first.seq)
        open_still = first is None and due_ms > index.until_ms
        samples.append(Sample(owed.subject, float(in_time or open_still), evidence, censored=open_still))
    return samples


def heard_by(event: Event) -> tuple[str | None, str]:
    """Of which incident a message is, and who hears it."""
    detail = event.detail
    assert isinstance(detail, MessageDetail | StatusPageDetail), event.kind
    return detail.incident, detail.audience


def _texts(index: TimelineIndex) -> list[Event]:
    return index.of_kind("update.sent", "status_page.posted")


def _approval(event: Event) -> str:
    detail = event.detail
    assert isinstance(detail, MessageDetail | StatusPageDetail), event.kind
    return detail.approval


def _effort_ms(event: Event) -> int | None:
    detail = event.detail
    assert isinstance(detail, MessageDetail | StatusPageDetail), event.kind
    return detail.effort_ms


def _is_outside(event: Event) -> bool:
    return isinstance(event.detail, StatusPageDetail) or detail_of(event, MessageDetail).stakeholders in OUTSIDE


def _troubled(index: TimelineIndex) -> Iterator[EntryCourse]:
    return (course for course in entry_courses(index) if course.troubled_ms)


def _share(course: EntryCourse, apart: Divergence | None) -> Sample:
    """How much of the troubled time an entry was apart from the truth in one way; None: not at all."""
    ms = sum(stretch.lasted_ms for stretch in course.troubled if stretch.apart is apart)
    evidence = tuple(sorted({stretch.event.seq for stretch in course.troubled}))
    return Sample(course.subject, ms / course.troubled_ms, evidence)
