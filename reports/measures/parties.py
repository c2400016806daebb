"""External parties: contracts that were kept or broken, what is owed for it, and when parties were there.

A *promise* is `respond` or `restore` of one call to a vendor, as `vendor.obliged` states it.  *Respond* is kept by the
party's `page.acknowledged`, *restore* by the end of every fault that sat, at the call, in what the party runs.
"""

from __future__ import annotations

from dataclasses import dataclass

from reports.index import FaultSpan, TimelineIndex, detail_of, is_external
from reports.measures.measure import Direction, Judged, Sample, Unit, measure, seconds
from timeline.details import ContractDetail, PageDetail
from timeline.events import Event
from timeline.references import Reference


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of one call.  `kept` is the event that kept it, late or not."""

    kind: str
    called: Event
    by_ms: int
    kept: Event | None

    @property
    def contract(self) -> ContractDetail:
        return detail_of(self.called, ContractDetail)

    def late_ms(self, until_ms: int) -> int:
        """How much later than promised, by what was seen until a moment; not above zero while it is kept."""
        return (until_ms if self.kept is None else self.kept.at_ms) - self.by_ms

    def is_broken(self, until_ms: int) -> bool:
        return self.late_ms(until_ms) > 0

    def evidence(self) -> tuple[int, ...]:
        return (self.called.seq,) if self.kept is None else (self.called.seq, self.kept.seq)

    def credit_ratio(self, until_ms: int) -> float:
        """Share of the monthly fee: the largest step that was reached."""
        late = self.late_ms(until_ms)
        steps = (s for s in self.contract.credits if s.promise == self.kind and late > s.over_ms and late > 0)
        return max((step.share_ratio for step in steps), default=0.0)


def promises(index: TimelineIndex) -> list[Promise]:
    """Every promise of every call, in order.  One to restore counts only where something of the party's was broken."""
    found = []
    for called in index.of_kind("vendor.obliged"):
        contract = detail_of(called, ContractDetail)
        if contract.respond_by_ms is not None:
            found.append(Promise("respond", called, contract.respond_by_ms, _answered(index, called)))
        if contract.restore_by_ms is not None and (broken := _broken_at(index, called)):
            ends = [span.ended for span in broken]
            last = None if None in ends else max((e for e in ends if e is not None), key=lambda e: e.seq)
            found.append(Promise("restore", called, contract.restore_by_ms, last))
    return found


def _answered(index: TimelineIndex, called: Event) -> Event | None:
    incident = detail_of(called, ContractDetail).incident
    return next(
        (
            e
            for e in index.of_kind("page.acknowledged")
            if e.subject == called.subject and e.seq > called.seq and detail_of(e, PageDetail).incident == incident
        ),
        None,
    )


def _broken_at(index: TimelineIndex, called: Event) -> list[FaultSpan]:
    provides = detail_of(called, ContractDetail).provides
    return [
        span
        for span in index.faults
        if span.detail.target in provides
        and span.begun.seq < called.seq
        and (span.ended is None or span.ended.seq > called.seq)
    ]


@measure(
    "vendor_sla_breaches",
    title="Contracts broken by vendors",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="4.4",
    reference="Regulation (EU) 2022/2554 article 30(2)(e); ISO/IEC 20000-1:2018 8.3.4",
)
def vendor_sla_breaches(index: TimelineIndex) -> list[Sample]:
    """Promises of vendors' contracts, to respond and to restore, that were broken: 1 broken, 0 kept.  One sample a
    promise of a call that got through; one that was neither kept nor over its time at the end is open."""
    samples = []
    for promise in promises(index):
        broken = promise.is_broken(index.until_ms)
        still_open = promise.kept is None and not broken
        samples.append(Sample(promise.called.subject, float(broken), promise.evidence(), censored=still_open))
    return samples


@measure(
    "credits_owed",
    title="Service credits owed by vendors",
    unit=Unit.CURRENCY,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="4.4",
    reference="ISO/IEC 20000-1:2018 8.3.4",
)
def credits_owed(index: TimelineIndex) -> list[Sample]:
    """What vendors owe for promises that they broke: the share of the monthly fee of the largest step that was reached,
    in the currency of the estate.  Lower is better because less was broken, not because less is paid.  One sample a
    promise of a contract whose fee and credits are known; all of one vendor together come to no more than a month's
    fee."""
    samples = []
    left: dict[Reference, float] = {}
    for promise in promises(index):
        fee = promise.contract.monthly_fee
        if fee is None or not promise.contract.credits:
            continue
        vendor = promise.called.subject
        credit = min(fee * promise.credit_ratio(index.until_ms), left.get(vendor, fee))
        left[vendor] = left.get(vendor, fee) - credit
        samples.append(Sample(vendor, credit, promise.evidence(), censored=promise.kept is None))
    return samples


@measure(
    "vendor_needed_until_engaged",
    title="Time from need to engaged vendor",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="4.4",
    reference="ISO 22301:2019 8.4.3",
)
def vendor_needed_until_engaged(index: TimelineIndex) -> list[Sample]:
    """From the first fault in what a vendor runs or repairs until the vendor has somebody on the case.  One sample a
    vendor with a contract that was called while such a fault lasted: what went by before anybody called counts too."""
    samples: dict[Reference, Sample] = {}
    for called in index.of_kind("vendor.obliged"):
        if called.subject not in samples and (broken := _broken_at(index, called)):
            need = min((span.begun for span in broken), key=lambda e: e.seq)
            samples[called.subject] = seconds(index, called.subject, need, _answered(index, called))
    return list(samples.values())


@measure(
    "parties_bridged_within",
    title="Time until external parties are on the bridge",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="4.1",
    reference="ISO 22320:2018 5.4; ISO 22301:2019 8.4.3",
)
def parties_bridged_within(index: TimelineIndex) -> list[Sample]:
    """From the declaration of a major incident until an external party that was called for it (facilities, cloud
    provider, grid) has somebody on the case; one that was there before took no time.  One sample a party and
    incident; one that never came is open."""
    samples = []
    for declared in index.of_kind("incident.declared"):
        there: dict[Reference, Event | None] = {}
        for page in index.incidents[declared.subject.id].pages:
            if is_external(page) and page.kind in ("page.sent", "page.acknowledged"):
                there[page.subject] = there.get(page.subject) or (page if page.kind == "page.acknowledged" else None)
        for party, came in there.items():
            begun = declared if came is None or declared.seq < came.seq else came
            samples.append(seconds(index, party, begun, came))
    return samples
