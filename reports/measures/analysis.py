"""Module 7, the impact analysis kept or not: tolerances, and the order in which functions came back."""

from __future__ import annotations

from reports.index import FunctionSpan, TimelineIndex
from reports.measures.measure import Direction, Judged, Sample, Unit, measure
from reports.measures.workplaces import backlogs, peak_work_ms
from timeline.references import Reference, function
from timeline.restoration import restoration_priority


@measure(
    "impact_tolerance_kept",
    title="Impact tolerance kept",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.WORST,
    practice="7.2",
    reference="Bank of England SS1/21; FCA PS21/3",
)
def impact_tolerance_kept(index: TimelineIndex) -> list[Sample]:
    """Whether a function stayed within its impact tolerance: no disruption longer, and no more work left undone at once
    than the business can bear: 1 yes, 0 no.  One sample a function that states a tolerance; open while it is still
    down, or its backlog grows, within it."""
    samples = []
    for analysis in index.exercise.analyses:
        subject, outage_ms, backlog_ms = (
            function(analysis.function),
            analysis.tolerated_outage_ms,
            analysis.tolerated_backlog_ms,
        )
        if outage_ms is None and backlog_ms is None:
            continue
        spans = [span for span in index.disruptions if span.subject == subject]
        courses = [course for course in backlogs(index) if course[0].subject == subject]
        kept = (outage_ms is None or all(s.elapsed_ms(index.until_ms) <= outage_ms for s in spans)) and (
            backlog_ms is None or all(peak_work_ms(course, index.until_ms) <= backlog_ms for course in courses)
        )
        goes_on = any(s.ended is None for s in spans) or any(c[-1].kind == "backlog.growing" for c in courses)
        evidence = {seq for span in spans for seq in span.evidence()} | {c[-1].seq for c in courses}
        if not evidence:
            evidence = {(index.ended or index.started).seq}
        censored = kept and (goes_on or index.ended is None)
        samples.append(Sample(subject, float(kept), tuple(sorted(evidence)), censored=censored))
    return samples


@measure(
    "priority_inversions",
    title="Functions restored before one that the impact analysis puts first",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="7.2",
    reference="ISO 22301:2019 8.2.2; ISO/TS 22317:2021",
)
def priority_inversions(index: TimelineIndex) -> list[Sample]:
    """Of two functions that were down at the same time, the one that the analysis puts first (the more critical, then
    the shorter MTPD, then the shorter RTO) came back after the other, and not within its RTO: 1, else 0; where it has
    no RTO, coming back later is enough.  One sample a pair of disruptions that overlap and whose functions have an
    order, about the function that goes first."""
    spans = index.disruptions
    samples = []
    for first in spans:
        for other in spans:
            if _priority(first) < _priority(other) and _overlap(first, other, index.until_ms):
                evidence = tuple(sorted({*first.evidence(), *other.evidence()}))
                later = _ends(other, index.until_ms) < _ends(first, index.until_ms)
                inverted = later and first.elapsed_ms(index.until_ms) > (first.detail.rto_ms or 0)
                is_open = first.ended is None and not inverted
                samples.append(Sample(first.subject, float(inverted), evidence, censored=is_open))
    return samples


def restoration_order(index: TimelineIndex) -> list[tuple[Reference, int, int | None]]:
    """The functions that were disrupted, in the order that the analysis asks for: each with its place in that order and
    with the place in which it came back for good (None: it was still down); functions of one rank share their place."""
    last: dict[Reference, FunctionSpan] = {span.subject: span for span in index.disruptions}
    wanted = sorted(last.values(), key=lambda s: (_priority(s), s.subject))
    back = sorted(s.ended.at_ms for s in last.values() if s.ended is not None)
    return [
        (
            span.subject,
            1 + sum(_priority(other) < _priority(span) for other in wanted),
            None if span.ended is None else 1 + back.index(span.ended.at_ms),
        )
        for span in wanted
    ]


def _priority(span: FunctionSpan) -> tuple[float, float, float]:
    return restoration_priority(span.detail.criticality, span.detail.mtpd_ms, span.detail.rto_ms)


def _ends(span: FunctionSpan, until_ms: int) -> int:
    """What is still down ends after everything else."""
    return until_ms + 1 if span.ended is None else span.ended.at_ms


def _overlap(one: FunctionSpan, other: FunctionSpan, until_ms: int) -> bool:
    return one.begun.at_ms < _ends(other, until_ms) and other.begun.at_ms < _ends(one, until_ms)
