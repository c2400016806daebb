"""Module 1, governance: nothing is changed without authority."""

from __future__ import annotations

from reports.index import TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure, seconds
from timeline.details import ApprovalDetail
from timeline.events import Event
from timeline.references import RefKind


@measure(
    "unapproved_changes",
    title="Changes without authority",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="1.3",
    reference="ISO/IEC 20000-1:2018 8.5.1",
)
def unapproved_changes(index: TimelineIndex) -> list[Sample]:
    """Changes that people made to the estate after the approval they had asked for was refused.  One sample a change
    that people ordered: 1 it was made against a refusal, 0 it was not."""
    samples = []
    for change in index.of_kind("command.submitted"):
        if change.actor.kind is RefKind.PERSON:
            refused = [c for c in change.causes if index.events[c].kind == "approval.refused"]
            samples.append(Sample(change.subject, float(bool(refused)), (*refused, change.seq)))
    return samples


@measure(
    "approval_wait",
    title="Time waiting for approval",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="1.3",
    reference="ITIL 4 change enablement",
)
def approval_wait(index: TimelineIndex) -> list[Sample]:
    """From the request for an approval to its answer.  One sample a request; one that was never answered counts to the
    end."""
    requests = index.of_kind("approval.requested")
    return [seconds(index, request.subject, request, _answer(index, request)) for request in requests]


def _answer(index: TimelineIndex, request: Event) -> Event | None:
    wanted = detail_of(request, ApprovalDetail)
    return next(
        (
            e
            for e in index.of_kind("approval.granted", "approval.refused")
            if request.seq in e.causes and detail_of(e, ApprovalDetail).action == wanted.action
        ),
        None,
    )
