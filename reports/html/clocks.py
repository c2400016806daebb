"""Rows of the sections on clocks of authorities and on third parties."""

from __future__ import annotations

from dataclasses import dataclass

from reports.index import TimelineIndex, detail_of
from reports.measures.authorities import OwedReport, owed_reports
from reports.measures.parties import Promise, promises
from reports.quantities import write_ms
from timeline.details import ClassificationDetail
from timeline.events import Event


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One report to an authority, with the clock it ran against."""

    regime: str
    title: str
    source: str
    due: Event
    due_ms: int
    filed: Event | None
    margin: str
    verdict: str
    """`good`, `bad`, or `none` while it is open."""


@dataclass(frozen=True, slots=True)
class ClassifiedRow:
    """A word on a regime: what was so, or what somebody judged."""

    event: Event
    regime: str
    side: str
    by: str
    says: str
    met: str
    unknown: str


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """One promise of a vendor's contract."""

    called: Event
    vendor: str
    severity: str
    covered: bool
    promise: str
    by_ms: int
    kept: Event | None
    outcome: str
    verdict: str
    credit: float | None


_SAYS = {True: "to be reported", False: "not to be reported", None: "undecided"}


def clock_rows(index: TimelineIndex) -> list[ClockRow]:
    return [_clock(index, report) for report in owed_reports(index)]


def _clock(index: TimelineIndex, report: OwedReport) -> ClockRow:
    margin_ms, detail = report.margin_ms(index.until_ms), report.detail
    if report.filed is not None:
        margin = f"{write_ms(abs(margin_ms))} {'before its time' if margin_ms >= 0 else 'late'}"
    elif margin_ms < 0:
        margin = f"not filed, over {write_ms(-margin_ms)} late"
    else:
        margin = f"not yet filed, {write_ms(margin_ms)} left at the end"
    verdict = "bad" if margin_ms < 0 else "good" if report.filed is not None else "none"
    return ClockRow(
        detail.obligation, detail.title, detail.source, report.due, report.due_ms, report.filed, margin, verdict
    )


def classified_rows(index: TimelineIndex) -> list[ClassifiedRow]:
    """The truth and what was judged, by time."""
    return [_classified(event) for event in index.of_kind("impact.classified", "obligation.classified")]


def _classified(event: Event) -> ClassifiedRow:
    detail = detail_of(event, ClassificationDetail)
    side = "truth" if event.kind == "impact.classified" else "judged"
    met, unknown = ", ".join(detail.met), ", ".join(detail.unknown)
    return ClassifiedRow(event, detail.obligation, side, detail.by, _SAYS[detail.applies], met, unknown)


def promise_rows(index: TimelineIndex) -> list[PromiseRow]:
    return [_promise(index, promise) for promise in promises(index)]


def _promise(index: TimelineIndex, promise: Promise) -> PromiseRow:
    late_ms, contract = promise.late_ms(index.until_ms), promise.contract
    if late_ms > 0:
        outcome = f"{'' if promise.kept else 'still open, over '}{write_ms(late_ms)} late"
    elif promise.kept is None:
        outcome = f"open, {write_ms(-late_ms)} left at the end"
    else:
        outcome = f"{write_ms(-late_ms)} before its time"
    known = contract.monthly_fee is not None and bool(contract.credits)
    return PromiseRow(
        called=promise.called,
        vendor=contract.vendor,
        severity=contract.severity,
        covered=contract.covered,
        promise=promise.kind,
        by_ms=promise.by_ms,
        kept=promise.kept,
        outcome=outcome,
        verdict="bad" if late_ms > 0 else "none" if promise.kept is None else "good",
        credit=(contract.monthly_fee or 0) * promise.credit_ratio(index.until_ms) if known else None,
    )
