"""Recovery in depth (practices 5.3 to 5.5): what a recovery left behind, let back in, or had to undo.

Recovery consistency stands beside the recovery point: a system restored to Thursday may lose no more than its RPO
allows and still tell another story than the systems around it, which stand at Monday.
"""

from __future__ import annotations

from reports.index import TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure
from timeline.details import (
    ConflictDetail,
    ConsistencyDetail,
    DataLossDetail,
    ReconciliationDetail,
    RecoveryDetail,
)
from timeline.events import Event
from timeline.instants import SECOND
from timeline.references import Reference, data_set


@measure(
    "data_loss",
    title="Data loss against RPO",
    unit=Unit.RATIO,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="5.4",
    reference="ISO 22301:2019 8.2.2; NIST SP 800-34r1 3.2.1",
)
def data_loss(index: TimelineIndex) -> list[Sample]:
    """The time of data that a recovery left behind, as a multiple of the RPO of the function that lost them: 1 is just
    what the business accepts.  One sample a loss of a function with an RPO, disrupted or not."""
    stated = {span.subject: span.detail.rpo_ms for span in index.disruptions}
    samples = []
    for event in index.of_kind("data.lost"):
        detail = detail_of(event, DataLossDetail)
        rpo_ms = detail.rpo_ms or stated.get(event.subject)
        if rpo_ms:
            samples.append(Sample(event.subject, detail.lost_ms / rpo_ms, (event.seq,)))
    return samples


@measure(
    "transactions_lost",
    title="Transactions lost for good",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="5.5",
    reference="ISO/IEC 27031:2011 6.4",
)
def transactions_lost(index: TimelineIndex) -> list[Sample]:
    """Transactions that were lost by recoveries or accepted by the losing side of a split, less those that people made
    good.  One sample a data set; open while nobody has reconciled it."""
    lost: dict[str, float] = {}
    evidence: dict[str, list[int]] = {}
    settled: set[str] = set()
    counted: set[int] = set()
    for event in index.of_kind("data.lost", "data.split_brain_ended", "data.reconciled"):
        if event.kind == "data.reconciled":
            reconciled = detail_of(event, ReconciliationDetail)
            holder = reconciled.data
            lost[holder] = reconciled.transactions - reconciled.recovered
            settled.add(holder)
        else:
            holder, transactions = _missing(event)
            # every function on the store tells the same loss: it counts once
            new = not counted & set(event.causes)
            counted.update(event.causes)
            lost[holder] = lost.get(holder, 0.0) + (transactions if new else 0.0)
            settled.discard(holder)
        evidence.setdefault(holder, []).append(event.seq)
    return [Sample(data_set(h), left, tuple(evidence[h]), censored=h not in settled) for h, left in lost.items()]


@measure(
    "unverified_restores",
    title="Restores opened without a check",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="5.4",
    reference="NIST SP 800-184 2.3; Regulation (EU) 2022/2554 art. 12(6)",
)
def unverified_restores(index: TimelineIndex) -> list[Sample]:
    """Data that were opened after a restore although nobody had checked them: 1 unchecked, 0 checked.  One sample a
    restore that was opened."""
    return [Sample(e.subject, float(not detail_of(e, RecoveryDetail).verified), (e.seq,)) for e in _opened(index)]


@measure(
    "corruption_carried",
    title="Corruption carried into service",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="5.4",
    reference="NIST SP 800-184 2.3",
)
def corruption_carried(index: TimelineIndex) -> list[Sample]:
    """Whether a restore brought wrong data back into service: 1 yes, 0 no, whoever noticed.  One sample a restore that
    was opened."""
    carried = {cause: e for e in index.of_kind("data.corruption_carried") for cause in e.causes}
    samples = []
    for event in _opened(index):
        wrong = carried.get(event.seq)
        evidence = (event.seq,) if wrong is None else (event.seq, wrong.seq)
        samples.append(Sample(event.subject, float(wrong is not None), evidence))
    return samples


@measure(
    "recovery_consistency",
    title="Recovery consistency",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.WORST,
    practice="5.5",
    reference="Recovery consistency objective (RCO), beside RTO and RPO",
)
def recovery_consistency(index: TimelineIndex) -> list[Sample]:
    """Share of records about which two systems agree, after all recovery and reconciliation that was seen.  One sample
    a pair of systems that should tell the same story, where one of them was recovered and its records are counted."""
    last: dict[tuple[str, str], Event] = {}
    for event in index.of_kind("data.consistency_measured"):
        detail = detail_of(event, ConsistencyDetail)
        last[min(detail.data, detail.other), max(detail.data, detail.other)] = event
    found = [(event, detail_of(event, ConsistencyDetail).consistent_ratio) for event in last.values()]
    return [Sample(event.subject, ratio, (event.seq,)) for event, ratio in found if ratio is not None]


