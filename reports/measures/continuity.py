"""Module 7, continuity: achieved recovery times and points beside what the business wants."""

from __future__ import annotations

from collections.abc import Callable

from reports.index import FunctionSpan, TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure
from timeline.details import DataLossDetail, FunctionDetail
from timeline.events import Event
from timeline.instants import HOUR, SECOND
from timeline.references import function


@measure(
    "recovery_time_achieved",
    title="Recovery time achieved (RTA)",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="7.3",
    reference="ISO 22301:2019 8.5; NIST SP 800-34r1",
)
def recovery_time_achieved(index: TimelineIndex) -> list[Sample]:
    """From the moment a business function fell below its minimum level until it was back at or above it.  One sample a
    disruption."""
    return [
        Sample(s.subject, s.elapsed_ms(index.until_ms) / SECOND, s.evidence(), censored=s.ended is None)
        for s in index.disruptions
    ]


@measure(
    "rto_met",
    title="RTO met",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.WORST,
    practice="7.3",
    reference="ISO 22301:2019 8.2.2",
)
def rto_met(index: TimelineIndex) -> list[Sample]:
    """Whether a disrupted function was back within its RTO: 1 yes, 0 no.  One sample a disruption of a function with
    an RTO; one that was still down at the end but not yet over its RTO is open.  A function that was never disrupted
    has kept its promise: one sample of 1."""
    return _kept_within(index, lambda function: function.rto_ms)


@measure(
    "mtpd_met",
    title="MTPD met",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.WORST,
    practice="7.3",
    reference="ISO 22300:2021; ISO 22301:2019 8.2.2",
)
def mtpd_met(index: TimelineIndex) -> list[Sample]:
    """Whether a disrupted function was back within its maximum tolerable period of disruption: 1 yes, 0 no.  Samples
    as of the RTO."""
    return _kept_within(index, lambda function: function.mtpd_ms)


def _kept_within(index: TimelineIndex, limit_ms: Callable[[FunctionDetail], int | None]) -> list[Sample]:
    """Whether each disruption ended within a limit of its function, where that is known."""
    samples = []
    for span in index.disruptions:
        limit = limit_ms(span.detail)
        if limit is not None:
            kept = span.elapsed_ms(index.until_ms) <= limit
            samples.append(Sample(span.subject, float(kept), span.evidence(), censored=kept and span.ended is None))
    return samples + _undisturbed(index)


@measure(
    "recovery_point_achieved",
    title="Recovery point achieved (RPA)",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="5.5",
    reference="ISO 22301:2019 8.2.2; NIST SP 800-34r1",
)
def recovery_point_achieved(index: TimelineIndex) -> list[Sample]:
    """How much data a function lost, as time.  One sample a disruption; 0 when nothing was lost."""
    return [Sample(s.subject, lost / SECOND, evidence) for s, lost, evidence in losses(index)]


@measure(
    "rpo_met",
    title="RPO met",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.WORST,
    practice="5.5",
    reference="ISO 22301:2019 8.2.2",
)
def rpo_met(index: TimelineIndex) -> list[Sample]:
    """Whether a disrupted function lost no more data than its RPO allows: 1 yes, 0 no.  Open while it is still down
    and has lost nothing yet.  A function that was never disrupted has kept its promise."""
    samples = []
    for span, lost, evidence in losses(index):
        if span.detail.rpo_ms is not None:
            kept = lost <= span.detail.rpo_ms
            samples.append(Sample(span.subject, float(kept), evidence, censored=kept and span.ended is None))
    return samples + _undisturbed(index)


@measure(
    "financial_loss",
    title="Loss of business",
    unit=Unit.CURRENCY,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="7.2",
    reference="ISO/TS 22317:2021",
)
def financial_loss(index: TimelineIndex) -> list[Sample]:
    """Hours below the minimum level times the function's loss an hour.  One sample a disruption of a function whose
    loss is known."""
    return [
        Sample(
            s.subject,
            s.elapsed_ms(index.until_ms) / HOUR * s.detail.loss_per_hour,
            s.evidence(),
            censored=s.ended is None,
        )
        for s in index.disruptions
        if s.detail.loss_per_hour is not None
    ]


def losses(index: TimelineIndex) -> list[tuple[FunctionSpan, int, tuple[int, ...]]]:
    """Each disruption with the data lost during it, in ms, and the events that say so; none where that is not known."""
    found = []
    for span in index.disruptions:
        lost = [e for e in index.of_kind("data.lost") if e.subject == span.subject and _within(span, e)]
        if not lost and not index.tells("data.lost"):
            continue
        most = max((detail_of(e, DataLossDetail).lost_ms for e in lost), default=0)
        found.append((span, most, tuple(sorted((*span.evidence(), *(e.seq for e in lost))))))
    return found


def _within(span: FunctionSpan, event: Event) -> bool:
    return span.begun.seq < event.seq and (span.ended is None or event.at_ms <= span.ended.at_ms)


def _undisturbed(index: TimelineIndex) -> list[Sample]:
    """A kept promise for each function of the exercise that was never disrupted, while it ran to its end."""
    disrupted = {span.subject for span in index.disruptions}
    end = index.ended.seq if index.ended is not None else index.started.seq
    return [
        Sample(function(id), 1.0, (end,), censored=index.ended is None)
        for id in index.exercise.functions
        if function(id) not in disrupted
    ]
