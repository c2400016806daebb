"""Practices 2.5 and 3.4: do the signs of one cause end up in one incident, and those of different causes apart?

A *sign* is an alert that fired or a user's report that was put into an incident; it belongs to the root of that
incident.  Its known *causes* are the faults behind it on the timeline: a sign of nothing is a false alert.

Example: two faults with three alerts each.  All six in one incident: purity 0.5, completeness 1 for both faults.  Six
incidents: purity 1, completeness 1/3.  Two incidents, one a fault: 1 and 1, and a compression of 1 - 2/6.
"""

from __future__ import annotations

from collections import Counter, defaultdict

from reports.causality import bits_of
from reports.index import JOINS, TimelineIndex
from reports.measures.measure import Direction, Judged, Sample, Unit, measure


@measure(
    "correlation_purity",
    title="Purity of incidents",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="3.4",
    reference="Manning, Raghavan, Schütze (2008) 16.3, purity of a clustering",
    takes_absence_of=("fault.started",),
)
def correlation_purity(index: TimelineIndex) -> list[Sample]:
    """Share of the signs in an incident that come from the fault behind most of them; the signs of nothing count
    against it.  One sample an incident."""
    samples = []
    for incident, signs in index.signs.items():
        behind = Counter(fault for sign in signs for fault in bits_of(index.causality.faults_behind(sign)))
        largest = max(behind.values(), default=0)
        samples.append(Sample(incident, largest / len(signs), tuple(sign.seq for sign in signs)))
    return samples


@measure(
    "correlation_completeness",
    title="Signs of a fault in one incident",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="3.4",
    reference="Rosenberg, Hirschberg (2007), completeness of a clustering, here by the largest share",
)
def correlation_completeness(index: TimelineIndex) -> list[Sample]:
    """The largest share of a fault's signs that one incident holds.  One sample a fault that led to any."""
    held: dict[int, list[list[int]]] = defaultdict(list)
    for signs in index.signs.values():
        of_fault: dict[int, list[int]] = defaultdict(list)
        for sign in signs:
            for fault in bits_of(index.causality.faults_behind(sign)):
                of_fault[fault].append(sign.seq)
        for fault, seqs in of_fault.items():
            held[fault].append(seqs)
    return [
        Sample(
            fault.subject,
            max(len(seqs) for seqs in held[fault.number]) / sum(len(seqs) for seqs in held[fault.number]),
            tuple(sorted(seq for seqs in held[fault.number] for seq in seqs)),
        )
        for fault in index.faults
        if fault.number in held
    ]


@measure(
    "alert_compression",
    title="Compression of signs into incidents",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="3.4",
    reference="ITIL 4 monitoring and event management",
    takes_absence_of=("incident.alert_attached",),
)
def alert_compression(index: TimelineIndex) -> list[Sample]:
    """1 minus incidents over signs: 0 when each sign opens an incident of its own.  One sample for the exercise, none
    without signs."""
    signs = sorted(sign.seq for signs in index.signs.values() for sign in signs)
    if not signs:
        return []
    return [Sample(index.started.subject, 1 - len(index.signs) / len(signs), tuple(signs))]


@measure(
    "duplicates_suppressed",
    title="Repeated notifications that opened nothing",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="2.5",
    reference="ITIL 4 monitoring and event management",
    takes_absence_of=("incident.alert_attached",),
)
def duplicates_suppressed(index: TimelineIndex) -> list[Sample]:
    """Share of what reached the ticketing that joined an incident, or was damped, in place of opening one.  One sample
    each time: 1 joined or damped, 0 opened an incident for a fault that had one open already."""
    samples = []
    seen = 0
    for event in index.of_kind(*JOINS):
        faults = index.causality.faults_behind(event)
        if event.kind != "incident.opened":
            samples.append(Sample(event.subject, 1.0, (event.seq,)))
        elif faults & seen:
            samples.append(Sample(event.subject, 0.0, (event.seq,)))
        seen |= faults
    return samples


@measure(
    "orphan_alerts",
    title="Alerts that belong to no incident",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    judged=Judged.TOTAL,
    practice="2.5",
    reference="ITIL 4 monitoring and event management",
    takes_absence_of=("incident.alert_attached",),
)
def orphan_alerts(index: TimelineIndex) -> list[Sample]:
    """Alerts that fired because of a fault for which no incident was ever opened: nobody looks at what they say.  An
    alert that was inhibited is no orphan while another one of its fault is in an incident.  One sample an alert: 1
    orphan, 0 not."""
    behind = ((alert, index.causality.faults_behind(alert.begun)) for alert in index.alerts)
    return [Sample(a.subject, float(not faults & index.handled), (a.begun.seq,)) for a, faults in behind if faults]
