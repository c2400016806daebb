"""Access to what is said about an incident: nobody reads what he has no need to know (practice 4.6)."""

from __future__ import annotations

from reports.index import TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure, seconds
from timeline.details import AccessDetail
from timeline.references import Reference, RefKind, person


@measure(
    "access_violations",
    title="Read without clearance",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="4.6",
    reference="ISO/IEC 27001:2022 A.5.15",
)
def access_violations(index: TimelineIndex) -> list[Sample]:
    """People who read about a confined incident without the clearance and without access.  One sample an incident that
    was confined: how many people."""
    samples = []
    for confined in index.of_kind("access.confined"):
        incident = detail_of(confined, AccessDetail).incident
        read = [e.seq for e in index.of_kind("access.violated") if detail_of(e, AccessDetail).incident == incident]
        samples.append(Sample(confined.subject, float(len(read)), (confined.seq, *read)))
    return samples


@measure(
    "access_attempts_refused",
    title="Attempts to read that were refused",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="4.6",
    reference="ISO/IEC 27001:2022 A.8.15",
)
def access_attempts_refused(index: TimelineIndex) -> list[Sample]:
    """Attempts of people without the clearance, each listed with the person.  One sample a refusal."""
    return [Sample(_reader(detail_of(e, AccessDetail)), 1.0, (e.seq,)) for e in index.of_kind("access.refused")]


@measure(
    "access_wait",
    title="Time waiting for access",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="4.6",
    reference="ISO/IEC 27001:2022 A.5.18",
)
def access_wait(index: TimelineIndex) -> list[Sample]:
    """From the request for access to its answer.  One sample a request; one that was never answered counts to the
    end."""
    answers = {cause: e for e in index.of_kind("access.granted", "access.refused") for cause in e.causes}
    return [
        seconds(index, _reader(detail_of(e, AccessDetail)), e, answers.get(e.seq))
        for e in index.of_kind("access.requested")
    ]


def _reader(detail: AccessDetail) -> Reference:
    return person(detail.person) if detail.person else Reference(RefKind.INCIDENT, detail.incident)
