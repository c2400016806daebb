"""Reports to authorities: filed in time or not, and whether the incident was classified as the truth has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reports.index import TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure, seconds
from timeline.details import ClassificationDetail, ObligationDetail
from timeline.events import Event
from timeline.instants import SECOND
from timeline.references import Reference


@dataclass(frozen=True, slots=True)
class OwedReport:
    """One report of one incident: its last clock, and its first filing."""

    due: Event
    filed: Event | None

    @property
    def detail(self) -> ObligationDetail:
        return detail_of(self.due, ObligationDetail)

    @property
    def due_ms(self) -> int:
        assert self.detail.due_at_ms is not None, "a clock has an end"
        return self.detail.due_at_ms

    def margin_ms(self, until_ms: int) -> int:
        """How long before its time it was filed, negative when late; of one not filed, what was left at a moment."""
        return self.due_ms - (until_ms if self.filed is None else self.filed.at_ms)

    def evidence(self) -> tuple[int, ...]:
        return (self.due.seq,) if self.filed is None else (self.due.seq, self.filed.seq)


def owed_reports(index: TimelineIndex) -> list[OwedReport]:
    """Every report whose clock started, in that order.  A clock that moved before the filing counts as it was last."""
    due: dict[tuple[str, str, str], Event] = {}
    filed: dict[tuple[str, str, str], Event] = {}
    for event in index.of_kind("obligation.due", "obligation.filed"):
        detail = detail_of(event, ObligationDetail)
        key = (detail.incident, detail.obligation, detail.report)
        if event.kind == "obligation.filed":
            filed.setdefault(key, event)
        elif key not in filed:
            due[key] = event
    return [OwedReport(clock, filed.get(key)) for key, clock in due.items()]


@measure(
    "notifications_in_time",
    title="Reports to authorities filed in time",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="1.2",
    reference="Regulation (EU) 2022/2554 article 19(4); Directive (EU) 2022/2555 article 23; Regulation (EU) 2016/679 "
    "article 33",
)
def notifications_in_time(index: TimelineIndex) -> list[Sample]:
    """Whether a report that was owed to an authority was filed before its clock ran out: 1 in time, 0 late.  One sample
    a report whose clock started; one that was not filed but not yet due at the end is open."""
    samples = []
    for report in owed_reports(index):
        in_time = report.margin_ms(index.until_ms) >= 0
        open_still = report.filed is None and in_time
        samples.append(Sample(report.due.subject, float(in_time), report.evidence(), censored=open_still))
    return samples


@measure(
    "notification_margin",
    title="Time left when reports to authorities were filed",
    unit=Unit.SECONDS,
    direction=Direction.HIGHER,
    judged=Judged.WORST,
    practice="1.2",
    reference="Delegated Regulation (EU) 2025/301 article 5",
)
def notification_margin(index: TimelineIndex) -> list[Sample]:
    """From the filing of a report to an authority to the end of its clock; negative when it was late.  One sample a
    report that was filed, or that was overdue at the end: that one is open and gets worse."""
    return [
        Sample(r.due.subject, margin / SECOND, r.evidence(), censored=r.filed is None)
        for r in owed_reports(index)
        if (margin := r.margin_ms(index.until_ms)) < 0 or r.filed is not None
    ]


@measure(
    "time_to_classify",
    title="Time until an incident is classified for the authority",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="1.2",
    reference="Regulation (EU) 2022/2554 article 18; Delegated Regulation (EU) 2024/1772",
)
def time_to_classify(index: TimelineIndex) -> list[Sample]:
    """From the moment at which the incident was, in truth, one that a regime wants to hear of until somebody decided
    so.  One sample a regime; a decision that came before took no time, one that never came is open."""
    samples = []
    for regime, truth, judged in _both_sides(index):
        became = next((e for e in truth if _applies(e)), None)
        decided = next((e for e in judged if _applies(e)), None)
        if became is not None:
            begun = became if decided is None or became.seq < decided.seq else decided
            samples.append(seconds(index, regime, begun, decided))
    return samples


@measure(
    "classification_accuracy",
    title="Classification as the truth has it",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="1.2",
    reference="Regulation (EU) 2022/2554 article 18; Delegated Regulation (EU) 2024/1772",
)
def classification_accuracy(index: TimelineIndex) -> list[Sample]:
    """Share of the time in which the organisation's last word on a regime agrees with the truth: from the first word of
    either side to the end.  Before it has said anything its word is that there is nothing to report.  One sample a
    regime."""
    samples = []
    for regime, truth, judged in _both_sides(index):
        events = sorted([*truth, *judged], key=lambda e: e.seq)
        moments = [*(e.at_ms for e in events), index.until_ms]
        is_so = says_so = False
        agreed = 0
        for event, until in zip(events, moments[1:], strict=True):
            if event.kind == "impact.classified":
                is_so = _applies(event)
            else:
                says_so = says_so or _applies(event)
            agreed += (until - event.at_ms) * (is_so == says_so)
        whole = moments[-1] - moments[0]
        share = agreed / whole if whole else float(is_so == says_so)
        samples.append(Sample(regime, share, tuple(e.seq for e in events)))
    return samples


def _both_sides(index: TimelineIndex) -> Iterator[tuple[Reference, list[Event], list[Event]]]:
    """Each regime that the truth classifies for, with what was so and what was said."""
    truth = index.of_kind("impact.classified")
    for regime in dict.fromkeys(e.subject for e in truth):
        said = [e for e in index.of_kind("obligation.classified") if e.subject == regime]
        yield regime, [e for e in truth if e.subject == regime], said


def _applies(event: Event) -> bool:
    return detail_of(event, ClassificationDetail).applies is True
