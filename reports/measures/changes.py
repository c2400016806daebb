"""Changes in an incident: what is left to approve once the worst is over (practice 1.3)."""

from __future__ import annotations

from reports.index import TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure
from timeline.details import ApprovalDetail


@measure(
    "retrospective_approvals_closed",
    title="Approvals in retrospect closed in time",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="1.3",
    reference="ITIL 4 change enablement; ISO/IEC 20000-1:2018 8.5.1",
)
def retrospective_approvals_closed(index: TimelineIndex) -> list[Sample]:
    """Share of emergency changes, and of changes without approval, that were approved in retrospect in time.  One
    sample a change that was due: 1 when closed in time, 0 when late or never; one that is not due yet at the end is
    still open, and counts 1."""
    closed = {cause: e for e in index.of_kind("approval.retrospective_given") for cause in e.causes}
    samples = []
    for due in index.of_kind("approval.retrospective_due"):
        until_ms, given = detail_of(due, ApprovalDetail).due_at_ms, closed.get(due.seq)
        assert until_ms is not None
        is_open = given is None and index.until_ms < until_ms
        in_time = given is not None and given.at_ms <= until_ms
        evidence = (due.seq,) if given is None else (due.seq, given.seq)
        samples.append(Sample(due.subject, float(in_time or is_open), evidence, censored=is_open))
    return samples


@measure(
    "approvals_refused",
    title="Approvals refused",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="1.3",
    reference="ITIL 4 change enablement",
)
def approvals_refused(index: TimelineIndex) -> list[Sample]:
    """Requests that got no approval: refused, without anybody to ask, or left to a board that does not meet now.  One
    sample a refusal, the reason in its event."""
    return [Sample(e.subject, 1.0, (e.seq,)) for e in index.of_kind("approval.refused")]
