"""What the report says about continuity beyond RTO and RPO: one row a function, read off the timeline.

Empty where a timeline tells of no analysis, people, manual work or backlog: then there is nothing to add.
"""

from __future__ import annotations

from dataclasses import dataclass

from reports.impact import AchievedImpact, achieved_impact
from reports.index import FunctionSpan, TimelineIndex, detail_of
from reports.measures.analysis import impact_tolerance_kept, restoration_order
from reports.measures.workplaces import backlog_catch_up_time, backlogs, peak_work_ms, shortages
from reports.quantities import write_ms, write_seconds
from timeline.details import BacklogDetail, FallbackDetail, FunctionDetail, StaffDetail
from timeline.instants import HOUR
from timeline.references import Reference, function


@dataclass(frozen=True, slots=True)
class ContinuityRow:
    """A function with what the analysis asks for and what was achieved; verdicts are `good`, `bad` or `none`."""

    name: str
    mtpd: str
    down: str
    """Longest time below the minimum level."""
    mtpd_verdict: str
    minimum: str
    lowest: str
    minimum_verdict: str
    tolerance: str
    tolerance_verdict: str
    impact: str
    wanted: str
    achieved_place: str
    order_verdict: str
    people: str
    people_verdict: str
    by_hand: str
    backlog: str
    evidence: tuple[int, ...]


def continuity_rows(index: TimelineIndex) -> list[ContinuityRow]:
    """One row for each function that was disrupted, short of people, or fell behind."""
    if not index.exercise.analyses and not index.of_kind("staff.short", "fallback.started", "backlog.growing"):
        return []
    order = {subject: (wanted, back) for subject, wanted, back in restoration_order(index)}
    rows = []
    for name in index.exercise.functions:
        subject = function(name)
        spans = [span for span in index.disruptions if span.subject == subject]
        evidence = {span.begun.seq for span in spans}
        evidence |= {span.begun.seq for span in shortages(index) if span.subject == subject}
        evidence |= {course[0].seq for course in backlogs(index) if course[0].subject == subject}
        if evidence:
            rows.append(_row(index, subject, spans, order.get(subject), tuple(sorted(evidence))))
    return rows


def _row(
    index: TimelineIndex,
    subject: Reference,
    spans: list[FunctionSpan],
    place: tuple[int, int | None] | None,
    evidence: tuple[int, ...],
) -> ContinuityRow:
    longest = max(spans, key=lambda span: span.elapsed_ms(index.until_ms), default=None)
    down_ms = longest.elapsed_ms(index.until_ms) if longest else 0
    mtpd_ms = longest.detail.mtpd_ms if longest else None
    levels = _levels(index, subject)
    minimum = next((d.minimum_level_ratio for d in levels if d.minimum_level_ratio is not None), None)
    tolerance, tolerance_verdict = _tolerance(index, subject)
    people, people_verdict = _people(index, subject)
    wanted, back = place or (None, None)
    return ContinuityRow(
        name=subject.id,
        mtpd="–" if mtpd_ms is None else write_ms(mtpd_ms),
        down=("over " if longest and longest.ended is None else "") + write_ms(down_ms) if longest else "never",
        mtpd_verdict="none" if mtpd_ms is None else "good" if down_ms <= mtpd_ms else "bad",
        minimum="any" if minimum is None else f"{minimum:.0%}",
        lowest=f"{min((d.level_ratio for d in levels), default=1.0):.0%}",
        minimum_verdict="bad" if spans else "good",
        tolerance=tolerance,
        tolerance_verdict=tolerance_verdict,
        impact=_impact(index, subject, down_ms),
        wanted="–" if wanted is None else str(wanted),
        achieved_place="–" if wanted is None else "still down" if back is None else str(back),
        order_verdict="none" if wanted is None else "good" if back is not None and back <= wanted else "bad",
        people=people,
        people_verdict=people_verdict,
        by_hand=_by_hand(index, subject),
        backlog=_backlog(index, subject),
        evidence=evidence,
    )


def _levels(index: TimelineIndex, subject: Reference) -> list[FunctionDetail]:
    kinds = ("function.disrupted", "function.degraded", "function.restored")
    return [detail_of(e, FunctionDetail) for e in index.of_kind(*kinds) if e.subject == subject]


def _tolerance(index: TimelineIndex, subject: Reference) -> tuple[str, str]:
    analysis = next((a for a in index.exercise.analyses if a.function == subject.id), None)
    if analysis is None or (analysis.tolerated_outage_ms is None and analysis.tolerated_backlog_ms is None):
        return "–", "none"
    parts = [] if analysis.tolerated_outage_ms is None else [write_ms(analysis.tolerated_outage_ms)]
    if analysis.tolerated_backlog_ms is not None:
        parts.append(f"{analysis.tolerated_backlog_ms / HOUR:.1f} h of work")
    (kept,) = [sample.value for sample in impact_tolerance_kept(index) if sample.subject == subject]
    return ", ".join(parts), "good" if kept else "bad"


def _impact(index: TimelineIndex, subject: Reference, down_ms: int) -> str:
    analysis = next((a for a in index.exercise.analyses if a.function == subject.id), None)
    if analysis is None or not analysis.impact:
        return "not stated"
    return ", ".join(_written(impact) for impact in achieved_impact(analysis, down_ms))


def _written(impact: AchievedImpact) -> str:
    if impact.amount is not None:
        return f"{impact.category} {impact.amount:,.0f}"
    return f"{impact.category} {impact.level or 'none'}"


def _people(index: TimelineIndex, subject: Reference) -> tuple[str, str]:
    parts, verdict = [], "none"
    for span in shortages(index):
        if span.subject == subject:
            took = write_ms(span.elapsed_ms(index.until_ms))
            detail = detail_of(span.begun, StaffDetail)
            parts.append(f"{detail.need}: {detail.minimum} {'after ' if span.ended else 'not after '}{took}")
            verdict = "bad" if span.ended is None or verdict == "bad" else "good"
    return "; ".join(parts) or "–", verdict


def _by_hand(index: TimelineIndex, subject: Reference) -> str:
    started = next((e for e in index.of_kind("fallback.started") if e.subject == subject), None)
    if started is None:
        return "–"
    ended = next((e for e in index.of_kind("fallback.ended") if e.subject == subject and e.seq > started.seq), None)
    lasted = write_ms((ended.at_ms if ended else index.until_ms) - started.at_ms)
    return f"{detail_of(started, FallbackDetail).throughput_ratio:.0%} for {lasted}"


def _backlog(index: TimelineIndex, subject: Reference) -> str:
    courses = [course for course in backlogs(index) if course[0].subject == subject]
    if not courses:
        return "–"
    peak = max(peak_work_ms(course, index.until_ms) for course in courses) / HOUR
    caught_up = [sample for sample in backlog_catch_up_time(index) if sample.subject == subject]
    last = caught_up[-1]
    if last.censored:
        left = detail_of(courses[-1][-1], BacklogDetail)
        way = "still growing" if left.rate_ratio > 0 else "not caught up"
        return f"{peak:.1f} h of work, {way} at the end"
    return f"{peak:.1f} h of work, caught up {write_seconds(last.value)} after it was whole"
