"""Module 1, severity: what was declared against what the organisation's own matrix gives for the true impact.

The *true picture* of an incident holds the functions that are below their minimum, the workplaces that are lost and the
data that were found to be wrong, each while that lasts and as far as it shares a fault with the incident.  The matrix
is the one of `exercise.started`.  An incident counts while it is open: from its opening, or reopening, to its
resolution.  What nobody has judged yet counts as the least severity.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from reports.index import Incident, TimelineIndex, detail_of
from reports.measures.measure import Direction, Judged, Sample, Unit, measure
from timeline.details import IncidentDetail
from timeline.events import Event
from timeline.instants import SECOND
from timeline.severity import Disrupted, Picture, row_of, turns_at_ms
from timeline.workflow_details import SeverityRow


@dataclass(frozen=True, slots=True)
class _Lasting:
    """Part of a true picture."""

    begun: Event
    ended_ms: int
    function: Disrupted | None = None
    corrupt_data: bool = False
    workplace_lost: bool = False

    def at(self, ms: int) -> bool:
        return self.begun.at_ms <= ms < self.ended_ms


@dataclass(frozen=True, slots=True)
class _Piece:
    """Time in which neither the truth nor the record changes."""

    from_ms: int
    to_ms: int
    true: SeverityRow
    rank: int
    """Of the true severity; 0 is the gravest."""
    recorded_rank: int
    after_declaration: bool
    because: int
    """The event in which this piece begins, or the last before it."""

    @property
    def counts(self) -> bool:
        """A declared major incident stays one until it is over, also once its impact is less than major."""
        return self.true.major or not self.after_declaration


@measure(
    "severity_accuracy",
    title="Severity as the matrix gives it",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    judged=Judged.MEAN,
    practice="1.1",
    reference="ITIL 4 incident management; ISO 22301:2019 8.4.2",
    takes_absence_of=("function.disrupted", "incident.severity_changed"),
)
def severity_accuracy(index: TimelineIndex) -> list[Sample]:
    """Share of the time in which the severity on record was the one that the organisation's matrix gives for the true
    impact at that moment.  One sample an incident that stands by itself, over the time in which it was open; time after
    a declaration in which the impact is less than major is left out, as a major incident stays one until it is over."""
    samples = []
    for incident in index.root_incidents:
        pieces = [p for p in _pieces(index, incident) if p.counts]
        open_ms = sum(p.to_ms - p.from_ms for p in pieces)
        if open_ms:
            right_ms = sum(p.to_ms - p.from_ms for p in pieces if p.rank == p.recorded_rank)
            evidence = tuple(dict.fromkeys([incident.opened.seq, *(p.because for p in pieces)]))
            samples.append(Sample(incident.subject, right_ms / open_ms, evidence))
    return samples


@measure(
    "severity_upgrade_delay",
    title="Delay of upgrades of severity",
    unit=Unit.SECONDS,
    direction=Direction.LOWER,
    judged=Judged.WORST,
    practice="1.1",
    reference="ITIL 4 incident management",
    takes_absence_of=("function.disrupted", "incident.severity_changed"),
)
def severity_upgrade_delay(index: TimelineIndex) -> list[Sample]:
    """From the moment in which the true impact of an open incident asks for a graver severity until the record says at
    least that; until the impact is less again where it never did.  One sample for each such rise; none where the record
    was as grave before."""
    return [sample for incident in index.root_incidents for sample in _delays(incident, list(_pieces(index, incident)))]


def _delays(incident: Incident, pieces: list[_Piece]) -> Iterator[Sample]:
    for number, piece in enumerate(pieces):
        fresh = number == 0 or pieces[number - 1].to_ms < piece.from_ms
        before = None if fresh else pieces[number - 1]
        rises = not piece.true.otherwise if before is None else piece.rank < before.rank
        if not rises or piece.recorded_rank <= piece.rank:
            continue
        end, reached = piece, None
        for later in pieces[number + 1 :]:
            if later.from_ms != end.to_ms or later.rank > piece.rank:
                break
            end = later
            if later.recorded_rank <= piece.rank:
                reached = later
                break
        until_ms = reached.from_ms if reached is not None else end.to_ms
        still_low = reached is None and end is pieces[-1]
        evidence = (piece.because,) if reached is None else (piece.because, reached.because)
        yield Sample(incident.subject, (until_ms - piece.from_ms) / SECOND, evidence, censored=still_low)


def _pieces(index: TimelineIndex, incident: Incident) -> Iterator[_Piece]:
    matrix = index.exercise.severities
    if not matrix:
        return
    ranks = {row.severity: place for place, row in reversed(list(enumerate(matrix)))}
    truth = list(_truth(index, incident))
    record = [e for e in index.events if e.subject == incident.subject and isinstance(e.detail, IncidentDetail)]
    declared = next((e.at_ms for e in record if e.kind == "incident.declared"), None)
    for opened, ended_ms in _openings(index, record):
        for from_ms, to_ms in pairwise(_cuts(matrix, truth, record, opened.at_ms, ended_ms)):
            picture = _picture(truth, from_ms)
            row = row_of(matrix, picture, from_ms)
            judged = [e for e in record if e.at_ms <= from_ms and detail_of(e, IncidentDetail).severity is not None]
            severity = detail_of(judged[-1], IncidentDetail).severity if judged else None
            moved = [e for e in (opened, *judged, *(t.begun for t in truth)) if e.at_ms <= from_ms]
            yield _Piece(
                from_ms,
                to_ms,
                row,
                ranks[row.severity],
                ranks.get(severity or matrix[-1].severity, ranks[matrix[-1].severity]),
                declared is not None and declared <= from_ms,
                max(moved, key=lambda e: e.seq).seq,
            )


def _openings(index: TimelineIndex, record: list[Event]) -> Iterator[tuple[Event, int]]:
    """Each time of being open: its first event, and when it ended."""
    opened: Event | None = None
    for event in record:
        if event.kind in ("incident.opened", "incident.reopened"):
            opened = opened or event
        elif event.kind == "incident.resolved" and opened is not None:
            yield opened, event.at_ms
            opened = None
    if opened is not None:
        yield opened, index.until_ms


def _cuts(
    matrix: tuple[SeverityRow, ...], truth: list[_Lasting], record: list[Event], from_ms: int, to_ms: int
) -> list[int]:
    """Moments at which the truth or the record may change, both ends of the time among them."""
    moments = {from_ms, to_ms, *(e.at_ms for e in record)}
    for lasting in truth:
        moments |= {lasting.begun.at_ms, lasting.ended_ms}
        if lasting.function is not None:
            moments |= set(turns_at_ms(matrix, Picture((lasting.function,))))
    return sorted(m for m in moments if from_ms <= m <= to_ms)


def _picture(truth: list[_Lasting], at_ms: int) -> Picture:
    now = [part for part in truth if part.at(at_ms)]
    return Picture(
        tuple(part.function for part in now if part.function is not None),
        corrupt_data=any(part.corrupt_data for part in now),
        workplace_lost=any(part.workplace_lost for part in now),
    )


def _truth(index: TimelineIndex, incident: Incident) -> Iterator[_Lasting]:
    """What the faults behind an incident made suffer."""
    clients = {f.function: f.clients for f in index.exercise.clients}
    behind = index.causality.faults_behind
    for span in index.disruptions:
        if behind(span.begun) & incident.faults:
            detail = span.detail
            hurt = Disrupted(
                span.begun.at_ms,
                detail.criticality == "critical",
                detail.rto_ms,
                clients.get(span.subject.id, 0),
            )
            yield _Lasting(span.begun, span.ended.at_ms if span.ended else index.until_ms, function=hurt)
    for closed in index.of_kind("workplace.closed"):
        if behind(closed) & incident.faults:
            back = (e.at_ms for e in index.of_kind("workplace.reopened") if e.subject == closed.subject)
            ended_ms = next((ms for ms in back if ms > closed.at_ms), index.until_ms)
            yield _Lasting(closed, ended_ms, workplace_lost=True)
    for found in index.of_kind("data.corruption_found"):
        faults = index.faults_of(behind(found) & incident.faults)
        if faults:
            ended_ms = max(f.ended.at_ms if f.ended is not None else index.until_ms for f in faults)
            yield _Lasting(found, ended_ms, corrupt_data=True)
