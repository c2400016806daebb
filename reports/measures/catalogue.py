"""Practices 8.3 and 8.6: is the catalogue true, and does it foretell what an outage hurts?"""

from __future__ import annotations

from reports.index import TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure
from reports.milestones import cause_found, hurt_by
from timeline.details import DiagnosisDetail
from timeline.references import component


@measure(
    "dependencies_documented",
    title="Dependencies met that the catalogue names",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="8.3",
    reference="ITIL 4 service configuration management; ISO/IEC 20000-1:2018 8.2.6",
)
def dependencies_documented(index: TimelineIndex) -> list[Sample]:
    """Share of the dependencies through which a check showed trouble to come that the catalogue of services names.  One
    sample each dependency that a check met: 1 the catalogue has it, 0 it does not."""
    checks = ((event, detail_of(event, DiagnosisDetail)) for event in index.of_kind("diagnosis.checked"))
    return [
        Sample(component(other), float(other not in seen.undocumented), (event.seq,))
        for event, seen in checks
        for other in seen.suffers_from
    ]


@measure(
    "impact_foreseen",
    title="Impact as the catalogue foretells it",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="8.6",
    reference="ITIL 4 service configuration management; Jaccard (1901), coefficient of two sets",
    takes_absence_of=("function.disrupted", "function.degraded"),
)
def impact_foreseen(index: TimelineIndex) -> list[Sample]:
    """How far the business functions that stand, by the catalogue, on what was found broken agree with those that it
    hurt: functions in both over functions in either.  One sample a fault whose cause was found and that has either."""
    samples = []
    for fault in index.faults:
        concluded = cause_found(index, fault)
        if concluded is None:
            continue
        spans = hurt_by(index, fault)
        foreseen, hurt = set(detail_of(concluded, DiagnosisDetail).foreseen), {span.subject.id for span in spans}
        if foreseen | hurt:
            evidence = tuple(sorted({concluded.seq, *(span.begun.seq for span in spans)}))
            samples.append(Sample(fault.subject, len(foreseen & hurt) / len(foreseen | hurt), evidence))
    return samples