@measure(
    "split_brain",
    title="Time with both sides writing",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="5.5",
    reference="ISO/IEC 27031:2011 6.4",
)
def split_brain(index: TimelineIndex) -> list[Sample]:
    """From the take-over that left the former active member writing until only one member wrote again.  One sample a
    split."""
    samples, begun = [], {}
    for event in index.of_kind("data.split_brain_began", "data.split_brain_ended"):
        if event.kind == "data.split_brain_began":
            begun[event.subject] = event
        elif (start := begun.pop(event.subject, None)) is not None:
            samples.append(Sample(event.subject, (event.at_ms - start.at_ms) / SECOND, (start.seq, event.seq)))
    still = [(s, (index.until_ms - e.at_ms) / SECOND, e.seq) for s, e in begun.items()]
    return samples + [Sample(subject, lasted, (seq,), censored=True) for subject, lasted, seq in still]


@measure(
    "reconciliation_time",
    title="Reconciliation work",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="5.5",
    reference="ISO 22301:2019 8.4.5",
)
def reconciliation_time(index: TimelineIndex) -> list[Sample]:
    """How long people worked on transactions that a recovery had lost or doubled.  One sample a reconciliation."""
    done = [(event, detail_of(event, ReconciliationDetail)) for event in index.of_kind("data.reconciled")]
    return [Sample(event.subject, detail.took_ms / SECOND, (event.seq,)) for event, detail in done]


@measure(
    "workarounds_without_plan",
    title="Workarounds without a way back",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="5.3",
    reference="ISO/IEC 20000-1:2018 8.5.1.3",
)
def workarounds_without_plan(index: TimelineIndex) -> list[Sample]:
    """Workarounds that went ahead although nobody had written how to undo them: 1 without a plan, 0 with one.  One
    sample a workaround."""
    tried = index.of_kind("recovery.workaround_applied", "recovery.workaround_failed")
    return [Sample(e.subject, float(detail_of(e, RecoveryDetail).planned is False), (e.seq,)) for e in tried]


@measure(
    "rollback_time",
    title="Time to roll a workaround back",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="5.3",
    reference="ISO/IEC 20000-1:2018 8.5.1.3",
)
def rollback_time(index: TimelineIndex) -> list[Sample]:
    """From the failure of a workaround until its target was as before.  One sample a workaround that failed."""
    samples = []
    for failed in index.of_kind("recovery.workaround_failed"):
        ended = next((e for e in index.of_kind("recovery.rolled_back") if _follows(e, failed)), None)
        end_ms = index.until_ms if ended is None else ended.at_ms
        evidence = (failed.seq,) if ended is None else (failed.seq, ended.seq)
        samples.append(Sample(failed.subject, (end_ms - failed.at_ms) / SECOND, evidence, censored=ended is None))
    return samples


@measure(
    "recovery_attempts",
    title="Attempts until data were restored",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="5.4",
    reference="NIST SP 800-34r1 3.5.2",
)
def recovery_attempts(index: TimelineIndex) -> list[Sample]:
    """How many restores of one thing were begun until one was opened: a copy that cannot be loaded or carries the error
    costs an attempt.  One sample a thing; open while none was."""
    begun: dict[Reference, list[int]] = {}
    for event in index.of_kind("recovery.copy_chosen"):
        begun.setdefault(event.subject, []).append(event.seq)
    opened = {event.subject for event in _opened(index)}
    return [Sample(subject, len(seqs), tuple(seqs), censored=subject not in opened) for subject, seqs in begun.items()]


def _opened(index: TimelineIndex) -> list[Event]:
    return index.of_kind("recovery.opened")


def _follows(back: Event, failed: Event) -> bool:
    return back.subject == failed.subject and back.seq > failed.seq


def _missing(event: Event) -> tuple[str, float]:
    """The store that an event is about, and how many transactions are missing or in conflict there."""
    detail = event.detail
    if isinstance(detail, DataLossDetail):
        return detail.component, detail.transactions or 0.0
    conflict = detail_of(event, ConflictDetail)
    return conflict.data, conflict.transactions or 0.0
