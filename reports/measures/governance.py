"""Module 1, governance: nothing is changed without authority."""

from __future__ import annotations

from reports.index import TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure, seconds
from timeline.commands import CHANGES_NOTHING
from timeline.details import ApprovalDetail, CommandDetail
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
    """Changes that people made to the estate although the approval they had asked for was refused or still unanswered.
    One sample a change that people ordered: 1 when its last step of approval is not a grant, 0 when it is, or when they
    acted on authority of their own.  Looking (`inspect`) and securing traces (`preserve`) are no
    changes."""
    samples = []
    for change in index.of_kind("command.submitted"):
        ordered = detail_of(change, CommandDetail)
        if change.actor.kind is RefKind.PERSON and ordered.action not in CHANGES_NOTHING:
            last = _last_approval(index, change)
            unapproved = last is not None and last.kind != "approval.granted"
            evidence = (change.seq,) if last is None else (last.seq, change.seq)
            samples.append(Sample(change.subject, float(unapproved), evidence))
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


def _last_approval(index: TimelineIndex, change: Event) -> Event | None:
    """The last event of an approval for this action on this target among the causes of a change."""
    action = detail_of(change, CommandDetail).action
    approvals = (
        e
        for e in index.events.ancestors(change)
        if e.family == "approval"
        and e.subject.id == change.subject.id
        and detail_of(e, ApprovalDetail).action == action
    )
    return max(approvals, key=lambda e: e.seq, default=None)
